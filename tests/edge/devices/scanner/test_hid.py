"""Keyboard and HID POS drivers on the simulator's records: layouts, people, holes, unplugging, FIFOs."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from edge.devices.scanner import read_profile
from edge.devices.scanner.profile import KeyboardProfile
from shared.errors import TransientError

StartSimulator: TypeAlias = Callable[..., Awaitable[Any]]
StartDriver: TypeAlias = Callable[..., Awaitable[Any]]

_ENTER = "generic/scanner-hid-enter"
_SILENCE = "generic/scanner-hid-silence"
_POS = "generic/scanner-hid-pos"
_CODES = ["4006381333931", "85123A", "M", "10ABC\x1d21Z", "https://a.b/?c=%5E&d={~}", "naïve £5"]


def _script(code: str) -> str:
    return code.replace("\x1d", "\\x1d")


def _keyboard(**changes: object) -> KeyboardProfile:
    profile = read_profile(_ENTER)
    assert isinstance(profile, KeyboardProfile)
    return KeyboardProfile.model_validate({**profile.model_dump(), **changes})


@pytest.mark.parametrize("end", ["enter", "tab", "keypad"])
async def test_typed_codes_arrive_as_they_were_scanned(simulate: StartSimulator, drive: StartDriver, end: str) -> None:
    simulator = await simulate("scanner-hid", end=end, gap_ms="0")
    bench = await drive(simulator.address, _ENTER)
    await simulator.send(*map(_script, _CODES))
    assert await bench.texts(len(_CODES)) == _CODES
    assert bench.is_silent()


async def test_a_scanner_at_its_own_speed(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner-hid", aim="on")
    bench = await drive(simulator.address, _ENTER)
    await simulator.send("4006381333931", "22423")
    first, second = await bench.scan(), await bench.scan()
    assert (first.text, first.aim, first.raw) == ("4006381333931", "]E0", b"]E04006381333931")
    assert (second.text, second.aim) == ("22423", "]C0")


async def test_a_thousand_typed_scans_back_to_back_all_arrive_in_order(
    simulate: StartSimulator, drive: StartDriver
) -> None:
    simulator = await simulate("scanner-hid", gap_ms="0")
    bench = await drive(simulator.address, _ENTER)
    codes = [f"{number:06}" for number in range(1000)]
    await simulator.send(*codes)
    assert await bench.texts(1000) == codes
    assert (bench.scanner.counters.scans, bench.scanner.counters.lost) == (1000, 0)


async def test_silence_ends_the_codes_of_a_scanner_without_an_end_key(
    simulate: StartSimulator, drive: StartDriver
) -> None:
    simulator = await simulate("scanner-hid", end="none", gap_ms="0")
    bench = await drive(simulator.address, _SILENCE)
    await simulator.send("4006381333931", "22423")
    assert await bench.texts(2) == ["4006381333931", "22423"]


@pytest.mark.parametrize(("sends", "substitute"), [("f8", "F8"), ("|", "|"), ("^]", "^]")])
async def test_what_stands_for_the_separator_becomes_one(
    simulate: StartSimulator, drive: StartDriver, sends: str, substitute: str
) -> None:
    simulator = await simulate("scanner-hid", gs=sends, gap_ms="0")
    bench = await drive(simulator.address, _keyboard(gs_substitute=substitute))
    await simulator.send(_script("10ABC\x1d21Z"))
    assert await bench.texts(1) == ["10ABC\x1d21Z"]


async def test_what_a_person_types_is_told_and_is_no_scan(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner-hid", gap_ms="0")
    bench = await drive(simulator.address, _ENTER)
    await simulator.send("!human 12345", "22423")
    trouble = await bench.trouble()
    assert (trouble.code, dict(trouble.parameters)) == ("SCN-103", {"keys": 4})
    assert await bench.texts(1) == ["22423"]
    assert bench.scanner.counters.typed_keys == 5


@pytest.mark.parametrize(
    ("line", "reason", "length"),
    [
        ("!overrun 4006381333931", "overrun", 8),
        ("!garble 4006381333931", "damaged", 8),
        ("!drop_suffix 4006381333931", "incomplete", 13),
    ],
)
async def test_a_scan_with_a_hole_is_told_and_the_next_is_whole(
    simulate: StartSimulator, drive: StartDriver, line: str, reason: str, length: int
) -> None:
    simulator = await simulate("scanner-hid", gap_ms="0")
    bench = await drive(simulator.address, _ENTER)
    await simulator.send(line, "!wait 600", "22423")
    trouble = await bench.trouble()
    assert (trouble.code, dict(trouble.parameters)) == ("SCN-302", {"reason": reason, "length": length})
    assert await bench.texts(1) == ["22423"]


async def test_a_stalled_radio_link_does_not_break_a_scan(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner-hid", gap_ms="0")
    bench = await drive(simulator.address, _ENTER)
    await simulator.send("!split 6 300 4006381333931")
    assert await bench.texts(1) == ["4006381333931"]


async def test_an_unplugged_keyboard_scanner_comes_back(
    simulate: StartSimulator, drive: StartDriver, tmp_path: Path
) -> None:
    by_id = str(tmp_path / "event-kbd")
    simulator = await simulate("scanner-hid", link=by_id, gap_ms="0")
    await simulator.send("!noread")
    assert await simulator.said() == {"fault": "noread"}  # by now the link stands
    bench = await drive(by_id, _ENTER)
    await simulator.send("22423")
    assert await bench.texts(1) == ["22423"]
    await simulator.send("!drop_suffix 999", "!wait 100", "!unplug")
    with pytest.raises(TransientError, match="DEV-301"):
        await asyncio.wait_for(bench.running, 20)
    assert dict((await bench.trouble()).parameters) == {"reason": "unplugged", "length": 0}
    await simulator.send("!plug")
    said = await simulator.said()
    while "listening" not in said:
        said = await simulator.said()
    await bench.restart()
    await simulator.send("85123A")
    assert await bench.texts(1) == ["85123A"]


async def test_records_may_come_from_a_fifo_whose_writers_come_and_go(drive: StartDriver, tmp_path: Path) -> None:
    fifo = tmp_path / "event0"
    os.mkfifo(fifo)
    bench = await drive(str(fifo), _ENTER)
    press = b"".join(struct.pack("<qqHHi", 1_700_000_000, 0, 1, code, 1) for code in (3, 3, 5, 3, 4, 28))
    for _ in range(2):
        writer = os.open(fifo, os.O_WRONLY)
        os.write(writer, press)
        os.close(writer)
        assert await bench.texts(1) == ["22423"]


async def test_pos_reports_arrive_as_they_were_scanned(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner-hid", mode="pos", aim="on")
    bench = await drive(simulator.address, _POS)
    long = "0104006381333931" + "10ABC\x1d91" + "x" * 90 + "\x1d99" + "y" * 90
    await simulator.send("4006381333931", "!garble 22423", _script(long))
    first = await bench.scan()
    assert (first.text, first.aim) == ("4006381333931", "]E0")
    trouble = await bench.trouble()
    assert (trouble.code, dict(trouble.parameters)) == ("SCN-302", {"reason": "damaged", "length": 56})
    second = await bench.scan()
    assert (second.text, second.aim) == (long, "]d2")


async def test_a_pos_scan_whose_rest_does_not_come_is_told(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner-hid", mode="pos")
    bench = await drive(simulator.address, _POS)
    await simulator.send("!drop_suffix 22423", "!wait 600", "85123A")
    assert dict((await bench.trouble()).parameters) == {"reason": "incomplete", "length": 5}
    assert await bench.texts(1) == ["85123A"]
