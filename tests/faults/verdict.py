"""What a campaign is judged by: the customers' log, the registers' memory files, head office's public API.

The demo's reconciliation does the comparing; here its figures and those of the closing reports become one verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tradepost.office_client import OfficeClient
from tradepost.reconciliation import CustomersLog, read_log, reconcile
from tradepost.register_files import read_documents

__all__ = ["Verdict", "judge"]


@dataclass(frozen=True)
class Verdict:
    """Counts of trouble, all zero in a good run, beside what was done. Money in minor units."""

    sales: int
    returns: int
    lost: int
    doubled: int
    fiscal_doubled: int
    money_off: int
    """How far registers and head office together are from the tills."""
    stock_off: int
    z_off: int
    """How far the registers' closing reports are from the till's turnover, and from what head office has of them."""
    unsynced: int
    aside: int
    """Facts in quarantine and loss cases: a person would have to look."""
    wall_s: float

    @property
    def is_clean(self) -> bool:
        return not any(self.troubles.values())

    @property
    def troubles(self) -> dict[str, int]:
        done = ("sales", "returns", "wall_s")
        return {name: count for name, count in asdict(self).items() if name not in done}

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def judge(
    log: Path, office: OfficeClient, tills: Mapping[str, str], memories: Sequence[Path], wall_s: float
) -> Verdict:
    """tills: branch -> its till, in the order of the log's branch numbers. Shifts are closed."""
    found = read_log(log)
    report = reconcile(
        found,
        office,
        branches=tills,
        memories=memories,
        visitors_memories=[],
        scanner_outputs=[],
        wall_s=wall_s,
    )
    money = report.money_at_tills_minor
    return Verdict(
        sales=len(found.sales),
        returns=len(found.returns),
        lost=report.lost,
        doubled=report.doubled,
        fiscal_doubled=report.fiscal_doubled,
        money_off=abs(report.money_on_registers_minor - money) + abs(report.money_in_cloud_minor - money),
        stock_off=report.stock_mismatches,
        z_off=_z_off(found, memories, office),
        unsynced=report.unsynced,
        aside=_aside(office),
        wall_s=round(wall_s, 1),
    )


def _z_off(log: CustomersLog, memories: Sequence[Path], office: OfficeClient) -> int:
    """Minor units and documents by which the Z reports differ from the log, and from head office's shifts."""
    net = count = 0
    for memory in memories:
        for document in read_documents(memory):
            if document["kind"] == "z":
                net += document["total_minor"]
                count += document["sales"]["count"] + document["returns"]["count"]
    expected = log.money_sold_minor - log.money_returned_minor
    receipts = sum(document["parts"] for document in log.documents)
    told = sum(shift["register_turnover_minor"] or 0 for shift in office.every("/api/v1/shifts"))
    return int(abs(net - expected) + abs(count - receipts) + abs(told - expected))


def _aside(office: OfficeClient) -> int:
    waiting = list(office.every("/api/v1/quarantine"))
    lost = [item for item in office.every("/api/v1/exceptions") if item["code"] == "EVT-421"]
    return len(waiting) + len(lost)
