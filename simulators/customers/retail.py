"""Invoice lines of the Online Retail format: reading them, and deciding each line's fate before anyone enters a shop.

Every line ends in exactly one of sold, returned, refused. The closed list of refusals is `Refusal`; its meaning is
explained in docs/replay.md. Pure but for `read_lines`, which reads a file.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Final, TextIO

from shared.money import MILLI, PRICE_SCALE

__all__ = [
    "COLUMNS",
    "Article",
    "BranchPlan",
    "InvoiceLine",
    "Plan",
    "Refusal",
    "ReturnPart",
    "ReturnVisit",
    "SaleVisit",
    "make_plan",
    "read_lines",
]

COLUMNS: Final = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
NO_CODE: Final = "NO-CODE"
"""Article of a line whose stock code is empty: it is still sold."""
_MINOR_PER_UNIT: Final = 100
_LARGEST: Final = 10**12
"""Quantities and prices beyond this (in their stored units) are no invoice's."""


class Refusal(StrEnum):
    """Why a line is neither sold nor returned. Closed: docs/replay.md explains each."""

    UNREADABLE = "unreadable"
    ADJUSTMENT_INVOICE = "adjustment_invoice"
    QUANTITY_NOT_POSITIVE = "quantity_not_positive"
    PRICE_NOT_POSITIVE = "price_not_positive"
    RETURN_QUANTITY_NOT_NEGATIVE = "return_quantity_not_negative"
    RETURN_WITHOUT_ORIGINAL = "return_without_original"


@dataclass(frozen=True)
class InvoiceLine:
    """One line as the file has it. quantity in thousandths, unit_price in 1/10,000 minor units; both may be <= 0."""

    row: int
    invoice: str
    code: str
    description: str
    quantity_milli: int
    date: str
    unit_price: int
    customer: str
    country: str


@dataclass(frozen=True)
class Article:
    """A product of the shop, as the whole file knows it: its usual price is the one most lines have."""

    code: str
    name: str
    unit_price: int


@dataclass(frozen=True)
class SaleVisit:
    """One invoice: somebody buys these lines."""

    invoice: str
    date: str
    customer: str
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True)
class ReturnPart:
    """Some of one line of an earlier invoice comes back."""

    invoice: str
    original: InvoiceLine
    quantity_milli: int


@dataclass(frozen=True)
class ReturnVisit:
    """What one C invoice brings back of one original invoice."""

    invoice: str
    date: str
    customer: str
    original_invoice: str
    parts: tuple[ReturnPart, ...]


@dataclass
class _Remainder:
    """How much of a sold line has not come back yet."""

    line: InvoiceLine
    left_milli: int


@dataclass
class BranchPlan:
    countries: frozenset[str]
    visits: list[SaleVisit | ReturnVisit] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """Everything that will happen, in the order of the file within each branch."""

    lines: int
    sold: int
    returned: int
    refused: Counter[str]
    branches: tuple[BranchPlan, ...]
    articles: tuple[Article, ...]
    customers: tuple[str, ...]
    return_price_difference_minor: int
    """What the C lines say less what their originals were sold for: goods go back at the price that was paid."""


def read_lines(path: Path, limit: int | None = None) -> Iterator[InvoiceLine | int]:
    """Lines of the file in order; the bare row number where a line cannot be read.

    Raises ValueError when the file has no such columns.
    """
    with _open(path) as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise ValueError(f"{path} lacks the columns {', '.join(missing)}")
        places = [header.index(name) for name in COLUMNS]
        for row, record in enumerate(reader, start=1):
            if limit is not None and row > limit:
                return
            yield _read(row, record, places) or row


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open("rt", encoding="utf-8-sig", errors="replace", newline="")


def _read(row: int, record: list[str], places: list[int]) -> InvoiceLine | None:
    if len(record) <= max(places):
        return None
    invoice, code, name, quantity, date, price, customer, country = (record[place].strip() for place in places)
    quantity_milli = _scaled(quantity, MILLI)
    unit_price = _scaled(price, _MINOR_PER_UNIT * PRICE_SCALE)
    if not invoice or quantity_milli is None or unit_price is None:
        return None
    return InvoiceLine(row, invoice, code or NO_CODE, name, quantity_milli, date, unit_price, customer, country)


def _scaled(text: str, scale: int) -> int | None:
    """An exact integer number of scale-ths, or None when it is no such number."""
    try:
        value = Decimal(text) * scale
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > _LARGEST or value != value.to_integral_value():
        return None
    return int(value)


def make_plan(lines: Iterable[InvoiceLine | int], branches: int) -> Plan:
    """Decide each line's fate and who plays it where.

    The branches - 1 largest countries (by lines sold) own a branch each, the rest share the last. A return is
    brought to the branch that sold the goods.
    """
    return _Planner(branches).plan(list(lines))


