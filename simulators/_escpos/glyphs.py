"""The printer's built-in letters: every character as a bitmap of true dots.

Drawn from fonts of the system, found at run time (DejaVu Sans Mono, then Noto for what it lacks, then the DejaVu
that python-barcode carries, then Pillow's own); a character nobody has is a box with its number in it.
"""

from __future__ import annotations

import importlib.util
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

__all__ = ["FONT_A", "FONT_B", "glyph"]

FONT_A: Final = (12, 24)
FONT_B: Final = (9, 17)

_FONTS: Final = Path("/usr/share/fonts")
_PREFERRED: Final = (
    "DejaVuSansMono.ttf",
    "LiberationMono-Regular.ttf",
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansArmenian-Regular.ttf",
    "NotoSansGeorgian-Regular.ttf",
    "NotoSansSymbols-Regular.ttf",
    "NotoSansSymbols2-Regular.ttf",
    "NotoNaskhArabic-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
)
_INK_THRESHOLD: Final = 120
"""Of 255: a dot is printed when at least this much of it is covered."""
_EM_OF_CELL: Final = 20 / 24
"""DejaVu Sans Mono at 20 dots advances 12: the cell of font A."""
_NOWHERE: Final = "\U0010fffd"

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def _paths() -> tuple[Path, ...]:
    found = {path.name: path for path in _FONTS.rglob("*.tt?")} if _FONTS.is_dir() else {}
    chosen = [found[name] for name in _PREFERRED if name in found]
    carried = importlib.util.find_spec("barcode")
    for place in (carried.submodule_search_locations or ()) if carried else ():
        chosen += Path(place).glob("fonts/DejaVuSansMono.ttf")
    return tuple(chosen)


@cache
def _fonts(size: int) -> tuple[_Font, ...]:
    fonts: list[_Font] = [ImageFont.truetype(path, size) for path in _paths()]
    return (*fonts, ImageFont.load_default(size))


@cache
def _missing(font: _Font) -> tuple[tuple[int, int], bytes]:
    """What the font shows for a character it lacks."""
    mask = font.getmask(_NOWHERE)
    return mask.size, bytes(mask)


@lru_cache(maxsize=65_536)
def _covers(font: _Font, letter: str) -> bool:
    mask = font.getmask(letter)
    return (mask.size, bytes(mask)) != _missing(font)


@lru_cache(maxsize=16_384)
def glyph(letter: str, cell: tuple[int, int], bold: bool) -> Image.Image:
    """The letter as ink (1) on nothing (0), in a cell of width x height dots."""
    width, height = cell
    image = Image.new("L", cell)
    fonts = _fonts(round(height * _EM_OF_CELL + (1 if height < FONT_A[1] else 0)))
    font = next((candidate for candidate in fonts if _covers(candidate, letter)), None)
    if font is None:
        return _numbered_box(letter, cell)
    draw = ImageDraw.Draw(image)
    advance = font.getlength(letter)
    baseline = round(height * 19 / 24)
    if advance <= width + 1:
        draw.text((round((width - advance) / 2), baseline), letter, fill=255, font=font, anchor="ls")
    else:
        _squeezed(image, letter, font, baseline)
    ink = image.point(lambda level: 255 if level >= _INK_THRESHOLD else 0).convert("1")
    return _emboldened(ink) if bold else ink


def _squeezed(image: Image.Image, letter: str, font: _Font, baseline: int) -> None:
    """Letters of a proportional font that are wider than the cell are narrowed to it."""
    wide = Image.new("L", (max(1, round(font.getlength(letter))), image.height))
    ImageDraw.Draw(wide).text((0, baseline), letter, fill=255, font=font, anchor="ls")
    image.paste(wide.resize(image.size), (0, 0))


def _emboldened(ink: Image.Image) -> Image.Image:
    """Emphasis as the mechanism does it: printed again one dot to the right."""
    twice = ink.copy()
    twice.paste(1, (1, 0), ink)
    return twice


def _numbered_box(letter: str, cell: tuple[int, int]) -> Image.Image:
    image = Image.new("1", cell)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 2, cell[0] - 2, cell[1] - 3), outline=1)
    digits = f"{ord(letter[0]):04X}"
    small = ImageFont.load_default(8)
    for row, pair in enumerate((digits[:2], digits[2:4])):
        draw.text((1, 2 + row * (cell[1] // 2 - 3)), pair, fill=1, font=small)
    return image
