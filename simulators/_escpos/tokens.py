"""Cuts a byte stream into ESC/POS commands by their lengths. What commands do lives in `interpreter`.

A state machine that may be fed any slices: the tokens never depend on where the stream was cut, only runs of text
come in several pieces. Rule that never breaks: memory stays bounded, whatever the lengths in a command claim.
Source: notes 05, section 2; a few commands beyond it that common generators send are marked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = ["Kind", "Token", "Tokenizer"]

_KEPT_BYTES: Final = 4 * 1024 * 1024
"""Of one command. A raster as wide as the paper and seven metres long; the rest is consumed and forgotten."""
_AHEAD_BYTES: Final = 8 * 1024
"""Kept by a look-ahead: enough for every header and the longest self-describing command (user characters)."""
_TEXT_RUN: Final = 64
"""Longest text token: the printer can stop for paper between two of them."""
_NUL_ENDED_MOST: Final = 255


class Kind(Enum):
    TEXT = "text"
    CONTROL = "control"
    COMMAND = "command"
    REALTIME = "realtime"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Token:
    """name: the command's prefix as on the wire; args: everything after it (cut at the kept size)."""

    kind: Kind
    name: bytes
    args: bytes
    start: int
    """Position of its first byte in the whole stream."""
    length: int


Shape = int | Callable[[bytearray, int], int]
"""Bytes after the prefix: a number, or (bytes kept so far, bytes taken so far) -> how many more; 0 = complete."""


def _le16(data: bytearray, at: int) -> int:
    return data[at] | data[at + 1] << 8


def _after(head: int, size: Callable[[bytearray], int]) -> Shape:
    """A header of fixed length that says how many bytes follow."""

    def more(kept: bytearray, taken: int) -> int:
        return head - taken if taken < head else head + size(kept) - taken

    return more


def _nul_ended(kept: bytearray, taken: int) -> int:
    return 0 if taken > _NUL_ENDED_MOST or (kept and kept[-1] == 0) else 1


def _tabs(kept: bytearray, taken: int) -> int:
    """ESC D: up to 32 ascending columns; NUL ends."""
    return 0 if taken > 32 or (kept and kept[-1] == 0) else 1


def _user_characters(kept: bytearray, taken: int) -> int:
    """ESC & y c1 c2, then for each character its width x and y*x bytes."""
    if taken < 3:
        return 3 - taken
    rows, first, last = kept[0], kept[1], kept[2]
    at = 3
    for _ in range(max(0, last - first + 1)):
        if taken <= at:
            return at + 1 - taken
        if len(kept) <= at:
            return 0
        at += 1 + rows * kept[at]
        if taken < at:
            return at - taken
    return 0


def _nv_images(kept: bytearray, taken: int) -> int:
    """FS q n, then for each picture xL xH yL yH and x*y*8 bytes."""
    at = 1
    if taken < at:
        return 1
    for _ in range(kept[0]):
        if taken < at + 4:
            return at + 4 - taken
        if len(kept) < at + 4:
            return 0
        at += 4 + _le16(kept, at) * _le16(kept, at + 2) * 8
        if taken < at:
            return at - taken
    return 0


def _bar_code(kept: bytearray, taken: int) -> int:
    if taken == 0:
        return 1
    if kept[0] <= 6:
        return _nul_ended(kept[1:], taken - 1)
    if not 65 <= kept[0] <= 79:
        return 0
    return 1 if taken == 1 else 2 + kept[1] - taken


def _cut(kept: bytearray, taken: int) -> int:
    return 1 if taken == 0 or (taken == 1 and kept[0] in (65, 66, 97, 98, 103, 104)) else 0


def _raster(kept: bytearray, taken: int) -> int:
    if taken == 0:
        return 1
    if kept[0] != 0x30:
        return 0
    return 6 - taken if taken < 6 else 6 + _le16(kept, 2) * _le16(kept, 4) - taken


