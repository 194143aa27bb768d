"""Text measured in columns of a fixed-width printer: combining marks take none, East-Asian wide letters two.

Rule that never breaks: what leaves `clean` holds no control character, so no text can become a printer command.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

__all__ = ["cells", "clean", "column_width", "fit_left", "wrap"]

_NO_BREAK: Final = {"\u00a0", "\u202f", "\u2007"}
_ATTACHED: Final = {"Mn", "Me"}


def clean(text: str) -> str:
    """Composed letters (NFC), controls as spaces, invisible format characters gone."""
    kept = []
    for letter in unicodedata.normalize("NFC", text):
        category = unicodedata.category(letter)
        if category in ("Cc", "Zl", "Zp"):
            kept.append(" ")
        elif category in ("Cs", "Cn", "Co"):
            kept.append("\ufffd")
        elif category != "Cf":
            kept.append(letter)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _letter_width(letter: str) -> int:
    if unicodedata.category(letter) in _ATTACHED:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cells(text: str) -> Iterator[tuple[str, int]]:
    """Each letter with the marks that belong to it, and its columns. A mark without a letter gets a column."""
    held, width = "", 0
    for letter in text:
        own = _letter_width(letter)
        if held and own == 0:
            held += letter
            continue
        if held:
            yield held, width
        held, width = letter, own or 1
    if held:
        yield held, width


def column_width(text: str) -> int:
    return sum(width for _, width in cells(text))


def fit_left(text: str, columns: int) -> str:
    """Padded with spaces to `columns`; a longer text stays whole."""
    return text + " " * max(0, columns - column_width(text))


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`, broken at spaces; no-break spaces hold, and become spaces afterwards.

    A word longer than a line is broken between letters. Nothing is ever dropped but the spaces at a break.
    """
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        joined = f"{current} {word}" if current else word
        if column_width(joined) <= columns:
            current = joined
            continue
        if current:
            lines.append(current)
        *full, current = _pieces(word, columns)
        lines += full
    lines.append(current)
    return [_plain_spaces(line.rstrip(" ")) for line in lines if line.strip(" ")] or [""]


def _pieces(word: str, columns: int) -> list[str]:
    pieces = [""]
    used = 0
    for cell, width in cells(word):
        if used + width > columns and pieces[-1]:
            pieces.append("")
            used = 0
        pieces[-1] += cell
        used += width
    return pieces


def _plain_spaces(text: str) -> str:
    return "".join(" " if letter in _NO_BREAK else letter for letter in text)
