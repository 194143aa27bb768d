"""Our own receipt of a sale or a return, and the slip of a shift, as documents of `edge.receipts`. Pure.

The fiscal receipt is the register's; this one carries its number. Everything here is text: nothing is added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.checkout.fiscal_store import Job, JobState
from edge.checkout.shifts import Count, Expected, difference
from edge.checkout.texts import Texts
from edge.receipts import (
    Document,
    Fiscal,
    Payment,
    Receipt,
    ReceiptLine,
    Reduction,
    Report,
    ReportKind,
    Shop,
    TaxShare,
    lay_out_receipt,
    lay_out_report,
)
from shared.events import ReturnedLine, SaleCompleted, SaleLine, SaleReturned, TaxAmount
from shared.money import quantity_text
from shared.words import catalogue

__all__ = ["ClosingFigures", "PaperFacts", "XFigures", "closing_document", "receipt_document", "x_document"]

LONGEST_BAR_CODE: Final = 14
"""Letters of a Code 128 that fits on 58 mm paper; a longer number is printed as a QR code."""


@dataclass(frozen=True)
class PaperFacts:
    """What stands on every paper of a till."""

    shop: Shop
    till: str
    shift: str
    operator: str
    at: datetime


@dataclass(frozen=True)
class XFigures:
    """An interim report, amounts in minor units."""

    opened_at: datetime
    sales: int
    returns: int
    float_minor: int
    expected: Expected


@dataclass(frozen=True)
class ClosingFigures:
    """A closed shift."""

    opened_at: datetime
    sales: int
    returns: int
    float_minor: int
    expected: Expected
    count: Count
    closure_no: int | None


def _words(texts: Texts) -> Mapping[str, str]:
    return catalogue(texts.language)


def receipt_document(
    paper: SaleCompleted | SaleReturned, jobs: Sequence[Job], facts: PaperFacts, texts: Texts
) -> Document:
    words = _words(texts)
    if isinstance(paper, SaleCompleted):
        lines = tuple(_sold_line(line, texts) for line in paper.lines)
        change = sum(payment.change_minor for payment in paper.payments)
        payments = tuple(_payment(each.form.value, each.given_minor, texts, words) for each in paper.payments)
        original, subtotal = "", paper.subtotal_minor
    else:
        lines = tuple(_returned_line(line, texts) for line in paper.lines)
        change = 0
        payments = tuple(_payment(each.form.value, each.amount_minor, texts, words) for each in paper.refunds)
        original, subtotal = paper.original_number, paper.total_minor
    receipt = Receipt(
        shop=facts.shop,
        number=paper.number,
        at=texts.time(facts.at),
        till=facts.till,
        operator=facts.operator,
        shift=facts.shift,
        lines=lines,
        total=f"{texts.money(paper.total_minor)} {paper.currency}",
        is_return=isinstance(paper, SaleReturned),
        original=original,
        subtotal=texts.money(subtotal) if subtotal != paper.total_minor else "",
        rounding=texts.rounding(paper.rounding_minor) if paper.rounding_minor else "",
        payments=payments,
        change=texts.money(change) if change else "",
        taxes=tuple(_tax(tax, texts) for tax in paper.taxes if tax.tax_minor),
        fiscal=_fiscal(jobs),
        bar_code=paper.number if len(paper.number) <= LONGEST_BAR_CODE else "",
        qr=paper.number if len(paper.number) > LONGEST_BAR_CODE else "",
    )
    return lay_out_receipt(receipt, words)


def _sold_line(line: SaleLine, texts: Texts) -> ReceiptLine:
    one = line.quantity_milli == 1_000
    return ReceiptLine(
        name=line.name,
        amount=texts.money(line.gross_minor),
        quantity="" if one else texts.quantity(line.quantity_milli, line.unit),
        price="" if one else texts.price(line.unit_price),
        reductions=tuple(
            Reduction(texts.reason(each.reason), texts.money(-each.amount_minor)) for each in line.discounts
        ),
        notes=tuple(note for note in (line.lot or "", *line.serials) if note),
    )


def _returned_line(line: ReturnedLine, texts: Texts) -> ReceiptLine:
    return ReceiptLine(
        name=line.name,
        amount=texts.money(line.amount_minor),
        quantity=texts.quantity(line.quantity_milli, line.unit),
        notes=(texts.reason(line.reason),),
    )


def _payment(form: str, amount_minor: int, texts: Texts, words: Mapping[str, str]) -> Payment:
    return Payment(
        words.get(f"receipt.{form}") or catalogue("en").get(f"receipt.{form}", form), texts.money(amount_minor)
    )


def _tax(tax: TaxAmount, texts: Texts) -> TaxShare:
    # A rate of 20 % is 2,000 in 1/10,000; as thousandths of a per cent it is written like any quantity.
    return TaxShare(f"{quantity_text(tax.rate * 10, texts.language)} %", texts.money(tax.tax_minor))


def _fiscal(jobs: Sequence[Job]) -> Fiscal | None:
    printed = [job for job in jobs if job.state is JobState.DONE]
    if not printed:
        return None
    return Fiscal(", ".join(str(job.result_no) for job in printed), (printed[0].fiscal_memory_no or "",))


def _rounding(should_be: Expected, texts: Texts) -> str:
    return texts.rounding(should_be.rounding_minor) if should_be.rounding_minor else ""


def x_document(figures: XFigures, facts: PaperFacts, texts: Texts) -> Document:
    should_be = figures.expected
    report = Report(
        kind=ReportKind.X,
        shop=facts.shop,
        till=facts.till,
        operator=facts.operator,
        shift=facts.shift,
        opened_at=texts.time(figures.opened_at),
        printed_at=texts.time(facts.at),
        sales_count=str(figures.sales),
        sales=texts.money(should_be.sold_minor),
        returns_count=str(figures.returns),
        returns=texts.money(should_be.returned_minor),
        total=f"{texts.money(should_be.sold_minor - should_be.returned_minor)} {texts.currency}",
        opening_float=texts.money(figures.float_minor),
        rounding=_rounding(should_be, texts),
        expected=texts.money(should_be.cash_minor),
        card_slips=texts.money(should_be.card_minor),
    )
    return lay_out_report(report, _words(texts))


def closing_document(figures: ClosingFigures, facts: PaperFacts, texts: Texts) -> Document:
    should_be, count = figures.expected, figures.count
    report = Report(
        kind=ReportKind.Z,
        shop=facts.shop,
        till=facts.till,
        operator=facts.operator,
        shift=facts.shift,
        opened_at=texts.time(figures.opened_at),
        printed_at=texts.time(facts.at),
        number="" if figures.closure_no is None else str(figures.closure_no),
        sales_count=str(figures.sales),
        sales=texts.money(should_be.sold_minor),
        returns_count=str(figures.returns),
        returns=texts.money(should_be.returned_minor),
        total=f"{texts.money(should_be.sold_minor - should_be.returned_minor)} {texts.currency}",
        opening_float=texts.money(figures.float_minor),
        rounding=_rounding(should_be, texts),
        expected=texts.money(should_be.cash_minor),
        counted=texts.money(count.cash_minor),
        difference=texts.money(difference(should_be, count)),
        card_slips=texts.money(count.slips_minor),
    )
    return lay_out_report(report, _words(texts))
