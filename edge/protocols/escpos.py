"""ESC/POS: what a receipt printer answers, and the few commands python-escpos does not build. No I/O.

Layout of receipts, code pages and pictures belong to `edge.devices.pos_printer`. The rule that must never break:
picture data that leaves here carries no byte pair that a printer would obey at once (see `without_realtime`).
Source: notes 05 (ESC/POS), sections 1 to 5; bits marked (v) there differ between makers.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "CANCEL_KANJI",
    "REQUEST_PAPER",
    "Answer",
    "AnswerReader",
    "AutoStatus",
    "BufferedReply",
    "ErrorCause",
    "FlowControl",
    "IdentityReply",
    "MalformedFrame",
    "MarkerReply",
    "OfflineCause",
    "PaperStatus",
    "PrinterStatus",
    "RealTimeReply",
    "armscii8_decode",
    "armscii8_encode",
    "bar_code",
    "decode_auto_status",
    "decode_buffered_paper",
    "decode_error_cause",
    "decode_offline_cause",
    "decode_paper",
    "decode_printer",
    "marker",
    "realtime_pulse",
    "request_identity",
    "request_status",
    "select_code_page",
    "set_auto_status",
    "without_realtime",
]

_REALTIME_MASK: Final = 0x93
_REALTIME_FIXED: Final = 0x12
_AUTO_FIXED: Final = 0x10
_AUTO_MASKS: Final = (0x93, 0x91, 0x90, 0x90)
_BUFFERED_MASK: Final = 0x90

_XON: Final = 0x11
_XOFF: Final = 0x13
_IDENTITY_HEAD: Final = 0x5F
_MARKER_HEAD: Final = 0x37
_MARKER_KIND: Final = 0x22
_MARKER_LENGTH: Final = 7

_LONGEST_IDENTITY: Final = 80
"""Bytes of an identification text; makers' names and serial numbers stay far below. More is line noise."""

CANCEL_KANJI: Final = b"\x1c."
"""Many low-cost printers start in a Chinese double-byte mode, where bytes from 80h pair up."""

REQUEST_PAPER: Final = b"\x1dr\x01"
"""Paper byte, answered only after everything sent before was processed: the "printed up to here" mark."""


class MalformedFrame(ValueError):
    """An answer with wrong fixed bits: line noise. Drop it and ask again."""


# --- answers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RealTimeReply:
    """One byte answering `10 04 n`. Which n is known only to who asked."""

    value: int


@dataclass(frozen=True)
class BufferedReply:
    """One byte answering `1D 72 n` or the old queries."""

    value: int


@dataclass(frozen=True)
class MarkerReply:
    """Everything sent before this token has been processed."""

    token: bytes


@dataclass(frozen=True)
class IdentityReply:
    text: bytes


@dataclass(frozen=True)
class FlowControl:
    """XON or XOFF on a line without handshake wires."""

    may_send: bool


@dataclass(frozen=True)
class AutoStatus:
    """The four bytes that come unasked on every change. Paper, cover and error bits are independent."""

    drawer_pin_high: bool
    is_offline: bool
    cover_open: bool
    feed_button: bool
    awaits_recovery: bool
    cutter_error: bool
    unrecoverable_error: bool
    auto_recoverable_error: bool
    paper_near_end: bool
    paper_end: bool


Answer = RealTimeReply | BufferedReply | MarkerReply | IdentityReply | FlowControl | AutoStatus


@dataclass(frozen=True)
class PrinterStatus:
    """`10 04 01`."""

    drawer_pin_high: bool
    """Level of the connector's pin 3; whether high means open depends on the drawer's switch."""
    is_offline: bool
    awaits_recovery: bool
    feed_button: bool


@dataclass(frozen=True)
class OfflineCause:
    """`10 04 02`."""

    cover_open: bool
    feeding_by_button: bool
    paper_end: bool
    error: bool


@dataclass(frozen=True)
class ErrorCause:
    """`10 04 03`."""

    recoverable: bool
    cutter: bool
    unrecoverable: bool
    auto_recoverable: bool
    """The head is hot: it goes on by itself."""


@dataclass(frozen=True)
class PaperStatus:
    """`10 04 04` and `1D 72 01`."""

    near_end: bool
    end: bool


def _realtime(value: int) -> int:
    if value & _REALTIME_MASK != _REALTIME_FIXED:
        raise MalformedFrame(f"{value:02X} is not a real-time status")
    return value


def decode_printer(value: int) -> PrinterStatus:
    """Answer to `10 04 01`. Raises MalformedFrame when fixed bits are wrong."""
    bits = _realtime(value)
    return PrinterStatus(bool(bits & 0x04), bool(bits & 0x08), bool(bits & 0x20), bool(bits & 0x40))