class _Planner:
    def __init__(self, branches: int) -> None:
        self._branches = branches
        self._refused: Counter[str] = Counter()
        self._returned = 0
        self._difference = 0
        # (customer, code) -> what is left of the originals, oldest first
        self._left: dict[tuple[str, str], list[_Remainder]] = defaultdict(list)

    def plan(self, rows: list[InvoiceLine | int]) -> Plan:
        readable = [row for row in rows if isinstance(row, InvoiceLine)]
        self._refused[Refusal.UNREADABLE] += len(rows) - len(readable)
        sold: list[InvoiceLine] = []
        sales: dict[str, list[InvoiceLine]] = {}
        returns: dict[tuple[str, str], list[ReturnPart]] = {}
        order: list[tuple[str, str] | str] = []
        first_of_return: dict[tuple[str, str], InvoiceLine] = {}
        for line in readable:
            reason = _refusal(line)
            if reason is not None:
                self._refused[reason] += 1
            elif line.invoice.isdigit():
                sold.append(line)
                self._left[line.customer, line.code].append(_Remainder(line, line.quantity_milli))
                if line.invoice not in sales:
                    sales[line.invoice] = []
                    order.append(line.invoice)
                sales[line.invoice].append(line)
            else:
                for part in self._originals(line):
                    key = (line.invoice, part.invoice)
                    if key not in returns:
                        returns[key] = []
                        order.append(key)
                        first_of_return[key] = line
                    returns[key].append(part)
        return self._assemble(len(rows), sold, sales, returns, order, first_of_return)

    def _originals(self, line: InvoiceLine) -> list[ReturnPart]:
        """The originals that take this C line, newest first; none, and a refusal, when they do not suffice."""
        candidates = self._left[line.customer, line.code]
        wanted = -line.quantity_milli
        if sum(candidate.left_milli for candidate in candidates) < wanted:
            self._refused[Refusal.RETURN_WITHOUT_ORIGINAL] += 1
            return []
        parts = []
        given_back = 0
        while wanted:
            newest = candidates[-1]
            taken = min(newest.left_milli, wanted)
            parts.append(ReturnPart(newest.line.invoice, newest.line, taken))
            given_back += newest.line.unit_price * taken
            wanted -= taken
            newest.left_milli -= taken
            if newest.left_milli == 0:
                candidates.pop()
        self._returned += 1
        self._difference += (line.unit_price * -line.quantity_milli - given_back) // (PRICE_SCALE * MILLI)
        return parts

    def _assemble(
        self,
        total: int,
        sold: list[InvoiceLine],
        sales: dict[str, list[InvoiceLine]],
        returns: dict[tuple[str, str], list[ReturnPart]],
        order: list[tuple[str, str] | str],
        first_of_return: dict[tuple[str, str], InvoiceLine],
    ) -> Plan:
        by_country = Counter(line.country for line in sold)
        largest = [country for country, _ in by_country.most_common(self._branches - 1)]
        rest = frozenset(by_country) - frozenset(largest)
        plans = [BranchPlan(frozenset({country})) for country in largest] + [BranchPlan(rest)]
        place = {country: index for index, country in enumerate(largest)}
        home = {invoice: place.get(lines[0].country, len(plans) - 1) for invoice, lines in sales.items()}
        for key in order:
            if isinstance(key, str):
                first = sales[key][0]
                plans[home[key]].visits.append(SaleVisit(key, first.date, first.customer, tuple(sales[key])))
            else:
                line = first_of_return[key]
                visit = ReturnVisit(key[0], line.date, line.customer, key[1], tuple(returns[key]))
                plans[home[key[1]]].visits.append(visit)
        return Plan(
            lines=total,
            sold=len(sold),
            returned=self._returned,
            refused=+self._refused,
            branches=tuple(plans),
            articles=_articles(sold),
            customers=tuple(sorted({line.customer for line in sold if line.customer})),
            return_price_difference_minor=self._difference,
        )


def _refusal(line: InvoiceLine) -> Refusal | None:
    plain = line.invoice.isascii() and line.invoice.isdigit()
    credit = line.invoice[:1] == "C" and line.invoice[1:].isascii() and line.invoice[1:].isdigit()
    if not plain and not credit:
        return Refusal.ADJUSTMENT_INVOICE
    if credit:
        return Refusal.RETURN_QUANTITY_NOT_NEGATIVE if line.quantity_milli >= 0 else None
    if line.quantity_milli <= 0:
        return Refusal.QUANTITY_NOT_POSITIVE
    return Refusal.PRICE_NOT_POSITIVE if line.unit_price <= 0 else None


def _articles(sold: list[InvoiceLine]) -> tuple[Article, ...]:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    prices: dict[str, Counter[int]] = defaultdict(Counter)
    for line in sold:
        names[line.code][line.description] += 1
        prices[line.code][line.unit_price] += 1
    return tuple(
        Article(code, names[code].most_common(1)[0][0] or code, prices[code].most_common(1)[0][0])
        for code in sorted(prices)
    )
