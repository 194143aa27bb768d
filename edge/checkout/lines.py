"""What a line of a basket is: a product as it was when it was added, a quantity, a price, a discount. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from shared.errors import PermanentError
from shared.events import PriceSource

__all__ = [
    "MAX_LINES",
    "MAX_QUANTITY_MILLI",
    "MAX_UNIT_PRICE",
    "AgeCheck",
    "BasketError",
    "CustomerSnapshot",
    "Line",
    "LineDiscount",
    "ProductSnapshot",
    "TaxSnapshot",
]

MAX_LINES: Final = 10_000
"""`sale.completed` carries no more; the largest real invoice we have seen has 1,114."""
MAX_QUANTITY_MILLI: Final = 10**9
"""A million pieces; a longer number is a bar code typed into the quantity."""
MAX_UNIT_PRICE: Final = 10**13
"""Ten million whole units: with MAX_QUANTITY_MILLI a line still stays below the largest sum that travels."""


class BasketError(PermanentError):
    """SAL-404 no such line, SAL-405 the line is voided, SAL-411 full; out of range: SAL-406 quantity, SAL-407 price,
    SAL-408 discount."""


@dataclass(frozen=True, slots=True)
class TaxSnapshot:
    """The tax table's row in force when the line was made. rate in 1/10,000."""

    code: str
    rate: int
    inclusive: bool = True


@dataclass(frozen=True, slots=True)
class ProductSnapshot:
    """What a line must know of its product for ever."""

    product_id: UUID
    code: str
    name: str
    unit: str
    tax: TaxSnapshot
    minimum_age: int | None = None
    """Years a customer must have reached."""


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """Taken off one line: a share (1/10,000) or an amount (minor units), with the reason that stands on the receipt."""

    reason: str
    rate: int = 0
    amount_minor: int = 0
    approved_by: UUID | None = None
    """The second person who allowed it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `id` is the operation that made it, `no` its place for ever: a voided line keeps its number."""

    id: str
    no: int
    product: ProductSnapshot
    quantity_milli: int
    unit_price: int
    price_source: PriceSource = PriceSource.LIST
    discount: LineDiscount | None = None
    voided: bool = False
    from_label: bool = False
    """From a weight or price label: one pack, never merged."""
    scan: str | None = None
    lot: str | None = None
    expiry: date | None = None
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgeCheck:
    """Who has looked at the customer's document, when, and for which age: never the birth date."""

    minimum_age: int
    checked_by: UUID
    checked_at: str
    """UTC, ISO 8601."""


@dataclass(frozen=True, slots=True)
class CustomerSnapshot:
    customer_id: UUID
    number: str
    name: str
