"""The line under construction: characters and small pictures at their dots, until it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

from simulators._escpos.glyphs import FONT_A, FONT_B, glyph
from simulators._escpos.paper import Span, TextLine

__all__ = ["LineBuffer", "Style"]

_ALIGNMENTS = ("left", "center", "right")


@dataclass(frozen=True, slots=True)
class Style:
    """How the next character looks."""

    font: str = "A"
    bold: bool = False
    underline: int = 0
    width: int = 1
    height: int = 1
    reverse: bool = False
    rotated: bool = False
    spacing: int = 0
    """Blank dots right of each character, before widening."""

    @property
    def cell(self) -> tuple[int, int]:
        return FONT_A if self.font == "A" else FONT_B

    @property
    def column(self) -> int:
        """Dots from one character to the next."""
        cell = self.cell[1] if self.rotated else self.cell[0]
        return (cell + self.spacing) * self.width


@dataclass(slots=True)
class _Placed:
    x: int
    ink: Image.Image
    advance: int
    text: str
    style: Style | None
    """None for a picture."""


@dataclass
class LineBuffer:
    """Positions are dots from the left edge of the printing area."""

    cursor: int = 0
    _items: list[_Placed] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self._items

    @property
    def height(self) -> int:
        return max((item.ink.height for item in self._items), default=0)

    @property
    def width(self) -> int:
        return max((item.x + item.ink.width for item in self._items), default=0)

    @property
    def pictures(self) -> list[tuple[int, int]]:
        """Sizes of the pictures in this line."""
        return [item.ink.size for item in self._items if item.style is None]

    def clear(self) -> None:
        self._items.clear()
        self.cursor = 0

    def add_letter(self, letter: str, style: Style, *, is_wide: bool, drawn: Image.Image | None = None) -> None:
        """drawn: a user-defined character's own dots."""
        ink, advance = _letter_ink(letter, style, is_wide=is_wide, drawn=drawn)
        self._items.append(_Placed(self.cursor, ink, advance, letter, style))
        self.cursor += advance

    def add_picture(self, ink: Image.Image) -> None:
        self._items.append(_Placed(self.cursor, ink, ink.width, "", None))
        self.cursor += ink.width

    def picture(self, width: int) -> Image.Image:
        """Everything on one base line, clipped to `width` dots."""
        whole = Image.new("1", (max(1, min(width, self.width)), max(1, self.height)))
        for item in self._items:
            whole.paste(1, (item.x, self.height - item.ink.height), item.ink)
        return whole

    def words(self, *, align: int, left: int, upside_down: bool) -> TextLine | None:
        """The line as text, gaps filled with spaces; None when it holds only pictures. left: dots of indent."""
        letters = sorted((item for item in self._items if item.style is not None), key=lambda item: item.x)
        if not letters:
            return None
        runs: list[tuple[Style, list[str]]] = []
        end = first = letters[0].x
        for item in letters:
            style = item.style or Style()
            if not runs or runs[-1][0] != style:
                runs.append((style, []))
            blanks = round((item.x - end) / style.column) if item.x > end else 0
            runs[-1][1].append(" " * blanks + item.text)
            end = item.x + item.advance
        spans = tuple(_span("".join(texts), style) for style, texts in runs)
        text = "".join(span.text for span in spans)
        column = round((left + first) / runs[0][0].cell[0])
        return TextLine(text, _ALIGNMENTS[align], column, upside_down, spans)


def _span(text: str, style: Style) -> Span:
    return Span(
        text,
        style.font,
        style.bold,
        style.underline,
        style.width,
        style.height,
        style.reverse,
        style.rotated,
    )


def _letter_ink(letter: str, style: Style, *, is_wide: bool, drawn: Image.Image | None) -> tuple[Image.Image, int]:
    """The character's dots with underline, reverse and size, and how far it moves the cursor."""
    cell = (style.cell[1], style.cell[1]) if is_wide else style.cell
    shape = drawn if drawn is not None else glyph(letter, cell, style.bold)
    ink = Image.new("1", (cell[0] + style.spacing, cell[1]))
    ink.paste(shape, (0, 0))
    if style.underline and not style.rotated and not style.reverse:
        ink.paste(1, (0, cell[1] - style.underline, ink.width, cell[1]))
    if style.reverse:
        ink = ink.point(lambda dot: 0 if dot else 255)
    if style.rotated:
        ink = ink.transpose(Image.Transpose.ROTATE_270)
    if (style.width, style.height) != (1, 1):
        ink = ink.resize((ink.width * style.width, ink.height * style.height), Image.Resampling.NEAREST)
    return ink, ink.width
