"""The payload of every kind of fact, and the registry of kinds with their current major version.

A payload grows by optional fields within a major version; anything else is a new major version with an upcaster from
the old one (`shared.versions`) and a golden file kept for ever. Money is minor units of `currency`, unit prices are
1/10,000 minor units, quantities thousandths.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.envelope import Name
from shared.money import CURRENCIES, line_amount

__all__ = [
    "PAYLOADS",
    "AgeChecked",
    "CashMoved",
    "CashMovement",
    "CashPieces",
    "Condition",
    "CustomerEnrolled",
    "DeviceHealth",
    "DeviceState",
    "DiscountTaken",
    "DrawerOpened",
    "ExternalReference",
    "LineVoided",
    "Payload",
    "Payment",
    "PaymentForm",
    "PriceChanged",
    "PriceSource",
    "ReceiptFiscalised",
    "ReceiptKind",
    "ReceiptOutcomeUnknown",
    "ReceiptRefused",
    "ReturnedLine",
    "SaleCancelled",
    "SaleCompleted",
    "SaleLine",
    "SaleReturned",
    "ScanProblem",
    "ScanUnresolved",
    "ShiftClosed",
    "ShiftOpened",
    "StrayReceiptClosed",
    "TaxAmount",
]

MAX_MINOR: Final = 10**15
"""Ten trillion whole units: above any sale, below 2^53 so that no reader of JSON loses a digit."""

Minor = Annotated[int, Field(strict=True, ge=0, le=MAX_MINOR)]
SignedMinor = Annotated[int, Field(strict=True, ge=-MAX_MINOR, le=MAX_MINOR)]
UnitPrice = Annotated[int, Field(strict=True, ge=0, le=MAX_MINOR)]
QuantityMilli = Annotated[int, Field(strict=True, gt=0, le=10**12)]
Rate = Annotated[int, Field(strict=True, ge=0, le=10_000)]
CurrencyCode = Annotated[str, Field(pattern="^(" + "|".join(CURRENCIES) + ")$")]
TaxCode = Annotated[str, Field(pattern=r"^[A-Z]$")]
Text = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(min_length=1, max_length=200)]


class Payload(BaseModel):
    """Base of all payloads: unknown fields are kept, numbers are never coerced from strings or floats."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Approved(Payload):
    """An act that may need a second person."""

    approved_by: UUID | None = None
    """Who allowed it with a right that the operator lacks; None when the operator has the right."""


class PaymentForm(StrEnum):
    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    POINTS = "points"
    CERTIFICATE = "certificate"


class PriceSource(StrEnum):
    LIST = "list"
    CHANGED = "changed"
    """By hand at the till: right, reason and a fact of its own."""
    LABEL = "label"
    """From a price-embedded bar code."""


class ReceiptKind(StrEnum):
    SALE = "sale"
    RETURN = "return"


class ExternalReference(Payload):
    """The number that another system knows this sale by (imported or replayed sales)."""

    scheme: Annotated[str, Field(min_length=1, max_length=40)]
    number: Annotated[str, Field(min_length=1, max_length=60)]
    issued_on: date | None = None


class DiscountTaken(Approved):
    reason: Reason
    amount_minor: Minor


class SaleLine(Payload):
    """One line of a completed sale. amount = round(unit_price x quantity) - discounts, checked on arrival."""

    line_no: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    product_id: UUID
    product_code: Annotated[str, Field(min_length=1, max_length=60)]
    name: Text
    unit: Annotated[str, Field(min_length=1, max_length=12)]
    quantity_milli: QuantityMilli
    unit_price: UnitPrice
    price_source: PriceSource
    gross_minor: Minor
    discounts: tuple[DiscountTaken, ...] = ()
    amount_minor: Minor
    tax_code: TaxCode
    tax_rate: Rate
    tax_minor: Minor
    lot: Text | None = None
    expiry: date | None = None
    serials: tuple[Text, ...] = ()
    scan: Annotated[str, Field(max_length=4096)] | None = None
    """What the scanner delivered, raw."""

    @model_validator(mode="after")
    def _discounts_add_up(self) -> Self:
        if self.gross_minor - sum(discount.amount_minor for discount in self.discounts) != self.amount_minor:
            raise ValueError(f"line {self.line_no}: gross less discounts is not its amount")
        return self


