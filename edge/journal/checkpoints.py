"""Bringing what is durable in the WAL into journal.db, beside the writer: no commit waits for it.

A connection and a thread of their own. SQLite lets one writer append while another connection checkpoints, so what a
scan or a sale shares with it is the disk alone; therefore it still waits for a pause, as long as there is time.

What never happens: a checkpoint by anybody else while the journal is open, or a second one without a commit since the
first, unless it holds the writer off (RESTART). A commit that begins the WAL anew at the moment such a second one
starts can be lost by SQLite before 3.51.3 (sqlite.org/wal.html, "The WAL-Reset Bug").
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from typing import Final

__all__ = ["AFTER", "Checkpoints"]

AFTER: Final = 40
"""Commits, of about 20 pages each for a sale: less often costs disk, more often writes the same pages again."""
_AT_LAST: Final = 150
"""Commits after which no pause is waited for: 12 MB of sales."""
_WAL_MOST: Final = 4_000
"""Pages (16 MB) that the WAL may hold while commits never pause; then they wait until it begins anew."""
_PAUSE_S: Final = 0.02
"""Scans one behind the other come faster than this, a person's come slower."""


class Checkpoints:
    """`committed` may be called from any thread and costs next to nothing; `close` before the journal's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """connection: one of its own, which is closed by `close`."""
        self._connection = connection
        self._counting = threading.Lock()
        self._commits = 0
        self._is_due = threading.Event()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="journal-checkpoints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def committed(self) -> None:
        with self._counting:
            self._commits += 1
            if self._commits >= AFTER:
                self._is_due.set()

    def close(self) -> None:
        self._is_closing = True
        self._is_due.set()
        if self._thread.is_alive():
            self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._is_due.wait()
            seen = -1
            while not self._is_closing and seen != self._commits < _AT_LAST:
                seen = self._commits
                pause.wait(_PAUSE_S)
            with self._counting:
                self._commits = 0
                self._is_due.clear()
            if self._is_closing:  # asked only now: `close` may have set what was cleared
                return
            with suppress(sqlite3.Error):
                # Everything is durable in the WAL. A disk that is full or broken is told by the next commit.
                _, in_wal, done = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if done < in_wal > _WAL_MOST:
                    self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
