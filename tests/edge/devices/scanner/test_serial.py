"""The serial driver on the simulator's real wire: every framing, every fault, bursts, unplugging."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from edge.devices.scanner import Scan, ScannerEvent, ScannerState, build_scanner, read_profile
from edge.devices.scanner.profile import SerialProfile
from shared.clock import SystemClock
from shared.errors import TransientError
from shared.gs1 import ScannedKind, interpret

StartSimulator: TypeAlias = Callable[..., Awaitable[Any]]
StartDriver: TypeAlias = Callable[..., Awaitable[Any]]

_CR = "generic/scanner-serial-cr"
_CODES = ["4006381333931", "85123A", "M", "10ABC\x1d21Z", "a|b", "  two  words ", "£5 ՀԱՅ"]


def _serial(**changes: object) -> SerialProfile:
    profile = read_profile(_CR)
    assert isinstance(profile, SerialProfile)
    return SerialProfile.model_validate({**profile.model_dump(), **changes})


def _script(code: str) -> str:
    return code.replace("\x1d", "\\x1d")


@pytest.mark.parametrize(
    ("profile", "options"),
    [
        (_CR, {}),
        (_CR, {"suffix": "crlf"}),
        ("generic/scanner-serial-crlf", {"suffix": "crlf"}),
        ("generic/scanner-serial-lf", {"suffix": "lf"}),
        ("generic/scanner-serial-lf", {"suffix": "crlf"}),
        ("generic/scanner-serial-tab", {"suffix": "tab"}),
        ("generic/scanner-serial-stx-etx", {"suffix": "etx"}),
        ("generic/scanner-serial-plain", {"suffix": "none"}),
        ("generic/scanner-serial-bluetooth", {"aim": "on"}),
    ],
)
async def test_every_framing_delivers_what_was_scanned(
    simulate: StartSimulator, drive: StartDriver, profile: str, options: dict[str, str]
) -> None:
    simulator = await simulate("scanner", **options)
    bench = await drive(simulator.address, profile)
    await simulator.send(*map(_script, _CODES))
    assert await bench.texts(len(_CODES)) == _CODES
    assert [(await simulator.said())["n"] for _ in _CODES] == list(range(1, len(_CODES) + 1))
    assert bench.is_silent()


async def test_the_worked_example_from_wire_to_article(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner", aim="on")
    bench = await drive(simulator.address, _CR)
    before = datetime.now(UTC)
    await simulator.send("!aim ]d2", r"010400638133393117271231" + r"10ABC123\x1d2112345")
    scan = await bench.scan()
    assert scan.raw.hex(" ") == (
        "5d 64 32 30 31 30 34 30 30 36 33 38 31 33 33 33 39 33 31 31 37 32 37 31 32 33 31 31 30 41 42 43 31 32 33 1d "
        "32 31 31 32 33 34 35"
    )
    assert (scan.device_id, scan.aim, scan.scan_id.version) == ("scanner-1", "]d2", 7)
    assert before <= scan.at <= datetime.now(UTC)
    read = interpret(scan.text, aim=scan.aim, today=date(2026, 11, 21))
    assert interpret(scan.full_text, today=date(2026, 11, 21)).elements == read.elements
    assert (read.gtin14, read.lot, read.serial) == ("04006381333931", "ABC123", "12345")
    assert read.expiry == date(2027, 12, 31)


async def test_a_thousand_scans_back_to_back_all_arrive_in_order(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner", aim="on")
    bench = await drive(simulator.address, _CR)
    codes = [f"{number:06}" for number in range(1000)]
    await simulator.send(*codes)
    assert await bench.texts(1000) == codes
    assert (bench.scanner.counters.scans, bench.scanner.counters.lost) == (1000, 0)


async def test_equal_codes_back_to_back_are_all_scans(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner")
    bench = await drive(simulator.address, _CR)
    await simulator.send("!burst 50 0 4006381333931", "end")
    assert await bench.texts(51) == ["4006381333931"] * 50 + ["end"]


class Gate:
    """A taker that holds every scan until the gate is opened."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.asked: asyncio.Queue[ScannerEvent] = asyncio.Queue()
        self.taken: asyncio.Queue[ScannerEvent] = asyncio.Queue()

    async def take(self, event: ScannerEvent) -> None:
        await self.asked.put(event)
        await self.is_open.wait()
        await self.taken.put(event)

    async def texts(self, count: int) -> list[str]:
        events = [await asyncio.wait_for(self.taken.get(), 20) for _ in range(count)]
        return [event.text for event in events if isinstance(event, Scan)]


@pytest.fixture
async def gate() -> Gate:
    return Gate()


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
        await asyncio.wait({task})


