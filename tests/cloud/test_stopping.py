"""Head office stops at whatever moment it is told to, also while its tasks speak with the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from cloud import app as app_module
from cloud.app import create_app
from cloud.database import Database
from cloud.fleet.broker import BrokerUser, broker_hash
from cloud.replication.announcing import Announcer
from cloud.settings import Broker, Settings
from cloud.stopping import stop_if_cancelled
from tests.conftest import StartMosquitto

WAIT_S = 20


async def swallows(when_told: Callable[[], None]) -> None:
    """A loop around a library that forgets the first cancellation."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            when_told()
        stop_if_cancelled()


async def test_a_forgotten_cancellation_ends_the_loop_all_the_same() -> None:
    told: list[None] = []
    task = asyncio.create_task(swallows(lambda: told.append(None)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=WAIT_S)
    assert (task.cancelled(), told) == (True, [None])


async def test_nobody_is_stopped_who_was_not_told_to() -> None:
    stop_if_cancelled()


async def _stop_after(database: Database, settings: Settings, moment_s: float) -> None:
    app = create_app(settings, database)
    async with asyncio.timeout(WAIT_S):
        async with app.router.lifespan_context(app):
            await asyncio.sleep(moment_s)


async def test_announcements_stop_at_whatever_moment(sqlite_url: str, mosquitto: StartMosquitto) -> None:
    server = mosquitto([BrokerUser("office", broker_hash("office"))])
    database = Database.open(sqlite_url)
    settings = Settings(sqlite_url, broker=Broker("127.0.0.1", server.port, username="office", password="office"))
    for moment in range(20):
        await _stop_after(database, settings, moment * 0.004)
    await database.close()


async def test_announcements_stop_though_the_client_forgets_it(
    sqlite_url: str, mosquitto: StartMosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def forget(self: Announcer, news: dict[str, int]) -> None:
        begun.set()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()

    monkeypatch.setattr(Announcer, "tell", forget)
    monkeypatch.setattr(app_module, "ANNOUNCE_EVERY_S", 0.01)
    server = mosquitto([BrokerUser("office", broker_hash("office"))])
    database = Database.open(sqlite_url)
    settings = Settings(sqlite_url, broker=Broker("127.0.0.1", server.port, username="office", password="office"))
    app = create_app(settings, database)
    async with asyncio.timeout(WAIT_S):
        async with app.router.lifespan_context(app):
            await begun.wait()
    await database.close()
