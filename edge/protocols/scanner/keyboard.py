"""Keyboard-wedge scanners: Linux input records (evdev) cut into scans, by key code, as a US keyboard.

    seconds   microseconds   type  code  value          24 bytes on 64-bit Linux: 8 + 8 + 2 + 2 + 4
                                                        16 bytes on 32-bit Linux: 4 + 4 + 2 + 2 + 4, little-endian

Key codes and not characters, so that an Armenian or Russian system layout garbles nothing; CapsLock does not exist.
The rule that must never break: what a person types on the same node never becomes a scan.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.protocols.scanner.events import (
    GIVE_UP_S,
    LONGEST_SCAN,
    Content,
    Dropped,
    DropReason,
    Event,
    TypedKeys,
)

__all__ = ["KeyboardDecoder", "KeyboardFraming"]

_LAYOUTS: Final = {24: struct.Struct("<QQHHi"), 16: struct.Struct("<IIHHi")}

_EV_SYN, _EV_KEY, _EV_LAST = 0, 1, 0x1F
_SYN_REPORT, _SYN_DROPPED = 0, 3
_RELEASED, _PRESSED, _REPEATED = 0, 1, 2

_ENTER, _TAB, _KEYPAD_ENTER, _F8 = 28, 15, 96, 66
_SHIFT = frozenset({42, 54})
_CONTROL = frozenset({29, 97})
_ALT = frozenset({56, 100})
_ENDS = frozenset({_ENTER, _TAB, _KEYPAD_ENTER})
_END_CHARACTERS = frozenset("\r\n\t")

_KEYPAD: Final[Mapping[int, str]] = {
    71: "7",
    72: "8",
    73: "9",
    75: "4",
    76: "5",
    77: "6",
    79: "1",
    80: "2",
    81: "3",
    82: "0",
}


def _row(first: int, plain: str, shifted: str) -> dict[int, tuple[str, str]]:
    return {first + place: pair for place, pair in enumerate(zip(plain, shifted, strict=True))}


_KEYS: Final[Mapping[int, tuple[str, str]]] = {
    **_row(2, "1234567890-=", "!@#$%^&*()_+"),
    **_row(16, "qwertyuiop[]", "QWERTYUIOP{}"),
    **_row(30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    **_row(43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    57: (" ", " "),
    **{code: (digit, digit) for code, digit in _KEYPAD.items()},
}
"""Key code to character without and with Shift, US layout."""

_FEWEST_KEYS = 4
"""A burst without Enter or Tab counts as a scan from here on; two or three keys a person can hit at once."""


@dataclass(frozen=True)
class KeyboardFraming:
    """Settings of one scanner."""

    burst_gap_s: float = 0.05
    """Longest pause between two keys of one scan. Scanners type every 2 to 10 ms, 35 at most; people 60 and slower.
    From the fourth key on, a scanner that always sends an end key is given half a second."""
    silence_s: float | None = 0.08
    """Ends a scan that has no Enter or Tab. None: this scanner always sends one, and a scan without it is damaged."""
    content: Content = field(default_factory=Content)
    """encoding also says what an Alt-keypad number above 127 means; gs_substitute may be `F8`, the key."""


class KeyboardDecoder:
    """Feed it the bytes of the input node with the monotonic second of their arrival.

    Speeds are taken from the records' own time, which the system stamped at the interrupt, so that a busy gateway
    neither joins nor splits scans; the second of arrival only ends the last one. After garbage (a lost byte on a pipe)
    it slides on, byte by byte, to the next possible record.
    """

    def __init__(self, framing: KeyboardFraming, record_size: Literal[16, 24] = 24) -> None:
        self._framing = framing
        self._layout = _LAYOUTS[record_size]
        self._buffer = bytearray()
        self._last_at_s = 0.0
        self._keys: list[str] = []
        self._pressed_us = 0
        self._held: set[int] = set()
        self._alt_digits = ""
        self._skipping: DropReason | None = None
        self._is_skip_told = False
        self._is_astray = False
        self._is_overrun = False

    @property
    def deadline(self) -> float | None:
        if not (self._keys or self._buffer or self._held or self._skipping):
            return None
        silence_s = self._framing.silence_s
        return self._last_at_s + (GIVE_UP_S if silence_s is None or not self._keys else silence_s)

    def feed(self, data: bytes, at_s: float) -> list[Event]:
        """Scans that these bytes complete, in order."""
        events: list[Event] = []
        if self._buffer and at_s - self._last_at_s >= GIVE_UP_S:
            self._buffer.clear()  # half a record that nobody finished
        self._last_at_s = at_s
        self._buffer += data
        for moment_us, kind, code, value in self._records(events):
            self._take(moment_us, kind, code, value, events)
        return events

    def tick(self, at_s: float) -> list[Event]:
        """What the silence up to now means."""
        deadline = self.deadline
        if deadline is None or at_s < deadline:
            return []
        events: list[Event] = []
        self._end_by_silence(events)
        if at_s - self._last_at_s >= GIVE_UP_S:
            self._buffer.clear()
        return events

    # --- records -----------------------------------------------------------------------------------------------------

    def _records(self, events: list[Event]) -> Iterator[tuple[int, int, int, int]]:
        at = 0
        size = self._layout.size
        while at + size <= len(self._buffer):
            seconds, micros, kind, code, value = self._layout.unpack_from(self._buffer, at)
            if _is_possible(seconds, micros, kind, code, value):
                moment_us = seconds * 1_000_000 + micros
                if self._is_astray:
                    self._is_astray = False
                    self._pressed_us = moment_us
                at += size
                yield moment_us, kind, code, value
            else:
                if not self._is_astray:
                    self._is_astray = True
                    self._lose(DropReason.DAMAGED, events)
                at += 1
        del self._buffer[:at]

    def _lose(self, reason: DropReason, events: list[Event]) -> None:
        """The stream has a hole. What follows it without a pause is lost as well: half a scan would pass for a code."""
        self._is_skip_told = bool(self._keys)
        if self._keys:
            events.append(Dropped(reason, len(self._keys)))
        self._skipping = reason
        self._keys.clear()
        self._let_go()

    def _let_go(self) -> None:
        self._held.clear()
        self._alt_digits = ""

    def _take(self, moment_us: int, kind: int, code: int, value: int, events: list[Event]) -> None:
        if kind == _EV_SYN:
            if code == _SYN_DROPPED:
                self._lose(DropReason.OVERRUN, events)
                self._pressed_us = moment_us
                self._is_overrun = True
            elif code == _SYN_REPORT:
                self._is_overrun = False
        elif kind == _EV_KEY and not self._is_overrun:
            if value == _PRESSED:
                self._press(moment_us, code, events)
            elif value == _RELEASED:
                self._release(code, events)

    # --- keys --------------------------------------------------------------------------------------------------------

    def _press(self, moment_us: int, code: int, events: list[Event]) -> None:
        gap_us = moment_us - self._pressed_us
        self._pressed_us = moment_us
        # A clock that is set back makes the gap negative: not a pause.
        if gap_us > self._longest_pause_s() * 1_000_000:
            self._end_by_silence(events)
        if code in _SHIFT or code in _CONTROL or code in _ALT:
            self._held.add(code)
        elif code in _ENDS:
            self._end_by_key(events)
        elif code == _F8 and self._framing.content.gs_substitute == "F8":
            self._add("\x1d", events)
        elif self._held & _ALT:
            self._alt_digits += _KEYPAD.get(code, "") if len(self._alt_digits) < 4 else ""
        elif code in _KEYS:
            self._type(code, events)

    def _longest_pause_s(self) -> float:
        # Radio links stall. Keys that a person cannot have typed wait for the end key that this scanner always sends.
        is_surely_scan = self._framing.silence_s is None and len(self._keys) >= _FEWEST_KEYS
        return GIVE_UP_S if is_surely_scan else self._framing.burst_gap_s

    def _type(self, code: int, events: list[Event]) -> None:
        character = _KEYS[code][bool(self._held & _SHIFT)]
        if self._held & _CONTROL:
            character = _control(character)
        if character in _END_CHARACTERS:
            self._end_by_key(events)
        elif character:
            self._add(character, events)

    def _release(self, code: int, events: list[Event]) -> None:
        self._held.discard(code)
        if code in _ALT and self._alt_digits and not self._held & _ALT:
            number, self._alt_digits = int(self._alt_digits), ""
            character = _by_number(number, self._framing.content.encoding)
            if character in _END_CHARACTERS:
                self._end_by_key(events)
            else:
                self._add(character, events)

    def _add(self, character: str, events: list[Event]) -> None:
        if self._skipping:
            if not self._is_skip_told:
                events.append(Dropped(self._skipping, 1))
                self._is_skip_told = True
            return
        self._keys.append(character)
        if len(self._keys) > LONGEST_SCAN:
            events.append(Dropped(DropReason.OVERSIZE, LONGEST_SCAN))
            self._keys.clear()
            self._skipping, self._is_skip_told = DropReason.OVERSIZE, True

    # --- ends --------------------------------------------------------------------------------------------------------

    def _end_by_key(self, events: list[Event]) -> None:
        self._skipping = None
        self._complete(events)

    def _end_by_silence(self, events: list[Event]) -> None:
        # No scanner holds Shift over a pause; a release that was lost must not garble every scan from here on.
        self._let_go()
        self._skipping = None
        if len(self._keys) < _FEWEST_KEYS:
            if self._keys:
                events.append(TypedKeys(len(self._keys)))
            self._keys.clear()
        elif self._framing.silence_s is None:
            events.append(Dropped(DropReason.INCOMPLETE, len(self._keys)))
            self._keys.clear()
        else:
            self._complete(events)

    def _complete(self, events: list[Event]) -> None:
        text = "".join(self._keys)
        self._keys.clear()
        if text:
            content = self._framing.content
            substitute = "" if content.gs_substitute == "F8" else content.gs_substitute
            read = Content("utf-8", content.aim, substitute).read(text.encode("utf-8", "replace"))
            if read is not None:
                events.append(read)


def _is_possible(seconds: int, micros: int, kind: int, code: int, value: int) -> bool:
    """Could the kernel have written this record? Kinds other than keys (lamps, scan codes) are let through unread."""
    if micros >= 1_000_000 or seconds >= 1 << 34:
        return False
    if kind == _EV_KEY:
        return 0 < code <= 0x2FF and value in (_RELEASED, _PRESSED, _REPEATED)
    if kind == _EV_SYN:
        return code <= 0x0F and value in (0, 1)
    return kind <= _EV_LAST and code <= 0x2FF


def _control(character: str) -> str:
    """Ctrl and a key: the ASCII control character, as scanners in control-character mode type it (Ctrl+] is GS)."""
    code = ord(character.upper())
    return chr(code & 0x1F) if 0x40 <= code <= 0x5F else ""


def _by_number(number: int, encoding: str) -> str:
    if number < 128:
        return chr(number)
    if number > 255:
        return "�"
    return bytes([number]).decode("iso-8859-1" if encoding == "utf-8" else encoding, "replace")
