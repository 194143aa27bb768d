"""Answers of ESC/POS printers against the note's computed tables, whole, split and damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocols import escpos
from edge.protocols.escpos import (
    AnswerReader,
    AutoStatus,
    BufferedReply,
    FlowControl,
    IdentityReply,
    MalformedFrame,
    MarkerReply,
    RealTimeReply,
)

# Note 05, section 3: what n=1..4 answer in each situation.
SITUATIONS = {
    "ready": (0x12, 0x12, 0x12, 0x12),
    "near end": (0x12, 0x12, 0x12, 0x1E),
    "out of paper": (0x1A, 0x32, 0x12, 0x7E),
    "cover open": (0x1A, 0x16, 0x12, 0x12),
    "cutter jam": (0x1A, 0x52, 0x1A, 0x12),
}


def facts(row: tuple[int, int, int, int]) -> set[str]:
    status = escpos.decode_printer(row[0])
    cause = escpos.decode_offline_cause(row[1])
    error = escpos.decode_error_cause(row[2])
    paper = escpos.decode_paper(row[3])
    named = {
        "offline": status.is_offline,
        "cover": cause.cover_open,
        "stopped by paper": cause.paper_end,
        "error": cause.error,
        "cutter": error.cutter,
        "near end": paper.near_end,
        "end": paper.end,
        "drawer": status.drawer_pin_high,
    }
    return {name for name, is_set in named.items() if is_set}


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        ("ready", set()),
        ("near end", {"near end"}),
        ("out of paper", {"offline", "stopped by paper", "near end", "end"}),
        ("cover open", {"offline", "cover"}),
        ("cutter jam", {"offline", "error", "cutter"}),
    ],
)
def test_status_table_of_the_note(situation: str, expected: set[str]) -> None:
    assert facts(SITUATIONS[situation]) == expected


def test_drawer_pin_is_bit_2_of_the_first_status() -> None:
    assert escpos.decode_printer(0x16).drawer_pin_high is True
    assert escpos.decode_printer(0x12).drawer_pin_high is False


@pytest.mark.parametrize("value", [0x00, 0x10, 0x13, 0x11, 0x92, 0x02, 0xFF])
def test_wrong_fixed_bits_are_refused(value: int) -> None:
    with pytest.raises(MalformedFrame):
        escpos.decode_printer(value)
    with pytest.raises(MalformedFrame):
        escpos.decode_paper(value)


def quiet(**changes: bool) -> AutoStatus:
    fields = dict.fromkeys(AutoStatus.__dataclass_fields__, False)
    return AutoStatus(**{**fields, **changes})


@pytest.mark.parametrize(
    ("quad", "expected"),
    [
        ("10 00 00 00", quiet()),
        ("14 00 00 00", quiet(drawer_pin_high=True)),
        ("18 00 0F 00", quiet(is_offline=True, paper_near_end=True, paper_end=True)),
        ("38 00 00 00", quiet(is_offline=True, cover_open=True)),
        ("18 08 00 00", quiet(is_offline=True, cutter_error=True)),
        ("18 40 03 00", quiet(is_offline=True, auto_recoverable_error=True, paper_near_end=True)),
    ],
)
def test_automatic_status(quad: str, expected: AutoStatus) -> None:
    assert escpos.decode_auto_status(bytes.fromhex(quad)) == expected


@pytest.mark.parametrize("quad", ["10 00 00", "12 00 00 00", "10 10 00 00", "10 00 90 00", "10 00 00 80", ""])
def test_damaged_automatic_status_is_refused(quad: str) -> None:
    with pytest.raises(MalformedFrame):
        escpos.decode_auto_status(bytes.fromhex(quad))


def test_buffered_paper_byte() -> None:
    assert escpos.decode_buffered_paper(0x0F) == escpos.PaperStatus(near_end=True, end=True)
    assert escpos.decode_buffered_paper(0x03) == escpos.PaperStatus(near_end=True, end=False)
    with pytest.raises(MalformedFrame):
        escpos.decode_buffered_paper(0x12)


MIXED = bytes.fromhex("12 10 00 00 00 00 37 22 41 42 43 44 00 5F 50 4F 53 00 13 11 1A")
MIXED_ANSWERS = [
    RealTimeReply(0x12),
    quiet(),
    BufferedReply(0x00),
    MarkerReply(b"ABCD"),
    IdentityReply(b"POS"),
    FlowControl(may_send=False),
    FlowControl(may_send=True),
    RealTimeReply(0x1A),
]


def read_all(reader: AnswerReader) -> list[escpos.Answer]:
    answers: list[escpos.Answer] = []
    while (answer := reader.next_answer()) is not None:
        answers.append(answer)
    return answers


def test_every_kind_of_answer_in_one_stream() -> None:
    reader = AnswerReader()
    reader.feed(MIXED)
    assert read_all(reader) == MIXED_ANSWERS
    assert reader.garbage == 0


def test_answers_byte_by_byte() -> None:
    reader = AnswerReader()
    for byte in MIXED:
        reader.feed(bytes((byte,)))
    assert read_all(reader) == MIXED_ANSWERS


def test_garbage_before_a_status_is_skipped_and_counted() -> None:
    reader = AnswerReader()
    reader.feed(b"\xff\x9c\x12")
    assert read_all(reader) == [RealTimeReply(0x12)]
    assert reader.garbage == 2


def test_status_cut_short_by_another_answer_is_dropped() -> None:
    reader = AnswerReader()
    reader.feed(b"\x10\x00\x12" + b"\x37\x22AB\x12" + b"\x5fX\x12")
    assert read_all(reader)[-1] == RealTimeReply(0x12)


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_noise_never_breaks_the_reader_nor_fills_it(chunks: list[bytes]) -> None:
    reader = AnswerReader()
    for chunk in chunks:
        reader.feed(chunk)
        assert len(reader._pending) <= escpos._LONGEST_IDENTITY + 1
    reader.feed(b"\x00\x00\x00\x00\x00\x12")
    assert read_all(reader)[-1] == RealTimeReply(0x12)


@given(st.binary(max_size=60), st.integers(0, 60))
def test_answers_do_not_depend_on_where_the_stream_is_cut(data: bytes, at: int) -> None:
    whole, cut = AnswerReader(), AnswerReader()
    whole.feed(data)
    cut.feed(data[:at])
    cut.feed(data[at:])
    assert read_all(whole) == read_all(cut)
    assert whole.garbage == cut.garbage


def test_commands_byte_for_byte() -> None:
    assert escpos.request_status(4) == bytes.fromhex("10 04 04")
    assert bytes.fromhex("1D 72 01") == escpos.REQUEST_PAPER
    assert escpos.marker(b"wxyz") == bytes.fromhex("1D 28 48 06 00 30 30") + b"wxyz"
    assert escpos.request_identity("serial") == bytes.fromhex("1D 49 44")
    assert escpos.realtime_pulse(5, 150) == bytes.fromhex("10 14 01 01 02")
    assert escpos.set_auto_status(drawer=True, state=True) == bytes.fromhex("1D 61 0F")
    assert escpos.select_code_page(17) == bytes.fromhex("1B 74 11")
    assert escpos.bar_code("EAN13", b"4006381333931", height_dots=64, module_dots=2, text_below=True) == bytes.fromhex(
        "1D 48 02 1D 68 40 1D 77 02 1D 6B 43 0D"
    ) + (b"4006381333931")


def test_commands_refuse_what_the_wire_cannot_say() -> None:
    with pytest.raises(ValueError, match="four printable"):
        escpos.marker(b"abc")
    with pytest.raises(ValueError, match="four printable"):
        escpos.marker(b"ab\x00c")
    with pytest.raises(ValueError, match="1 to 800"):
        escpos.realtime_pulse(2, 900)
    with pytest.raises(ValueError, match="1 to 255"):
        escpos.bar_code("CODE128", b"", height_dots=64, module_dots=2, text_below=True)


@given(st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x01, 0xFF, 0x00])).map(bytes))
def test_pictures_never_carry_a_realtime_command(raster: bytes) -> None:
    safe = escpos.without_realtime(raster)
    assert not any(bytes((0x10, second)) in safe for second in (0x04, 0x05, 0x14))
    assert len(safe) == len(raster)
    assert all(after == before or (before, after) == (0x10, 0x18) for before, after in zip(raster, safe, strict=True))


@pytest.mark.parametrize(
    ("text", "code"), [("ՀԴՄ", "D0 B8 D8"), ("Հաշիվ", "D0 B3 DF C7 ED"), ("AMD 1-2", "41 4D 44 20 31 2D 32")]
)
def test_armscii_worked_examples(text: str, code: str) -> None:
    assert escpos.armscii8_encode(text) == bytes.fromhex(code)
    assert escpos.armscii8_decode(bytes.fromhex(code)) == text


def test_every_armenian_letter_returns_from_armscii() -> None:
    letters = "".join(chr(c) for c in range(0x531, 0x557)) + "".join(chr(c) for c in range(0x561, 0x587)) + "և։"
    assert escpos.armscii8_decode(escpos.armscii8_encode(letters)) == letters


def test_letters_outside_armscii_are_named() -> None:
    with pytest.raises(UnicodeEncodeError) as refusal:
        escpos.armscii8_encode("Հ֏")
    assert refusal.value.start == 1
    with pytest.raises(UnicodeDecodeError):
        escpos.armscii8_decode(b"\x80")
