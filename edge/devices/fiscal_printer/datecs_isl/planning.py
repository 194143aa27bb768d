"""From our receipt to what the register can hold, complete and checked before the first byte is sent. Pure.

The register knows prices in minor units and rounds price x quantity half away from zero. Where that would not give our
line's sum, the line goes as one piece at its sum, and quantity and price stand in its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge.devices.fiscal_printer import codes
from edge.devices.fiscal_printer.contract import (
    DocumentKind,
    FiscalLine,
    FiscalPayment,
    FiscalReceipt,
    OriginalReceipt,
    PaymentForm,
)
from edge.devices.fiscal_printer.profiles import RegisterProfile
from edge.devices.fiscal_printer.register_text import register_text
from edge.protocols.datecs_isl import CODE_PAGE
from shared.errors import PermanentError
from shared.money import MILLI, PRICE_SCALE, divide_half_away

__all__ = ["PlannedLine", "PlannedPayment", "PlannedReceipt", "decimal_text", "plan"]

_DOCUMENT_NO = re.compile(r"[0-9]{1,8}")
_MEMORY_NO = re.compile(r"[0-9A-Za-z]{1,12}")
_UNIT_TEXT = 8
_SEPARATORS = str.maketrans("", "", ",;#*")
"""They divide the fields behind a short frame's price; a unit must not contain them."""
_LARGEST_STEP = 100
"""Line sums may be rounded to whole units (DESIGN: AMD, KZT); what strays further is a mistake of the caller."""


@dataclass(frozen=True)
class PlannedLine:
    """One sale command."""

    text: str
    second_text: str
    tax: str
    """As it stands on the wire."""
    price_minor: int
    quantity_milli: int
    unit: str
    discount_minor: int


@dataclass(frozen=True)
class PlannedPayment:
    mode: str
    """As it stands on the wire."""
    amount_minor: int | None
    """None: what is due."""


@dataclass(frozen=True)
class PlannedReceipt:
    """total_minor is the sum of the lines, as the register will compute it."""

    kind: DocumentKind
    operator: str
    till_no: int
    original: OriginalReceipt | None
    comments: tuple[str, ...]
    lines: tuple[PlannedLine, ...]
    payments: tuple[PlannedPayment, ...]
    total_minor: int


def plan(receipt: FiscalReceipt, profile: RegisterProfile) -> PlannedReceipt:
    """Raises PermanentError FIS-410, FIS-414, FIS-415, FIS-416 or FIS-418; the register has not been touched."""
    _check_original(receipt)
    limit = profile.limits.lines_per_receipt
    if len(receipt.lines) > limit:
        raise PermanentError(codes.RECEIPT_TOO_LARGE, limit=limit, lines=len(receipt.lines))
    _check_sum(receipt.total_minor, profile.limits.receipt_total_minor)
    lines_minor = sum(line.amount_minor for line in receipt.lines)
    if lines_minor != receipt.total_minor:
        raise PermanentError(codes.AMOUNTS_DIFFER, ours_minor=receipt.total_minor, register_minor=lines_minor)
    return PlannedReceipt(
        kind=receipt.kind,
        operator=receipt.operator,
        till_no=receipt.till_no,
        original=receipt.original,
        comments=tuple(_text(comment, profile.text.comment) for comment in receipt.comments),
        lines=tuple(_line(line, profile) for line in receipt.lines),
        payments=_payments(receipt, profile),
        total_minor=receipt.total_minor,
    )


def decimal_text(value: int, decimals: int) -> str:
    """216 with 2 decimals is `2.16`, with none `216`; value >= 0."""
    digits = str(value).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def _check_original(receipt: FiscalReceipt) -> None:
    original = receipt.original
    if (receipt.kind is DocumentKind.RETURN) != (original is not None):
        raise PermanentError(codes.ORIGINAL_INCOMPLETE)
    if original is not None and not (
        _DOCUMENT_NO.fullmatch(original.document_no) and _MEMORY_NO.fullmatch(original.fiscal_memory_no)
    ):
        raise PermanentError(codes.ORIGINAL_INCOMPLETE)


def _check_sum(amount_minor: int, limit_minor: int) -> None:
    if amount_minor > limit_minor:
        raise PermanentError(codes.RECEIPT_TOO_LARGE, limit_minor=limit_minor, amount_minor=amount_minor)


