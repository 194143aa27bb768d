"""The cloud's database, PostgreSQL or SQLite, behind one small face. Tables live in each part's models.py.

One request or task is one transaction; nobody below `transaction()` commits. Whoever only reads does so in `reading()`:
on SQLite the write lock is one for all, and a reader neither takes it nor waits for it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import DateTime, MetaData, String, event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["METADATA", "Database", "Timestamp", "timestamp_text"]

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def timestamp_text(moment: datetime) -> str:
    """The one textual form of a moment, UTC with microseconds, so that SQLite orders it as time does."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class Timestamp(TypeDecorator[datetime]):
    """An aware moment. timestamptz on PostgreSQL, `timestamp_text` on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without its zone")
        return timestamp_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        return datetime.fromisoformat(value)


class Database:
    """Opened once by the composition root and handed to whoever needs it."""

    def __init__(self, engine: AsyncEngine, readers: AsyncEngine) -> None:
        self.engine = engine
        self._readers = readers
        self.dialect: str = engine.dialect.name

    @classmethod
    def open(cls, url: str) -> Database:
        """url: postgresql+asyncpg://… or sqlite+aiosqlite:///FILE. Connects on first use."""
        if make_url(url).get_backend_name() == "sqlite":
            engine, readers = create_async_engine(url), create_async_engine(url)
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_immediate)
            event.listen(readers.sync_engine, "connect", _prepare_sqlite_reader)
            event.listen(readers.sync_engine, "begin", _begin_deferred)
        else:
            engine = create_async_engine(url, pool_size=10, max_overflow=10)
            event.listen(engine.sync_engine, "checkin", _note_use)
            event.listen(engine.sync_engine, "checkout", _ask_when_rested)
            readers = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return cls(engine, readers)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """All or nothing: commits on leaving, rolls back on any exception."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One unchanging picture of the database; a write in it is refused by the database."""
        async with self._readers.begin() as connection:
            yield connection

    async def close(self) -> None:
        await self.engine.dispose()
        await self._readers.dispose()


_RESTED_S: Final = 5.0
"""A connection that lay idle for longer is asked whether it lives. A busy one is not: that costs three round trips a
transaction, and one that dies in use is told to whoever uses it in any case."""
_USED_AT: Final = "used at"


def _note_use(_connection: Any, record: Any) -> None:
    record.info[_USED_AT] = time.monotonic()


def _ask_when_rested(connection: Any, record: Any, _fairy: Any) -> None:
    if time.monotonic() - record.info.get(_USED_AT, time.monotonic()) < _RESTED_S:
        return
    try:
        connection.ping()
    except Exception as error:
        raise DisconnectionError from error  # the pool makes a new one


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Take transaction control away from the driver, which would begin late and without a write lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_sqlite_reader(connection: Any, record: Any) -> None:
    _prepare_sqlite(connection, record)
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN DEFERRED")
