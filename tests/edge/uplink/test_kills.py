"""The delivering process is killed, at random and at each point, twenty times: everything arrives once, in order."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.journal import Journal, NodeIdentity
from shared.clock import SystemClock
from shared.topics import NodeAddress
from tests.edge.journal.killing import Child, ForkServer, hits, write_plan
from tests.edge.uplink.cloud_end import CloudEnd
from tests.services import MosquittoServer

pytestmark = pytest.mark.faults

KILLS = 20
FACTS = 130
"""New ones in each life: three batches."""


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer("tests.edge.uplink.killed_uplink") as server:
        yield server


@pytest.fixture
def life(tmp_path: Path, address: NodeAddress, shared_mosquitto: MosquittoServer) -> dict[str, Any]:
    journal = str(tmp_path / "journal.db")
    return {"journal": journal, "node": address.node, "port": shared_mosquitto.port, "facts": FACTS}


def live(child: Child, kill_after: int | None = None) -> int | None:
    for count, _ in enumerate(child.reports(), start=1):
        if count == kill_after:
            time.sleep(random.uniform(0, 0.02))  # not to wait for anything: to strike anywhere
            child.kill()
    return child.signal


async def judge(server: ForkServer, life: dict[str, Any], cloud: CloudEnd, address: NodeAddress) -> None:
    assert await asyncio.to_thread(live, server.start(life)) == 0
    identity = NodeIdentity(address.branch, address.node)
    journal = Journal.open(Path(life["journal"]), node=identity, clock=SystemClock())
    facts = journal.facts_after(journal.epoch, 0, limit=10**6, max_bytes=10**10)
    epoch, boot = journal.epoch, journal.boot
    journal.close()
    assert boot == KILLS + 2
    assert len(facts) == FACTS * (KILLS + 1)
    assert list(cloud.ledger.facts[epoch].items()) == [(fact.sequence, str(fact.event_id)) for fact in facts]
    assert cloud.ledger.forked == {}
    assert cloud.gones == []


@pytest.mark.parametrize("point", ["uplink.before_publish", "uplink.after_publish", "uplink.before_cursor"])
async def test_killed_at_a_point(
    server: ForkServer, life: dict[str, Any], cloud: CloudEnd, address: NodeAddress, tmp_path: Path, point: str
) -> None:
    for _ in range(KILLS):
        child = server.start(life, write_plan(tmp_path, point, skip=random.randint(0, 1)))
        assert await asyncio.to_thread(live, child) == signal.SIGKILL
    assert hits(tmp_path) == [point] * KILLS
    await judge(server, life, cloud, address)


async def test_killed_at_random(
    server: ForkServer, life: dict[str, Any], cloud: CloudEnd, address: NodeAddress
) -> None:
    for _ in range(KILLS):
        child = server.start({**life, "stays": True})
        assert await asyncio.to_thread(live, child, random.randint(1, 2)) == signal.SIGKILL
    await judge(server, life, cloud, address)
