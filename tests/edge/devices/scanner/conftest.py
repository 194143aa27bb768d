"""Scanners at work: the simulator in a process of its own, the driver on its wire, what was delivered in a queue."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from edge.devices.scanner import Scan, Scanner, ScannerEvent, ScanTrouble, build_scanner, read_profile
from edge.devices.scanner.profile import ScannerProfile
from shared.clock import SystemClock

_ROOT = Path(__file__).parents[4]
_PATIENCE_S = 20.0
"""A failure, not a pause: everything waited for here comes within a second on an idle machine."""
_RUN = (
    "import json, sys; from simulators.serving import Settings, run; a = json.loads(sys.argv[1]); "
    "run(a['name'], Settings(options=a['options'], faults=frozenset(a['faults'])), tcp_port=a['tcp'])"
)


class Simulator:
    """One simulator process. `address` is where its wire is now."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.address = ""

    async def send(self, *lines: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        await self._process.stdin.drain()

    async def said(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(_PATIENCE_S):
            said: dict[str, Any] = json.loads(await self._process.stdout.readline())
        self.address = said.get("listening", self.address)
        return said

    async def say_on(self) -> None:
        """Read and forget what it says, so that it is never held up by a full pipe."""
        while True:
            await self.said()

    async def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        await self._process.communicate()


StartSimulator = Callable[..., Awaitable[Simulator]]


@pytest.fixture
async def simulate() -> AsyncIterator[StartSimulator]:
    started: list[Simulator] = []

    async def start(name: str, *, tcp: int | None = None, faults: tuple[str, ...] = (), **options: str) -> Simulator:
        arguments = json.dumps({"name": name, "options": options, "faults": faults, "tcp": tcp})
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _RUN,
            arguments,
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        simulator = Simulator(process)
        started.append(simulator)
        await simulator.said()
        return simulator

    yield start
    for simulator in started:
        await simulator.stop()


class Bench:
    """A driver that is running, and what it delivered."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self._delivered: asyncio.Queue[ScannerEvent] = asyncio.Queue()
        self.running = asyncio.create_task(scanner.run(self._delivered.put))

    async def event(self) -> ScannerEvent:
        async with asyncio.timeout(_PATIENCE_S):
            return await self._delivered.get()

    async def scan(self) -> Scan:
        event = await self.event()
        assert isinstance(event, Scan), event
        return event

    async def trouble(self) -> ScanTrouble:
        event = await self.event()
        assert isinstance(event, ScanTrouble), event
        return event

    async def texts(self, count: int) -> list[str]:
        return [(await self.scan()).text for _ in range(count)]

    def is_silent(self) -> bool:
        return self._delivered.empty()

    async def restart(self) -> None:
        """What the supervisor does after DEV-301."""
        await self.scanner.close()
        await self.scanner.open()
        self.running = asyncio.create_task(self.scanner.run(self._delivered.put))

    async def stop(self) -> None:
        self.running.cancel()
        await asyncio.wait({self.running})
        await self.scanner.close()


StartDriver = Callable[..., Awaitable[Bench]]


@pytest.fixture
async def drive() -> AsyncIterator[StartDriver]:
    started: list[Bench] = []

    async def start(address: str, profile: str | ScannerProfile) -> Bench:
        loaded = read_profile(profile) if isinstance(profile, str) else profile
        scanner = build_scanner("scanner-1", address, loaded, clock=SystemClock())
        await scanner.open()
        bench = Bench(scanner)
        started.append(bench)
        return bench

    yield start
    for bench in started:
        await bench.stop()
