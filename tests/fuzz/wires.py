"""Targets on serial lines: registers, printers, scanners; our end and the simulators'."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.protocols import escpos
from edge.protocols.datecs_isl import (
    LONG,
    NEED_DATA,
    SHORT,
    Connection,
    Dialect,
    FrameFormat,
    MalformedStatus,
    Noise,
    Reply,
    Request,
    decode_status,
    encode_status,
)
from edge.protocols.scanner import (
    KeyboardDecoder,
    KeyboardFraming,
    PosDecoder,
    PosReport,
    SerialFraming,
    SerialSplitter,
)
from edge.protocols.scanner.events import LONGEST_SCAN, AimMode, Content, Frame
from simulators import datecs_isl, datecs_isl_x
from simulators._escpos.interpreter import Interpreter
from simulators._escpos.letters import LetterDecoder
from simulators._escpos.options import Options
from simulators._escpos.receiver import Receiver
from simulators._escpos.tokens import Kind
from simulators.customers.retail import COLUMNS, make_plan, read_lines
from simulators.scanner_script import unescape
from simulators.serving import Settings
from tests.fuzz.target import Bytes, Target

__all__ = ["TARGETS"]

# -- registers --------------------------------------------------------------------------------------------------------


def _events(format: FrameFormat, pieces: list[bytes]) -> list[Any]:
    """What a connection makes of these; neighbouring noise in one piece, because slices may cut it."""
    connection = Connection(format)
    events: list[Any] = []
    for piece in pieces:
        connection.feed(piece)
        while (event := connection.next_event()) is not NEED_DATA:
            if isinstance(event, Noise) and events and isinstance(events[-1], Noise):
                event = Noise(events.pop().raw + event.raw)
            events.append(event)
    return events


def _frames(format: FrameFormat) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        events = _events(format, [data])
        assert events == _events(format, [data[at : at + 1] for at in range(len(data))]), "slices matter"
        for event in events:
            if isinstance(event, Request | Reply):
                wire = Connection(format).send(event)
                assert len(wire) <= format.frame_max
                assert _events(format, [wire]) == [event]

    return run


def _status(data: bytes) -> None:
    for dialect in Dialect:
        with suppress(MalformedStatus):
            status = decode_status(data, dialect)
            again = decode_status(encode_status(status.flags, dialect, switches=status.switches), dialect)
            # On Daisy byte 3 is an error code: its bits are switches as well as flags.
            assert status.flags <= again.flags
            assert status.failures <= status.flags


def _register(module: Any, dialect: str) -> Callable[[bytes], None]:
    settings = Settings(options={"speed": "fast", "dialect": dialect})
    commands = range(0x20, 0x80)

    def run(data: bytes) -> None:
        """Commands behind one another, each a number and a line of data."""
        device = module.build(settings, lambda: datetime(2026, 11, 21, 10))  # noqa: DTZ001 - a clock without a zone
        try:
            for part in data.split(b"\0")[:40]:
                command = commands[part[0] % len(commands)] if part else 0x4A
                answer = device.execute(command, part[1:200])
                assert all(byte >= 0x80 for byte in answer.status)
        finally:
            device.execute.__self__.register.memory.close()

    return run


# -- printers ---------------------------------------------------------------------------------------------------------


def _answers(data: bytes) -> None:
    def read(pieces: list[bytes]) -> tuple[list[escpos.Answer], int]:
        reader = escpos.AnswerReader()
        for piece in pieces:
            reader.feed(piece)
            assert len(reader._pending) <= 82, "more than the longest answer is held"
        return list(iter(reader.next_answer, None)), reader.garbage

    answers, garbage = read([data])
    assert (answers, garbage) == read([data[at : at + 1] for at in range(len(data))]), "slices matter"
    decoders = (
        escpos.decode_printer,
        escpos.decode_offline_cause,
        escpos.decode_error_cause,
        escpos.decode_paper,
        escpos.decode_buffered_paper,
    )
    for value in data[:8]:
        for decode in decoders:
            with suppress(escpos.MalformedFrame):
                decode(value)
    with suppress(escpos.MalformedFrame):
        escpos.decode_auto_status(data[:4])


def _printed_text(data: bytes) -> None:
    with suppress(UnicodeDecodeError):
        text = escpos.armscii8_decode(data)
        assert escpos.armscii8_decode(escpos.armscii8_encode(text)) == text
    safe = escpos.without_realtime(data)
    assert len(safe) == len(data)
    assert not any(bytes((0x10, second)) in safe for second in (0x04, 0x05, 0x14))


class _Device:
    """Around the simulated printer: answers go nowhere."""

    def reply(self, data: bytes) -> None: ...
    def set_auto_status(self, mask: int) -> None: ...
    def pulse(self, pin: int, on_ms: int) -> None: ...
    def cut(self, mode: str) -> None: ...
    def fed(self, dots: int) -> None: ...

    def paper_status(self) -> bytes:
        return b"\x00"

    def drawer_status(self) -> bytes:
        return b"\x01"

    def identity(self, n: int) -> bytes:
        return b"_\0"


def _printer(data: bytes) -> None:
    options = Options.parse({})
    letters = LetterDecoder(options.pages, international=options.international)
    printer = Interpreter(
        _Device(), options.width, letters, line_spacing=options.line_spacing, cr_feeds=options.cr_feeds
    )
    receiver = Receiver(4_096, in_data=True)
    for start in range(0, min(len(data), 2_048), 64):
        receiver.put(data[start : start + 64])
        receiver.look_ahead()
        while (token := receiver.next_token()) is not None:
            if token.kind is not Kind.REALTIME:
                printer.run(token)
    printer.finish()


# -- scanners ---------------------------------------------------------------------------------------------------------

_CONTENTS = (Content(), Content("cp1251", AimMode.REQUIRED, "^]"), Content("iso-8859-1", AimMode.NEVER))


def _fed(decoder: Any, pieces: list[bytes], at_s: float = 0.0) -> list[Any]:
    events: list[Any] = []
    for piece in pieces:
        events += decoder.feed(piece, at_s)
        assert len(decoder._buffer) <= LONGEST_SCAN + 64, "unbounded"
    return events + list(decoder.tick(at_s + 10))


def _checked(make: Callable[[], Any], data: bytes) -> None:
    whole = _fed(make(), [data])
    assert whole == _fed(make(), [data[at : at + 1] for at in range(len(data))]), "slices matter"
    assert all(0 < len(event.raw) <= LONGEST_SCAN for event in whole if isinstance(event, Frame))


def _serial(data: bytes) -> None:
    choices = Bytes(data)
    prefix = (b"", b"\x02", b"<<")[choices.below(3)]
    suffix = (b"\r", b"\r\n", b"\x03", b"", b"##")[choices.below(5)]
    content = _CONTENTS[choices.below(3)]
    rest = choices.rest()
    _checked(lambda: SerialSplitter(SerialFraming(prefix, suffix, content=content)), rest)


def _keyboard(data: bytes) -> None:
    choices = Bytes(data)
    framing = KeyboardFraming(silence_s=(0.08, None)[choices.below(2)], content=_CONTENTS[choices.below(3)])
    size = (24, 16)[choices.below(2)]
    rest = choices.rest()
    _checked(lambda: KeyboardDecoder(framing, size), rest)  # type: ignore[arg-type]


def _hid_pos(data: bytes) -> None:
    choices = Bytes(data)
    report = PosReport(content=_CONTENTS[choices.below(3)])
    rest = choices.rest()
    _checked(lambda: PosDecoder(report), rest)


def _script(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assert len(unescape(text)) <= len(text)


# -- the customers' file ----------------------------------------------------------------------------------------------

_HEADER = ",".join(COLUMNS).encode() + b"\r\n"


def _invoices(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".csv", dir="/dev/shm") as file:
        file.write(_HEADER + data)
        file.flush()
        lines = list(read_lines(Path(file.name)))
    make_plan(lines, 3)


def _isl_seeds(format: FrameFormat) -> Iterator[bytes]:
    status = b"\x80" * format.status_size
    yield Connection(format).send(Request(0x20, 0x31, b"Milk\tB1.00*2.000", format))
    yield Connection(format).send(Reply(0x21, 0x4A, b"0\t\x04", status, format)) + b"\x15\x16\x16"
    yield b"\0\xff" + Connection(format).send(Request(0x22, 0x38, b"", format))[:-3] + b"\x01"


_SALE_P = b"\x101,0000,1\0\x11Milk\tB1.00*2.000\0\x13\x15\0\x15P\t10.00\0\x18\0\x4a"
_SALE_X = b"\x101\t1\t1\t\t\0\x11Milk\t2\t1.00\t2.000\t\t\t\t\0\x150\t10.00\t\0\x18"
_KEY = b"\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01\0\x05\0\x01\0\0\0"

TARGETS = (
    Target("isl-short", _frames(SHORT), ("edge.protocols.datecs_isl.frames",), tuple(_isl_seeds(SHORT))),
    Target("isl-long", _frames(LONG), ("edge.protocols.datecs_isl.frames",), tuple(_isl_seeds(LONG))),
    Target("isl-status", _status, ("edge.protocols.datecs_isl.status",), (b"\x80" * 6, b"\x80" * 8, b"\xff" * 6)),
    Target(
        "escpos-answers",
        _answers,
        ("edge.protocols.escpos",),
        (b"\x12\x16\x5fMaker\0\x37\x22tok1\0\x11\x13", b"\x14\0\0\x0f", b"\x10\0\0\0\x00"),
    ),
    Target("escpos-text", _printed_text, ("edge.protocols.escpos",), (b"\xb2\xb3abc", b"\x10\x10\x04\x14\x10\x05")),
    Target(
        "scanner-serial",
        _serial,
        ("edge.protocols.scanner.serial", "edge.protocols.scanner.events"),
        (
            b"\0\0\0]E04850001000013\r",
            b"\1\2\1\x02]C1^]010\x03",
            b"\2\4\2<<abc##\r\n",
            b"\0\0\0" + b"7" * 4_200 + b"\r",
        ),
    ),
    Target(
        "scanner-keyboard",
        _keyboard,
        ("edge.protocols.scanner.keyboard",),
        (b"\0\0\0" + _KEY + _KEY[:20], b"\1\1\0" + 8 * _KEY, b"\0\0\1" + _KEY[:4] + _KEY[8:12] + _KEY[16:]),
    ),
    Target(
        "scanner-hid",
        _hid_pos,
        ("edge.protocols.scanner.hid_pos",),
        (b"\0\x02\x05]E0hello".ljust(65, b"\0"), b"\1" + 2 * b"\x02\x38]C1x".ljust(63, b"\1") + b"\1"),
    ),
    Target("scanner-script", _script, ("simulators.scanner_script",), (b"\\x1d\\u0531\\r\\\\", b"\\x\\u12")),
    Target("register-p", _register(datecs_isl, "P"), ("simulators.datecs_isl",), (_SALE_P,), 80),
    Target("register-c", _register(datecs_isl, "C"), ("simulators.datecs_isl",), (_SALE_P,), 80),
    Target("register-x", _register(datecs_isl_x, "X"), ("simulators.datecs_isl_x",), (_SALE_X,), 80),
    Target(
        "printer",
        _printer,
        ("simulators._escpos.interpreter", "simulators._escpos.tokens"),
        (
            b"\x1b@Hello\n\x1dk\x43\x0c485000100001\x1dV\0",
            b"\x1dv0\0\x02\0\x02\0\xff\0\xff\0\x1b*\x21\x02\0abcdef",
            b"\x1d(k\x03\x001C\x03\x1d(k\x07\x001P0abcd\x1d(k\x03\x001Q0",
            b"\x1d:\x1bd\x02\x1d:\x1d^\x02\0\x01",
        ),
        60,
    ),
    Target(
        "customers-file",
        _invoices,
        ("simulators.customers.retail",),
        (
            b"489434,85048,LIGHTS,12,2009-12-01 07:45:00,6.95,13085.0,UK\nC489449,22087,X,-12,2009-12-01,2.95,1,AU\n",
            b'1,"a\nb",,1e9,NaN,Infinity,,\n',
            b'"\0,\n',
        ),
        150,
    ),
)