def decode_offline_cause(value: int) -> OfflineCause:
    """Answer to `10 04 02`. Raises MalformedFrame when fixed bits are wrong."""
    bits = _realtime(value)
    return OfflineCause(bool(bits & 0x04), bool(bits & 0x08), bool(bits & 0x20), bool(bits & 0x40))


def decode_error_cause(value: int) -> ErrorCause:
    """Answer to `10 04 03`. Raises MalformedFrame when fixed bits are wrong."""
    bits = _realtime(value)
    return ErrorCause(bool(bits & 0x04), bool(bits & 0x08), bool(bits & 0x20), bool(bits & 0x40))


def decode_paper(value: int) -> PaperStatus:
    """Answer to `10 04 04`: each condition sets two bits; one of them is enough, clones set only one.

    Raises MalformedFrame when fixed bits are wrong.
    """
    bits = _realtime(value)
    return PaperStatus(near_end=bool(bits & 0x0C), end=bool(bits & 0x60))


def decode_buffered_paper(value: int) -> PaperStatus:
    """Answer to `1D 72 01`. Raises MalformedFrame when fixed bits are wrong."""
    if value & _BUFFERED_MASK:
        raise MalformedFrame(f"{value:02X} is not a paper status")
    return PaperStatus(near_end=bool(value & 0x03), end=bool(value & 0x0C))


def decode_auto_status(quad: bytes) -> AutoStatus:
    """The four bytes of automatic status back. Raises MalformedFrame on a wrong length or wrong fixed bits."""
    fixed = (_AUTO_FIXED, 0, 0, 0)
    if len(quad) != 4 or any(b & m != f for b, m, f in zip(quad, _AUTO_MASKS, fixed, strict=True)):
        raise MalformedFrame(f"{quad.hex(' ')} is not an automatic status")
    first, second, third, _ = quad
    return AutoStatus(
        drawer_pin_high=bool(first & 0x04),
        is_offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        feed_button=bool(first & 0x40) or bool(second & 0x04),
        awaits_recovery=bool(second & 0x02),
        cutter_error=bool(second & 0x08),
        unrecoverable_error=bool(second & 0x20),
        auto_recoverable_error=bool(second & 0x40),
        paper_near_end=bool(third & 0x03),
        paper_end=bool(third & 0x0C),
    )


class AnswerReader:
    """Splits what a printer sends into answers: `feed` bytes, then `next_answer` until it gives None.

        0xx1xx10              real-time status        0xx0xxxx               buffered status
        0xx1xx00 + 3 bytes    automatic status        5F text 00             identification
        37 22 d d d d 00      marker                  11, 13                 flow control

    A byte that begins none of these, and the head of an answer whose rest does not fit, are dropped one by one and
    counted in `garbage`; the next fitting byte starts afresh. At most one incomplete answer is held.
    """

    def __init__(self) -> None:
        self._pending = bytearray()
        self._answers: deque[Answer] = deque()
        self.garbage = 0

    def feed(self, data: bytes) -> None:
        self._pending += data
        while self._pending and self._take_one():
            pass

    def next_answer(self) -> Answer | None:
        return self._answers.popleft() if self._answers else None

    def _take_one(self) -> bool:
        """Consume one answer or one byte of garbage; False when more bytes are needed."""
        head = self._pending[0]
        if head in (_XON, _XOFF):
            return self._accept(FlowControl(head == _XON), 1)
        if head == _IDENTITY_HEAD:
            return self._take_identity()
        if head == _MARKER_HEAD:
            return self._take_marker()
        if head & _REALTIME_MASK == _REALTIME_FIXED:
            return self._accept(RealTimeReply(head), 1)
        if head & _REALTIME_MASK == _AUTO_FIXED:
            return self._take_auto_status()
        if head & _BUFFERED_MASK == 0:
            return self._accept(BufferedReply(head), 1)
        return self._drop()

    def _take_identity(self) -> bool:
        end = self._pending.find(0, 0, _LONGEST_IDENTITY + 2)
        body = bytes(self._pending[1 : end if end >= 0 else _LONGEST_IDENTITY + 2])
        if len(body) > _LONGEST_IDENTITY or any(byte < 0x20 for byte in body):
            return self._drop()
        return end >= 0 and self._accept(IdentityReply(body), end + 1)

    def _take_marker(self) -> bool:
        frame = bytes(self._pending[:_MARKER_LENGTH])
        if len(frame) > 1 and frame[1] != _MARKER_KIND:
            return self._drop()
        if len(frame) < _MARKER_LENGTH:
            return False
        return self._accept(MarkerReply(frame[2:6]), _MARKER_LENGTH) if frame[6] == 0 else self._drop()

    def _take_auto_status(self) -> bool:
        frame = bytes(self._pending[:4])
        if any(byte & mask for byte, mask in zip(frame[1:], _AUTO_MASKS[1:], strict=False)):
            return self._drop()
        return len(frame) == 4 and self._accept(decode_auto_status(frame), 4)

    def _accept(self, answer: Answer, length: int) -> bool:
        del self._pending[:length]
        self._answers.append(answer)
        return True

    def _drop(self) -> bool:
        del self._pending[:1]
        self.garbage += 1
        return True