async def test_a_slow_taker_holds_the_wire_back_and_loses_nothing(simulate: StartSimulator, gate: Gate) -> None:
    simulator = await simulate("scanner")
    scanner = build_scanner("scanner-1", simulator.address, read_profile(_CR), clock=SystemClock())
    await scanner.open()
    codes = [f"{number:06}-{'x' * 50}" for number in range(4000)]
    running = asyncio.create_task(scanner.run(gate.take))
    sending = asyncio.create_task(simulator.send(*codes))
    for number in range(1100):  # more than the driver holds
        assert (await simulator.said())["n"] == number + 1
    saying = asyncio.create_task(simulator.say_on())
    gate.is_open.set()
    assert await gate.texts(4000) == codes
    await _stop(running, saying, sending)
    await scanner.close()


async def test_a_scan_whose_taker_was_interrupted_is_handed_over_again(simulate: StartSimulator, gate: Gate) -> None:
    simulator = await simulate("scanner")
    scanner = build_scanner("scanner-1", simulator.address, read_profile(_CR), clock=SystemClock())
    await scanner.open()
    running = asyncio.create_task(scanner.run(gate.take))
    await simulator.send("22423", "85123A", "M")
    first = await asyncio.wait_for(gate.asked.get(), 20)
    await _stop(running)
    gate.is_open.set()
    running = asyncio.create_task(scanner.run(gate.take))
    assert await gate.texts(3) == ["22423", "85123A", "M"]
    assert await gate.asked.get() == first
    await _stop(running)
    await scanner.close()


async def test_a_taker_that_fails_ends_the_run_and_loses_nothing(simulate: StartSimulator, gate: Gate) -> None:
    async def fail(event: ScannerEvent) -> None:
        raise LookupError

    simulator = await simulate("scanner")
    scanner = build_scanner("scanner-1", simulator.address, read_profile(_CR), clock=SystemClock())
    await scanner.open()
    await simulator.send("22423", "85123A")
    with pytest.raises(LookupError):
        await asyncio.wait_for(scanner.run(fail), 20)
    gate.is_open.set()
    running = asyncio.create_task(scanner.run(gate.take))
    assert await gate.texts(2) == ["22423", "85123A"]
    await _stop(running)
    await scanner.close()


