"""Keyboard-wedge records: key codes as a US keyboard, bursts against people, damage and lost events."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocols.scanner import (
    Content,
    Dropped,
    DropReason,
    Event,
    Frame,
    KeyboardDecoder,
    KeyboardFraming,
    TypedKeys,
)

_BY_KEY = KeyboardFraming(silence_s=None)
_BY_SILENCE = KeyboardFraming()
_T0_US = 1_700_000_000_000_000

_ENTER, _TAB, _KEYPAD_ENTER, _SHIFT, _CTRL, _ALT, _CAPS, _F8 = 28, 15, 96, 42, 29, 56, 58, 66
_CODES = {digit: 2 + place for place, digit in enumerate("1234567890-=")}
_CODES |= {letter: 16 + place for place, letter in enumerate("qwertyuiop[]")}
_CODES |= {letter: 30 + place for place, letter in enumerate("asdfghjkl;'`")}
_CODES |= {letter: 43 + place for place, letter in enumerate("\\zxcvbnm,./")}
_KEYPAD = dict(zip("7894561230", (71, 72, 73, 75, 76, 77, 79, 80, 81, 82), strict=True))

_Step = tuple[int, int, int]
"""Key code, value, pause before it in milliseconds."""


def _tap(code: int, gap_ms: int = 5) -> list[_Step]:
    return [(code, 1, gap_ms), (code, 0, 1)]


def _taps(text: str, gap_ms: int = 5) -> list[_Step]:
    return [step for character in text for step in _tap(_CODES[character], gap_ms)]


def _held(modifier: int, inner: list[_Step]) -> list[_Step]:
    return [(modifier, 1, 3), *inner, (modifier, 0, 1)]


def _records(steps: Iterable[_Step], layout: str = "<QQHHi", start_us: int = _T0_US) -> bytes:
    wire, now = b"", start_us
    for code, value, gap_ms in steps:
        now += gap_ms * 1000
        stamp = divmod(now, 1_000_000)
        wire += struct.pack(layout, *stamp, 4, 4, code)  # scan code, as real keyboards send it first
        wire += struct.pack(layout, *stamp, 1, code, value)
        wire += struct.pack(layout, *stamp, 0, 0, 0)
    return wire


def _decode(framing: KeyboardFraming, *chunks: bytes, size: Literal[16, 24] = 24) -> list[Event]:
    decoder = KeyboardDecoder(framing, size)
    events = [event for chunk in chunks for event in decoder.feed(chunk, 0.0)]
    return events + decoder.tick(1.0)


def _frame(text: str, aim: str | None = None) -> Frame:
    return Frame(((aim or "") + text).encode(), text, aim)


def test_the_record_of_the_notes() -> None:
    wire = bytes.fromhex("00f1536500000000 0000000000000000 0100 0200 01000000")
    end = _records([(_ENTER, 1, 0)])
    assert _decode(_BY_KEY, wire, end) == [_frame("1")]


def test_records_of_32_bit_systems() -> None:
    wire = _records([*_taps("4006381333931"), *_tap(_ENTER)], "<IIHHi")
    assert _decode(_BY_KEY, wire, size=16) == [_frame("4006381333931")]


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        pytest.param(_taps("1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./"), None, id="plain"),
        pytest.param(_tap(57), " ", id="space"),
        pytest.param(_held(_SHIFT, _taps("1234567890-=[];'`\\,./")), '!@#$%^&*()_+{}:"~|<>?', id="shift-on-signs"),
        pytest.param(_held(54, _taps("abcxyz")), "ABCXYZ", id="right-shift"),
        pytest.param([*_tap(_CAPS), *_taps("abc"), *_held(_SHIFT, _taps("d"))], "abcD", id="caps-lock-ignored"),
        pytest.param([step for key in _KEYPAD.values() for step in _tap(key)], "7894561230", id="keypad"),
        pytest.param([*_taps("10ab"), *_held(_CTRL, _taps("]")), *_taps("21c")], "10ab\x1d21c", id="ctrl-]-is-GS"),
        pytest.param([*_taps("a"), *_held(97, _taps("b"))], "a\x02", id="right-ctrl"),
        pytest.param([*_taps("ab"), (30, 2, 1), (30, 2, 1)], "ab", id="auto-repeat-ignored"),
        pytest.param([*_taps("ab"), *_tap(14), *_tap(125), *_tap(_F8)], "ab", id="other-keys-ignored"),
        pytest.param([*_taps("a"), *_held(_ALT, _tap(82) + _tap(82) + _tap(75) + _tap(79))], "a)", id="alt-0041"),
        pytest.param([*_held(_ALT, _tap(82) + _tap(80) + _tap(73)), *_taps("a")], "\x1da", id="alt-029-is-GS"),
        pytest.param(_held(100, _tap(80) + _tap(75) + _tap(71)), "÷", id="alt-above-127"),
        pytest.param(_held(_ALT, _tap(73) + _tap(73) + _tap(73)), "�", id="alt-999"),
        pytest.param([*_held(_ALT, []), *_held(_ALT, _taps("x")), *_taps("a")], "a", id="alt-alone"),
    ],
)
def test_keys_are_characters_of_a_us_keyboard(steps: list[_Step], text: str | None) -> None:
    expected = "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./" if text is None else text
    assert _decode(_BY_KEY, _records([*steps, *_tap(_ENTER)])) == [_frame(expected)]


@pytest.mark.parametrize(
    "end",
    [
        _tap(_ENTER),
        _tap(_TAB),
        _tap(_KEYPAD_ENTER),
        _held(_CTRL, _taps("m")),
        _held(_CTRL, _taps("j")),
        _held(_ALT, _tap(82) + _tap(79) + _tap(81)),
    ],
)
@pytest.mark.parametrize("framing", [_BY_KEY, _BY_SILENCE])
def test_every_end_key_ends_a_scan_of_any_length(framing: KeyboardFraming, end: list[_Step]) -> None:
    steps = [*_taps("m"), *end, *end, *_taps("22423"), *end]
    assert _decode(framing, _records(steps)) == [_frame("m"), _frame("22423")]


def test_an_aim_identifier_is_taken_off() -> None:
    steps = [*_taps("]"), *_held(_SHIFT, _taps("c")), *_taps("185123"), *_held(_SHIFT, _taps("a")), *_tap(_ENTER)]
    assert _decode(_BY_KEY, _records(steps)) == [_frame("85123A", "]C1")]


@pytest.mark.parametrize(
    ("substitute", "key"),
    [
        ("F8", _tap(_F8)),
        ("|", _held(_SHIFT, _taps("\\"))),
        ("^]", [*_held(_SHIFT, _taps("6")), *_taps("]")]),
    ],
)
def test_what_stands_for_the_separator_becomes_one(substitute: str, key: list[_Step]) -> None:
    framing = KeyboardFraming(silence_s=None, content=Content(gs_substitute=substitute))
    (event,) = _decode(framing, _records([*_taps("10ab"), *key, *_taps("21c"), *_tap(_ENTER)]))
    assert isinstance(event, Frame)
    assert event.text == "10ab\x1d21c"


def test_the_scanners_code_page_says_what_an_alt_number_means() -> None:
    framing = KeyboardFraming(silence_s=None, content=Content("cp1251"))
    steps = [*_held(_ALT, _tap(82) + _tap(80) + _tap(76) + _tap(75)), *_tap(_ENTER)]
    assert _decode(framing, _records(steps)) == [_frame("ю")]


def test_a_persons_keys_are_never_a_scan() -> None:
    steps = [*_taps("4006381333931", gap_ms=80), *_tap(_ENTER, 120)]
    assert _decode(_BY_KEY, _records(steps)) == [TypedKeys(1)] * 13
    assert _decode(_BY_SILENCE, _records(steps)) == [TypedKeys(1)] * 13


def test_a_scan_between_a_persons_keys_is_found() -> None:
    steps = [*_taps("ab", 90), *_tap(2, 200), *_taps("2345"), *_tap(_ENTER), *_taps("x", 90)]
    events = [TypedKeys(1), TypedKeys(1), _frame("12345"), TypedKeys(1)]
    assert _decode(_BY_KEY, _records(steps)) == events


@pytest.mark.parametrize(("gap_ms", "events"), [(35, [_frame("22423")]), (60, [TypedKeys(1)] * 5)])
def test_the_slowest_scanner_and_the_fastest_person(gap_ms: int, events: list[Event]) -> None:
    assert _decode(_BY_KEY, _records([*_taps("22423", gap_ms - 1), *_tap(_ENTER, gap_ms - 1)])) == events


def test_silence_ends_a_burst_when_the_scanner_sends_no_end() -> None:
    decoder = KeyboardDecoder(_BY_SILENCE)
    assert decoder.feed(_records(_taps("22423")), 10.0) == []
    assert decoder.deadline == pytest.approx(10.08)
    assert decoder.tick(10.07) == []
    assert decoder.tick(10.09) == [_frame("22423")]
    assert decoder.deadline is None


def test_two_bursts_in_one_read_are_told_apart_by_the_records_own_time() -> None:
    steps = [*_taps("22423"), *_taps("8", 200), *_taps("5123")]
    assert _decode(_BY_SILENCE, _records(steps)) == [_frame("22423"), _frame("85123")]


@pytest.mark.parametrize(
    ("pause_ms", "events"),
    [(490, [_frame("2242385123")]), (510, [Dropped(DropReason.INCOMPLETE, 5), _frame("85123")])],
)
def test_a_stall_is_bridged_while_the_end_key_is_awaited(pause_ms: int, events: list[Event]) -> None:
    steps = [*_taps("22423"), *_tap(9, pause_ms), *_taps("5123"), *_tap(_ENTER)]
    assert _decode(_BY_KEY, _records(steps)) == events


def test_three_keys_without_an_end_are_a_person() -> None:
    assert _decode(_BY_SILENCE, _records(_taps("224"))) == [TypedKeys(3)]


def test_a_burst_without_its_enter_is_dropped_where_the_scanner_always_sends_one() -> None:
    decoder = KeyboardDecoder(_BY_KEY)
    assert decoder.feed(_records(_taps("22423")), 10.0) == []
    assert decoder.tick(10.49) == []
    assert decoder.tick(10.5) == [Dropped(DropReason.INCOMPLETE, 5)]
    assert decoder.feed(_records([*_taps("85123"), *_tap(_ENTER)]), 11.0) == [_frame("85123")]


def test_a_clock_that_is_set_back_does_not_break_a_scan() -> None:
    wire = _records(_taps("22")) + _records([*_taps("423"), *_tap(_ENTER)], start_us=_T0_US - 3_600_000_000)
    assert _decode(_BY_KEY, wire) == [_frame("22423")]


def _with_hole(hole: bytes) -> bytes:
    first, second = _records([(_SHIFT, 1, 0), *_taps("224")]), _records([*_taps("23"), *_tap(_ENTER)])
    return first + hole + second + _records([*_taps("85123"), *_tap(_ENTER)])


_OVERRUN = struct.pack("<QQHHi", 1_700_000_000, 0, 0, 3, 0)


@pytest.mark.parametrize(
    ("hole", "reason"),
    [
        # Keys up to the report that follows are not to be trusted either.
        pytest.param(_OVERRUN + _records([*_taps("9")])[24:], DropReason.OVERRUN, id="events-lost-by-the-system"),
        pytest.param(b"\xff" * 5, DropReason.DAMAGED, id="bytes-that-are-no-record"),
    ],
)
def test_half_a_scan_behind_a_hole_is_no_scan(hole: bytes, reason: DropReason) -> None:
    assert _decode(_BY_KEY, _with_hole(hole)) == [Dropped(reason, 3), _frame("85123")]


def test_a_hole_in_front_of_a_scan_is_told_once() -> None:
    wire = _OVERRUN + _records([(_SHIFT, 0, 0), *_taps("22423"), *_tap(_ENTER)]) + _GOOD
    assert _decode(_BY_KEY, wire) == [Dropped(DropReason.OVERRUN, 1), _frame("22423")]


def test_a_hole_between_two_scans_costs_none() -> None:
    report = _records([(2, 0, 0)])[-24:]
    assert _decode(_BY_KEY, _SCAN + _OVERRUN + report + _GOOD) == [_frame("85123", "]C1"), _frame("22423")]


def test_an_endless_burst_is_reported_once() -> None:
    steps = [*_taps("1" * 5000), *_tap(_ENTER), *_taps("22423"), *_tap(_ENTER)]
    assert _decode(_BY_KEY, _records(steps)) == [Dropped(DropReason.OVERSIZE, 4096), _frame("22423")]


def test_half_a_record_is_forgotten_after_half_a_second() -> None:
    decoder = KeyboardDecoder(_BY_KEY)
    assert decoder.feed(b"\x01\x02\x03", 10.0) == []
    assert decoder.deadline == 10.5
    assert decoder.feed(_records([*_taps("22423"), *_tap(_ENTER)]), 10.6) == [_frame("22423")]


_SCAN = _records([*_taps("]"), *_held(_SHIFT, _taps("c")), *_taps("185123"), *_tap(_ENTER)])
_GOOD = _records([*_taps("22423"), *_tap(_ENTER)], start_us=_T0_US + 5_000_000)


@given(st.lists(st.integers(0, len(_SCAN + _GOOD)), max_size=12).map(sorted))
def test_slices_change_nothing(cuts: list[int]) -> None:
    wire = _SCAN + _GOOD
    chunks = [wire[start:end] for start, end in pairwise([0, *cuts, len(wire)])]
    assert _decode(_BY_KEY, *chunks) == [_frame("85123", "]C1"), _frame("22423")]


def test_byte_by_byte_is_the_same() -> None:
    chunks = [_SCAN[at : at + 1] for at in range(len(_SCAN))]
    assert _decode(_BY_KEY, *chunks) == [_frame("85123", "]C1")]


@pytest.mark.parametrize("flip", [0x01, 0x10, 0xFF])
def test_a_damaged_byte_costs_its_own_scan_at_most(flip: int) -> None:
    for place in range(len(_SCAN)):
        damaged = bytearray(_SCAN)
        damaged[place] ^= flip
        decoder = KeyboardDecoder(_BY_KEY)
        decoder.feed(bytes(damaged), 0.0)
        decoder.tick(1.0)
        assert decoder.feed(_GOOD, 2.0)[-1:] == [_frame("22423")]


@pytest.mark.parametrize("place", range(0, len(_SCAN), 29))
def test_a_lost_byte_costs_its_own_scan_at_most(place: int) -> None:
    decoder = KeyboardDecoder(_BY_KEY)
    decoder.feed(_SCAN[:place] + _SCAN[place + 1 :], 0.0)
    decoder.tick(1.0)
    assert decoder.feed(_GOOD, 1.0)[-1:] == [_frame("22423")]


@pytest.mark.parametrize("place", range(0, len(_SCAN), 29))
def test_no_other_code_comes_of_a_lost_byte_however_close_the_scans(place: int) -> None:
    wire = _SCAN[:place] + _SCAN[place + 1 :] + _GOOD + _GOOD + _GOOD
    events = _decode(_BY_KEY, wire)
    assert events[-1] == _frame("22423")
    assert {event.text for event in events if isinstance(event, Frame)} <= {"85123", "22423"}


@given(st.lists(st.binary(max_size=300), max_size=30), st.sampled_from([_BY_KEY, _BY_SILENCE]))
def test_garbage_neither_crashes_nor_fills_memory(chunks: list[bytes], framing: KeyboardFraming) -> None:
    decoder = KeyboardDecoder(framing)
    for chunk in chunks:
        decoder.feed(chunk, 0.0)
        assert len(decoder._buffer) < 24
        assert len(decoder._keys) <= 4096
    decoder.tick(10.0)
    assert decoder.feed(_GOOD, 20.0)[-1:] == [_frame("22423")]


_KEYS = st.lists(st.tuples(st.integers(0, 0x2FF), st.sampled_from([0, 1, 2]), st.integers(0, 400)), max_size=200)


@given(_KEYS, st.sampled_from([_BY_KEY, _BY_SILENCE]))
def test_any_keys_in_any_order_are_survived(steps: list[_Step], framing: KeyboardFraming) -> None:
    for event in _decode(framing, _records(steps)):
        assert isinstance(event, Frame | Dropped | TypedKeys)