class TaxAmount(Payload):
    code: TaxCode
    rate: Rate
    net_minor: Minor
    tax_minor: Minor
    gross_minor: Minor


class Payment(Payload):
    """One form of payment. amount_minor counts towards the sale; given and change belong to cash."""

    payment_id: UUID
    form: PaymentForm
    amount_minor: Minor
    given_minor: Minor
    change_minor: Minor = 0
    stated_by_person: bool = False
    """A card slip from a stand-alone terminal that the cashier confirmed."""
    reference: Text | None = None

    @model_validator(mode="after")
    def _change_is_what_is_over(self) -> Self:
        if self.given_minor - self.change_minor != self.amount_minor:
            raise ValueError("given less change is not the amount paid")
        return self


class AgeChecked(Payload):
    """Somebody has looked whether the customer is old enough. The birth date is written nowhere."""

    minimum_age: Annotated[int, Field(strict=True, ge=1, le=99)]
    checked_by: UUID
    checked_at: AwareDatetime


class SaleCompleted(Payload):
    """A paid sale. sum(lines) + exclusive tax = total; sum(payments) = total + rounding."""

    sale_id: UUID
    number: Annotated[str, Field(min_length=1, max_length=60)]
    """branch-till-shift-n, unique in the company."""
    currency: CurrencyCode
    opened_at: AwareDatetime
    lines: Annotated[tuple[SaleLine, ...], Field(min_length=1, max_length=10_000)]
    subtotal_minor: Minor
    discount_minor: Minor
    total_minor: Minor
    rounding_minor: SignedMinor = 0
    taxes: tuple[TaxAmount, ...]
    payments: tuple[Payment, ...]
    customer_id: UUID | None = None
    receipts: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 1
    """How many fiscal receipts it takes; 0 where the till has no register."""
    reference: ExternalReference | None = None
    age_check: AgeChecked | None = None
    """Of the strictest item; None where nothing in it has an age."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        lines = sum(line.amount_minor for line in self.lines)
        if self.subtotal_minor - self.discount_minor != lines:
            raise ValueError("subtotal less discount is not the sum of the lines")
        if sum(tax.gross_minor for tax in self.taxes) != self.total_minor:
            raise ValueError("tax groups do not add up to the total")
        if sum(tax.tax_minor for tax in self.taxes) != sum(line.tax_minor for line in self.lines):
            raise ValueError("tax of the lines is not tax of the groups")
        if sum(payment.amount_minor for payment in self.payments) != self.total_minor + self.rounding_minor:
            raise ValueError("payments are not the total")
        step = CURRENCIES[self.currency].line_step
        for line in self.lines:
            expected = line_amount(line.unit_price, line.quantity_milli, step)
            if line.price_source is not PriceSource.LABEL and line.gross_minor != expected:
                raise ValueError(f"line {line.line_no}: price x quantity is {expected}, not {line.gross_minor}")
        return self


class SaleCancelled(Approved):
    """A basket dropped before payment, with what was in it."""

    sale_id: UUID
    number: Annotated[str, Field(min_length=1, max_length=60)]
    currency: CurrencyCode
    reason: Reason
    line_count: Annotated[int, Field(strict=True, ge=0)]
    total_minor: Minor


class LineVoided(Approved):
    """A line taken out of an open basket."""

    sale_id: UUID
    line_no: Annotated[int, Field(strict=True, ge=1)]
    product_id: UUID
    product_code: Text
    name: Text
    quantity_milli: QuantityMilli
    amount_minor: Minor
    currency: CurrencyCode
    after_total: bool
    """True when the total had been shown to the customer before: the case security looks at first."""


class ReturnedLine(Payload):
    original_line_no: Annotated[int, Field(strict=True, ge=1)]
    product_id: UUID
    product_code: Text
    name: Text
    unit: Annotated[str, Field(min_length=1, max_length=12)]
    quantity_milli: QuantityMilli
    amount_minor: Minor
    tax_code: TaxCode
    tax_rate: Rate
    tax_minor: Minor
    reason: Reason
    sellable: bool
    """False puts the goods aside as problem goods."""
    lot: Text | None = None


class SaleReturned(Approved):
    """Goods back against a sale, money back by the forms it came by. Amounts are positive."""

    return_id: UUID
    number: Annotated[str, Field(min_length=1, max_length=60)]
    original_sale_id: UUID
    original_number: Text
    currency: CurrencyCode
    lines: Annotated[tuple[ReturnedLine, ...], Field(min_length=1, max_length=10_000)]
    total_minor: Minor
    rounding_minor: SignedMinor = 0
    taxes: tuple[TaxAmount, ...]
    refunds: tuple[Payment, ...]
    customer_id: UUID | None = None
    to_confirm: bool = False
    """The gateway did not know the sale (another branch's, offline): the cloud guards the quantity."""
    receipts: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 1
    """How many fiscal receipts give it back; 0 without a register, and for what was never printed."""
    reference: ExternalReference | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if sum(tax.gross_minor for tax in self.taxes) != self.total_minor:
            raise ValueError("tax groups do not add up to the total")
        if sum(refund.amount_minor for refund in self.refunds) != self.total_minor + self.rounding_minor:
            raise ValueError("refunds are not the total")
        return self


class _Receipt(Payload):
    receipt_id: UUID
    of_id: UUID
    """The sale or return it belongs to."""
    kind: ReceiptKind
    part: Annotated[int, Field(strict=True, ge=1)]
    parts: Annotated[int, Field(strict=True, ge=1)]
    currency: CurrencyCode
    total_minor: Minor
    register_serial: Text


class ReceiptFiscalised(_Receipt):
    """The register printed it, and this is its number in fiscal memory."""

    document_no: Annotated[int, Field(strict=True, ge=0)]
    fiscal_memory_no: Text
    register_time: Annotated[str, Field(max_length=19)] | None = None
    """The register's own clock, local, without zone: YYYY-MM-DDTHH:MM:SS."""
    adopted: bool = False
    """True when the outcome had been unknown and the register was asked."""


class ReceiptRefused(_Receipt):
    """The register would not print it and a person must look. Nothing was printed."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{3}$")]
    maker_code: Text | None = None


class ReceiptOutcomeUnknown(_Receipt):
    """The register has not said whether it printed; it is being asked."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{3}-5\d{2}$")]


