"""From bytes of text to characters: code page, international set, double-byte mode, UTF-8.

Pairs and UTF-8 sequences may be cut anywhere between two calls.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from simulators._escpos.codepages import INTERNATIONAL, page_table

__all__ = ["Letter", "LetterDecoder"]

_REPLACED: Final = {ord(letter): place for place, letter in enumerate(INTERNATIONAL[0])}
_PAIR_CODECS: Final = {0: "jis", 1: "shift_jis", 2: "euc_jp"}
"""FS C n: how double-byte characters are coded."""
_CHINESE: Final = "gb18030"
"""What low-cost printers start with."""


@dataclass(frozen=True, slots=True)
class Letter:
    character: str
    code: int
    """Its byte, or -1 when it came as several."""
    is_wide: bool


class LetterDecoder:
    """kanji_at_start: begin in double-byte mode after power-on and after ESC @, until FS . ends it."""

    def __init__(self, pages: Mapping[int, str], *, international: int = 0) -> None:
        self._pages = pages
        self._first_international = international
        self.kanji_at_start = False
        self.ignores_pages = False
        self._lead: int | None = None
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self.reset()

    def reset(self) -> None:
        self.page = 0
        self.international = self._first_international
        self.pair_codec = _CHINESE
        self.pairs_up = self.kanji_at_start
        self.is_utf8 = False
        self._forget_partial()

    def select_page(self, number: int) -> None:
        if number in self._pages and not self.ignores_pages:
            self.page = number

    def select_pairs(self, on: bool) -> None:
        self.pairs_up = on
        self._forget_partial()

    def select_pair_codec(self, number: int) -> None:
        self.pair_codec = _PAIR_CODECS.get(number & 0x0F, self.pair_codec)

    def select_utf8(self, on: bool) -> None:
        self.is_utf8 = on
        self._forget_partial()

    def decode(self, data: bytes) -> Iterator[Letter]:
        if self.is_utf8:
            for character in self._utf8.decode(data):
                yield Letter(character, -1, unicodedata.east_asian_width(character) in "WF")
            return
        for code in data:
            if self._lead is not None:
                lead, self._lead = self._lead, None
                yield self._pair(lead, code)
            elif self.pairs_up and self._begins_pair(code):
                self._lead = code
            else:
                yield self._single(code)

    def _forget_partial(self) -> None:
        self._lead = None
        self._utf8.reset()

    def _begins_pair(self, code: int) -> bool:
        if self.pair_codec == "jis":
            return 0x21 <= code <= 0x7E
        if self.pair_codec == "shift_jis":
            return 0x81 <= code <= 0x9F or 0xE0 <= code <= 0xFC
        return 0x80 <= code <= 0xFE

    def _pair(self, lead: int, trail: int) -> Letter:
        pair = bytes((lead, trail))
        source = b"\x1b$B" + pair if self.pair_codec == "jis" else pair
        codec = "iso2022_jp" if self.pair_codec == "jis" else self.pair_codec
        character = source.decode(codec, "replace")[:1] or "\ufffd"
        return Letter(character, -1, True)

    def _single(self, code: int) -> Letter:
        if code >= 0x80:
            character = page_table(self._pages[self.page])[code - 0x80]
        elif code in _REPLACED and self.international < len(INTERNATIONAL):
            character = INTERNATIONAL[self.international][_REPLACED[code]]
        else:
            character = " " if code == 0x7F else chr(code)
        return Letter(character, code, False)