def _by_first(lengths: dict[int, Shape]) -> Shape:
    """The first byte chooses; an unlisted one ends the command."""

    def more(kept: bytearray, taken: int) -> int:
        if taken == 0:
            return 1
        shape = lengths.get(kept[0], 1)
        return shape - taken if isinstance(shape, int) else shape(kept, taken)

    return more


_EXTENDED: Final = _after(3, lambda k: _le16(k, 1))
_EXTENDED_LARGE: Final = _after(5, lambda k: int.from_bytes(k[1:5], "little"))
_COLUMN_IMAGE: Final = _after(3, lambda k: _le16(k, 1) * (3 if k[0] & 0x20 else 1))


def _table(lead: bytes, shapes: dict[str, Shape]) -> dict[bytes, Shape]:
    return {lead + letter.encode("latin-1"): shape for letter, shape in shapes.items()}


_ESC: Final = _table(
    b"\x1b",
    {
        **dict.fromkeys("\x0c2@LSimv<", 0),
        **dict.fromkeys(" !%-3=?EGJdKeMRTVartu{", 1),
        **dict.fromkeys("4UA+F", 1),  # italic, one direction, other line spacings: beyond the note
        **dict.fromkeys("$\\c", 2),
        **dict.fromkeys("Bf", 2),  # buzzer, wait for a slip: beyond the note
        "p": 3,
        "W": 8,
        "&": _user_characters,
        "*": _COLUMN_IMAGE,
        "D": _tabs,
        "(": _EXTENDED,
    },
)
_FS: Final = _table(
    b"\x1c",
    {
        **dict.fromkeys("&.", 0),
        **dict.fromkeys("!-CW", 1),
        **dict.fromkeys("Sp?", 2),
        "2": 74,  # define a kanji: two code bytes and 24x24 dots
        "(": _EXTENDED,
        "q": _nv_images,
        "g": _by_first({0x31: _after(8, lambda k: _le16(k, 6)), 0x32: 8}),
    },
)
_GS: Final = _table(
    b"\x1d",
    {
        ":": 0,
        **dict.fromkeys("!/BHfIPabhrw", 1),
        **dict.fromkeys("|ETj", 1),  # density, quality, position, ink: beyond the note
        "c": 0,
        **dict.fromkeys("$\\LWP", 2),
        "^": 3,
        "z": 3,
        "C": _by_first({0x30: 3, 0x31: 7, 0x32: 3}),
        "g": _by_first({0x30: 4, 0x32: 4}),
        "(": _EXTENDED,
        "8": _EXTENDED_LARGE,
        "*": _after(2, lambda k: 8 * k[0] * k[1]),
        "V": _cut,
        "k": _bar_code,
        "v": _raster,
        "Q": _by_first({0x30: _after(6, lambda k: _le16(k, 2) * _le16(k, 4))}),
    },
)
_DLE: Final = _table(
    b"\x10",
    {
        "\x04": lambda k, t: 1 if t == 0 or (t == 1 and k[0] in (7, 8)) else 0,
        "\x05": 1,
        "\x14": _by_first({1: 3, 2: 3, 7: 2, 8: 8}),
    },
)
_SHAPES: Final = {**_ESC, **_FS, **_GS, **_DLE}
_LEADS: Final = frozenset(b"\x1b\x1c\x1d\x10")
_CONTROLS: Final = frozenset(b"\x09\x0a\x0c\x0d\x18")
_IGNORED: Final = frozenset(b"\x00\x07\x0b")
"""Padding, bell, vertical tab: real printers pass over them."""

_VALID_FIRST: Final[dict[bytes, frozenset[int]]] = {
    b"\x10\x04": frozenset((1, 2, 3, 4, 7, 8)),
    b"\x10\x05": frozenset((0, 1, 2)),
    b"\x10\x14": frozenset((1, 2, 7, 8)),
    b"\x1dv": frozenset((0x30,)),
    b"\x1dk": frozenset((*range(7), *range(65, 80))),
    b"\x1dg": frozenset((0x30, 0x32)),
    b"\x1dC": frozenset((0x30, 0x31, 0x32)),
    b"\x1dQ": frozenset((0x30,)),
    b"\x1cg": frozenset((0x31, 0x32)),
}
"""Where the first byte decides the length, these are known; with another one the command is unknown."""


