"""The ISL codec against every worked example of the protocol note, damage, garbage and chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocols.datecs_isl import (
    HEALTHY,
    LONG,
    NEED_DATA,
    SHORT,
    Connection,
    Damaged,
    Dialect,
    Event,
    FrameFormat,
    IllegalMessage,
    MalformedStatus,
    Nak,
    Noise,
    Reply,
    Request,
    StatusFlag,
    Syn,
    decode_status,
    encode_status,
)

IDLE = bytes.fromhex("80 80 80 80 86 9A")
OPEN = bytes.fromhex("80 80 88 80 86 9A")
IDLE_X = bytes.fromhex("80 80 80 80 86 9A 80 80")

# Protocol note "ISL", section 3.5, in its order.
GOLDEN = [
    pytest.param(Request(0x20, 0x4A), "01 24 20 4A 05 30 30 39 33 03", id="status"),
    pytest.param(Request(0x21, 0x3E), "01 24 21 3E 05 30 30 38 38 03", id="read clock"),
    pytest.param(
        Reply(0x21, 0x3E, b"21-11-26 16:00:00", IDLE),
        "01 3C 21 3E 32 31 2D 31 31 2D 32 36 20 31 36 3A 30 30 3A 30 30 04 80 80 80 80 86 9A 05 30 37 30 36 03",
        id="clock",
    ),
    pytest.param(
        Request(0x22, 0x30, b"1,0000,1"),
        "01 2C 22 30 31 2C 30 30 30 30 2C 31 05 30 31 3F 3D 03",
        id="open",
    ),
    pytest.param(
        Reply(0x22, 0x30, b"0012,0007", OPEN),
        "01 34 22 30 30 30 31 32 2C 30 30 30 37 04 80 80 88 80 86 9A 05 30 35 36 3D 03",
        id="opened",
    ),
    pytest.param(
        Request(0x23, 0x31, "Хляб\tБ1.20*2,-10.00".encode("cp1251")),
        "01 37 23 31 D5 EB FF E1 09 C1 31 2E 32 30 2A 32 2C 2D 31 30 2E 30 30 05 30 37 35 3F 03",
        id="sale",
    ),
    pytest.param(Request(0x24, 0x35, b"\tP2.16"), "01 2A 24 35 09 50 32 2E 31 36 05 30 31 3A 38 03", id="payment"),
    pytest.param(Reply(0x24, 0x35, b"D0", OPEN), "01 2D 24 35 44 30 04 80 80 88 80 86 9A 05 30 34 32 3B 03", id="paid"),
    pytest.param(Request(0x25, 0x38), "01 24 25 38 05 30 30 38 36 03", id="close"),
    pytest.param(
        Request(0x20, 0x3E, format=LONG), "01 30 30 32 3A 20 30 30 33 3E 05 30 31 3C 32 03", id="X read clock"
    ),
    pytest.param(
        Reply(0x20, 0x3E, b"0\t21-11-26 16:00:00\t", IDLE_X, LONG),
        "01 30 30 34 37 20 30 30 33 3E 30 09 32 31 2D 31 31 2D 32 36 20 31 36 3A 30 30 3A 30 30 09 04"
        " 80 80 80 80 86 9A 80 80 05 30 39 36 39 03",
        id="X clock",
    ),
    pytest.param(
        Request(0x21, 0x31, b"Bread\t2\t1.20\t2.000\t2\t10.00\t0\t", LONG),
        "01 30 30 34 37 21 30 30 33 31 42 72 65 61 64 09 32 09 31 2E 32 30 09 32 2E 30 30 30 09 32 09"
        " 31 30 2E 30 30 09 30 09 05 30 37 30 36 03",
        id="X sale",
    ),
    # Ours, beyond the note: an escaped control byte, in both formats.
    pytest.param(Request(0x20, 0x36, b"a\x01b"), "01 28 20 36 61 10 41 62 05 30 31 39 37 03", id="escaped short"),
]
golden = pytest.mark.parametrize(("message", "wire"), GOLDEN)


def drain(connection: Connection) -> list[Event]:
    return list(iter(connection.next_event, NEED_DATA))


@golden
def test_message_becomes_exact_bytes(message: Request | Reply, wire: str) -> None:
    assert Connection(message.format).send(message) == bytes.fromhex(wire)


@golden
def test_whole_frame_becomes_the_message(message: Request | Reply, wire: str) -> None:
    connection = Connection(message.format)
    connection.feed(bytes.fromhex(wire))
    assert drain(connection) == [message]


@golden
def test_frame_byte_by_byte_waits_for_the_last(message: Request | Reply, wire: str) -> None:
    connection = Connection(message.format)
    *first, last = bytes.fromhex(wire)
    for byte in first:
        connection.feed(bytes([byte]))
        assert connection.next_event() is NEED_DATA
    connection.feed(bytes([last]))
    assert drain(connection) == [message]


@golden
def test_garbage_around_a_frame_is_noise(message: Request | Reply, wire: str) -> None:
    connection = Connection(message.format)
    connection.feed(b"\x00\xff\x03" + bytes.fromhex(wire) + b"\x04\x05xyz")
    assert drain(connection) == [Noise(b"\x00\xff\x03"), message, Noise(b"\x04\x05xyz")]


@golden
def test_frame_after_a_broken_off_one_is_read(message: Request | Reply, wire: str) -> None:
    frame = bytes.fromhex(wire)
    connection = Connection(message.format)
    connection.feed(frame[:-3] + frame)
    assert drain(connection) == [Damaged("cut short by another frame", frame[:-3], is_cut_short=True), message]


@golden
def test_nak_and_syn_before_a_reply_are_events(message: Request | Reply, wire: str) -> None:
    connection = Connection(message.format)
    connection.feed(b"\x16\x16\x15" + bytes.fromhex(wire))
    assert drain(connection) == [Syn(), Syn(), Nak(), message]


@golden
def test_no_damaged_byte_yields_a_message(message: Request | Reply, wire: str) -> None:
    """The sum sees every change of one byte, so no single damaged byte may decode at all."""
    frame = bytes.fromhex(wire)
    for at in range(len(frame)):
        for value in range(256):
            if value == frame[at]:
                continue
            connection = Connection(message.format)
            connection.feed(frame[:at] + bytes([value]) + frame[at + 1 :])
            events = drain(connection)
            assert not [event for event in events if isinstance(event, Request | Reply)], (at, value)


@golden
def test_good_frame_after_each_damaged_one_is_read(message: Request | Reply, wire: str) -> None:
    frame = bytes.fromhex(wire)
    for at in range(len(frame)):
        connection = Connection(message.format)
        connection.feed(frame[:at] + bytes([frame[at] ^ 0x7F]) + frame[at + 1 :] + frame)
        assert drain(connection)[-1] == message


def test_frame_without_end_is_dropped_at_the_longest_size() -> None:
    connection = Connection(SHORT)
    connection.feed(b"\x01" + b"A" * (SHORT.frame_max - 2))
    assert connection.next_event() is NEED_DATA
    connection.feed(b"A")
    assert connection.next_event() == Damaged("longer than any frame", b"\x01" + b"A" * (SHORT.frame_max - 1))


def test_flood_is_bounded_and_reported() -> None:
    connection = Connection(SHORT)
    connection.feed(b"A" * 70_000 + bytes.fromhex("01 24 20 4A 05 30 30 39 33 03"))
    events = drain(connection)
    assert events[0] == Damaged("4474 bytes dropped unread", b"")
    assert events[-1] == Request(0x20, 0x4A)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("01 25 20 4A 05 30 30 39 34 03", "length does not match"),
        ("01 24 20 4A 05 30 30 39 34 03", "checksum does not match"),
        ("01 24 20 4A 05 30 30 39 40 03", "not a nibble"),
        ("01 24 1F 4A 05 30 30 39 32 03", "SEQ 1Fh in a short frame"),
        ("01 26 20 4A 10 30 05 30 30 3D 35 03", "broken escape"),
        ("01 25 20 4A 10 05 30 30 3A 34 03", "broken escape"),
        ("01 25 20 4A 07 05 30 30 39 3B 03", "control byte in data"),
        ("01 25 20 4A 04 05 30 30 39 38 03", "status of 0 bytes in a short frame"),
        ("01 2B 20 4A 04 80 80 80 80 80 1A 05 30 33 33 38 03", "a status byte without bit 7"),
        ("01 03", "no postamble in its place"),
    ],
)
def test_frame_breaking_a_rule_is_damaged(frame: str, reason: str) -> None:
    raw = bytes.fromhex(frame)
    connection = Connection(SHORT)
    connection.feed(raw)
    assert drain(connection) == [Damaged(reason, raw)]


@pytest.mark.parametrize(
    ("seq", "command", "data", "format"),
    [
        (0x1F, 0x4A, b"", SHORT),
        (0x80, 0x4A, b"", SHORT),
        (0x20, 0x1F, b"", SHORT),
        (0x20, 0x100, b"", SHORT),
        (0x20, 0x4A, b"A" * 214, SHORT),
        (0x20, 0x4A, b"\x01" * 107, SHORT),
        (0x100, 0x4A, b"", LONG),
        (0x20, 0x4A, b"A" * 1025, LONG),
    ],
)
def test_request_that_no_frame_carries_cannot_exist(seq: int, command: int, data: bytes, format: FrameFormat) -> None:
    with pytest.raises(IllegalMessage):
        Request(seq, command, data, format)


@pytest.mark.parametrize("status", [IDLE[:5], IDLE_X, b"\x80\x80\x80\x80\x86\x1a"])
def test_reply_with_wrong_status_cannot_exist(status: bytes) -> None:
    with pytest.raises(IllegalMessage):
        Reply(0x20, 0x4A, b"", status)


def test_message_of_the_other_format_is_refused() -> None:
    with pytest.raises(IllegalMessage):
        Connection(SHORT).send(Request(0x20, 0x4A, format=LONG))


@pytest.mark.parametrize(("format", "seq", "following"), [(SHORT, 0x20, 0x21), (SHORT, 0x7F, 0x20), (LONG, 0xFF, 0x20)])
def test_sequence_wraps_at_the_end_of_its_range(format: FrameFormat, seq: int, following: int) -> None:
    assert format.next_seq(seq) == following


def _messages(format: FrameFormat) -> st.SearchStrategy[Request | Reply]:
    seq = st.integers(0x20, format.seq_max)
    command = st.integers(0x20, format.command_max)
    data = st.binary(max_size=format.reply_data_max // 2)
    status = st.lists(st.integers(0x80, 0xFF), min_size=format.status_size, max_size=format.status_size)
    requests = st.builds(Request, seq, command, data, st.just(format))
    replies = st.builds(Reply, seq, command, data, status.map(bytes), st.just(format))
    return requests | replies


@pytest.mark.parametrize("format", [SHORT, LONG], ids=["short", "long"])
@given(data=st.data())
def test_any_messages_survive_the_wire_in_any_pieces(format: FrameFormat, data: st.DataObject) -> None:
    messages = data.draw(st.lists(_messages(format), max_size=4))
    sender, receiver = Connection(format), Connection(format)
    wire = b"".join(sender.send(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=5)))
    events: list[Event] = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        receiver.feed(wire[start:end])
        events += drain(receiver)
    assert events == messages


@given(st.binary(max_size=600))
def test_no_garbage_stops_the_connection(garbage: bytes) -> None:
    connection = Connection(SHORT)
    connection.feed(garbage)
    drain(connection)
    connection.feed(bytes.fromhex("01 24 20 4A 05 30 30 39 33 03"))
    assert drain(connection)[-1] == Request(0x20, 0x4A)


# ---------------------------------------------------------------------------------------------------- status bits

P, C, X = Dialect.DATECS_P, Dialect.DATECS_C, Dialect.DATECS_X
DAISY, ELTRADE, INCOTEX = Dialect.DAISY, Dialect.ELTRADE, Dialect.INCOTEX

# Protocol note "ISL", section 4: the common column, then the column of differences (None: reserved).
COMMON_BITS = {
    (0, 6): StatusFlag.COVER_OPEN,
    (0, 5): StatusFlag.GENERAL_ERROR,
    (0, 4): StatusFlag.PRINT_MECHANISM,
    (0, 3): StatusFlag.NO_DISPLAY,
    (0, 2): StatusFlag.CLOCK_NOT_SET,
    (0, 1): StatusFlag.INVALID_COMMAND,
    (0, 0): StatusFlag.SYNTAX_ERROR,
    (1, 6): StatusFlag.TAX_TERMINAL,
    (1, 5): StatusFlag.ROTATED_RECEIPT_OPEN,
    (1, 4): StatusFlag.STORNO_OPEN,
    (1, 3): StatusFlag.CLOCK_BATTERY_LOW,
    (1, 2): StatusFlag.RAM_RESET,
    (1, 1): StatusFlag.NOT_ALLOWED,
    (1, 0): StatusFlag.AMOUNT_OVERFLOW,
    (2, 6): StatusFlag.JOURNAL_VERY_NEAR_FULL,
    (2, 5): StatusFlag.NON_FISCAL_OPEN,
    (2, 4): StatusFlag.JOURNAL_NEAR_FULL,
    (2, 3): StatusFlag.FISCAL_OPEN,
    (2, 2): StatusFlag.JOURNAL_FULL,
    (2, 1): StatusFlag.PAPER_NEAR_END,
    (2, 0): StatusFlag.PAPER_OUT,
    (4, 6): StatusFlag.OVERHEATED,
    (4, 5): StatusFlag.MEMORY_ERROR,
    (4, 4): StatusFlag.MEMORY_FULL,
    (4, 3): StatusFlag.MEMORY_NEAR_FULL,
    (4, 2): StatusFlag.SERIALS_SET,
    (4, 1): StatusFlag.TAX_NUMBER_SET,
    (4, 0): StatusFlag.MEMORY_WRITE_ERROR,
    (5, 5): StatusFlag.MEMORY_READ_ERROR,
    (5, 4): StatusFlag.VAT_RATES_SET,
    (5, 3): StatusFlag.FISCALISED,
    (5, 2): StatusFlag.MEMORY_LAST_WRITE_FAILED,
    (5, 1): StatusFlag.MEMORY_FORMATTED,
    (5, 0): StatusFlag.MEMORY_READ_ONLY,
}
X_UNUSED = [(0, 3), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6), (2, 6), (5, 0), (5, 2), (5, 5)]
DIFFERENCES: dict[Dialect, dict[tuple[int, int], StatusFlag | None]] = {
    P: {},
    C: {(0, 4): None, (1, 5): StatusFlag.UNSENT_DOCUMENTS},
    X: {**dict.fromkeys(X_UNUSED), (4, 6): StatusFlag.MEMORY_DAMAGED},
    DAISY: {
        (0, 6): None,
        (1, 6): StatusFlag.WRONG_PASSWORD,
        (1, 5): StatusFlag.CUTTER_ERROR,
        (4, 1): StatusFlag.NO_TAX_OFFICE_TASK,
        (5, 0): StatusFlag.MEMORY_OVERFLOW,
    },
    ELTRADE: {(0, 6): None, (1, 5): StatusFlag.COVER_OPEN, (1, 4): StatusFlag.RAM_FAILURE},
    INCOTEX: {},
}
SIZES = {P: 6, C: 6, X: 8, DAISY: 6, ELTRADE: 6, INCOTEX: 6}


@pytest.mark.parametrize("dialect", Dialect)
def test_every_single_bit_has_the_meaning_of_the_table(dialect: Dialect) -> None:
    meanings = {**COMMON_BITS, **DIFFERENCES[dialect]}
    for byte in range(SIZES[dialect]):
        for bit in range(7):
            raw = bytearray([0x80] * SIZES[dialect])
            raw[byte] |= 1 << bit
            expected = meanings.get((byte, bit))
            assert decode_status(bytes(raw), dialect).flags == frozenset({expected} - {None}), (byte, bit)


@pytest.mark.parametrize(("dialect", "raw"), [(P, IDLE), (C, IDLE), (X, IDLE_X)])
def test_healthy_device_is_both_ways_as_in_the_note(dialect: Dialect, raw: bytes) -> None:
    assert encode_status(HEALTHY, dialect) == raw
    assert decode_status(raw, dialect).flags == HEALTHY
    assert decode_status(raw, dialect).failures == frozenset()


@pytest.mark.parametrize(
    ("flag", "raw"),
    [
        (StatusFlag.PRINT_MECHANISM, "B0 80 80 80 80 80"),
        (StatusFlag.INVALID_COMMAND, "A2 80 80 80 80 80"),
        (StatusFlag.SYNTAX_ERROR, "A1 80 80 80 80 80"),
        (StatusFlag.CLOCK_BATTERY_LOW, "A0 88 80 80 80 80"),
        (StatusFlag.RAM_RESET, "A0 84 80 80 80 80"),
        (StatusFlag.NOT_ALLOWED, "A0 82 80 80 80 80"),
        (StatusFlag.PAPER_OUT, "A0 80 81 80 80 80"),
        (StatusFlag.MEMORY_FULL, "80 80 80 80 B0 80"),
        (StatusFlag.MEMORY_WRITE_ERROR, "80 80 80 80 A1 80"),
        (StatusFlag.MEMORY_LAST_WRITE_FAILED, "80 80 80 80 A0 84"),
        (StatusFlag.MEMORY_READ_ONLY, "80 80 80 80 A0 81"),
    ],
)
def test_failure_shows_in_its_summary_bit(flag: StatusFlag, raw: str) -> None:
    assert encode_status([flag], P) == bytes.fromhex(raw)
    assert decode_status(bytes.fromhex(raw), P).failures == {flag}


@pytest.mark.parametrize("flag", [StatusFlag.COVER_OPEN, StatusFlag.CLOCK_NOT_SET, StatusFlag.FISCAL_OPEN])
def test_condition_alone_fails_no_command(flag: StatusFlag) -> None:
    assert decode_status(encode_status([flag], P), P).failures == frozenset()


def test_switches_are_kept_apart_from_flags() -> None:
    status = decode_status(encode_status([StatusFlag.FISCALISED], DAISY, switches=0x45), DAISY)
    assert (status.switches, status.flags) == (0x45, {StatusFlag.FISCALISED})


def test_flag_without_a_bit_in_the_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="dialect X has no bit for 'RAM was reset'"):
        encode_status([StatusFlag.RAM_RESET], X)


@pytest.mark.parametrize(("raw", "dialect"), [(IDLE, X), (IDLE_X, P), (b"", P), (b"\x80\x80\x80\x80\x86\x1a", C)])
def test_status_no_device_sends_is_malformed(raw: bytes, dialect: Dialect) -> None:
    with pytest.raises(MalformedStatus):
        decode_status(raw, dialect)
