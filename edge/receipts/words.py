"""The words that stand on receipts and slips, by their ids in the message catalogues (`receipt.*`, `report.*`)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.words import catalogue

__all__ = ["ENGLISH", "say"]

ENGLISH: Mapping[str, str] = catalogue("en")
"""Defaults, and what a catalogue without one of the words falls back to. They are written in shared/words/en only."""

_PLACE = re.compile(r"\{([a-z]+)\}")


def say(words: Mapping[str, str], word: str, /, **values: str) -> str:
    """The word with its places filled. Never changes its case: Georgian has none, Azerbaijani its own."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), words.get(word) or ENGLISH[word])
