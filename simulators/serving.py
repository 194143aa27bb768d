"""How a simulator is started and reached: a pseudo-terminal or a TCP port, one JSON line, SIGTERM to end.

What the device does with the bytes lives in the modules named in SIMULATORS. A simulator module offers
`FAULTS` (name -> what it does) and `build(settings) -> Device`.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib
import json
import os
import signal
import sys
import tty
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Protocol

__all__ = ["SIMULATORS", "Description", "Device", "Link", "Settings", "describe", "run"]

SIMULATORS: Mapping[str, str] = {
    "scanner": "bar-code scanner on a serial line; codes come from standard input, one a line",
    "scanner-hid": "bar-code scanner as a keyboard: a stream of Linux input records",
    "datecs-isl": "fiscal register, ISL short frames (Datecs P/C dialect)",
    "datecs-isl-x": "fiscal register, ISL long frames (Datecs X dialect)",
    "escpos": "receipt printer with a cash drawer, ESC/POS",
}

_TCP_BACKLOG = 8


@dataclass(frozen=True)
class Settings:
    """What the command line says of one simulator."""

    state: Path | None = None
    """File that outlives the process: fiscal memory, paper roll. None keeps it in memory only."""
    out: Path | None = None
    """Folder for what the device produces: receipts as text and PNG."""
    faults: frozenset[str] = frozenset()
    options: Mapping[str, str] = field(default_factory=dict)
    """Device-specific `--set NAME=VALUE` pairs."""


class Link(Protocol):
    """One open wire, seen from the device."""

    async def read(self, limit: int = 4096) -> bytes:
        """Bytes as they arrive; b"" when the host hung up for good."""
        ...

    async def write(self, data: bytes) -> None: ...

    async def close(self) -> None: ...


class Device(Protocol):
    """The device behind the wire."""

    async def serve(self, link: Link) -> None:
        """Live on this wire until the host hangs up. State outlives the wire."""
        ...


class PtyLink:
    """The master side of a pseudo-terminal. The host may close and reopen its side at will."""

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        # Kept open so that a host closing the port is not an end of file for the device.
        self._slave = slave
        flags = fcntl.fcntl(self._master, fcntl.F_GETFL)
        fcntl.fcntl(self._master, fcntl.F_SETFL, flags | os.O_NONBLOCK)

    async def read(self, limit: int = 4096) -> bytes:
        loop = asyncio.get_running_loop()
        while True:
            try:
                return os.read(self._master, limit)
            except BlockingIOError:
                await _ready(loop.add_reader, loop.remove_reader, self._master)

    async def write(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._master, view) :]
            except BlockingIOError:
                await _ready(loop.add_writer, loop.remove_writer, self._master)

    async def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)


async def _ready(add: Callable[..., object], remove: Callable[[int], object], descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def mark() -> None:
        if not done.done():
            done.set_result(None)

    add(descriptor, mark)
    try:
        await done
    finally:
        remove(descriptor)


class TcpLink:
    """One accepted connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, limit: int = 4096) -> bytes:
        try:
            return await self._reader.read(limit)
        except ConnectionError:
            return b""

    async def write(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


def _module(name: str) -> ModuleType:
    if name not in SIMULATORS:
        raise SystemExit(f"no simulator is named {name}; known: {', '.join(SIMULATORS)}")
    return importlib.import_module("simulators." + name.replace("-", "_"))


@dataclass(frozen=True)
class Description:
    """One simulator as `tradepost simulate --list` shows it."""

    name: str
    purpose: str
    faults: Mapping[str, str]


def describe() -> list[Description]:
    """Every simulator, in the order of SIMULATORS."""
    return [Description(name, purpose, _module(name).FAULTS) for name, purpose in SIMULATORS.items()]


def run(name: str, settings: Settings, *, tcp_port: int | None) -> None:
    """Serve until SIGTERM or Ctrl-C: on loopback `tcp_port` (0 = any free), else on a new pseudo-terminal."""
    module = _module(name)
    unknown = settings.faults - set(module.FAULTS)
    if unknown:
        raise SystemExit(f"{name} has no fault {', '.join(sorted(unknown))}; known: {', '.join(module.FAULTS)}")
    device: Device = module.build(settings)
    asyncio.run(_serve(name, device, tcp_port))


async def _serve(name: str, device: Device, tcp_port: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if tcp_port is None:
        pty = PtyLink()
        _announce(name, pty.path)
        work = asyncio.create_task(device.serve(pty))
    else:
        work = asyncio.create_task(_serve_tcp(name, device, tcp_port))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    work.cancel()
    stopping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def _serve_tcp(name: str, device: Device, port: int) -> None:
    one_at_a_time = asyncio.Lock()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = TcpLink(reader, writer)
        # Cancelled only when the whole simulator stops: then this wire simply ends.
        with contextlib.suppress(asyncio.CancelledError):
            async with one_at_a_time:
                await device.serve(link)
        await link.close()

    server = await asyncio.start_server(accept, "127.0.0.1", port, backlog=_TCP_BACKLOG)
    _announce(name, f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        await server.serve_forever()
    finally:
        # Not waited for: since Python 3.12 that would wait for the host to hang up.
        server.close()


def _announce(name: str, address: str) -> None:
    sys.stdout.write(json.dumps({"name": name, "listening": address}) + "\n")
    sys.stdout.flush()
