"""What the sales endpoints answer. Money is minor units of `currency`, quantities thousandths."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

__all__ = [
    "CancelledShown",
    "PaymentShown",
    "ReceiptShown",
    "ReturnDetail",
    "ReturnLineShown",
    "ReturnShown",
    "SaleDetail",
    "SaleLineShown",
    "SaleShown",
    "ShiftShown",
    "TaxShown",
]


class _Document(BaseModel):
    id: UUID
    number: str
    branch: str
    till: str | None
    shift: UUID | None
    businessdate: date
    at: AwareDatetime
    operator: UUID | None
    operator_name: str | None
    currency: str
    total_minor: int
    tax_minor: int
    rounding_minor: int
    line_count: int
    receipt_count: int
    receipt_state: str | None = Field(description="The worst of its receipts: unknown, refused, fiscalised.")
    customer_id: UUID | None
    reference_scheme: str | None
    reference_number: str | None
    reference_date: date | None


class SaleShown(_Document):
    """A paid sale. total_minor is before cash rounding."""

    subtotal_minor: int
    discount_minor: int


class ReturnShown(_Document):
    """Goods back against a sale. Amounts are positive."""

    sale_id: UUID
    sale_number: str
    is_to_confirm: bool


class SaleLineShown(BaseModel):
    line_no: int
    product_id: UUID
    product_code: str
    name: str
    unit: str
    quantity_milli: int
    unit_price: int
    price_source: str
    gross_minor: int
    discount_minor: int
    amount_minor: int
    tax_code: str
    tax_rate: int
    tax_minor: int
    lot: str | None
    expiry: date | None
    scan: str | None


class ReturnLineShown(BaseModel):
    position: int
    sale_line_no: int
    product_id: UUID
    product_code: str
    name: str
    unit: str
    quantity_milli: int
    amount_minor: int
    tax_code: str
    tax_rate: int
    tax_minor: int
    reason: str
    is_sellable: bool


class TaxShown(BaseModel):
    code: str
    rate: int
    net_minor: int
    tax_minor: int
    gross_minor: int


class PaymentShown(BaseModel):
    form: str
    amount_minor: int
    given_minor: int
    change_minor: int
    is_stated_by_person: bool
    reference: str | None


class ReceiptShown(BaseModel):
    """What a register said of one printed, refused or doubtful receipt."""

    id: UUID
    of_id: UUID
    kind: str
    part: int
    parts: int
    branch: str
    till: str | None
    at: AwareDatetime
    currency: str
    total_minor: int
    state: str
    register_serial: str
    document_no: int | None
    fiscal_memory_no: str | None
    register_time: str | None
    is_adopted: bool
    code: str | None
    maker_code: str | None


class ReturnDetail(ReturnShown):
    lines: list[ReturnLineShown]
    taxes: list[TaxShown]
    payments: list[PaymentShown]
    receipts: list[ReceiptShown]


class SaleDetail(SaleShown):
    lines: list[SaleLineShown]
    taxes: list[TaxShown]
    payments: list[PaymentShown]
    receipts: list[ReceiptShown]
    returns: list[ReturnShown]


class ShiftShown(BaseModel):
    """The blind count beside what the till expected, and the register's closing report."""

    id: UUID
    branch: str
    till: str | None
    number: int
    currency: str
    businessdate: date
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None
    float_minor: int | None
    sale_count: int | None
    return_count: int | None
    sold_minor: int | None
    returned_minor: int | None
    expected_cash_minor: int | None
    counted_cash_minor: int | None
    expected_card_minor: int | None
    counted_card_minor: int | None
    difference_minor: int | None
    closure_no: int | None
    register_serial: str | None
    register_turnover_minor: int | None


class CancelledShown(BaseModel):
    """A basket that was dropped before payment."""

    event_id: UUID
    number: str
    branch: str
    till: str | None
    at: AwareDatetime
    operator: UUID | None
    currency: str
    reason: str
    line_count: int
    total_minor: int
