"""Did every sale arrive once? Three witnesses who do not know each other: the customers' own log, the registers'
memory files, and head office's public API.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tradepost.office_client import OfficeClient
from tradepost.register_files import RegisterTotals, totals_of

__all__ = ["CustomersLog", "Report", "read_log", "reconcile"]


@dataclass(frozen=True)
class CustomersLog:
    """What the customers say they walked out with."""

    sales: tuple[dict[str, Any], ...]
    returns: tuple[dict[str, Any], ...]

    @property
    def documents(self) -> tuple[dict[str, Any], ...]:
        return self.sales + self.returns

    @property
    def money_sold_minor(self) -> int:
        return sum(sale["total_minor"] for sale in self.sales)

    @property
    def money_returned_minor(self) -> int:
        return sum(back["total_minor"] for back in self.returns)


@dataclass(frozen=True)
class Report:
    """The reconciliation. Money is net of returns; all three must be equal, and every count of trouble zero."""

    sales_at_tills: int
    returns_at_tills: int
    fiscal_receipts: int
    fiscal_returns: int
    sales_in_cloud: int
    returns_in_cloud: int
    scanner_frames: int
    lost: int
    """Documents in the customers' log that head office or the registers do not have."""
    doubled: int
    """Documents at head office twice, or that no customer knows of."""
    fiscal_doubled: int
    """Receipts on registers beyond those that a document takes."""
    money_at_tills_minor: int
    money_on_registers_minor: int
    money_in_cloud_minor: int
    stock_mismatches: int
    unsynced: int
    sales_by_visitors: int
    """At the tills that no customer of the log uses; they are judged against their own registers."""
    returns_by_visitors: int
    wall_s: float

    @property
    def is_clean(self) -> bool:
        trouble = self.lost + self.doubled + self.fiscal_doubled + self.stock_mismatches + self.unsynced
        money = {self.money_at_tills_minor, self.money_on_registers_minor, self.money_in_cloud_minor}
        return trouble == 0 and len(money) == 1

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_log(path: Path) -> CustomersLog:
    """The log as far as it is whole."""
    entries = list(_json_lines(path))
    return CustomersLog(
        sales=tuple(entry for entry in entries if entry["kind"] == "sale"),
        returns=tuple(entry for entry in entries if entry["kind"] == "return"),
    )


def count_frames(scanner_outputs: Iterable[Path]) -> int:
    """Frames that the scanners have sent, from what each said of itself."""
    return sum("scanned" in entry for path in scanner_outputs for entry in _json_lines(path))


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    with path.open("rb") as stream:
        for line in stream:
            if line.startswith(b"{") and line.endswith(b"\n"):
                yield json.loads(line)


def reconcile(
    log: CustomersLog,
    office: OfficeClient,
    *,
    branches: Mapping[str, str],
    memories: Iterable[Path],
    visitors_memories: Iterable[Path],
    scanner_outputs: Iterable[Path],
    wall_s: float,
) -> Report:
    """Ask all three witnesses. branches: id -> the customers' till, in the order of the log's branch numbers."""
    takes = {document["number"]: document.get("parts", 1) for document in log.documents}
    registers = totals_of(memories, frozenset(takes))
    sales, more_sales = _by_whom(office.every("/api/v1/sales"), branches)
    returns, more_returns = _by_whom(office.every("/api/v1/returns"), branches)
    in_cloud = Counter(document["number"] for document in sales + returns)
    missing = sum(number not in in_cloud for number in takes)
    unprinted = sum(registers.receipts_of.get(number, 0) < parts for number, parts in takes.items())
    twice = sum(count - 1 for count in in_cloud.values())
    unknown = sum(number not in takes for number in in_cloud)
    visitors = Counter(document["number"] for document in more_sales + more_returns)
    their_takes = {document["number"]: document["receipt_count"] for document in more_sales + more_returns}
    theirs = totals_of(visitors_memories, frozenset(their_takes))
    return Report(
        sales_at_tills=len(log.sales),
        returns_at_tills=len(log.returns),
        fiscal_receipts=registers.sales,
        fiscal_returns=registers.returns,
        sales_in_cloud=len(sales),
        returns_in_cloud=len(returns),
        scanner_frames=count_frames(scanner_outputs),
        lost=max(missing, unprinted)
        + sum(theirs.receipts_of.get(number, 0) < parts for number, parts in their_takes.items()),
        doubled=twice + unknown + sum(count - 1 for count in visitors.values()),
        fiscal_doubled=_beyond(registers, takes) + _beyond(theirs, their_takes),
        money_at_tills_minor=log.money_sold_minor - log.money_returned_minor,
        money_on_registers_minor=registers.net_minor,
        money_in_cloud_minor=_sum(sales) - _sum(returns),
        stock_mismatches=_stock_mismatches(log, office, list(branches), more_sales, more_returns),
        unsynced=sum(place["unsynced"] for place in office.get("/api/v1/panel")["branches"]),
        sales_by_visitors=len(more_sales),
        returns_by_visitors=len(more_returns),
        wall_s=round(wall_s, 1),
    )


Documents = list[dict[str, Any]]


def _by_whom(found: Iterable[dict[str, Any]], branches: Mapping[str, str]) -> tuple[Documents, Documents]:
    """Documents of the customers' tills, and those of others."""
    customers: Documents = []
    visitors: Documents = []
    for document in found:
        (customers if branches.get(document["branch"]) == document["till"] else visitors).append(document)
    return customers, visitors


def _beyond(registers: RegisterTotals, takes: Mapping[str, int]) -> int:
    """Receipts on these registers beyond those that the documents take."""
    return registers.sales + registers.returns - _expected(takes, registers.receipts_of)


def _expected(takes: Mapping[str, int], receipts_of: Mapping[str, int]) -> int:
    return sum(min(receipts_of.get(number, 0), parts) for number, parts in takes.items())


def _sum(documents: list[dict[str, Any]]) -> int:
    return sum(int(document["total_minor"]) for document in documents)


def _stock_mismatches(
    log: CustomersLog, office: OfficeClient, branches: list[str], more_sales: Documents, more_returns: Documents
) -> int:
    """Products of a branch whose balance at head office is not what was carried out of the door."""
    expected: defaultdict[tuple[str, str], int] = defaultdict(int)
    for entries, sign in ((log.sales, -1), (log.returns, 1)):
        for entry in entries:
            for code, quantity_milli, _ in entry["lines"]:
                expected[branches[entry["branch"]], code] += sign * quantity_milli
    for kind, documents, sign in (("sales", more_sales, -1), ("returns", more_returns, 1)):
        for document in documents:
            for line in office.get(f"/api/v1/{kind}/{document['id']}")["lines"]:
                expected[document["branch"], line["product_code"]] += sign * line["quantity_milli"]
    balances: defaultdict[tuple[str, str], int] = defaultdict(int)
    for balance in office.every("/api/v1/stock/balances"):
        balances[balance["branch"], balance["product_code"]] += balance["quantity_milli"]
    return sum(expected[key] != balances[key] for key in set(expected) | set(balances))
