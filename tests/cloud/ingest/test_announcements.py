"""What a batch changed is in the feed with it, and listeners are woken after its commit, never without one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cloud.database import Database
from cloud.ingest import applier as applier_module
from cloud.ingest.announcements import Announcements, Summary
from cloud.ingest.applier import Applier
from cloud.live import feed
from shared.events import DeviceHealth, DeviceState
from tests.cloud.deliveries import FixedClock, Gateway, printed, returned, uid

WAIT_S = 20


@pytest.fixture
def announcements(database: Database) -> Announcements:
    return Announcements(database)


async def woken(heard: AsyncIterator[None]) -> None:
    async with asyncio.timeout(WAIT_S):
        await anext(heard)


async def in_the_feed(database: Database) -> list[dict[str, list[str]]]:
    async with database.transaction() as tx:
        return [{kind: list(ids) for kind, ids in news.said.items()} for news in await feed.read(tx, feed.START, 100)]


async def test_a_batch_says_what_it_changed(database: Database, gateway: Gateway, announcements: Announcements) -> None:
    gateway.sell(1)
    gateway.write("sale.returned", returned("a", 1, quantity_milli=3_000))
    gateway.write("device.state", DeviceState(device_id="scanner-1", category="Scanner", health=DeviceHealth.OK))
    async with announcements.listen() as heard:
        outcome = await Applier(database, FixedClock(), announcements).apply([gateway.birth(), gateway.batch()])
        await woken(heard)
    (said,) = await in_the_feed(database)
    assert said == {
        "sales": [str(uid("sale", 1))],
        "returns": [str(uid("return", "a"))],
        "receipts": [str(uid("receipt", 1))],
        "exceptions": list(outcome.summary.exceptions),
        "devices": [f"abovyan/{gateway.address.node}/scanner-1"],
        "nodes": [gateway.address.node],
    }
    assert (len(outcome.summary.exceptions), outcome.summary.facts) == (1, 4)


async def test_what_was_not_committed_is_not_said(
    database: Database, gateway: Gateway, announcements: Announcements, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(_: str) -> None:
        raise KeyboardInterrupt

    gateway.write("receipt.fiscalised", printed(1, 1))
    async with announcements.listen() as heard:
        monkeypatch.setattr(applier_module, "reach", power_cut)
        with pytest.raises(KeyboardInterrupt):
            await Applier(database, FixedClock(), announcements).apply([gateway.batch()])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(heard)
    assert await in_the_feed(database) == []


async def test_a_repeat_says_nothing(database: Database, gateway: Gateway, announcements: Announcements) -> None:
    gateway.sell(1)
    applier = Applier(database, FixedClock(), announcements)
    for _ in range(3):
        outcome = await applier.apply([gateway.batch()])
    assert not outcome.summary
    assert len(await in_the_feed(database)) == 1


async def test_many_commits_while_nobody_looks_wake_once(database: Database, announcements: Announcements) -> None:
    async with announcements.listen() as heard:
        for number in range(5):
            summary = Summary(sales=(str(uid(number)),), facts=1)
            async with database.transaction() as tx:
                await announcements.announce(tx, summary)
            announcements.committed(summary)
        await woken(heard)
    assert len(await in_the_feed(database)) == 5


async def test_another_process_hears_it_on_postgresql(postgres_url: str) -> None:
    here, there = Database.open(postgres_url), Database.open(postgres_url)
    async with Announcements(there).listen() as heard:
        async with here.transaction() as tx:
            await Announcements(here).announce(tx, Summary(facts=1))
        await woken(heard)
    await here.close()
    await there.close()


async def test_a_listener_learns_that_its_connection_was_lost(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    async with Announcements(database).listen() as heard:
        async with database.transaction() as tx:
            await tx.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        with pytest.raises(ConnectionError):
            await woken(heard)
    await database.close()


def test_nothing_to_say_is_false() -> None:
    assert not Summary()
    assert not Summary(branches=("abovyan",))
    assert Summary(nodes=("gw1",))
