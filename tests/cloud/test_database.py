"""Reading beside a writer: nobody who only looks waits, and nobody who only looks can write."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from cloud.access.rights import Preset
from cloud.database import Database
from cloud.fleet.models import branches
from tests.cloud.office import START, Office, office

__all__ = ["office"]

SHOP = {
    "id": "new-shop",
    "name": "New",
    "kind": "shop",
    "country": "AM",
    "currency": "AMD",
    "zone": "Asia/Yerevan",
    "language": "hy",
    "is_active": True,
    "created_at": START,
}
PATIENCE_S = 5
"""Half of what SQLite waits for its write lock before it gives up."""


async def test_a_reader_does_not_wait_for_a_writer_and_sees_nothing_half_done(database: Database) -> None:
    async with database.transaction() as writer:
        await writer.execute(insert(branches).values(SHOP))
        async with asyncio.timeout(PATIENCE_S), database.reading() as reader:
            assert await reader.scalar(select(func.count()).select_from(branches)) == 0


async def test_a_reader_keeps_its_picture_while_others_write(database: Database) -> None:
    async with database.reading() as reader:
        assert await reader.scalar(select(func.count()).select_from(branches)) == 0
        async with asyncio.timeout(PATIENCE_S), database.transaction() as writer:
            await writer.execute(insert(branches).values(SHOP))
        assert await reader.scalar(select(func.count()).select_from(branches)) == 0


async def test_a_write_while_reading_is_refused_and_nothing_changes(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.reading() as reader:
            await reader.execute(insert(branches).values(SHOP))
    async with database.reading() as reader:
        assert await reader.scalar(select(func.count()).select_from(branches)) == 0


async def test_lists_and_panel_answer_while_somebody_writes(office: Office) -> None:
    owner = await office.signed_in((Preset.OWNER, None))
    async with office.database.transaction() as writer:
        await writer.execute(insert(branches).values(SHOP))
        async with asyncio.timeout(PATIENCE_S):
            answers = [await owner.get(path) for path in ("/session", "/sales", "/panel", "/branches")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200]


async def test_a_connection_that_died_while_it_rested_is_replaced(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, other = Database.open(postgres_url), Database.open(postgres_url)
    who_am_i = select(func.pg_backend_pid())
    async with database.reading() as tx:
        first = await tx.scalar(who_am_i)
    async with other.transaction() as tx:
        await tx.execute(select(func.pg_terminate_backend(first)))
    monkeypatch.setattr("cloud.database._RESTED_S", 0.0)
    async with database.reading() as tx:
        assert await tx.scalar(who_am_i) != first
    await database.close()
    await other.close()


async def test_a_connection_that_died_at_work_fails_once_and_is_replaced(postgres_url: str) -> None:
    database, other = Database.open(postgres_url), Database.open(postgres_url)
    who_am_i = select(func.pg_backend_pid())
    async with database.reading() as tx:
        first = await tx.scalar(who_am_i)
    async with other.transaction() as tx:
        await tx.execute(select(func.pg_terminate_backend(first)))
    with pytest.raises(DBAPIError):
        async with database.reading() as tx:
            await tx.scalar(who_am_i)
    async with database.reading() as tx:
        assert await tx.scalar(who_am_i) != first
    await database.close()
    await other.close()
