"""Records of refused messages are forgotten: the old ones, and the oldest of too many."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from cloud.database import Database
from cloud.fleet.broker import BrokerUser, broker_hash
from cloud.ingest import repository
from cloud.ingest.models import refused_messages
from cloud.ingest.worker import Worker
from cloud.settings import Broker
from tests.cloud.deliveries import NOON, FixedClock
from tests.conftest import StartMosquitto


async def refuse(database: Database, *ages_days: float) -> None:
    """Messages refused so many days before noon; each hash is its age."""
    same = {"node": "gw1", "size": 1, "code": "EVT-430", "topic": "t", "parameters": "", "count": 1}
    rows = [{**same, "hash": f"{age}", "first_at": NOON - timedelta(days=age)} for age in ages_days]
    async with database.transaction() as tx:
        await tx.execute(insert(refused_messages), rows)


async def left(database: Database) -> list[str]:
    async with database.transaction() as tx:
        await repository.prune_refused(tx, NOON)
        return list(await tx.scalars(select(refused_messages.c.hash).order_by(refused_messages.c.first_at.desc())))


async def test_refused_messages_are_kept_for_thirty_days(database: Database) -> None:
    await refuse(database, 0, 29.9, 30, 30.1, 400)
    assert await left(database) == ["0", "29.9", "30"]


async def test_of_too_many_refused_messages_the_oldest_are_forgotten(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert repository.REFUSED_MOST == 10_000
    monkeypatch.setattr(repository, "REFUSED_MOST", 3)
    await refuse(database, 5, 1, 4, 2, 3)
    assert await left(database) == ["1", "2", "3"]
    await refuse(database, 0.5)
    assert await left(database) == ["0.5", "1", "2"]


async def test_the_worker_prunes_by_itself(database: Database, mosquitto: StartMosquitto) -> None:
    await refuse(database, 31, 0)
    server = mosquitto([BrokerUser("office", broker_hash("office"))])
    address = Broker("127.0.0.1", server.port, username="office", password="office")
    task = asyncio.create_task(Worker(database, address, clock=FixedClock()).run())
    async with asyncio.timeout(20):
        while await _count(database) == 2:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert await _count(database) == 1


async def _count(database: Database) -> int:
    async with database.transaction() as tx:
        found: int = (await tx.execute(select(func.count()).select_from(refused_messages))).scalar_one()
        return found
