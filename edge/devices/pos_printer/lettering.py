"""Lines of text drawn as dots, for scripts that a printer's code pages lack. Fonts are the system's.

Every letter stands in its own cell, so drawn lines keep the columns of printed ones. A letter that no font has is
drawn as a box with its number, never as a question mark, and reported.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from edge.receipts.cells import cells

__all__ = ["Lettering", "system_fonts"]

_FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_REGULAR: Final = (
    "DejaVuSansMono.ttf",
    "NotoSansMono-Regular.ttf",
    "NotoSansArmenian-Regular.ttf",
    "NotoSansGeorgian-Regular.ttf",
    "NotoSans-Regular.ttf",
    "DejaVuSans.ttf",
    "NotoSansSymbols-Regular.ttf",
    "NotoSansSymbols2-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
)
_BOLD: Final = (
    "DejaVuSansMono-Bold.ttf",
    "NotoSansMono-Bold.ttf",
    "NotoSansArmenian-Bold.ttf",
    "NotoSansGeorgian-Bold.ttf",
    "NotoSans-Bold.ttf",
)
_ADVANCE_OF_EM: Final = 0.602
"""DejaVu Sans Mono: width of every letter. The size is chosen so that it fills the cell."""
_BASELINE: Final = 0.65
"""Of a line's height: where printers put the base line of their own letters, so drawn and printed lines pace alike."""
_CAPITAL: Final = 0.48
"""Of a line's height: how high capital letters are."""
_MARK_GAP: Final = 1 / 18
"""Of the letter width: between a letter and the tone mark above or the dot below it."""
_INK: Final = 112
"""Of 255: a dot burns when this much of it is covered. Lower is fatter."""
_NOWHERE: Final = "\U0010fffd"
_SHARPER: Final = 2
"""Letters are drawn this many times larger and then reduced: even stems at small sizes."""

_BELOW: Final = frozenset((202, 218, 220, 222))
"""Unicode combining classes of marks that stand below their letter."""

_Strokes = tuple[tuple[tuple[float, float], ...], ...]
_SIGNS: Final[Mapping[str, _Strokes]] = {
    "֏": (
        ((0.10, 0.28), (0.22, 0.06), (0.45, 0.02), (0.60, 0.18), (0.62, 1.00)),
        ((0.25, 0.50), (0.95, 0.50)),
        ((0.25, 0.74), (0.95, 0.74)),
    ),
    "₾": (
        (
            (0.90, 1.00),
            (0.36, 1.00),
            (0.12, 0.72),
            (0.15, 0.42),
            (0.38, 0.24),
            (0.62, 0.24),
            (0.85, 0.42),
            (0.88, 0.66),
        ),
        ((0.40, 0.00), (0.40, 0.54)),
        ((0.62, 0.00), (0.62, 0.54)),
    ),
    "₼": (
        ((0.08, 1.00), (0.08, 0.62), (0.24, 0.36), (0.50, 0.28), (0.76, 0.36), (0.92, 0.62), (0.92, 1.00)),
        ((0.50, 0.00), (0.50, 1.00)),
    ),
    "₸": (((0.08, 0.02), (0.92, 0.02)), ((0.08, 0.26), (0.92, 0.26)), ((0.50, 0.26), (0.50, 1.00))),
    "₽": (
        ((0.26, 1.00), (0.26, 0.00), (0.66, 0.00), (0.86, 0.14), (0.86, 0.44), (0.66, 0.58), (0.06, 0.58)),
        ((0.06, 0.80), (0.62, 0.80)),
    ),
}
"""Currency signs that the font carried with the program lacks; used only when no system font has them.

Across the cell from 0 to 1, down from the top of a capital letter (0) to the base line (1)."""


@cache
def system_fonts(*, bold: bool) -> tuple[Path, ...]:
    """Fonts in the order in which letters are looked for. python-barcode carries the last one: there is always one."""
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        found |= {path.name: path for path in folder.rglob("*.tt?")} if folder.is_dir() else {}
    names = (*_BOLD, *_REGULAR) if bold else _REGULAR
    carried = importlib.util.find_spec("barcode")
    places = (carried.submodule_search_locations or []) if carried else []
    own = [path for place in places for path in Path(place).glob("fonts/DejaVuSansMono.ttf")]
    return (*(found[name] for name in names if name in found), *own)


