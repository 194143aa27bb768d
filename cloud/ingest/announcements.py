"""Telling the live stream what a batch has changed: ids only, after commit, across processes on PostgreSQL.

On PostgreSQL the words go out with the transaction itself (NOTIFY is delivered at commit, or never). SQLite has one
process, so there they are handed over in memory after commit. They only wake: what a listener missed is in the durable
feed (cloud.live.feed), which is written here too, in the transaction.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.database import Database
from cloud.live import feed

__all__ = ["Announcements", "Summary"]

CHANNEL: Final = "tradepost_live"
PAYLOAD_BYTES: Final = 7_900
"""PostgreSQL takes less than 8,000 bytes in one NOTIFY."""
IDS_PER_SUMMARY: Final = 40
"""Ids of each kind in one summary: four kinds of 40 UUIDs stay below PAYLOAD_BYTES."""
WAITING: Final = 1_000
"""Summaries a slow listener may be behind; then the oldest go, and it learns from the gap that it must look itself."""


@dataclass(frozen=True)
class Summary:
    """What is new. All ids are text. facts: how many were applied, whether or not their ids are named here."""

    branches: tuple[str, ...] = ()
    sales: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    receipts: tuple[str, ...] = ()
    """In the durable feed only, not in the words to listeners."""
    exceptions: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    """"branch/node/device" of devices with a new state."""
    nodes: tuple[str, ...] = ()
    """Nodes that came, left, or were flagged."""
    facts: int = 0

    def __bool__(self) -> bool:
        return bool(self.facts or self.branches)

    def parts(self) -> Iterator[Summary]:
        """The same news in summaries small enough for one NOTIFY each."""
        rest, first = {name: getattr(self, name) for name in _LISTS}, True
        while first or any(rest[name] for name in _LISTS):
            part: dict[str, Any] = {name: rest[name][:IDS_PER_SUMMARY] for name in _LISTS}
            rest |= {name: rest[name][IDS_PER_SUMMARY:] for name in _LISTS}
            yield Summary(**part, branches=self.branches[:IDS_PER_SUMMARY], facts=self.facts if first else 0)
            first = False

    def to_json(self) -> str:
        said = {name: getattr(self, name) for name in ("branches", *_LISTS, "facts")}
        return json.dumps({name: value for name, value in said.items() if value})

    @classmethod
    def from_json(cls, words: str) -> Summary:
        said: dict[str, Any] = json.loads(words)
        lists: dict[str, Any] = {name: tuple(said[name]) for name in ("branches", *_LISTS) if name in said}
        return cls(**lists, facts=said.get("facts", 0))


_LISTS: Final = ("sales", "returns", "exceptions", "devices", "nodes")
_Queue = asyncio.Queue[Summary | None]


class Announcements:
    """Made once per process by the composition root; ingest speaks, the live stream listens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[_Queue] = set()
        self.lost = 0
        """Summaries dropped because a listener was too slow."""

    async def announce(self, tx: AsyncConnection, summary: Summary) -> None:
        """Say it inside the transaction, where the database can carry it. Call `committed` after the commit."""
        await feed.append(tx, {kind: getattr(summary, kind) for kind in feed.KINDS})
        if self._database.dialect == "postgresql" and summary:
            for part in summary.parts():
                await tx.execute(
                    text("SELECT pg_notify(:channel, :words)"), {"channel": CHANNEL, "words": part.to_json()}
                )

    def committed(self, summary: Summary) -> None:
        """Say it after the commit, where the database could not."""
        if self._database.dialect != "postgresql" and summary:
            self._deliver(summary)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[Summary]]:
        """Summaries from now on. On PostgreSQL every listener has its own connection, so listen once a process.

        Iterating raises ConnectionError when that connection is lost: listen again, and look what was missed.
        """
        queue: _Queue = asyncio.Queue(WAITING)
        if self._database.dialect != "postgresql":
            self._listeners.add(queue)
            try:
                yield _from(queue)
            finally:
                self._listeners.discard(queue)
            return
        async with self._database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection

            def heard(_connection: object, _pid: int, _channel: str, words: str) -> None:
                self._offer(queue, Summary.from_json(words))

            driver.add_termination_listener(lambda _connection: self._offer(queue, None))
            await driver.add_listener(CHANNEL, heard)
            try:
                yield _from(queue)
            finally:
                if not driver.is_closed():
                    await driver.remove_listener(CHANNEL, heard)

    def _deliver(self, summary: Summary) -> None:
        for queue in self._listeners:
            self._offer(queue, summary)

    def _offer(self, queue: _Queue, summary: Summary | None) -> None:
        if queue.full():
            queue.get_nowait()
            self.lost += 1
        queue.put_nowait(summary)


async def _from(queue: _Queue) -> AsyncIterator[Summary]:
    while (summary := await queue.get()) is not None:
        yield summary
    raise ConnectionError("the connection that listens was lost")
