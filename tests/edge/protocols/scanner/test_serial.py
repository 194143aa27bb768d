"""The serial splitter: framings, silence, damage; sliced anyhow the stream says the same."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocols.scanner import (
    AimMode,
    Content,
    Dropped,
    DropReason,
    Event,
    Frame,
    RepeatFilter,
    SerialFraming,
    SerialSplitter,
)

_CR = SerialFraming()
_LF = SerialFraming(suffix=b"\n")
_CRLF = SerialFraming(suffix=b"\r\n")
_TAB = SerialFraming(suffix=b"\t")
_STX_ETX = SerialFraming(prefix=b"\x02", suffix=b"\x03")
_LETTER_PREFIX = SerialFraming(prefix=b"A7", suffix=b"\r")
_SILENT = SerialFraming(suffix=b"")
_ALL = [_CR, _LF, _CRLF, _TAB, _STX_ETX, _LETTER_PREFIX, _SILENT]
_WORKED = b"]d201040063813339311727123110ABC123\x1d2112345"


def _frame(text: str, aim: str | None = None) -> Frame:
    return Frame(((aim or "") + text).encode(), text, aim)


def _split(framing: SerialFraming, *chunks: bytes) -> list[Event]:
    """Everything that comes out, the silence after the last byte included."""
    splitter = SerialSplitter(framing)
    events = [event for chunk in chunks for event in splitter.feed(chunk, 0.0)]
    return events + splitter.tick(1.0)


@pytest.mark.parametrize(
    ("framing", "wire", "events"),
    [
        (_CR, b"4006381333931\r", [_frame("4006381333931")]),
        (_CR, b"]E04006381333931\r", [_frame("4006381333931", "]E0")]),
        (_CR, _WORKED + b"\r", [_frame(_WORKED.decode()[3:], "]d2")]),
        (_CR, b"1\r\n2\r\n", [_frame("1"), _frame("2")]),
        (_CR, b"\r\r\n\n\r1\r", [_frame("1")]),
        (_CR, b"line one\nline two\r", [_frame("line one\nline two")]),
        (_CR, b"]C0\r1\r", [_frame("1")]),
        (_LF, b"1\n2\r\n", [_frame("1"), _frame("2")]),
        (_LF, b"1\n\r2\n", [_frame("1"), _frame("2")]),
        (_CRLF, b"1\r\n2\r\n\r\n", [_frame("1"), _frame("2")]),
        (_CRLF, b"BEGIN:VCARD\nEND\r\n", [_frame("BEGIN:VCARD\nEND")]),
        (_TAB, b"1\t\t2\t", [_frame("1"), _frame("2")]),
        (_STX_ETX, b"\x021\x03\r\n\x022\x03", [_frame("1"), _frame("2")]),
        (_STX_ETX, b"\x02]E04006381333931\x03", [_frame("4006381333931", "]E0")]),
        (_STX_ETX, b"\x021\x02\x0222\x03", [Dropped(DropReason.INCOMPLETE, 3), _frame("22")]),
        (_STX_ETX, b"63\x03\x0222\x03", [Dropped(DropReason.NO_PREFIX, 2), _frame("22")]),
        (_LETTER_PREFIX, b"A7BA7\rA71\r", [_frame("BA7"), _frame("1")]),
        (_LETTER_PREFIX, b"7B\rA71\r", [Dropped(DropReason.NO_PREFIX, 2), _frame("1")]),
        (_SILENT, b"4006381333931", [_frame("4006381333931")]),
        (_SILENT, b"4006381333931\r\n", [_frame("4006381333931")]),
        (_CR, b"40063813", [Dropped(DropReason.INCOMPLETE, 8)]),
        (_CR, b"", []),
        (_STX_ETX, b"\r\n", []),
    ],
)
def test_framings_whole_and_byte_by_byte(framing: SerialFraming, wire: bytes, events: list[Event]) -> None:
    assert _split(framing, wire) == events
    assert _split(framing, *(wire[at : at + 1] for at in range(len(wire)))) == events


@pytest.mark.parametrize(
    ("content", "wire", "event"),
    [
        (Content(), "Цена £".encode(), _frame("Цена £")),
        (Content("cp1251"), "Цена".encode("cp1251"), Frame("Цена".encode("cp1251"), "Цена", None)),
        (Content("iso-8859-1"), b"\xa3 5", Frame(b"\xa3 5", "£ 5", None)),
        (Content(), b"\xff5", Frame(b"\xff5", "�5", None)),
        (Content("cp1251"), b"\x985", Frame(b"\x985", "�5", None)),
        (Content(aim=AimMode.NEVER), b"]E0123", _frame("]E0123")),
        (Content(aim=AimMode.REQUIRED), b"]E0123", _frame("123", "]E0")),
        (Content(aim=AimMode.REQUIRED), b"123", Dropped(DropReason.NO_AIM, 3)),
        (Content(), b"]?0123", _frame("]?0123")),
        (Content(gs_substitute="^]"), b"10AB^]21C", Frame(b"10AB^]21C", "10AB\x1d21C", None)),
        (Content(gs_substitute="|"), b"]d210AB|21C", Frame(b"]d210AB|21C", "10AB\x1d21C", "]d2")),
        (Content(gs_substitute="~"), b"]Q1https://a/~b", _frame("https://a/~b", "]Q1")),
    ],
)
def test_content_is_read_as_the_scanner_is_set(content: Content, wire: bytes, event: Event) -> None:
    assert _split(SerialFraming(content=content), wire + b"\r") == [event]


def test_a_pause_below_half_a_second_does_not_break_a_scan() -> None:
    splitter = SerialSplitter(_CR)
    assert splitter.feed(b"400638", 10.0) == []
    assert splitter.deadline == 10.5
    assert splitter.tick(10.49) == []
    assert splitter.feed(b"1333931\r", 10.49) == [_frame("4006381333931")]
    assert splitter.deadline is None


@pytest.mark.parametrize("ticked", [True, False])
def test_an_unfinished_scan_is_dropped_after_half_a_second_and_the_next_is_clean(ticked: bool) -> None:
    splitter = SerialSplitter(_CR)
    splitter.feed(b"400638", 10.0)
    events = [event for _ in range(ticked) for event in splitter.tick(10.5)]
    assert [*events, *splitter.feed(b"22423\r", 10.5)] == [Dropped(DropReason.INCOMPLETE, 6), _frame("22423")]


def test_silence_ends_the_scan_of_a_scanner_without_suffix() -> None:
    splitter = SerialSplitter(SerialFraming(suffix=b"", silence_s=0.05))
    assert splitter.feed(b"400638", 10.0) == []
    assert splitter.feed(b"1333931", 10.04) == []
    assert splitter.deadline == pytest.approx(10.09)
    assert splitter.tick(10.08) == []
    assert splitter.tick(10.1) == [_frame("4006381333931")]
    assert splitter.deadline is None
    assert splitter.feed(b"22423", 20.0) == []
    assert splitter.feed(b"85123A", 20.05) == [_frame("22423")]


@pytest.mark.parametrize("framing", _ALL)
@pytest.mark.parametrize("chunk", [1, 1000, 100_000])
def test_an_endless_scan_is_reported_once_and_fills_no_memory(framing: SerialFraming, chunk: int) -> None:
    splitter = SerialSplitter(framing)
    noise = b"x" * 10_000
    events = [event for at in range(0, 10_000, chunk) for event in splitter.feed(noise[at : at + chunk], 1.0)]
    assert events == [Dropped(DropReason.OVERSIZE, 4096)]
    assert len(splitter._buffer) < 2 * 4096
    assert splitter.feed(framing.suffix, 1.0) == []
    good = framing.prefix + b"22423" + framing.suffix
    assert splitter.tick(5.0) + splitter.feed(good, 5.0) + splitter.tick(6.0) == [Frame(b"22423", "22423", None)]


@pytest.mark.parametrize("framing", [_CR, _LF, _CRLF, _TAB])
@pytest.mark.parametrize(("length", "reason"), [(4096, None), (4097, DropReason.OVERSIZE)])
def test_the_limit_is_the_same_however_the_stream_is_sliced(
    framing: SerialFraming, length: int, reason: DropReason | None
) -> None:
    wire = b"x" * length + framing.suffix
    whole = _split(framing, wire)
    assert [getattr(event, "reason", None) for event in whole] == [reason]
    assert _split(framing, *(wire[at : at + 1] for at in range(len(wire)))) == whole
    assert _split(framing, *(wire[at : at + 100] for at in range(0, len(wire), 100))) == whole


_WIRES = st.lists(
    st.one_of(
        st.sampled_from([b"\r", b"\n", b"\r\n", b"\t", b"\x02", b"\x03", b"]", b"]E0", b"A7", _WORKED, b"x" * 4090]),
        st.binary(max_size=20),
    ),
    max_size=30,
).map(b"".join)


@given(st.sampled_from(_ALL), _WIRES, st.data())
def test_slices_change_nothing(framing: SerialFraming, wire: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(wire)), max_size=8).map(sorted))
    chunks = [wire[start:end] for start, end in pairwise([0, *cuts, len(wire)])]
    assert _split(framing, *chunks) == _split(framing, wire)


@given(st.sampled_from(_ALL), st.lists(st.tuples(st.binary(max_size=300), st.floats(0, 1)), max_size=30))
def test_garbage_neither_crashes_nor_fills_memory_nor_stops_the_next_scan(
    framing: SerialFraming, chunks: list[tuple[bytes, float]]
) -> None:
    splitter = SerialSplitter(framing)
    now = 0.0
    for chunk, pause in chunks:
        now += pause
        splitter.feed(chunk, now)
        assert len(splitter._buffer) <= 4096 + 300
    splitter.tick(now + 0.5)
    good = framing.prefix + b"22423" + framing.suffix
    assert splitter.feed(good, now + 0.5) + splitter.tick(now + 2) == [_frame("22423")]


@pytest.mark.parametrize("framing", _ALL)
@pytest.mark.parametrize("flip", [0x01, 0x0F, 0x80])
def test_a_damaged_byte_costs_its_own_scan_at_most(framing: SerialFraming, flip: int) -> None:
    wire = framing.prefix + b"]E04006381333931" + framing.suffix
    good = framing.prefix + b"22423" + framing.suffix
    for place in range(len(wire)):
        damaged = bytearray(wire)
        damaged[place] ^= flip
        splitter = SerialSplitter(framing)
        splitter.feed(bytes(damaged), 0.0)
        splitter.tick(0.6)
        assert splitter.feed(good, 0.7) + splitter.tick(2.0) == [_frame("22423")]


def test_the_same_code_twice_is_two_scans_unless_the_shop_says_otherwise() -> None:
    off = RepeatFilter(0)
    assert [off.is_repeat(b"1", at) for at in (0.0, 0.0, 0.1)] == [False, False, False]


def test_a_repeat_within_the_window_is_told_and_renews_it() -> None:
    repeats = RepeatFilter(0.3)
    codes = [(b"1", 0.0), (b"1", 0.2), (b"1", 0.4), (b"2", 0.5), (b"1", 0.6), (b"1", 0.9)]
    assert [repeats.is_repeat(code, at) for code, at in codes] == [False, True, True, False, False, False]
