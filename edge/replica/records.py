"""What the till gets from the replica: plain frozen records. No SQL, no rules."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

__all__ = ["Customer", "Found", "Operator", "Product"]


@dataclass(frozen=True)
class Product:
    """A product with the price in force on the day that was asked for."""

    id: UUID
    code: str
    name: str
    unit: str
    tax_code: str
    unit_price: int | None
    """1/10,000 minor units of `currency`; None when no price is in force yet."""
    currency: str
    barcodes: tuple[str, ...]
    minimum_age: int | None = None
    """Years; None sells to anybody."""


@dataclass(frozen=True)
class Found:
    """A product that a code names, and how much of it one such code stands for (a case of 12 is 12,000)."""

    product: Product
    quantity_milli: int
    barcode: str | None
    """The catalogue's barcode; None when the article's own code was given."""


@dataclass(frozen=True)
class Customer:
    id: UUID
    number: str
    name: str
    phone: str | None
    cards: tuple[str, ...]


@dataclass(frozen=True)
class Operator:
    id: UUID
    name: str
    rights: frozenset[str]
    """As head office last said; `Replica.rights_of` says what still holds when that is long ago."""
