"""The one thread that writes journal.db: it takes whatever waits, runs it in one transaction, commits, then answers.

Rules that never break: nobody hears of a work before its COMMIT has returned; a work that fails takes only itself back;
when the COMMIT fails, every work of the group fails.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from edge.journal.errors import JournalNotWritable
from edge.journal.transaction import NodeIdentity, Transaction
from shared.clock import Clock
from shared.errors import PermanentError
from shared.faults import reach

__all__ = ["Writer", "call_in"]

log = logging.getLogger(__name__)

T = TypeVar("T")
Loop = asyncio.AbstractEventLoop

GROUP_MOST: Final = 256
"""Works in one commit. Bounds how long the first of a burst waits for the others: about 50 ms of small works."""


@dataclass(frozen=True)
class _Job:
    work: Callable[[Transaction], Any]
    future: Future[Any]
    loop: Loop | None
    """Where the work's callbacks belong; None: the writer's own thread."""


@dataclass(frozen=True)
class _Done:
    job: _Job
    result: Any
    transaction: Transaction


def call_in(loop: Loop | None, callback: Callable[[], None]) -> None:
    """Call this in the loop's thread, or here when there is no loop."""
    if loop is None:
        callback()
        return
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        # The loop has closed: the program is ending and nobody is left to hear. The facts are on disk.
        if not loop.is_closed():
            raise


class Writer:
    """Owns the writing connection from start to close."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        identity: NodeIdentity,
        boot: int,
        clock: Clock,
        on_appended: Callable[[], None],
        on_commit: Callable[[], None],
        in_words: Callable[[sqlite3.Error], BaseException],
    ) -> None:
        """on_appended, on_commit: called in the writer's thread, which waits for them. in_words: what to raise for
        what SQLite says.
        """
        self._connection = connection
        self._identity = identity
        self._boot = boot
        self._clock = clock
        self._on_appended = on_appended
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._on_commit = on_commit
        self._in_words = in_words
        self.refused: JournalNotWritable | None = None
        """Why the last group could not be written; None once one is again."""
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, work: Callable[[Transaction], T], loop: Loop | None) -> Future[T]:
        """Hand in a work. Raises PermanentError SRV-408 after close."""
        future: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise PermanentError("SRV-408")
            self._waiting.put(_Job(work, future, loop))
        return future

    def close(self) -> None:
        """Finish everything handed in, then stop. Any thread but the writer's own."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_for_more = True
        while open_for_more:
            group, open_for_more = self._next_group()
            if group:
                self._commit(group)

    def _next_group(self) -> tuple[list[_Job], bool]:
        """Whatever waits, at least one, and whether more may follow."""
        group: list[_Job] = []
        job = self._waiting.get()
        while job is not None:
            if job.future.set_running_or_notify_cancel():
                group.append(job)
            if len(group) == GROUP_MOST:
                return group, True
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _commit(self, group: list[_Job]) -> None:
        failed: list[tuple[_Job, BaseException]] = []
        done: list[_Done] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            run = self._run_alone if len(group) == 1 else self._run_one
            for job in group:
                try:
                    done.append(run(job))
                except BaseException as error:
                    # Delivered to whoever asked for this work, as an executor would.
                    if not self._connection.in_transaction:
                        raise  # SQLite took the whole group back (disk full, I/O error), or there is no group
                    failed.append((job, error))
            reach("journal.before_commit")
            self._connection.execute("COMMIT")
        except BaseException as error:
            # Nothing of this group is in the file. Each of them hears so; the thread lives to try the next.
            self._roll_back()
            self._note_refusal(self._told(error))
            for job in group:
                job.future.set_exception(self._told(error))
            return
        reach("journal.after_commit")
        self._answer(done, failed)
        self._on_commit()
        if self.refused is not None:
            self.refused = None
            log.info("the journal can be written again")

    def _run_alone(self, job: _Job) -> _Done:
        """Without a savepoint, which copies every page before its first change: taking back the whole transaction will
        do."""
        transaction = Transaction(self._connection, self._clock.now(), self._identity, self._boot)
        try:
            return _Done(job, job.work(transaction), transaction)
        except BaseException:
            self._roll_back()
            raise

    def _run_one(self, job: _Job) -> _Done:
        transaction = Transaction(self._connection, self._clock.now(), self._identity, self._boot)
        self._connection.execute("SAVEPOINT work")
        try:
            result = job.work(transaction)
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO work")
                self._connection.execute("RELEASE work")
            raise
        self._connection.execute("RELEASE work")
        return _Done(job, result, transaction)

    def _told(self, error: BaseException) -> BaseException:
        return self._in_words(error) if isinstance(error, sqlite3.Error) else error

    def _note_refusal(self, error: BaseException) -> None:
        """By the disk: one line of the log, however many ask until it takes something again."""
        if isinstance(error, JournalNotWritable) and self.refused is None:
            self.refused = error
            log.error("the journal cannot be written, nothing can be sold: %s", error)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _answer(self, done: list[_Done], failed: list[tuple[_Job, BaseException]]) -> None:
        for item in done:
            for callback in item.transaction.callbacks:
                call_in(item.job.loop, callback)
        for item in done:
            item.job.future.set_result(item.result)
        for job, error in failed:
            job.future.set_exception(self._told(error))
        if any(item.transaction.appended for item in done):
            self._on_appended()
