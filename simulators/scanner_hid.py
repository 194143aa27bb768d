"""A bar-code scanner as a keyboard: 24-byte Linux input records; or, with mode=pos, HID POS reports of 64 bytes.

The key table is the scanner's own, US layout, written apart from the host's. Options: mode=keys|pos, end=enter|tab|
keypad|none, gap_ms=N between keys (default 2 to 8 at random; 0 sends a code in one piece), gs=ctrl|f8|none|TEXT,
code_gap_ms=N after each code, aim=off|on, noread=TEXT, link=PATH.
"""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Iterator, Mapping
from typing import Final

from simulators.scanner_script import (
    FAULTS,
    Chunk,
    Manner,
    ScriptedScanner,
    number,
    one_of,
    refuse_unknown,
    unescape,
)
from simulators.serving import Settings

__all__ = ["FAULTS", "build"]

_RECORD = struct.Struct("<qqHHi")
_SYN, _KEY, _MSC = 0, 1, 4
_SYN_DROPPED = 3
_SHIFT, _CTRL, _ALT, _F8 = 42, 29, 56, 66

_PLAIN: Final = {
    **dict(zip("1234567890-=", range(2, 14), strict=True)),
    **dict(zip("qwertyuiop[]", range(16, 28), strict=True)),
    **dict(zip("asdfghjkl;'`", range(30, 42), strict=True)),
    **dict(zip("\\zxcvbnm,./", range(43, 54), strict=True)),
    " ": 57,
}
_SHIFTED: Final = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))
_KEYPAD: Final = {"7": 71, "8": 72, "9": 73, "4": 75, "5": 76, "6": 77, "1": 79, "2": 80, "3": 81, "0": 82}
_ENDS: Final[Mapping[str, int]] = {"enter": 28, "tab": 15, "keypad": 96, "none": 0}
_OPTIONS = {"mode", "end", "gap_ms", "gs", "code_gap_ms", "aim", "noread", "link"}

_GAP_WITHOUT_END_MS: Final = 150
_HUMAN_GAP_MS: Final = (80, 200)

Press = list[tuple[int, int]]
"""Key codes and values (1 press, 0 release) of one character."""


def _tap(code: int) -> Press:
    return [(code, 1), (code, 0)]


def _holding(modifier: int, inner: Press) -> Press:
    return [(modifier, 1), *inner, (modifier, 0)]


class KeyboardScanner(ScriptedScanner):
    name = "scanner-hid"
    verbs = ScriptedScanner.verbs | {"human", "overrun"}

    def __init__(self, settings: Settings) -> None:
        refuse_unknown(settings, _OPTIONS)
        self._end_key = one_of(settings, "end", _ENDS)
        self._separator = settings.options.get("gs", "ctrl")
        self._no_read = unescape(settings.options.get("noread", ""))
        self._fixed_gap_ms = number(settings, "gap_ms", -1)
        self._random = random.Random(0)
        self._now_us = 0
        gap_ms = number(settings, "code_gap_ms", 0 if self._end_key else _GAP_WITHOUT_END_MS)
        super().__init__(settings, gap_s=gap_ms / 1000)

    def chunks(self, code: str, manner: Manner) -> Iterator[Chunk]:
        presses = [self._press(character) for character in code]
        if manner.has_end and self._end_key:
            presses.append(_tap(self._end_key))
        # Records carry the moment the scanner meant, not the one at which this process got its turn.
        self._now_us = max(self._now_us, time.time_ns() // 1000)
        wire = b""
        for place, press in enumerate(presses):
            gap_ms = self._gap_ms(manner) + (manner.pause_s * 1000 if place == manner.split_at else 0)
            if gap_ms and wire:
                yield wire, gap_ms / 1000
                wire = b""
            self._now_us += int(gap_ms * 1000)
            wire += self._records(press)
            if manner.is_overrun and place == len(presses) // 2:
                wire += self._record(_SYN, _SYN_DROPPED, 0) + self._record(_SYN, 0, 0)
            if manner.is_garbled and place == len(presses) // 2:
                wire = wire[:-7]
        self._now_us += 1000
        yield wire, 0.0

    def no_read(self) -> Iterator[Chunk]:
        return self.chunks(self._no_read, Manner()) if self._no_read else iter(())

    def _gap_ms(self, manner: Manner) -> float:
        if manner.is_human:
            return self._random.uniform(*_HUMAN_GAP_MS)
        return self._random.uniform(2, 8) if self._fixed_gap_ms < 0 else self._fixed_gap_ms

    def _press(self, character: str) -> Press:
        if character == "\x1d" and self._separator != "ctrl":
            if self._separator == "f8":
                return _tap(_F8)
            text = "" if self._separator == "none" else self._separator
            return [step for typed in text for step in self._press(typed)]
        if character in _PLAIN:
            return _tap(_PLAIN[character])
        if character.lower() in _PLAIN:
            return _holding(_SHIFT, _tap(_PLAIN[character.lower()]))
        if character in _SHIFTED:
            return _holding(_SHIFT, _tap(_PLAIN[_SHIFTED[character]]))
        if 0x1B <= ord(character) <= 0x1D:
            return _holding(_CTRL, _tap(_PLAIN["[\\]"[ord(character) - 0x1B]]))
        number_ = character.encode("iso-8859-1")[0]
        return _holding(_ALT, [step for digit in f"{number_:04}" for step in _tap(_KEYPAD[digit])])

    def _records(self, press: Press) -> bytes:
        return b"".join(
            self._record(_MSC, 4, 0x70000 + code) + self._record(_KEY, code, value) + self._record(_SYN, 0, 0)
            for code, value in press
        )

    def _record(self, kind: int, code: int, value: int) -> bytes:
        return _RECORD.pack(*divmod(self._now_us, 1_000_000), kind, code, value)


class PosScanner(ScriptedScanner):
    """HID POS: 56 data bytes a report, AIM identifier in its own field."""

    name = "scanner-hid"

    def __init__(self, settings: Settings) -> None:
        refuse_unknown(settings, _OPTIONS)
        super().__init__(settings, gap_s=number(settings, "code_gap_ms", 0) / 1000)
        self._no_read = unescape(settings.options.get("noread", ""))

    def chunks(self, code: str, manner: Manner) -> Iterator[Chunk]:
        has_aim = self._aim != "off"
        aim, data = (code[:3], code[3:]) if has_aim else ("\0\0\0", code)
        encoded = data.encode()
        parts = [encoded[at : at + 56] for at in range(0, len(encoded), 56)]
        for place, part in enumerate(parts):
            more = place + 1 < len(parts) or not manner.has_end
            count = 200 if manner.is_garbled and place == 0 else len(part)
            head = bytes([2, count]) + aim.encode()
            pause_s = manner.pause_s if place + 1 == manner.split_at else 0.0
            yield (head + part).ljust(63, b"\0") + bytes([more]), pause_s

    def no_read(self) -> Iterator[Chunk]:
        return self.chunks("]X0"[: 3 * (self._aim != "off")] + self._no_read, Manner()) if self._no_read else iter(())


def build(settings: Settings) -> ScriptedScanner:
    return one_of(settings, "mode", {"keys": KeyboardScanner, "pos": PosScanner})(settings)