class Lettering:
    """Draws lines. `regular` and `bold` are font files in order of preference.

    cell: width and height of a normal letter; line_dots: height of a normal line with its leading.
    """

    def __init__(
        self,
        cell: tuple[int, int],
        line_dots: int,
        *,
        regular: Sequence[Path] | None = None,
        bold: Sequence[Path] | None = None,
    ) -> None:
        self._cell = cell
        self._line_dots = line_dots
        self._regular = tuple(regular if regular is not None else system_fonts(bold=False))
        self._bold = tuple(bold if bold is not None else system_fonts(bold=True))
        self._letters: dict[tuple[str, int, int, bool], Image.Image] = {}
        self.unknown: set[str] = set()
        """Letters asked for that no font has."""

    def draw(self, text: str, *, wide: int, tall: int, bold: bool, reverse: bool) -> Image.Image:
        """One line as ink (1) on nothing (0): cell width * wide for each column, line height * tall."""
        placed = list(cells(text))
        width = sum(columns for _, columns in placed) * self._cell[0] * wide
        line = Image.new("1", (max(1, width), self._line_dots * tall))
        x = 0
        for letter, columns in placed:
            if letter != " ":
                line.paste(1, (x, 0), self._letter(letter, columns * wide, tall, bold))
            x += columns * self._cell[0] * wide
        return line.point(lambda dot: 0 if dot else 255) if reverse else line

    def _letter(self, letter: str, wide: int, tall: int, bold: bool) -> Image.Image:
        key = (letter, wide, tall, bold)
        if key not in self._letters:
            self._letters[key] = self._drawn(letter, wide, tall, bold)
        return self._letters[key]

    def _drawn(self, letter: str, wide: int, tall: int, bold: bool) -> Image.Image:
        size = (self._cell[0] * wide, self._line_dots * tall)
        path = _first_with(letter, self._bold if bold else self._regular)
        if path is None:
            strokes = _SIGNS.get(letter)
            if strokes is not None:
                return _stroked(strokes, size, bold=bold)
            self.unknown.add(letter)
            return _numbered_box(letter, size)
        font = _font(path, round(self._cell[0] * tall / _ADVANCE_OF_EM * _SHARPER))
        stroke = _SHARPER // 2 if bold and path not in self._bold_only() else 0
        large = _with_marks(letter, font, (size[0] * _SHARPER, size[1] * _SHARPER), stroke)
        level = large.resize(size, Image.Resampling.LANCZOS)
        return level.point(lambda value: 255 if value >= _INK else 0).convert("1")

    def _bold_only(self) -> frozenset[Path]:
        """Fonts that are bold by themselves; others are made bold by thicker strokes."""
        return frozenset(self._bold) - frozenset(self._regular)


@cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    # Each letter and each mark is drawn by itself; a shaping engine would put a dotted circle under a lone mark.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _missing(path: Path) -> tuple[tuple[int, int], bytes]:
    mask = _font(path, 24).getmask(_NOWHERE)
    return mask.size, bytes(mask)


@cache
def _has(path: Path, letter: str) -> bool:
    """Whether the font draws every part of it: what it lacks looks like a letter that nobody has."""
    masks = (_font(path, 24).getmask(part) for part in letter)
    return all((mask.size, bytes(mask)) != _missing(path) for mask in masks)


def _with_marks(letter: str, font: ImageFont.FreeTypeFont, size: tuple[int, int], stroke: int) -> Image.Image:
    """The letter in a cell of at least `size`, wider when it is; its marks placed by us.

    Fonts of fixed width put a combining mark into the next column, where it would be lost.
    """
    advance = font.getlength(letter[0])
    image = Image.new("L", (max(round(advance), size[0]), size[1]))
    baseline = size[1] * _BASELINE
    left = (image.width - advance) / 2
    ImageDraw.Draw(image).text((left, baseline), letter[0], fill=255, font=font, anchor="ls", stroke_width=stroke)
    for mark in letter[1:]:
        _place_mark(image, mark, font, stroke)
    return image


def _place_mark(image: Image.Image, mark: str, font: ImageFont.FreeTypeFont, stroke: int) -> None:
    """Above or below what is drawn so far, centred on it; never outside the cell."""
    room = Image.new("L", (image.width * 3, image.height * 3))
    ImageDraw.Draw(room).text(
        (image.width, image.height * 2), mark, fill=255, font=font, anchor="ls", stroke_width=stroke
    )
    shape, drawn = room.getbbox(), image.getbbox()
    if shape is None or drawn is None:
        return
    ink = room.crop(shape)
    gap = max(1, round(image.width * _MARK_GAP))
    x = (drawn[0] + drawn[2] - ink.width) // 2
    if unicodedata.combining(mark) in _BELOW:
        y = min(drawn[3] + gap, image.height - ink.height)
    else:
        y = max(0, drawn[1] - gap - ink.height)
    image.paste(255, (x, y), ink)


def _first_with(letter: str, fonts: Sequence[Path]) -> Path | None:
    return next((path for path in fonts if _has(path, letter)), None)


def _stroked(strokes: _Strokes, size: tuple[int, int], *, bold: bool) -> Image.Image:
    image = Image.new("1", size)
    draw = ImageDraw.Draw(image)
    thick = max(1, size[0] // 9) + (1 if bold else 0)
    top, base = size[1] * (_BASELINE - _CAPITAL), size[1] * _BASELINE
    for stroke in strokes:
        points = [(1 + x * (size[0] - 3), top + y * (base - top)) for x, y in stroke]
        draw.line(points, fill=1, width=thick, joint="curve")
    return image


def _numbered_box(letter: str, size: tuple[int, int]) -> Image.Image:
    image = Image.new("1", size)
    draw = ImageDraw.Draw(image)
    top, bottom = size[1] // 8, size[1] * 7 // 8
    draw.rectangle((0, top, size[0] - 2, bottom), outline=1)
    digits = f"{ord(letter[0]):04X}"
    rows = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    height = (bottom - top - 2) // len(rows)
    small = ImageFont.load_default(max(6, min(height, (size[0] - 3) * 4 // 5)))
    for number, row in enumerate(rows):
        draw.text((size[0] // 2 - 1, top + 1 + height * number + height // 2), row, fill=1, font=small, anchor="mm")
    return image
