"""The shape of what head office sends: one page of changes. What does not fit is refused before anything is written."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from shared.events import TaxCode, UnitPrice

__all__ = ["BarcodeRow", "Changes", "CustomerRow", "Delta", "OperatorRow", "PriceRow", "ProductRow", "TaxRow"]

Line = Annotated[str, Field(max_length=200)]
Key = Annotated[str, Field(min_length=1, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class ProductGone(_Part):
    id: UUID
    deleted: Literal[True]


class ProductRow(_Part):
    id: UUID
    code: Key
    name: Line
    unit: Annotated[str, Field(min_length=1, max_length=12)]
    tax_code: TaxCode
    minimum_age: Annotated[int, Field(strict=True, ge=1, le=99)] | None = None
    """Years a customer must have reached; None sells to anybody."""


class BarcodeGone(_Part):
    barcode: Key
    deleted: Literal[True]


class BarcodeRow(_Part):
    barcode: Key
    product_id: UUID
    quantity_milli: Annotated[int, Field(strict=True, gt=0)] = 1_000


class PriceGone(_Part):
    product_id: UUID
    valid_from: date
    deleted: Literal[True]


class PriceRow(_Part):
    product_id: UUID
    valid_from: date
    unit_price: UnitPrice


class CustomerGone(_Part):
    id: UUID
    deleted: Literal[True]


class CustomerRow(_Part):
    id: UUID
    number: Line
    name: Line
    phone: Line | None = None
    cards: tuple[Key, ...] = ()


class OperatorGone(_Part):
    id: UUID
    deleted: Literal[True]


class OperatorRow(_Part):
    id: UUID
    name: Line
    pin: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """argon2id of the PIN, hexadecimal."""
    badges: tuple[Key, ...] = ()
    rights: tuple[Key, ...] = ()


class TaxRow(_Part):
    code: TaxCode
    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    valid_from: date
    inclusive: bool


def _kind(row: Any) -> str:
    return "gone" if isinstance(row, dict) and row.get("deleted") else "row"


Gone = TypeVar("Gone")
Row = TypeVar("Row")
_Change = Annotated[Annotated[Gone, Tag("gone")] | Annotated[Row, Tag("row")], Discriminator(_kind)]


class Changes(_Part):
    """Rows by their key (barcode; product and day; letter and day; else id), new, changed or deleted."""

    products: tuple[_Change[ProductGone, ProductRow], ...] = ()
    barcodes: tuple[_Change[BarcodeGone, BarcodeRow], ...] = ()
    prices: tuple[_Change[PriceGone, PriceRow], ...] = ()
    customers: tuple[_Change[CustomerGone, CustomerRow], ...] = ()
    operators: tuple[_Change[OperatorGone, OperatorRow], ...] = ()
    taxes: tuple[TaxRow, ...] = ()
    settings: dict[str, Any] = {}
    """A value of null takes the setting away."""


class Delta(_Part):
    """Everything that changed in (since, version]. Not complete: there is more after version."""

    since: Annotated[int, Field(strict=True, ge=0)]
    version: Annotated[int, Field(strict=True, ge=0)]
    complete: bool
    changes: Changes
