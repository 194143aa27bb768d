"""The receive buffer: bytes in, tokens out in order, real-time commands ahead of them.

While the printer is blocked, arriving bytes are looked through for real-time commands at once, but stay in the
buffer: nothing is lost and none is carried out twice.
"""

from __future__ import annotations

import re
from typing import Final

from simulators._escpos.tokens import Kind, Token, Tokenizer

__all__ = ["Receiver"]

_ANYWHERE: Final = re.compile(rb"\x10(?:\x04[\x01-\x04]|\x05[\x00-\x02]|\x14\x01[\x00\x01][\x01-\x08])", re.DOTALL)
_LONGEST_REALTIME: Final = 5


class Receiver:
    """capacity: bytes that may wait. in_data: also recognise real-time commands inside picture data."""

    def __init__(self, capacity: int, *, in_data: bool) -> None:
        self._capacity = capacity
        self._in_data = in_data
        self._data = b""
        self._at = 0
        self._tokens = Tokenizer()
        self._ahead: Tokenizer | None = None
        self._scanned = b""
        self._carried_out: set[int] = set()

    @property
    def room(self) -> int:
        return self._capacity - (len(self._data) - self._at)

    @property
    def is_empty(self) -> bool:
        return self._at == len(self._data)

    def put(self, data: bytes) -> list[Token]:
        """Take what arrived; gives the real-time commands to carry out before anything else."""
        self._data = self._data[self._at :] + data
        self._at = 0
        return self._found_anywhere(data) if self._in_data else []

    def next_token(self) -> Token | None:
        """The next complete command or run of text, or None until more arrives."""
        self._ahead = None
        while True:
            token, self._at = self._tokens.take(self._data, self._at)
            if token is None:
                return None
            if not self._was_carried_out(token):
                return token

    def look_ahead(self) -> list[Token]:
        """Real-time commands among the bytes that wait, each once."""
        if self._ahead is None:
            self._ahead = self._tokens.look_ahead()
        at = self._at + self._ahead.position - self._tokens.position
        found: list[Token] = []
        while True:
            token, at = self._ahead.take(self._data, at)
            if token is None:
                return found
            if token.kind is Kind.REALTIME and token.start not in self._carried_out:
                self._carried_out.add(token.start)
                found.append(token)

    def clear_through(self, position: int) -> None:
        """Forget everything up to this position of the stream, begun commands included."""
        skipped = max(0, position - self._tokens.position)
        self._at = min(len(self._data), self._at + skipped)
        self._tokens = Tokenizer()
        self._tokens.position = position
        self._ahead = None

    def _was_carried_out(self, token: Token) -> bool:
        if not self._carried_out:
            return False
        was = token.start in self._carried_out
        self._carried_out = {start for start in self._carried_out if start >= self._tokens.position}
        return was

    def _found_anywhere(self, data: bytes) -> list[Token]:
        """The trap of real printers: `10 04 01` in a picture is answered too."""
        window = self._scanned + data
        first = self._tokens.position + len(self._data) - len(window)
        found: list[Token] = []
        for match in _ANYWHERE.finditer(window):
            raw, start = match.group(), first + match.start()
            if start not in self._carried_out and match.end() > len(self._scanned):
                self._carried_out.add(start)
                found.append(Token(Kind.REALTIME, raw[:2], raw[2:], start, len(raw)))
        self._scanned = window[-(_LONGEST_REALTIME - 1) :]
        return found
