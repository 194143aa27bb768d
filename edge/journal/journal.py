"""The branch's memory of what happened: facts in order, written once. States and rules: docs/delivery.md.

What lives here: opening (lock, salvage, migrations, boot), writing, reading, and what the uplink needs.
The rule that must never break: what `write` has answered is on the disk; what is on the disk keeps its number.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from edge.journal import outbox
from edge.journal.checkpoints import Checkpoints
from edge.journal.database import FileLock, connect, migrate
from edge.journal.errors import JournalDamaged, JournalNotWritable, JournalOfAnotherNode, in_our_words
from edge.journal.outbox import StoredFact
from edge.journal.salvage import SalvageReport, finish_salvage, look_over, mark_damaged, salvage
from edge.journal.schema_pages import keep_schema_pages
from edge.journal.transaction import NodeIdentity, Transaction, time_text
from edge.journal.writer import Writer, call_in
from shared.clock import Clock
from shared.delivery import BATCH_BYTES, BATCH_FACTS, EpochHeld, Span
from shared.ids import uuid7

__all__ = ["KEEP_SETTLED", "Journal"]

T = TypeVar("T")

KEEP_SETTLED: Final = timedelta(days=90)
"""Rule N10: returns, reprints, and a head office restored from an older backup need settled facts this long."""
PRUNED_AT_ONCE: Final = 500
"""Facts deleted in one transaction, so that a sale waits for at most a few milliseconds of pruning."""


class Journal:
    """Open with `Journal.open`, close with `close`. `write` and the reads may be called from the event loop."""

    def __init__(
        self,
        *,
        path: Path,
        lock: FileLock,
        reader: sqlite3.Connection,
        connection: sqlite3.Connection,
        checkpoints: Checkpoints,
        identity: NodeIdentity,
        boot: int,
        clock: Clock,
        salvaged: SalvageReport | None,
    ) -> None:
        self.identity = identity
        self.boot = boot
        """How often this journal has been opened, this time included."""
        self.salvaged = salvaged
        """What was saved and what was lost, when this opening found the file damaged (SRV-101)."""
        self.damage: JournalDamaged | None = None
        """What was met while this journal was open (SRV-202); only the next start can mend it."""
        self._path = path
        self._lock = lock
        self._reader = reader
        self._reading = threading.Lock()
        self._connection = connection
        self._listeners: list[tuple[asyncio.AbstractEventLoop | None, Callable[[], None]]] = []
        self._on_damage: tuple[asyncio.AbstractEventLoop, Callable[[], None]] | None = None
        self._checkpoints = checkpoints
        self._writer = Writer(
            connection,
            identity=identity,
            boot=boot,
            clock=clock,
            on_appended=self._tell_listeners,
            on_commit=checkpoints.committed,
            in_words=self._in_words,
        )

    @classmethod
    def open(cls, path: Path, *, node: NodeIdentity, clock: Clock) -> Journal:
        """Lock the file, salvage it when damaged, migrate it, count the boot, start the writer.

        Raises JournalInUse SRV-402, NewerJournal SRV-401, JournalOfAnotherNode SRV-407, JournalNotWritable SRV-201.
        """
        lock = FileLock(path.with_name(path.name + ".lock"))
        try:
            return cls._open_locked(path, node, clock, lock)
        except (sqlite3.Error, OSError) as error:
            told = in_our_words(error)
            if isinstance(told, JournalDamaged):
                with suppress(OSError):
                    mark_damaged(path)
            lock.release()
            raise told from error
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _open_locked(cls, path: Path, node: NodeIdentity, clock: Clock, lock: FileLock) -> Journal:
        finish_salvage(path)
        report = None
        if path.exists() and not look_over(path):
            report = salvage(path, clock.now())
        connection = connect(path)
        try:
            migrate(connection, copies_beside=path)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            keep_schema_pages(path)
            boot = _begin_boot(connection, node, clock.now())
            reader = connect(path, read_only=True)
            checkpoints = Checkpoints(connect(path))
        except BaseException:
            connection.close()
            raise
        journal = cls(
            path=path,
            lock=lock,
            reader=reader,
            connection=connection,
            checkpoints=checkpoints,
            identity=node,
            boot=boot,
            clock=clock,
            salvaged=report,
        )
        checkpoints.start()
        journal._writer.start()
        return journal

    def close(self) -> None:
        """Finish what was handed in, mark the file as closed cleanly, let go of it. Later calls raise SRV-408."""
        self._writer.close()
        self._checkpoints.close()
        with suppress(sqlite3.Error):
            # On a full disk the mark is not written: the next start looks the file over, nothing worse.
            self._connection.execute("UPDATE journal SET closed_cleanly = 1")
        self._reader.close()
        self._connection.close()
        self._lock.release()

    # -- writing ------------------------------------------------------------------------------------------------------

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run this work in the writer's thread and return its result once it is durable (rule N1).

        The work may use tx.connection and tx.append, and no other I/O: every other write waits for it.
        It runs in its own savepoint; what it raises is raised here and takes back only its own changes.
        Cancelling the caller does not take the work back. Raises JournalNotWritable SRV-201, JournalDamaged SRV-202:
        then nothing was written.
        """
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Like `write`, for any thread. Callbacks of tx.after_commit run in the calling thread's event loop, if any."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        return self._writer.submit(work, loop)

    def on_facts(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have this called, in the event loop that is running now, whenever new facts are durable.

        Answers a function that ends it.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        listener = (loop, callback)
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def refused(self) -> JournalNotWritable | None:
        """Why the last write was refused; None once one is done again."""
        return self._writer.refused

    def on_damage(self, callback: Callable[[], None]) -> None:
        """Have this called, in the event loop that is running now, when damage is met for the first time."""
        self._on_damage = (asyncio.get_running_loop(), callback)
        if self.damage is not None:
            call_in(*self._on_damage)

    def _in_words(self, error: sqlite3.Error) -> BaseException:
        told = in_our_words(error)
        if isinstance(told, JournalDamaged) and self.damage is None:
            self.damage = told
            with suppress(OSError):
                # On a disk that takes nothing more the next start has SQLite's own check to go by.
                mark_damaged(self._path)
            if self._on_damage is not None:
                call_in(*self._on_damage)
        return told

    def _tell_listeners(self) -> None:
        for loop, callback in tuple(self._listeners):
            call_in(loop, callback)

    # -- reading ------------------------------------------------------------------------------------------------------

    def read(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """Rows of a query on the read-only connection: sees everything that `write` has answered."""
        return self._ask(lambda connection: connection.execute(sql, parameters).fetchall())

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._reading:
                return question(self._reader)
        except sqlite3.DatabaseError as error:
            raise self._in_words(error) from error

    @property
    def epoch(self) -> UUID:
        """The epoch being written."""
        [row] = self.read("SELECT epoch FROM epochs ORDER BY number DESC LIMIT 1")
        return UUID(row["epoch"])

    # -- for the uplink -----------------------------------------------------------------------------------------------

    def held(self) -> tuple[EpochHeld, ...]:
        """Epochs with facts held or unsettled, in order of birth; the last one is being written."""
        return self._ask(outbox.held)

    def cursor(self, epoch: UUID) -> int:
        """The stored cursor of an epoch; 0 for one this journal never had."""
        rows = self.read("SELECT acked_upto FROM epochs WHERE epoch = ?", (str(epoch),))
        return int(rows[0]["acked_upto"]) if rows else 0

    def facts_after(
        self, epoch: UUID, sequence: int, limit: int = BATCH_FACTS, max_bytes: int = BATCH_BYTES
    ) -> list[StoredFact]:
        """The next readable facts of an epoch above `sequence`; a single one larger than max_bytes comes alone."""
        return self._ask(lambda connection: outbox.facts_after(connection, epoch, sequence, limit, max_bytes))

    def next_readable(self, epoch: UUID, sequence: int) -> int:
        """The next sequence above this one whose fact can be read; the one to be written next when there is none."""
        return self._ask(lambda connection: outbox.next_readable(connection, epoch, sequence))

    def has(self, epoch: UUID, sequence: int, event_id: UUID) -> bool:
        """Whether this fact stands under this number here, readable or not."""
        found = "SELECT 1 FROM facts WHERE epoch = ? AND sequence = ? AND event_id = ?"
        return bool(self.read(found, (str(epoch), sequence, str(event_id))))

    def span_missing(self, epoch: UUID, first: int, last: int) -> list[Span]:
        """The parts of first..last that were written and can no longer be given (rule N5)."""
        return self._ask(lambda connection: outbox.missing_spans(connection, epoch, first, last))

    def unsent_count(self) -> int:
        """Sequences not settled at head office."""
        return self._ask(outbox.unsent_count)

    async def acknowledge(self, epoch: UUID, upto: int, quarantined: Sequence[UUID] = ()) -> None:
        """Move the stored cursor forward, never back (rule N4), and remember what head office set aside."""

        def work(tx: Transaction) -> None:
            tx.connection.execute(
                "UPDATE epochs SET acked_upto = max(acked_upto, min(?, next_sequence - 1)) WHERE epoch = ?",
                (upto, str(epoch)),
            )
            tx.connection.executemany(
                "INSERT INTO quarantined (event_id, at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(str(event_id), time_text(tx.now)) for event_id in quarantined],
            )

        await self.write(work)

    async def begin_epoch(self, reason: str) -> UUID:
        """Write under a new epoch from now on (rule C3). Facts of the old one are still delivered, and first."""
        return await self.write(lambda tx: _insert_epoch(tx.connection, reason, tx.now))

    async def prune(self, older_than: timedelta, now: datetime) -> int:
        """Delete settled facts older than this; how many. Only from an epoch's beginning, so no hole is made.

        A fact stamped by a clock that was wrong counts as old as its neighbours: it goes when they go.
        """
        removed = 0
        for epoch in [str(held.epoch) for held in self.held()]:
            step = partial(_prune_some, epoch=epoch, before=now - older_than, now=now)
            while count := await self.write(step):
                removed += count
        return removed


def _begin_boot(connection: sqlite3.Connection, node: NodeIdentity, now: datetime) -> int:
    """Count this opening; give a new file its owner and its first epoch. Raises JournalOfAnotherNode."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        rows = connection.execute("SELECT branch, node FROM journal").fetchall()
        if not rows:
            connection.execute(
                "INSERT INTO journal (one, branch, node, boot, closed_cleanly) VALUES (1, ?, ?, 0, 1)",
                (node.branch, node.node),
            )
        elif (rows[0]["branch"], rows[0]["node"]) != (node.branch, node.node):
            found = f"{rows[0]['branch']}/{rows[0]['node']}"
            raise JournalOfAnotherNode("SRV-407", found=found, expected=f"{node.branch}/{node.node}")
        if not connection.execute("SELECT 1 FROM epochs").fetchall():
            _insert_epoch(connection, "new", now)
        [row] = connection.execute("UPDATE journal SET boot = boot + 1, closed_cleanly = 0 RETURNING boot").fetchall()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return int(row["boot"])


def _insert_epoch(connection: sqlite3.Connection, reason: str, now: datetime) -> UUID:
    epoch = uuid7()
    connection.execute(
        "INSERT INTO epochs (epoch, born_at, reason) VALUES (?, ?, ?)", (str(epoch), time_text(now), reason)
    )
    return epoch


def _prune_some(tx: Transaction, epoch: str, before: datetime, now: datetime) -> int:
    rows = tx.connection.execute(
        "SELECT f.number, f.event_id, f.time FROM facts f JOIN epochs e ON e.epoch = f.epoch"
        " WHERE f.epoch = ? AND f.sequence <= e.acked_upto ORDER BY f.sequence LIMIT ?",
        (epoch, PRUNED_AT_ONCE),
    ).fetchall()
    youngest_kept, latest = time_text(before), time_text(now)
    old = list(takewhile(lambda row: not youngest_kept <= row["time"] <= latest, rows))
    tx.connection.executemany("DELETE FROM facts WHERE number = ?", [(row["number"],) for row in old])
    tx.connection.executemany("DELETE FROM quarantined WHERE event_id = ?", [(row["event_id"],) for row in old])
    return len(old)