class Tokenizer:
    """Feed it with `take`; it holds at most one incomplete command."""

    def __init__(self, *, keep: int = _KEPT_BYTES) -> None:
        self.position = 0
        """Bytes consumed of the whole stream."""
        self._keep = keep
        self._start = 0
        self._name = b""
        self._args = bytearray()
        self._taken = 0
        self._need = 0

    @property
    def is_at_boundary(self) -> bool:
        return not self._name

    def look_ahead(self) -> Tokenizer:
        """A twin at the same position that keeps no pictures: to find commands in bytes not yet consumed."""
        twin = Tokenizer(keep=_AHEAD_BYTES)
        twin.position, twin._start, twin._name = self.position, self._start, self._name
        twin._args = self._args[:_AHEAD_BYTES]
        twin._taken, twin._need = self._taken, self._need
        return twin

    def take(self, data: bytes, at: int) -> tuple[Token | None, int]:
        """Consume from data[at:] to the end of one token; (None, len(data)) when it is not complete yet."""
        while at < len(data):
            if not self._name:
                self._start = self.position
                if data[at] >= 0x20:
                    return self._text(data, at)
                token, at = self._lead(data[at]), at + 1
            elif len(self._name) == 1:
                token, at = self._second(data[at], at)
            else:
                token, at = self._arguments(data, at)
            if token is not None:
                return token, at
        return None, at

    def _text(self, data: bytes, at: int) -> tuple[Token, int]:
        end = at
        while end < len(data) and end - at < _TEXT_RUN and data[end] >= 0x20:
            end += 1
        self.position += end - at
        return Token(Kind.TEXT, b"", data[at:end], self._start, end - at), end

    def _lead(self, byte: int) -> Token | None:
        self.position += 1
        if byte in _LEADS:
            self._name = bytes((byte,))
            return None
        kind = Kind.CONTROL if byte in _CONTROLS else Kind.IGNORED if byte in _IGNORED else Kind.UNKNOWN
        return Token(kind, bytes((byte,)), b"", self._start, 1)

    def _second(self, byte: int, at: int) -> tuple[Token | None, int]:
        name = self._name + bytes((byte,))
        if name not in _SHAPES:
            if byte < 0x20 or self._name == b"\x10":  # the second byte may begin something of its own
                return self._finish(Kind.UNKNOWN), at
            self._name = name
            self.position += 1
            return self._finish(Kind.UNKNOWN), at + 1
        self._name = name
        self.position += 1
        self._need = self._more()
        return (self._finish(self._kind()) if self._need == 0 else None), at + 1

    def _arguments(self, data: bytes, at: int) -> tuple[Token | None, int]:
        piece = data[at : at + self._need]
        self._args += piece[: max(0, self._keep - len(self._args))]
        self._taken += len(piece)
        self.position += len(piece)
        self._need -= len(piece)
        if self._need == 0:
            self._need = self._more()
        return (self._finish(self._kind()) if self._need == 0 else None), at + len(piece)

    def _more(self) -> int:
        shape = _SHAPES[self._name]
        return shape - self._taken if isinstance(shape, int) else max(0, shape(self._args, self._taken))

    def _kind(self) -> Kind:
        valid = _VALID_FIRST.get(self._name)
        if valid is not None and self._args[0] not in valid:
            return Kind.UNKNOWN
        return Kind.REALTIME if self._name[:1] == b"\x10" else Kind.COMMAND

    def _finish(self, kind: Kind) -> Token:
        token = Token(kind, self._name, bytes(self._args), self._start, self.position - self._start)
        self._name = b""
        self._args = bytearray()
        self._taken = self._need = 0
        return token
