"""Telling the live stream that a batch has changed something: after commit, across processes on PostgreSQL.

What has changed is in the durable feed (cloud.live.feed), written here in the batch's transaction. The words themselves
only wake: on PostgreSQL they go out with the transaction (NOTIFY is delivered at commit, or never); SQLite has one
process, so there they are handed over in memory after commit. Nothing depends on any of them arriving.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.bulk import fetch
from cloud.database import Database
from cloud.live import feed

__all__ = ["Announcements", "Summary"]

CHANNEL: Final = "tradepost_live"


@dataclass(frozen=True)
class Summary:
    """What is new, as ids in text. facts: how many were applied, whether or not their ids are named here."""

    branches: tuple[str, ...] = ()
    sales: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    receipts: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    """"branch/node/device" of devices with a new state."""
    nodes: tuple[str, ...] = ()
    """Nodes that came, left, or were flagged."""
    facts: int = 0

    def __bool__(self) -> bool:
        return bool(self.facts or any(getattr(self, kind) for kind in feed.KINDS))


class Announcements:
    """Made once per process by the composition root; ingest speaks, the live stream listens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[_Wake] = set()

    async def announce(self, tx: AsyncConnection, summary: Summary) -> None:
        """Say it inside the transaction. Call `committed` after the commit."""
        await feed.append(tx, {kind: getattr(summary, kind) for kind in feed.KINDS})
        if self._database.dialect == "postgresql" and summary:
            await fetch(tx, f"NOTIFY {CHANNEL}")

    def committed(self, summary: Summary) -> None:
        """Say it after the commit, where the database could not."""
        if self._database.dialect != "postgresql" and summary:
            for wake in self._listeners:
                wake.heard()

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[None]]:
        """Yields whenever something has been committed; what was said meanwhile is said once.

        On PostgreSQL every listener has its own connection, so listen once a process. Iterating raises ConnectionError
        when that connection is lost: listen again, and look what was missed.
        """
        wake = _Wake()
        if self._database.dialect != "postgresql":
            self._listeners.add(wake)
            try:
                yield wake.times()
            finally:
                self._listeners.discard(wake)
            return
        async with self._database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection

            def heard(*_: object) -> None:
                wake.heard()

            def lost(*_: object) -> None:
                wake.is_lost = True
                wake.heard()

            driver.add_termination_listener(lost)
            await driver.add_listener(CHANNEL, heard)
            try:
                yield wake.times()
            finally:
                if not driver.is_closed():
                    await driver.remove_listener(CHANNEL, heard)


class _Wake:
    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.is_lost = False

    def heard(self) -> None:
        self._event.set()

    async def times(self) -> AsyncIterator[None]:
        while True:
            await self._event.wait()
            self._event.clear()
            if self.is_lost:
                raise ConnectionError("the connection that listens was lost")
            yield