# --- commands ----------------------------------------------------------------------------------------------------


def request_status(n: Literal[1, 2, 3, 4]) -> bytes:
    """Real-time status: answered on receipt, even off-line, out of paper or with a full buffer."""
    return b"\x10\x04" + bytes((n,))


def marker(token: bytes) -> bytes:
    """Ask for `token` back once everything before it is processed. token: 4 printable ASCII bytes."""
    if len(token) != 4 or any(not 0x20 <= byte <= 0x7E for byte in token):
        raise ValueError("a marker is four printable ASCII bytes")
    return b"\x1d(H\x06\x0000" + token


def request_identity(what: Literal["firmware", "maker", "model", "serial"]) -> bytes:
    return b"\x1dI" + bytes((65 + ("firmware", "maker", "model", "serial").index(what),))


def realtime_pulse(pin: Literal[2, 5], on_ms: int) -> bytes:
    """Drawer pulse obeyed on receipt. on_ms 100 to 800, rounded up to the next 100."""
    if not 1 <= on_ms <= 800:
        raise ValueError("a real-time pulse lasts 1 to 800 ms")
    return b"\x10\x14\x01" + bytes((0 if pin == 2 else 1, -(-on_ms // 100)))


def set_auto_status(*, drawer: bool, state: bool) -> bytes:
    """Choose which changes the printer reports unasked. state: on-line, errors and paper."""
    return b"\x1da" + bytes(((0x01 if drawer else 0) | (0x0E if state else 0),))


def select_code_page(number: int) -> bytes:
    return b"\x1bt" + bytes((number,))


_BAR_CODES: Final = {"EAN13": 67, "EAN8": 68, "CODE39": 69, "ITF": 70, "CODE128": 73}


def bar_code(
    kind: Literal["EAN13", "EAN8", "CODE39", "ITF", "CODE128"],
    data: bytes,
    *,
    height_dots: int,
    module_dots: int,
    text_below: bool,
) -> bytes:
    """A bar code drawn by the printer (python-escpos writes to standard output while it builds one).

    CODE128 data must begin with its code set: `{A`, `{B` or `{C`. Raises ValueError over 255 bytes.
    """
    if not data or len(data) > 255:
        raise ValueError("a bar code takes 1 to 255 bytes")
    head = b"\x1dH" + bytes((2 if text_below else 0,)) + b"\x1dh" + bytes((height_dots,))
    return head + b"\x1dw" + bytes((module_dots,)) + b"\x1dk" + bytes((_BAR_CODES[kind], len(data))) + data


def without_realtime(raster: bytes) -> bytes:
    """The same picture with one dot more wherever two bytes would form a real-time command.

    Printers obey `10 04`, `10 05` and `10 14` (status, recovery that clears the buffer, drawer pulse) inside
    picture data too. 10h becomes 18h there: one dark dot wider.
    """
    safe = bytearray(raster)
    for second in (0x04, 0x05, 0x14):
        at = raster.find(bytes((0x10, second)))
        while at >= 0:
            safe[at] = 0x18
            at = raster.find(bytes((0x10, second)), at + 1)
    return bytes(safe)


# --- ARMSCII-8 ---------------------------------------------------------------------------------------------------

_ARMENIAN_LETTERS: Final = "".join(chr(0x531 + i) + chr(0x561 + i) for i in range(38))
_ARMSCII_HIGH: Final = "\u00a0–և։)(»«—.՝,-֊…՜՛՞" + _ARMENIAN_LETTERS + "՚–"
_ARMSCII_FIRST: Final = 0xA0
_ARMSCII_BYTES: Final = {
    **{letter: _ARMSCII_FIRST + i for i, letter in reversed(list(enumerate(_ARMSCII_HIGH)))},
    **{chr(code): code for code in range(0x80)},
}


def armscii8_encode(text: str) -> bytes:
    """ARMSCII-8, which Python lacks. Raises UnicodeEncodeError naming the first letter outside it."""
    for at, letter in enumerate(text):
        if letter not in _ARMSCII_BYTES:
            raise UnicodeEncodeError("armscii-8", text, at, at + 1, "not in ARMSCII-8")
    return bytes(_ARMSCII_BYTES[letter] for letter in text)


def armscii8_decode(data: bytes) -> str:
    """Raises UnicodeDecodeError on 80h to 9Fh, which the set leaves empty."""
    for at, byte in enumerate(data):
        if 0x80 <= byte < _ARMSCII_FIRST:
            raise UnicodeDecodeError("armscii-8", data, at, at + 1, "not in ARMSCII-8")
    return "".join(chr(b) if b < 0x80 else _ARMSCII_HIGH[b - _ARMSCII_FIRST] for b in data)
