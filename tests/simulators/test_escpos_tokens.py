"""Lengths of every command in the note, whole and cut anywhere; noise never grows memory."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators._escpos import tokens
from simulators._escpos.tokens import Kind, Token, Tokenizer

FIXED = (
    ("1b", 0, "0c 32 40 4c 53 69 6d 76"),
    ("1b", 1, "20 21 25 2d 33 3d 3f 45 47 4a 64 4b 65 4d 52 54 56 61 72 74 75 7b"),
    ("1b", 2, "24 5c 63"),
    ("1b", 3, "70"),
    ("1b", 8, "57"),
    ("1c", 0, "26 2e"),
    ("1c", 1, "21 2d 43 57"),
    ("1c", 2, "53 70"),
    ("1d", 0, "3a"),
    ("1d", 1, "21 2f 42 48 66 49 61 62 68 72 77 7c"),
    ("1d", 2, "24 5c 4c 57 50"),
    ("1d", 3, "5e"),
)

VARIABLE = [
    "10 04 01",
    "10 04 07 01",
    "10 05 02",
    "10 14 01 00 05",
    "10 14 02 01 08",
    "10 14 08 01 03 14 01 06 02 08",
    "1b 26 03 41 42 02 010203 040506 01 070809",
    "1b 2a 00 0300 aabbcc",
    "1b 2a 21 0200 010203 040506",
    "1b 44 08 10 18 00",
    "1b 44 00",
    "1b 42 02 03",
    "1c 28 41 0200 30 00",
    "1c 28 43 0200 30 02",
    "1c 71 01 0100 0100 0102030405060708",
    "1c 67 31 00 00000000 0200 4142",
    "1c 67 32 00 00000000 0200",
    "1d 28 6b 0400 31 41 32 00",
    "1d 28 48 0600 30 30 41424344",
    "1d 28 4c 0000",
    "1d 38 4c 03000000 30 70 ff",
    "1d 2a 01 02 " + "ff" * 16,
    "1d 2f 00",
    "1d 56 00",
    "1d 56 30",
    "1d 56 31",
    "1d 56 41 05",
    "1d 56 62 05",
    "1d 67 30 00 0000",
    "1d 67 32 00 0000",
    "1d 6b 02 343030363338313333333933 00",
    "1d 6b 43 0c 343030363338313333333933",
    "1d 6b 49 03 7b4241",
    "1d 76 30 00 0200 0300 010203040506",
    "1d 76 30 03 0000 0100",
    "1d 51 30 00 0200 0100 0102",
    "1d 7a 30 01 02",
]

EVERY = [
    (bytes.fromhex(lead + code) + bytes(range(1, count + 1)), f"{lead} {code}")
    for lead, count, codes in FIXED
    for code in codes.split()
]
EVERY += [(bytes.fromhex(text), text) for text in VARIABLE]


def split(data: bytes, *cuts: int) -> list[Token]:
    tokenizer = Tokenizer()
    found = []
    edges = [0, *sorted(cuts), len(data)]
    for start, end in pairwise(edges):
        piece, at = data[start:end], 0
        while at < len(piece):
            token, at = tokenizer.take(piece, at)
            found += [token] if token else []
    return found


@pytest.mark.parametrize(("command", "name"), EVERY, ids=[name for _, name in EVERY])
def test_command_ends_where_the_note_says(command: bytes, name: str) -> None:
    first, after = split(command + b"X")
    assert (first.length, first.kind in (Kind.COMMAND, Kind.REALTIME)) == (len(command), True)
    assert (after.kind, after.args, after.start) == (Kind.TEXT, b"X", len(command))


@pytest.mark.parametrize(("command", "name"), EVERY, ids=[name for _, name in EVERY])
def test_command_is_the_same_byte_by_byte(command: bytes, name: str) -> None:
    assert split(command + b"X", *range(len(command) + 1)) == split(command + b"X")


@pytest.mark.parametrize("size", [3, 4, 5])
def test_column_image_of_24_dots_takes_three_bytes_a_column(size: int) -> None:
    command = b"\x1b*\x21" + bytes((size, 0)) + b"\xff" * (3 * size)
    assert [token.length for token in split(command + b"\n")] == [len(command), 1]


@pytest.mark.parametrize(
    ("data", "unknown"),
    [
        ("1b 01", [1, 1]),
        ("1b 7a 41", [2]),
        ("1d 76 31 41", [3]),
        ("1d 6b 20 41", [3]),
        ("10 41", [1]),
        ("01 41", [1]),
        ("10 04 09", [3]),
    ],
)
def test_what_no_printer_knows_is_counted(data: str, unknown: list[int]) -> None:
    assert [token.length for token in split(bytes.fromhex(data)) if token.kind is Kind.UNKNOWN] == unknown


def test_padding_is_passed_over() -> None:
    assert {token.kind for token in split(b"\x00\x07\x0b\x00")} == {Kind.IGNORED}


def whole(found: list[Token]) -> list[tuple[Kind, bytes, bytes]]:
    """Tokens with runs of text joined: only text may come in pieces."""
    joined: list[tuple[Kind, bytes, bytes]] = []
    for token in found:
        if joined and joined[-1][0] is token.kind is Kind.TEXT:
            joined[-1] = (token.kind, token.name, joined[-1][2] + token.args)
        else:
            joined.append((token.kind, token.name, token.args))
    return joined


STREAMS = st.lists(st.one_of(st.binary(max_size=30), st.sampled_from([command for command, _ in EVERY]))).map(b"".join)


@given(STREAMS, st.lists(st.integers(0, 400), max_size=8))
def test_tokens_do_not_depend_on_where_the_stream_is_cut(data: bytes, cuts: list[int]) -> None:
    inside = [cut for cut in cuts if cut <= len(data)]
    assert whole(split(data, *inside)) == whole(split(data))


@given(STREAMS)
def test_every_byte_belongs_to_exactly_one_token(data: bytes) -> None:
    found = split(data)
    assert [token.start for token in found] == [sum(t.length for t in found[:i]) for i in range(len(found))]
    assert sum(token.length for token in found) <= len(data)


@given(STREAMS)
def test_a_look_ahead_finds_the_same_tokens(data: bytes) -> None:
    half = len(data) // 2
    tokenizer = Tokenizer()
    at = 0
    while at < half:
        _, at = tokenizer.take(data[:half], at)
    twin = tokenizer.look_ahead()
    rest = data[half:]
    found: list[tuple[int, int]] = []
    expected: list[tuple[int, int]] = []
    for machine, list_ in ((tokenizer, expected), (twin, found)):
        at = 0
        while at < len(rest):
            token, at = machine.take(rest, at)
            list_ += [(token.start, token.length)] if token else []
    assert found == expected


def test_a_picture_of_four_gigabytes_is_consumed_without_being_kept() -> None:
    tokenizer = Tokenizer()
    tokenizer.take(b"\x1d8L\xff\xff\xff\xff", 0)
    block = bytes(1024 * 1024)
    for _ in range(8):
        assert tokenizer.take(block, 0) == (None, len(block))
    assert len(tokenizer._args) == tokens._KEPT_BYTES
