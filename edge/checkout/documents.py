"""What a register is asked to print, made from parts of a sale or a return, and its JSON in the journal. Pure.

Never breaks: every line's sum is what a register computes from its own price and quantity, or the line is written as
one piece at its sum, with the quantity in its text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from edge.checkout.returns import Refund, ReturnPart
from edge.checkout.splitting import Part, PartPayment
from edge.devices.fiscal_printer.contract import (
    DocumentKind,
    FiscalLine,
    FiscalPayment,
    FiscalReceipt,
    OriginalReceipt,
    PaymentForm,
)
from shared import events
from shared.money import MILLI, PRICE_SCALE, line_amount, quantity_text

__all__ = ["PaperHead", "dump_receipt", "load_receipt", "refund_payments", "return_receipt", "sale_receipt"]

_FORMS: Final[Mapping[events.PaymentForm, PaymentForm]] = {
    events.PaymentForm.CASH: PaymentForm.CASH,
    events.PaymentForm.CARD: PaymentForm.CARD,
    events.PaymentForm.TRANSFER: PaymentForm.TRANSFER,
    events.PaymentForm.POINTS: PaymentForm.VOUCHER,
    events.PaymentForm.CERTIFICATE: PaymentForm.VOUCHER,
}

_adapter: TypeAdapter[FiscalReceipt] = TypeAdapter(FiscalReceipt)


@dataclass(frozen=True)
class PaperHead:
    """What stands on every receipt of one sale or return."""

    number: str
    operator: str
    till_no: int
    parts: int
    reference: str | None = None

    def comments(self, part: int) -> tuple[str, ...]:
        """Numbers only: they need no language. A part of several says which."""
        named = (self.number,) if self.parts == 1 else (f"{self.number} {part}/{self.parts}",)
        return named if self.reference is None else (*named, self.reference)


def dump_receipt(receipt: FiscalReceipt) -> str:
    return _adapter.dump_json(receipt).decode()


def load_receipt(text: str) -> FiscalReceipt:
    return _adapter.validate_json(text)


def sale_receipt(part: Part, number: int, payments: Sequence[PartPayment], head: PaperHead) -> FiscalReceipt:
    """Receipt `number` of a sale, counted from 1."""
    return FiscalReceipt(
        kind=DocumentKind.SALE,
        lines=tuple(
            _line(
                piece.line.product.name,
                piece.line.product.unit,
                piece.line.product.tax.code,
                piece.line.unit_price,
                piece.quantity_milli,
                piece.result.amount_minor,
            )
            for piece in part.pieces
        ),
        payments=tuple(FiscalPayment(_FORMS[payment.form], payment.given_minor) for payment in payments),
        total_minor=part.total_minor,
        operator=head.operator,
        till_no=head.till_no,
        comments=head.comments(number),
    )


def return_receipt(
    part: ReturnPart, number: int, payments: Sequence[PartPayment], head: PaperHead, original: OriginalReceipt
) -> FiscalReceipt:
    """Receipt `number` of a return. Payments are what is given back."""
    return FiscalReceipt(
        kind=DocumentKind.RETURN,
        lines=tuple(
            _line(
                piece.line.name,
                piece.line.unit,
                piece.line.tax_code,
                piece.line.unit_price,
                piece.quantity_milli,
                piece.amount_minor,
            )
            for piece in part.pieces
        ),
        payments=tuple(FiscalPayment(_FORMS[payment.form], payment.amount_minor) for payment in payments),
        total_minor=part.total_minor,
        operator=head.operator,
        till_no=head.till_no,
        comments=head.comments(number),
        original=original,
    )


def refund_payments(refunds: Sequence[Refund], totals: Sequence[int]) -> list[list[PartPayment]]:
    """What goes back by each form, laid out over the return's receipts in order, before the rounding of cash."""
    left = {refund.form: refund.exact_minor for refund in refunds}
    receipts: list[list[PartPayment]] = []
    for total in totals:
        shown: list[PartPayment] = []
        for form in left:
            take = min(total, left[form])
            if take:
                shown.append(PartPayment(form, take, take))
                left[form] -= take
                total -= take
        receipts.append(shown or [PartPayment(events.PaymentForm.CASH, 0, 0)])
    return receipts


def _line(text: str, unit: str, tax_code: str, unit_price: int, quantity_milli: int, amount_minor: int) -> FiscalLine:
    # A register knows whole minor units of price and rounds to one minor unit, whatever the currency's own step is.
    gross = line_amount(unit_price, quantity_milli, 1)
    if unit_price % PRICE_SCALE == 0 and gross >= amount_minor:
        return FiscalLine(text, quantity_milli, unit_price, gross - amount_minor, amount_minor, tax_code, unit)
    counted = f"{text} {quantity_text(quantity_milli)} {unit}"
    return FiscalLine(counted, MILLI, amount_minor * PRICE_SCALE, 0, amount_minor, tax_code)
