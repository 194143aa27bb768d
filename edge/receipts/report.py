"""X and Z slips and the slip of a shift that is closed. Like receipts: strings in, elements out, nothing computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge.receipts.document import Align, Columns, Document, Element, Feed, Rule, RuleStyle, Size, Text
from edge.receipts.receipt import Fiscal, Payment, Shop, TaxShare, closing, heading
from edge.receipts.words import ENGLISH, say

__all__ = ["Report", "ReportKind", "lay_out_report"]


class ReportKind(StrEnum):
    X = "x"
    Z = "z"
    SHIFT = "shift"


@dataclass(frozen=True)
class Report:
    """Money with the sign it is read with; an empty string leaves its line out."""

    kind: ReportKind
    shop: Shop
    till: str
    operator: str
    shift: str
    opened_at: str
    printed_at: str
    """For a closed shift: when it was closed."""
    number: str = ""
    sales_count: str = ""
    sales: str = ""
    returns_count: str = ""
    returns: str = ""
    total: str = ""
    """Sales less returns, with the currency."""
    by_form: tuple[Payment, ...] = ()
    taxes: tuple[TaxShare, ...] = ()
    opening_float: str = ""
    cash_in: str = ""
    cash_out: str = ""
    rounding: str = ""
    expected: str = ""
    counted: str = ""
    difference: str = ""
    card_slips: str = ""
    no_sale_count: str = ""
    fiscal: Fiscal | None = None


def lay_out_report(report: Report, words: Mapping[str, str] = ENGLISH) -> Document:
    return Document(
        (
            *heading(report.shop),
            *_identity(report, words),
            *_block(_turnover(report, words)),
            *_block(Columns(form.form, form.amount) for form in report.by_form),
            *_block(Columns(say(words, "receipt.tax", rate=tax.rate), tax.amount) for tax in report.taxes),
            *_block(_cash(report, words)),
            *_block(_fiscal(report, words)),
            *_signature(report),
            *closing(()),
        )
    )


def _block(elements: Iterator[Element]) -> Iterator[Element]:
    """Ruled off from what stands above; nothing at all when it is empty."""
    block = list(elements)
    if block:
        yield Rule(RuleStyle.THIN)
        yield from block


def _identity(report: Report, words: Mapping[str, str]) -> Iterator[Element]:
    shift = say(words, "receipt.shift", shift=report.shift)
    title = {ReportKind.X: "report.x", ReportKind.Z: "report.z"}.get(report.kind)
    yield Text(say(words, title) if title else shift, Align.CENTER, Size.LARGE, bold=True)
    if report.number:
        yield Text(say(words, "receipt.number", number=report.number), Align.CENTER, bold=True)
    yield Feed()
    place = say(words, "receipt.till", till=report.till)
    yield Columns(place, shift if title else "")
    yield Text(say(words, "receipt.cashier", name=report.operator))
    yield Columns(say(words, "report.opened"), report.opened_at)
    yield Columns(say(words, "report.as-of" if report.kind is ReportKind.X else "report.closed"), report.printed_at)


def _turnover(report: Report, words: Mapping[str, str]) -> Iterator[Element]:
    for name, count, amount in (
        ("report.sales", report.sales_count, report.sales),
        ("report.returns", report.returns_count, report.returns),
    ):
        if amount:
            yield Columns(f"{say(words, name)}  {count}".rstrip(), amount)
    if report.total:
        yield Columns(say(words, "receipt.total"), report.total, Size.LARGE, bold=True)


def _cash(report: Report, words: Mapping[str, str]) -> Iterator[Element]:
    rows = (
        ("report.float", report.opening_float, False),
        ("report.cash-in", report.cash_in, False),
        ("report.cash-out", report.cash_out, False),
        ("receipt.rounding", report.rounding, False),
        ("report.expected", report.expected, True),
        ("report.counted", report.counted, True),
    )
    for name, amount, is_bold in rows:
        if amount:
            yield Columns(say(words, name), amount, bold=is_bold)
    if report.difference:
        yield Columns(say(words, "report.difference"), report.difference, bold=True)
    for name, amount in (("report.slips", report.card_slips), ("report.no-sale", report.no_sale_count)):
        if amount:
            yield Columns(say(words, name), amount)


def _fiscal(report: Report, words: Mapping[str, str]) -> Iterator[Element]:
    if report.fiscal is not None:
        yield Text(say(words, "receipt.fiscal", number=report.fiscal.number), Align.CENTER, bold=True)
        for fact in report.fiscal.facts:
            yield Text(fact, Align.CENTER)


def _signature(report: Report) -> Iterator[Element]:
    """A closed shift is handed over with a signature."""
    if report.kind is ReportKind.SHIFT:
        yield Feed(3)
        yield Rule(RuleStyle.THIN)
        yield Text(report.operator, Align.CENTER)
