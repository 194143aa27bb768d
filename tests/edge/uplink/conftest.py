"""A real Mosquitto, a journal, an uplink that runs, and head office's scripted end."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from edge.journal import AppendedFact, Journal, NodeIdentity, Transaction
from edge.uplink import BrokerSettings, NodeNews, Timings, Uplink
from shared.clock import SystemClock
from shared.events import DrawerOpened
from shared.topics import NodeAddress
from tests.edge.uplink.cloud_end import CloudEnd
from tests.services import MosquittoServer, free_port

QUICK = Timings(no_progress_s=0.3, connect_s=5.0, reconnect_first_s=0.02, reconnect_most_s=0.1, goodbye_s=1.0)
"""The same rules, in a hurry."""

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def shared_mosquitto() -> Iterator[MosquittoServer]:
    port = free_port()
    server = MosquittoServer(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n", port)
    yield server
    server.stop()


@pytest.fixture
def own_mosquitto() -> Iterator[MosquittoServer]:
    """A broker that the test may kill; it forgets everything then."""
    port = free_port()
    server = MosquittoServer(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n", port)
    yield server
    server.stop()


@pytest.fixture
def address() -> NodeAddress:
    """A node of this test's own, so that tests may share a broker."""
    return NodeAddress(7, "branch-1", f"node-{next(_numbers)}")


@pytest.fixture
async def journal(tmp_path: Path, address: NodeAddress) -> AsyncIterator[Journal]:
    identity = NodeIdentity(address.branch, address.node)
    journal = Journal.open(tmp_path / "journal.db", node=identity, clock=SystemClock())
    yield journal
    journal.close()


@pytest.fixture
async def cloud(shared_mosquitto: MosquittoServer, address: NodeAddress) -> AsyncIterator[CloudEnd]:
    cloud = CloudEnd(shared_mosquitto.port, address)
    await cloud.connect()
    yield cloud
    await cloud.close()


def broker_at(port: int, **more: Any) -> BrokerSettings:
    settings: dict[str, Any] = {"host": "127.0.0.1", "username": "node", "password": "secret", "tls": False, **more}
    return BrokerSettings(port=port, **settings)


@asynccontextmanager
async def running(uplink: Uplink) -> AsyncIterator[Uplink]:
    """The uplink at work; stopped cleanly at the end."""
    task = asyncio.create_task(uplink.run())
    try:
        yield uplink
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


MakeUplink = Callable[..., Uplink]


@pytest.fixture
def make_uplink(journal: Journal, address: NodeAddress, shared_mosquitto: MosquittoServer) -> MakeUplink:
    def make(**more: Any) -> Uplink:
        settings: dict[str, Any] = {
            "journal": journal,
            "address": address,
            "broker": broker_at(shared_mosquitto.port),
            "news": lambda: NodeNews(version="1.2.3"),
            "clock": SystemClock(),
            "timings": QUICK,
            **more,
        }
        return Uplink(**settings)

    return make


@pytest.fixture
def write(journal: Journal) -> Callable[[int], Awaitable[None]]:
    """Append so many facts."""

    async def write(count: int) -> None:
        await journal.write(lambda tx: [append(tx) for _ in range(count)] and None)

    return write


def append(tx: Transaction) -> AppendedFact:
    return tx.append("drawer.opened", "drawer-1", DrawerOpened(reason="float check " + "x" * 150))


async def link_becomes(uplink: Uplink, condition: Callable[[], bool]) -> None:
    """Wait for what the till's chip shows."""
    changed = asyncio.Event()
    uplink.on_link(changed.set)
    async with asyncio.timeout(20.0):
        while not condition():
            changed.clear()
            await changed.wait()
