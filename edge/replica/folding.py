"""Letters as search sees them: case, marks and ligatures gone, words apart. Pure; the same for index and question."""

from __future__ import annotations

import unicodedata

__all__ = ["fold", "words"]

_SAME_LETTER = str.maketrans({"ı": "i"})
"""Azerbaijani dotless i: typed as i on every other keyboard. Dotted capital I loses its dot as a mark."""


def fold(text: str) -> str:
    """The words of a text in lower case without marks, one space between them.

    NFKD takes the Armenian ligature և apart into եւ and й into и with a mark; marks are then dropped.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = (letter for letter in decomposed if not unicodedata.category(letter).startswith("M"))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in kept).translate(_SAME_LETTER).split())


def words(text: str) -> list[str]:
    """What a person typed, as the beginnings of words to look for."""
    return fold(text).split()