class StrayReceiptClosed(Payload):
    """A document that stood open in a register with a payment, and was none of ours, was completed by a person.

    Its turnover is in the register's day and in no sale: the sum is given back there by hand.
    """

    document_no: Annotated[int, Field(strict=True, ge=0)]
    register_serial: Text
    fiscal_memory_no: Text
    total_minor: Minor
    currency: CurrencyCode


class ShiftOpened(Payload):
    shift_id: UUID
    number: Annotated[int, Field(strict=True, ge=1)]
    currency: CurrencyCode
    float_minor: Minor


class CashPieces(Payload):
    """So many notes or coins of one value."""

    value_minor: Annotated[int, Field(strict=True, gt=0, le=MAX_MINOR)]
    count: Annotated[int, Field(strict=True, gt=0, le=1_000_000)]


class ShiftClosed(Payload):
    """The blind count beside what the till expected, and the register's closing report."""

    shift_id: UUID
    number: Annotated[int, Field(strict=True, ge=1)]
    currency: CurrencyCode
    opened_at: AwareDatetime
    sales: Annotated[int, Field(strict=True, ge=0)]
    returns: Annotated[int, Field(strict=True, ge=0)]
    sold_minor: Minor
    """Before the rounding of cash, as the register counts; so is returned_minor."""
    returned_minor: Minor
    rounding_minor: SignedMinor | None = None
    """What rounding cash has put into the drawer (> 0) or kept out of it; expected_cash_minor contains it."""
    expected_cash_minor: SignedMinor
    counted_cash_minor: Minor
    expected_card_minor: SignedMinor
    counted_card_minor: Minor
    difference_minor: SignedMinor
    """Counted less expected, cash and card."""
    counted_pieces: tuple[CashPieces, ...] | None = None
    """How counted_cash_minor was made up; None when only the sum was stated."""
    closure_no: Annotated[int, Field(strict=True, ge=0)] | None = None
    register_serial: Text | None = None
    register_turnover_minor: SignedMinor | None = None


