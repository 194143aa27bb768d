"""The elements of a printed document, before any column is counted. A driver and the preview both read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from edge.receipts.words import ENGLISH, say

__all__ = [
    "Align",
    "BarCode",
    "Columns",
    "Cut",
    "Document",
    "Element",
    "Feed",
    "Item",
    "Items",
    "Note",
    "Picture",
    "QrCode",
    "Rule",
    "RuleStyle",
    "Size",
    "Text",
    "as_copy",
]


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Size(StrEnum):
    """How large letters are wished; smaller is taken where the words would not fit."""

    NORMAL = "normal"
    TALL = "tall"
    LARGE = "large"

    @property
    def times(self) -> tuple[int, int]:
        """Width and height, in normal letters."""
        return {Size.NORMAL: (1, 1), Size.TALL: (1, 2), Size.LARGE: (2, 2)}[self]


class RuleStyle(StrEnum):
    THIN = "thin"
    THICK = "thick"
    DASHED = "dashed"


@dataclass(frozen=True)
class Text:
    """A paragraph; long lines wrap."""

    text: str
    align: Align = Align.LEFT
    size: Size = Size.NORMAL
    bold: bool = False
    reverse: bool = False
    """White on black."""


@dataclass(frozen=True)
class Columns:
    """Words on the left, a value at the right edge. The value is never cut."""

    left: str
    right: str
    size: Size = Size.NORMAL
    bold: bool = False


@dataclass(frozen=True)
class Note:
    """Under an item: a discount with its reason, a lot, a serial number."""

    text: str
    amount: str = ""


@dataclass(frozen=True)
class Item:
    name: str
    detail: str
    """Quantity and price; empty for one piece, where both say the same as the amount."""
    amount: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Items:
    """Lines of goods; their details and amounts stand under each other."""

    rows: tuple[Item, ...]


@dataclass(frozen=True)
class Rule:
    style: RuleStyle = RuleStyle.THIN


@dataclass(frozen=True)
class BarCode:
    """Code 128 of printable ASCII, centred, readable text below."""

    data: str


@dataclass(frozen=True)
class QrCode:
    data: str


@dataclass(frozen=True)
class Picture:
    """A logo: rows from the top, most significant bit left, 1 = black; each row begins a new byte. Centred."""

    width_dots: int
    height_dots: int
    bits: bytes


@dataclass(frozen=True)
class Feed:
    lines: int = 1


@dataclass(frozen=True)
class Cut:
    """End of the paper: fed out and cut, or torn where the printer has no blade."""


Element = Text | Columns | Items | Rule | BarCode | QrCode | Picture | Feed | Cut


@dataclass(frozen=True)
class Document:
    elements: tuple[Element, ...]


def as_copy(document: Document, words: Mapping[str, str] = ENGLISH) -> Document:
    """The same document under a heading that says it is a copy: nobody can take it for the first one."""
    heading = Text(say(words, "receipt.copy"), Align.CENTER, Size.LARGE, bold=True, reverse=True)
    return replace(document, elements=(heading, Feed(1), *document.elements))
