"""The scanner simulators seen from both of their ends: bytes on the wire, words on standard output."""

from __future__ import annotations

import json
import os
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators import scanner, scanner_hid
from simulators.scanner_script import unescape
from simulators.serving import Settings, describe

_ROOT = Path(__file__).parents[2]
_PATIENCE_S = 20.0
"""A failure, not a pause."""
_RUN = (
    "import json, sys; from simulators.serving import Settings, run; a = json.loads(sys.argv[1]); "
    "run(a['name'], Settings(options=a['options']), tcp_port=None)"
)


class Simulator:
    def __init__(self, name: str, stdin: int | IO[bytes], options: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _RUN, json.dumps({"name": name, "options": options})],
            cwd=_ROOT,
            stdin=stdin,
            stdout=subprocess.PIPE,
        )
        self._heard = b""
        hello = self.said()
        assert hello["name"] == name
        self._wire = os.open(hello["listening"], os.O_RDWR | os.O_NOCTTY)

    def type(self, *lines: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self._process.stdin.flush()

    def end_of_input(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()

    def said(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while b"\n" not in self._heard:
            assert select.select([self._process.stdout], [], [], _PATIENCE_S)[0], self._heard
            self._heard += os.read(self._process.stdout.fileno(), 4096)
        line, _, self._heard = self._heard.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        return said

    def received(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            assert select.select([self._wire], [], [], _PATIENCE_S)[0], data
            data += os.read(self._wire, size - len(data))
        return data

    def command(self, data: bytes) -> None:
        os.write(self._wire, data)

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.stdout is not None
        self._process.stdout.read()
        code = self._process.wait(20)
        self._process.stdout.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        os.close(self._wire)
        return code


class Start(Protocol):
    def __call__(self, name: str = "scanner", /, stdin: Any = subprocess.PIPE, **options: str) -> Simulator: ...


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Simulator] = []

    def begin(name: str = "scanner", /, stdin: Any = subprocess.PIPE, **options: str) -> Simulator:
        started.append(Simulator(name, stdin, options))
        return started[-1]

    yield begin
    assert [simulator.stop() for simulator in started] == [0] * len(started)


_LINES = {
    "4006381333931": b"4006381333931\r",
    r"\!wait \\ \u0416": "!wait \\ Ж\r".encode(),
    " a  b ": b" a  b \r",
    "!drop_suffix 22423": b"22423",
    "!garble 22423": b"22523\r",
    "!burst 3 0 M": b"M\rM\rM\r",
    "!split 3 10 22423": b"22423\r",
    "!raw 00ff1d": b"\x00\xff\x1d",
}
_NAMED = {
    "4006381333931": b"]E04006381333931\r",
    "036000291452": b"]E0036000291452\r",
    "12345670": b"]E412345670\r",
    "00614141123452": b"]I100614141123452\r",
    "85123A": b"]C085123A\r",
    "22423": b"]C022423\r",
    r"10A\x1d21B": b"]d210A\x1d21B\r",
    "https://a": b"]Q1https://a\r",
    "!aim ]C1": b"",
    "1": b"]C11\r",
    "!aim off": b"",
    "3": b"3\r",
    "!aim auto": b"",
    "4": b"]C04\r",
}


@pytest.mark.parametrize(
    ("options", "script"),
    [
        ({}, _LINES),
        ({"aim": "on"}, _NAMED),
        ({"suffix": "lf"}, {"22423": b"22423\n"}),
        ({"suffix": "crlf"}, {"22423": b"22423\r\n"}),
        ({"suffix": "tab"}, {"22423": b"22423\t"}),
        ({"suffix": "none"}, {"22423": b"22423"}),
        ({"suffix": "etx"}, {"22423": b"\x0222423\x03"}),
        ({"suffix": "etx", "prefix": r"\x01S"}, {"22423": b"\x01S22423\x03"}),
        ({"encoding": "cp1251", "noread": "NR"}, {"Цена": b"\xd6\xe5\xed\xe0\r", "!noread": b"NR\r"}),
    ],
)
def test_a_line_becomes_exactly_these_bytes(start: Start, options: dict[str, str], script: dict[str, bytes]) -> None:
    simulator = start(**options)
    for line, wire in script.items():
        simulator.type(line, "!raw 0404")
        assert simulator.received(len(wire) + 2) == wire + b"\x04\x04"


def test_frames_are_counted_and_faults_are_not(start: Start) -> None:
    simulator = start()
    simulator.type("4006381333931", "!noread", "!drop_suffix 1", r"10A\x1d21B", "!burst 2 0 M", "!split 1 0 ab")
    assert [simulator.said() for _ in range(7)] == [
        {"scanned": "4006381333931", "n": 1},
        {"fault": "noread"},
        {"fault": "drop_suffix", "scan": "1"},
        {"scanned": "10A\x1d21B", "n": 2},
        {"scanned": "M", "n": 3},
        {"scanned": "M", "n": 4},
        {"scanned": "ab", "n": 5},
    ]


def test_a_line_that_cannot_be_done_is_told_and_the_next_is_played(start: Start) -> None:
    simulator = start()
    lines = ["!", "!no", "!aim E0", "!burst x 0 M", "!burst 3", "!raw zz", "!wait", "!plug", "!human 1"]
    simulator.type(*lines, "22423")
    assert [simulator.said()["line"] for _ in lines] == lines
    assert simulator.said() == {"scanned": "22423", "n": 1}


def test_a_code_outside_the_scanners_code_page_is_not_sent(start: Start) -> None:
    simulator = start(encoding="cp1251")
    simulator.type("ՀԱՅ", "22423")
    assert simulator.said()["line"] == "ՀԱՅ"
    assert simulator.received(6) == b"22423\r"


def test_the_end_of_standard_input_ends_nothing(start: Start) -> None:
    simulator = start()
    simulator.type("22423")
    simulator.end_of_input()
    assert simulator.received(6) == b"22423\r"
    simulator.command(b"\x16\x54\r" * 10_000)  # a host's trigger commands do not fill the wire up
    assert simulator.said() == {"scanned": "22423", "n": 1}


def test_a_script_may_be_a_file_and_its_last_line_needs_no_end(start: Start, tmp_path: Path) -> None:
    script = tmp_path / "codes"
    script.write_bytes(b"22423\r\n85123A")
    with script.open("rb") as stdin:
        simulator = start(stdin=stdin)
    assert simulator.received(13) == b"22423\r85123A\r"


def test_without_any_input_it_stands_and_waits(start: Start) -> None:
    simulator = start(stdin=subprocess.DEVNULL)
    simulator.command(b"\x16\x54\r" * 10_000)  # read by nobody, this would not come to an end


def test_what_is_scanned_while_unplugged_is_lost_and_told(start: Start, tmp_path: Path) -> None:
    link = tmp_path / "scanner"
    simulator = start(link=str(link))
    simulator.type("1", "!unplug", "2")
    assert [simulator.said() for _ in range(3)] == [
        {"scanned": "1", "n": 1},
        {"unplugged": True},
        {"error": "unplugged", "line": "2"},
    ]
    assert not link.is_symlink()
    simulator.type("!plug", "3")
    said = simulator.said()
    assert (said["name"], said["listening"]) == ("scanner", str(link.resolve()))
    assert simulator.said() == {"scanned": "3", "n": 2}


def test_keys_are_records_as_linux_writes_them(start: Start) -> None:
    simulator = start("scanner-hid", gap_ms="0")
    simulator.type("1A")
    records = [struct.unpack("<qqHHi", simulator.received(24)) for _ in range(24)]
    assert [record[2:] for record in records if record[2] == 1] == [
        (1, 2, 1),
        (1, 2, 0),
        (1, 42, 1),
        (1, 30, 1),
        (1, 30, 0),
        (1, 42, 0),
        (1, 28, 1),
        (1, 28, 0),
    ]
    assert [record[2:] for record in records[:3]] == [(4, 4, 0x70002), (1, 2, 1), (0, 0, 0)]
    assert {record[:2] for record in records} == {records[0][:2]}


def test_keys_come_at_a_scanners_speed(start: Start) -> None:
    simulator = start("scanner-hid")
    simulator.type("2242385123")
    records = [struct.unpack("<qqHHi", simulator.received(24)) for _ in range(66)]
    moments = [record[0] * 1_000_000 + record[1] for record in records if record[2] == 1 and record[4] == 1]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert all(2_000 <= gap <= 8_000 for gap in gaps)
    assert len(gaps) == 10


def test_pos_reports_hold_56_bytes_each(start: Start) -> None:
    simulator = start("scanner-hid", mode="pos", aim="on")
    simulator.type("4006381333931", "x" * 57)
    assert simulator.received(64) == b"\x02\x0d]E04006381333931".ljust(64, b"\0")
    assert simulator.received(64) == (b"\x02\x38]C0" + b"x" * 56).ljust(63, b"\0") + b"\x01"
    assert simulator.received(64) == b"\x02\x01]C0x".ljust(64, b"\0")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("scanner", {"suffix": "nul"}),
        ("scanner", {"speed": "1"}),
        ("scanner", {"gap_ms": "-1"}),
        ("scanner", {"aim": "yes"}),
        ("scanner-hid", {"mode": "ps2"}),
        ("scanner-hid", {"end": "esc"}),
        ("scanner-hid", {"suffix": "cr"}),
    ],
)
def test_an_option_that_is_none_stops_the_start(name: str, options: dict[str, str]) -> None:
    build = {"scanner": scanner.build, "scanner-hid": scanner_hid.build}[name]
    with pytest.raises(SystemExit, match=next(iter(options))):
        build(Settings(options=options))


def test_both_scanners_name_their_faults() -> None:
    faults = {simulator.name: [*simulator.faults] for simulator in describe()}
    names = ["noread", "double-read", "drop-suffix", "garble", "split"]
    assert (faults["scanner"], faults["scanner-hid"]) == (names, names)


@pytest.mark.parametrize("code", ["A\\B", "A\\", "\\q1", "\\x1", "\\u04z"])
def test_backslash_that_begins_no_escape_is_itself(code: str) -> None:
    assert unescape(code) == code


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_any_text_can_be_escaped(text: str) -> None:
    escaped = "".join(f"\\u{ord(character):04x}" if ord(character) < 0x10000 else character for character in text)
    assert unescape(escaped) == text