class CashMovement(StrEnum):
    IN = "in"
    OUT = "out"


class CashMoved(Approved):
    """Cash in or out of the drawer without a sale."""

    movement_id: UUID
    direction: CashMovement
    amount_minor: Annotated[int, Field(strict=True, gt=0, le=MAX_MINOR)]
    currency: CurrencyCode
    reason: Reason


class DrawerOpened(Approved):
    """The drawer was opened without a sale."""

    reason: Reason


class PriceChanged(Approved):
    """A price set by hand on one line of one sale."""

    sale_id: UUID
    line_no: Annotated[int, Field(strict=True, ge=1)]
    product_id: UUID
    product_code: Text
    currency: CurrencyCode
    old_unit_price: UnitPrice
    new_unit_price: UnitPrice
    quantity_milli: QuantityMilli
    reason: Reason


class CustomerEnrolled(Payload):
    """A customer was given a card at a till. Head office gives the number and settles who is who."""

    customer_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=200)]
    phone: Annotated[str, Field(min_length=1, max_length=32)]
    """As it was typed, digits with or without the country."""
    consent: bool
    """Whether the customer agreed to be written to; without it the card only serves to recognise them."""
    language: Annotated[str, Field(max_length=8)] | None = None
    """In which the consent was read."""


class ScanProblem(StrEnum):
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    MISREAD = "misread"
    TOO_LONG = "too_long"


class ScanUnresolved(Payload):
    """A scan that made no line. Head office reads these as demand to fix."""

    problem: ScanProblem
    raw: Annotated[str, Field(max_length=4096)]
    symbology: Text | None = None


class DeviceHealth(StrEnum):
    """The device itself; whether the link to head office works is another light."""

    OK = "ok"
    ATTENTION = "attention"
    STOPPED = "stopped"


class Condition(Payload):
    code: Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{3}$")]
    maker_code: Text | None = None


class DeviceState(Payload):
    """A device changed its state. Only changes are facts; heartbeats are not."""

    device_id: Name
    category: Text
    """UnifiedPOS class name: Scanner, FiscalPrinter, POSPrinter, CashDrawer ..."""
    health: DeviceHealth
    conditions: tuple[Condition, ...] = ()
    model: Text | None = None
    serial: Text | None = None
    firmware: Text | None = None


PAYLOADS: Final[Mapping[str, tuple[int, type[Payload]]]] = {
    "sale.completed": (1, SaleCompleted),
    "sale.cancelled": (1, SaleCancelled),
    "sale.line_voided": (1, LineVoided),
    "sale.returned": (1, SaleReturned),
    "sale.price_changed": (1, PriceChanged),
    "receipt.fiscalised": (1, ReceiptFiscalised),
    "receipt.refused": (1, ReceiptRefused),
    "receipt.outcome_unknown": (1, ReceiptOutcomeUnknown),
    "receipt.stray_closed": (1, StrayReceiptClosed),
    "shift.opened": (1, ShiftOpened),
    "shift.closed": (1, ShiftClosed),
    "cash.moved": (1, CashMoved),
    "customer.enrolled": (1, CustomerEnrolled),
    "drawer.opened": (1, DrawerOpened),
    "scan.unresolved": (1, ScanUnresolved),
    "device.state": (1, DeviceState),
}
"""Name of the fact -> its current major version and payload."""