async def test_a_short_pause_in_a_scan_is_bridged(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner")
    bench = await drive(simulator.address, _CR)
    await simulator.send("!split 6 200 4006381333931")
    assert await bench.texts(1) == ["4006381333931"]


async def test_a_scan_that_lost_its_end_is_told_and_the_next_is_whole(
    simulate: StartSimulator, drive: StartDriver
) -> None:
    simulator = await simulate("scanner")
    bench = await drive(simulator.address, _CR)
    await simulator.send("!drop_suffix 4006381333931", "!wait 700", "22423")
    trouble = await bench.trouble()
    assert (trouble.code, dict(trouble.parameters)) == ("SCN-302", {"reason": "incomplete", "length": 13})
    assert await bench.texts(1) == ["22423"]
    assert bench.scanner.counters.lost == 1


async def test_a_garbled_scan_arrives_and_its_check_digit_tells(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner")
    bench = await drive(simulator.address, _CR)
    await simulator.send("!garble 4006381333931")
    scan = await bench.scan()
    assert scan.text == "4006380333931"
    read = interpret(scan.text, aim=scan.aim, today=date(2026, 11, 21))
    assert read.kind is ScannedKind.MISREAD
    assert read.problem is not None
    assert read.problem.code == "SCN-301"


async def test_a_trigger_pulled_in_vain_is_told(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner", noread="NR")
    bench = await drive(simulator.address, _serial(no_read="NR"))
    await simulator.send("!noread", "22423")
    assert (await bench.trouble()).code == "SCN-101"
    assert await bench.texts(1) == ["22423"]


async def test_noise_without_end_is_told_once(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner")
    bench = await drive(simulator.address, _CR)
    await simulator.send(f"!raw {'78' * 20_000}0d", "22423")
    trouble = await bench.trouble()
    assert (trouble.code, dict(trouble.parameters)) == ("SCN-401", {"limit": 4096})
    assert await bench.texts(1) == ["22423"]


async def test_a_scan_without_the_symbology_it_always_names_has_lost_its_head(
    simulate: StartSimulator, drive: StartDriver
) -> None:
    simulator = await simulate("scanner")
    bench = await drive(simulator.address, "generic/scanner-serial-bluetooth")
    await simulator.send("381333931", "]E04006381333931")
    trouble = await bench.trouble()
    assert (trouble.code, dict(trouble.parameters)) == ("SCN-302", {"reason": "no_aim", "length": 9})
    assert await bench.texts(1) == ["4006381333931"]


async def test_repeats_are_suppressed_only_where_switched_on(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner")
    bench = await drive(simulator.address, _serial(repeat_window_ms=2000))
    await simulator.send("!burst 5 0 4006381333931", "22423", "4006381333931")
    assert await bench.texts(3) == ["4006381333931", "22423", "4006381333931"]
    assert bench.scanner.counters.repeats == 4


async def test_the_scanners_code_page_is_a_setting(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner", encoding="cp1251")
    bench = await drive(simulator.address, _serial(encoding="cp1251"))
    await simulator.send("Цена 5")
    assert await bench.texts(1) == ["Цена 5"]


async def test_what_stands_for_the_separator_becomes_one(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner", aim="on")
    bench = await drive(simulator.address, _serial(gs_substitute="|"))
    await simulator.send("!aim ]d2", "0104006381333931" + "10AB|21C", "!aim ]C0", "a|b")
    assert await bench.texts(2) == ["0104006381333931" + "10AB\x1d21C", "a|b"]


async def test_an_unplugged_scanner_ends_the_run_and_comes_back(
    simulate: StartSimulator, drive: StartDriver, tmp_path: Path
) -> None:
    by_id = str(tmp_path / "scanner")
    simulator = await simulate("scanner", link=by_id)
    await simulator.send("!noread")
    assert await simulator.said() == {"fault": "noread"}  # by now the link stands
    bench = await drive(by_id, _CR)
    await simulator.send("1", "2", "3")
    assert await bench.texts(3) == ["1", "2", "3"]
    await simulator.send("!unplug")
    with pytest.raises(TransientError) as lost:
        await asyncio.wait_for(bench.running, 20)
    assert lost.value.code == "DEV-301"
    states = [bench.scanner.state]
    with pytest.raises(TransientError, match="DEV-301"):
        await bench.restart()
    states.append(bench.scanner.state)
    await simulator.send("!plug")
    said = await simulator.said()
    while "listening" not in said:
        said = await simulator.said()
    await bench.restart()
    states.append(bench.scanner.state)
    assert states == [ScannerState.LOST, ScannerState.LOST, ScannerState.READY]
    await simulator.send("4")
    assert await bench.texts(1) == ["4"]


async def test_a_scan_cut_by_unplugging_is_told(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner")
    bench = await drive(simulator.address, _CR)
    await simulator.send("22423", "!drop_suffix 400638", "!wait 100", "!unplug")
    assert await bench.texts(1) == ["22423"]
    with pytest.raises(TransientError, match="DEV-301"):
        await asyncio.wait_for(bench.running, 20)
    trouble = await bench.trouble()
    assert (trouble.code, dict(trouble.parameters)) == ("SCN-302", {"reason": "unplugged", "length": 0})


@pytest.mark.parametrize(
    ("fault", "expected", "lost"),
    [
        ("noread", ["{code}"], 0),
        ("double-read", ["{code}", "{code}"], 0),
        ("drop-suffix", ["{code}"], 1),
        ("garble", ["000109", "{code}"], 0),
        ("split", ["{code}"], 0),
    ],
)
async def test_the_tenth_code_of_a_faulty_scanner(
    simulate: StartSimulator, drive: StartDriver, fault: str, expected: list[str], lost: int
) -> None:
    simulator = await simulate("scanner", faults=(fault,))
    bench = await drive(simulator.address, _CR)
    codes = [f"{number:06}" for number in range(12)]
    await simulator.send(*codes)
    events = [await bench.event() for _ in range(11 + len(expected) + lost)]
    texts = [event.text for event in events if isinstance(event, Scan)]
    assert texts[:9] + texts[-2:] == codes[:9] + codes[-2:]
    assert texts[9:-2] == [text.format(code=codes[9]) for text in expected]
    assert bench.scanner.counters.lost == lost


async def test_a_scanner_behind_a_network_port(simulate: StartSimulator, drive: StartDriver) -> None:
    simulator = await simulate("scanner", tcp=0)
    bench = await drive(simulator.address, _CR)
    await simulator.send("22423", "!unplug")
    assert await bench.texts(1) == ["22423"]
    with pytest.raises(TransientError, match="DEV-301"):
        await asyncio.wait_for(bench.running, 20)
    await simulator.send("!plug")
    await bench.restart()
    await simulator.send("85123A")
    assert await bench.texts(1) == ["85123A"]


@pytest.mark.parametrize("profile", [_CR, "generic/scanner-hid-enter", "generic/scanner-hid-pos"])
async def test_a_port_that_is_not_there_is_told(profile: str, tmp_path: Path) -> None:
    path = str(tmp_path / "nothing")
    scanner = build_scanner("scanner-1", path, read_profile(profile), clock=SystemClock())
    with pytest.raises(TransientError) as refusal:
        await scanner.open()
    assert (refusal.value.code, refusal.value.parameters["address"]) == ("DEV-301", path)
    assert (scanner.address, scanner.state) == (path, ScannerState.LOST)
    await scanner.close()
    assert scanner.state is ScannerState.CLOSED
