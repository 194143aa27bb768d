"""ISL frames, short (P, C and relatives) and long (X): framing, checksum, escaping.

Source: protocol note "ISL", section 3. One side's messages are told from the other's by the status separator, so a
connection does not know whether it is host or device.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

__all__ = [
    "CODE_PAGE",
    "LONG",
    "NEED_DATA",
    "SHORT",
    "Connection",
    "Damaged",
    "Event",
    "FrameFormat",
    "IllegalMessage",
    "Nak",
    "NeedData",
    "Noise",
    "Reply",
    "Request",
    "Syn",
]

CODE_PAGE: Final = "cp1251"
"""Text in DATA (a switch of the device may select DOS-856; we leave it alone)."""

_PREAMBLE = 0x01
_TERMINATOR = 0x03
_SEPARATOR = 0x04
_POSTAMBLE = 0x05
_ESCAPE = 0x10
_ESCAPE_SHIFT = 0x40
_NAK = 0x15
_SYN = 0x16
_BIAS = 0x20
"""Added to LEN, and the lowest SEQ and CMD: keeps them apart from the control bytes."""
_NIBBLE_BIAS = 0x30
_BCC_SIZE = 4
_TAIL_SIZE = _BCC_SIZE + 1  # BCC and terminator follow the postamble
_RAW_CONTROLS = frozenset({0x09, 0x0A})  # TAB and LF travel as they are

_UNREAD_LIMIT = 64 * 1024
"""Bytes fed and not yet taken as events. A peer that floods us loses its oldest bytes, not our memory."""


class IllegalMessage(ValueError):
    """We asked for a frame that the protocol cannot carry (local error: our data are wrong)."""


@dataclass(frozen=True)
class FrameFormat:
    """What differs between the short and the long frame; sizes in bytes."""

    name: str
    length_size: int
    command_size: int
    status_size: int
    seq_max: int
    command_max: int
    request_data_max: int
    reply_data_max: int
    """Longest DATA on the wire, after escaping."""

    @property
    def header_size(self) -> int:
        """LEN, SEQ and CMD."""
        return self.length_size + 1 + self.command_size

    @property
    def frame_max(self) -> int:
        """Longest frame from preamble to terminator."""
        request = self.request_data_max
        reply = self.reply_data_max + 1 + self.status_size
        return 1 + self.header_size + max(request, reply) + 1 + _TAIL_SIZE

    def next_seq(self, seq: int) -> int:
        return _BIAS if seq >= self.seq_max else seq + 1

    def seq_range(self) -> range:
        return range(_BIAS, self.seq_max + 1)


SHORT: Final = FrameFormat(
    name="short",
    length_size=1,
    command_size=1,
    status_size=6,
    seq_max=0x7F,
    command_max=0xFF,
    request_data_max=213,
    # The note says 218, but one LEN byte (at most FFh) leaves 212 beside separator and status.
    reply_data_max=212,
)
LONG: Final = FrameFormat(
    name="long",
    length_size=4,
    command_size=4,
    status_size=8,
    seq_max=0xFF,
    command_max=0xFFFF,
    # The note sets no bound. 1,024 is several times the longest command and keeps the buffer small.
    request_data_max=1024,
    reply_data_max=1024,
)


@dataclass(frozen=True)
class Request:
    """Host to device. Raises IllegalMessage when built with what a frame cannot carry."""

    seq: int
    command: int
    data: bytes = b""
    format: FrameFormat = field(default=SHORT, repr=False)

    def __post_init__(self) -> None:
        _check(self.format, self.seq, self.command, self.data, self.format.request_data_max)


@dataclass(frozen=True)
class Reply:
    """Device to host: DATA and the status bytes, bit 7 of each set."""

    seq: int
    command: int
    data: bytes
    status: bytes
    format: FrameFormat = field(default=SHORT, repr=False)

    def __post_init__(self) -> None:
        _check(self.format, self.seq, self.command, self.data, self.format.reply_data_max)
        if len(self.status) != self.format.status_size:
            raise IllegalMessage(f"status of {len(self.status)} bytes in a {self.format.name} frame")
        if any(byte < 0x80 for byte in self.status):
            raise IllegalMessage("a status byte without bit 7")


@dataclass(frozen=True)
class Nak:
    """The device saw a damaged frame and did nothing: send the same frame again."""


@dataclass(frozen=True)
class Syn:
    """The device is busy with the last frame: keep waiting."""


@dataclass(frozen=True)
class Damaged:
    """Something that began like a frame and is none. `raw` is for the log."""

    reason: str
    raw: bytes
    is_cut_short: bool = False
    """Another frame began in its middle. A device answers that one; a NAK besides would be taken for the answer."""


@dataclass(frozen=True)
class Noise:
    """Bytes outside any frame. A lone 00 as the first answer usually means a wrong baud rate."""

    raw: bytes


class NeedData(Enum):
    NEED_DATA = "need data"


NEED_DATA: Final = NeedData.NEED_DATA

Event = Request | Reply | Nak | Syn | Damaged | Noise


class Connection:
    """One direction-free end of an ISL wire.

        01 LEN SEQ CMD DATA... 05 BCC4 03              request
        01 LEN SEQ CMD DATA... 04 STATUS 05 BCC4 03    reply

    Control bytes never occur inside LEN, SEQ, CMD, DATA, STATUS or BCC, so resynchronising is simple: 01 always begins
    a frame (what stood open before it is Damaged), 03 always ends one. Bytes before a 01 are Noise, except NAK and SYN.
    A frame that outgrows its format without 03 is Damaged and dropped. At most `_UNREAD_LIMIT` bytes are held.
    """

    def __init__(self, format: FrameFormat) -> None:
        self.format = format
        self._unread = bytearray()
        self._overrun = 0

    def send(self, message: Request | Reply) -> bytes:
        if message.format is not self.format:
            raise IllegalMessage(f"a {message.format.name} message on a {self.format.name} connection")
        return _encode(message)

    def feed(self, data: bytes) -> None:
        self._unread += data
        excess = len(self._unread) - _UNREAD_LIMIT
        if excess > 0:
            del self._unread[:excess]
            self._overrun += excess

    def reset(self) -> None:
        """Forget what was fed: the wire was closed or its input discarded."""
        self._unread.clear()
        self._overrun = 0

    def next_event(self) -> Event | NeedData:
        if self._overrun:
            lost, self._overrun = self._overrun, 0
            return Damaged(f"{lost} bytes dropped unread", b"")
        if not self._unread:
            return NEED_DATA
        first = self._unread[0]
        if first == _PREAMBLE:
            return self._next_frame()
        if first == _NAK:
            self._take(1)
            return Nak()
        if first == _SYN:
            self._take(1)
            return Syn()
        return Noise(self._take(self._find({_PREAMBLE, _NAK, _SYN}) or len(self._unread)))

    def _next_frame(self) -> Event | NeedData:
        end = self._find({_PREAMBLE, _TERMINATOR})
        if end is None:
            if len(self._unread) < self.format.frame_max:
                return NEED_DATA
            return Damaged("longer than any frame", self._take(len(self._unread)))
        if self._unread[end] == _PREAMBLE:
            return Damaged("cut short by another frame", self._take(end), is_cut_short=True)
        raw = self._take(end + 1)
        try:
            return _decode(raw, self.format)
        except _DamagedFrame as damage:
            return Damaged(str(damage), raw)

    def _find(self, wanted: set[int]) -> int | None:
        return next((at for at, byte in enumerate(self._unread) if at and byte in wanted), None)

    def _take(self, count: int) -> bytes:
        taken = bytes(self._unread[:count])
        del self._unread[:count]
        return taken


class _DamagedFrame(Exception):
    pass


def _check(format: FrameFormat, seq: int, command: int, data: bytes, data_max: int) -> None:
    if not _BIAS <= seq <= format.seq_max:
        raise IllegalMessage(f"SEQ {seq:02X}h in a {format.name} frame")
    if not _BIAS <= command <= format.command_max:
        raise IllegalMessage(f"CMD {command:02X}h in a {format.name} frame")
    size = len(_escape(data))
    if size > data_max:
        raise IllegalMessage(f"{size} bytes of data, at most {data_max}")


def _encode(message: Request | Reply) -> bytes:
    format = message.format
    tail = b""
    if isinstance(message, Reply):
        tail = bytes([_SEPARATOR]) + message.status
    data = _escape(message.data) + tail + bytes([_POSTAMBLE])
    length = _BIAS + format.header_size + len(data)
    body = _number(length, format.length_size) + bytes([message.seq])
    body += _number(message.command, format.command_size) + data
    return bytes([_PREAMBLE]) + body + _nibbles(sum(body) & 0xFFFF) + bytes([_TERMINATOR])


def _decode(raw: bytes, format: FrameFormat) -> Request | Reply:
    body = raw[1:-_TAIL_SIZE]
    if len(body) < format.header_size + 1 or body[-1] != _POSTAMBLE:
        raise _DamagedFrame("no postamble in its place")
    if _from_nibbles(raw[-_TAIL_SIZE:-1]) != sum(body) & 0xFFFF:
        raise _DamagedFrame("checksum does not match")
    head, content = body[: format.header_size], body[format.header_size : -1]
    if _from_number(head[: format.length_size]) != _BIAS + len(body):
        raise _DamagedFrame("length does not match")
    seq = head[format.length_size]
    command = _from_number(head[format.length_size + 1 :])
    data, separator, status = content.partition(bytes([_SEPARATOR]))
    try:
        if separator:
            return Reply(seq, command, _unescape(data), status, format)
        return Request(seq, command, _unescape(data), format)
    except IllegalMessage as error:
        raise _DamagedFrame(str(error)) from error


def _escape(data: bytes) -> bytes:
    return b"".join(_escaped(data))


def _escaped(data: bytes) -> Iterator[bytes]:
    for byte in data:
        if byte < _BIAS and byte not in _RAW_CONTROLS:
            yield bytes([_ESCAPE, byte + _ESCAPE_SHIFT])
        else:
            yield bytes([byte])


def _unescape(data: bytes) -> bytes:
    plain = bytearray()
    rest = iter(data)
    for byte in rest:
        if byte == _ESCAPE:
            shifted = next(rest, 0)
            if not _ESCAPE_SHIFT <= shifted < _ESCAPE_SHIFT + _BIAS:
                raise _DamagedFrame("broken escape")
            plain.append(shifted - _ESCAPE_SHIFT)
        elif byte < _BIAS and byte not in _RAW_CONTROLS:
            raise _DamagedFrame("control byte in data")
        else:
            plain.append(byte)
    return bytes(plain)


def _number(value: int, size: int) -> bytes:
    return bytes([value]) if size == 1 else _nibbles(value)


def _from_number(raw: bytes) -> int:
    return raw[0] if len(raw) == 1 else _from_nibbles(raw)


def _nibbles(value: int) -> bytes:
    return bytes(_NIBBLE_BIAS + (value >> shift & 0xF) for shift in (12, 8, 4, 0))


def _from_nibbles(raw: bytes) -> int:
    value = 0
    for byte in raw:
        if not _NIBBLE_BIAS <= byte <= _NIBBLE_BIAS + 0xF:
            raise _DamagedFrame("not a nibble")
        value = value << 4 | (byte - _NIBBLE_BIAS)
    return value