def _line(line: FiscalLine, profile: RegisterProfile) -> PlannedLine:
    limits = profile.limits
    gross = line.amount_minor + line.discount_minor
    exact = divide_half_away(line.unit_price * line.quantity_milli, PRICE_SCALE * MILLI)
    if line.quantity_milli <= 0 or min(line.amount_minor, line.discount_minor) < 0:
        raise PermanentError(codes.AMOUNTS_DIFFER, ours_minor=line.amount_minor, register_minor=0)
    if abs(exact - gross) >= _LARGEST_STEP:
        computed = exact - line.discount_minor
        raise PermanentError(codes.AMOUNTS_DIFFER, ours_minor=line.amount_minor, register_minor=computed)
    _check_sum(gross, limits.price_minor)
    price_minor, below_minor = divmod(line.unit_price, PRICE_SCALE)
    fits = (
        below_minor == 0
        and price_minor <= limits.price_minor
        and line.quantity_milli <= limits.quantity_milli
        and divide_half_away(price_minor * line.quantity_milli, MILLI) == gross
    )
    if fits:
        unit = _text(line.unit, _UNIT_TEXT).translate(_SEPARATORS)
        return _planned(line, profile, price_minor, line.quantity_milli, unit, "")
    return _planned(line, profile, gross, MILLI, "", _times(line, limits.amount_decimals))


def _planned(
    line: FiscalLine, profile: RegisterProfile, price_minor: int, quantity_milli: int, unit: str, times: str
) -> PlannedLine:
    text, second = _text(line.text, profile.text.item) or "-", ""
    if times and profile.text.item_second_line:
        second = times[: profile.text.item]
    elif times:
        text = f"{text[: profile.text.item - len(times) - 1].rstrip()} {times}"
    return PlannedLine(
        text=text,
        second_text=second,
        tax=_tax(line.tax_code, profile),
        price_minor=price_minor,
        quantity_milli=quantity_milli,
        unit=unit,
        discount_minor=line.discount_minor,
    )


def _times(line: FiscalLine, amount_decimals: int) -> str:
    """`1.5 kg x 0.1234`: what the paper would have said of quantity and price."""
    quantity = _trimmed(decimal_text(line.quantity_milli, 3), 0)
    price = _trimmed(decimal_text(line.unit_price, 4 + amount_decimals), amount_decimals)
    unit = _text(line.unit, _UNIT_TEXT)
    return f"{quantity}{' ' if unit else ''}{unit} x {price}"


def _trimmed(number: str, keep: int) -> str:
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0").ljust(keep, "0")
    return f"{whole}.{fraction}" if fraction else whole


def _tax(tax_code: str, profile: RegisterProfile) -> str:
    group = "ABCDEFGH".find(tax_code) if len(tax_code) == 1 else -1
    if not 0 <= group < len(profile.tax_groups):
        raise PermanentError(codes.UNKNOWN_TAX, tax_code=tax_code)
    return profile.tax_groups[group]


def _payments(receipt: FiscalReceipt, profile: RegisterProfile) -> tuple[PlannedPayment, ...]:
    """Cash last, since only cash gives change. Nothing to pay is paid by one empty cash payment."""
    paid = [payment for payment in receipt.payments if payment.amount_minor]
    cash = sum(payment.amount_minor for payment in paid if payment.form is PaymentForm.CASH)
    other = [payment for payment in paid if payment.form is not PaymentForm.CASH]
    other_minor = sum(payment.amount_minor for payment in other)
    gives_change = receipt.kind is DocumentKind.SALE and other_minor < receipt.total_minor
    exact = other_minor + cash == receipt.total_minor
    negative = any(payment.amount_minor < 0 for payment in paid)
    if negative or not (exact or (gives_change and other_minor + cash > receipt.total_minor)):
        raise PermanentError(codes.PAYMENTS_IMPOSSIBLE, paid_minor=other_minor + cash, total_minor=receipt.total_minor)
    planned = [PlannedPayment(_mode(payment, profile), payment.amount_minor) for payment in other]
    if cash:
        planned.append(PlannedPayment(profile.payments[PaymentForm.CASH], cash))
    return tuple(planned) or (PlannedPayment(profile.payments[PaymentForm.CASH], None),)


def _mode(payment: FiscalPayment, profile: RegisterProfile) -> str:
    if payment.form not in profile.payments:
        raise PermanentError(codes.PAYMENTS_IMPOSSIBLE, form=payment.form.value)
    return profile.payments[payment.form]


def _text(text: str, limit: int) -> str:
    return register_text(text, limit, CODE_PAGE)
