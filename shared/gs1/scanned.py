"""What one scan says, as plain facts. How they are read is in `interpreting`; what they name, only the till knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.gs1.elements import Element
from shared.gs1.symbologies import Symbology

__all__ = ["Amount", "Marking", "Problem", "Scanned", "ScannedKind"]


class ScannedKind(StrEnum):
    GTIN = "gtin"
    IN_STORE = "in_store"
    """An own label: item code with weight, price or pieces."""
    GS1 = "gs1"
    """Element string, goods marking included."""
    DIGITAL_LINK = "digital_link"
    TEXT = "text"
    """Anything else: article, card, badge, receipt, address."""
    MISREAD = "misread"
    """Damaged. Without an AIM identifier the text may still be a card or an article: look it up before asking again."""


class Marking(StrEnum):
    """Goods marking of the Eurasian union; the fiscal register is given `text` with its separators."""

    GOODS = "goods"
    TOBACCO = "tobacco"


@dataclass(frozen=True)
class Problem:
    """SCN-102 part of an element string is unknown, the rest is used · SCN-301 misread, scan again ·
    SCN-401 longer than any symbol · SCN-402 an own label that says nothing was weighed.

    parameters: facts for the message, named in docs/errors.
    """

    code: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Amount:
    """A price as GS1 carries it: value x 10^-decimals, currency as ISO 4217 digits when told."""

    value: int
    decimals: int
    currency: str | None = None


@dataclass(frozen=True)
class Scanned:
    """One scan, read. Facts that the symbol does not carry are None."""

    kind: ScannedKind
    raw: str
    """As delivered, at most 4,096 characters."""
    text: str
    """The data alone: without AIM identifier and leading FNC1, separators kept."""
    symbology: Symbology | None = None
    problem: Problem | None = None
    gtin14: str | None = None
    candidates: tuple[str, ...] = ()
    """All GTINs these digits can be, likeliest first: eight digits may be a GTIN-8 and a UPC-E at once."""
    elements: tuple[Element, ...] = ()
    gs_missing: bool = False
    sscc: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    """Last day of use (17, else the date of 7003)."""
    best_before: date | None = None
    production: date | None = None
    weight_g: int | None = None
    """Net, rounded half away from zero to the gram."""
    count: int | None = None
    """Pieces."""
    amount: Amount | None = None
    """Price of this pack as GS1 says it (392n, 393n)."""
    item_code: str | None = None
    """Item of an in-store label, leading zeros kept."""
    price_minor: int | None = None
    """Price of an in-store label."""
    template: str | None = None
    add_on: str | None = None
    """The two or five digits beside a magazine's EAN-13."""
    marking: Marking | None = None

    @property
    def is_misread(self) -> bool:
        return self.kind is ScannedKind.MISREAD
