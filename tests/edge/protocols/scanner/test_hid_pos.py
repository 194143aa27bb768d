"""HID POS reports: joined by their `more` bit, given up after half a second."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocols.scanner import Dropped, DropReason, Event, Frame, PosDecoder, PosReport

_NOTES = bytes.fromhex("02 0D 5D 45 30 34 30 30 36 33 38 31 33 33 33 39 33 31").ljust(64, b"\0")


def _report(data: bytes, aim: bytes = b"]d2", *, more: bool = False, count: int | None = None) -> bytes:
    head = bytes([2, len(data) if count is None else count]) + aim
    return (head + data).ljust(63, b"\0") + bytes([more])


def _decode(*chunks: bytes) -> list[Event]:
    decoder = PosDecoder(PosReport())
    events = [event for chunk in chunks for event in decoder.feed(chunk, 0.0)]
    return events + decoder.tick(1.0)


def test_the_report_of_the_notes() -> None:
    assert _decode(_NOTES) == [Frame(b"]E04006381333931", "4006381333931", "]E0")]


def test_a_scanner_that_names_no_symbology() -> None:
    assert _decode(_report(b"22423", b"\0\0\0")) == [Frame(b"22423", "22423", None)]


def test_long_data_is_joined() -> None:
    text = "x" * 130
    wire = b"".join(_report(text[at : at + 56].encode(), more=at < 112) for at in range(0, 130, 56))
    assert _decode(wire) == [Frame(b"]d2" + text.encode(), text, "]d2")]


def test_an_empty_report_is_nothing() -> None:
    assert _decode(_report(b"")) == []


def test_the_rest_of_a_scan_is_awaited_for_half_a_second() -> None:
    decoder = PosDecoder(PosReport())
    assert decoder.feed(_report(b"abc", more=True), 10.0) == []
    assert decoder.deadline == 10.5
    assert decoder.tick(10.4) == []
    assert decoder.tick(10.5) == [Dropped(DropReason.INCOMPLETE, 6)]
    assert decoder.deadline is None


def test_a_late_part_is_no_continuation() -> None:
    decoder = PosDecoder(PosReport())
    decoder.feed(_report(b"abc", more=True), 10.0)
    assert decoder.feed(_NOTES, 10.6) == [
        Dropped(DropReason.INCOMPLETE, 6),
        Frame(b"]E04006381333931", "4006381333931", "]E0"),
    ]


def test_a_count_that_cannot_be_drops_the_scan_and_no_other() -> None:
    wire = _report(b"abc", more=True) + _report(b"def", count=57, more=True) + _report(b"ghi") + _NOTES
    assert _decode(wire) == [
        Dropped(DropReason.DAMAGED, 62),
        Frame(b"]E04006381333931", "4006381333931", "]E0"),
    ]


def test_an_endless_scan_is_reported_once() -> None:
    wire = _report(b"x" * 56, more=True) * 100 + _report(b"end") + _NOTES
    assert _decode(wire) == [
        Dropped(DropReason.OVERSIZE, 4096),
        Frame(b"]E04006381333931", "4006381333931", "]E0"),
    ]


def test_bytes_before_a_report_are_passed_over() -> None:
    assert _decode(b"\x00\xff\x01" + _NOTES) == [Frame(b"]E04006381333931", "4006381333931", "]E0")]


def test_offsets_are_settings() -> None:
    layout = PosReport(size=16, report_id=0x05, count_at=4, aim_at=1, data_at=5, data_size=10, more_at=15)
    decoder = PosDecoder(layout)
    assert decoder.feed(b"\x05]C0\x0522423".ljust(16, b"\0"), 0.0) == [Frame(b"]C022423", "22423", "]C0")]


_LONG = _report(b"x" * 56, more=True) + _report(b"y" * 7) + _NOTES


@given(st.lists(st.integers(0, len(_LONG)), max_size=8).map(sorted))
def test_slices_change_nothing(cuts: list[int]) -> None:
    chunks = [_LONG[start:end] for start, end in pairwise([0, *cuts, len(_LONG)])]
    assert _decode(*chunks) == _decode(_LONG)


@pytest.mark.parametrize("place", range(64))
def test_a_damaged_byte_costs_its_own_scan_at_most(place: int) -> None:
    damaged = bytearray(_NOTES)
    damaged[place] ^= 0x81
    decoder = PosDecoder(PosReport())
    decoder.feed(bytes(damaged), 0.0)
    decoder.tick(1.0)
    assert decoder.feed(_NOTES, 1.0) == [Frame(b"]E04006381333931", "4006381333931", "]E0")]


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_garbage_neither_crashes_nor_fills_memory_nor_stops_the_next_scan(chunks: list[bytes]) -> None:
    decoder = PosDecoder(PosReport())
    for chunk in chunks:
        decoder.feed(chunk, 0.0)
        assert len(decoder._buffer) < 64
        assert len(decoder._scan) <= 4096
    decoder.tick(1.0)
    assert decoder.feed(_NOTES, 1.0) == [Frame(b"]E04006381333931", "4006381333931", "]E0")]
