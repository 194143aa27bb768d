"""Opening journal.db: settings of a connection, numbered migrations, the lock against a second gateway.

The rule that must never break: `synchronous` stays FULL and a file is copied aside before its schema changes.
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import zlib
from importlib import resources
from pathlib import Path
from typing import Final

from edge.journal.errors import JournalInUse, NewerJournal, in_our_words

__all__ = ["FileLock", "connect", "migrate", "newest_version", "stored_version", "sync_folder"]

PAGE_SIZE: Final = 4096
"""SQLite's default, said aloud because salvage reads raw pages."""
BUSY_TIMEOUT_S: Final = 5.0
"""We are the only writer; a reader's lock while the WAL is reset is over in milliseconds."""
_VERSION_OFFSET: Final = 60
"""user_version in the file's header, big-endian (sqlite.org/fileformat2.html, 1.3)."""


class FileLock:
    """An exclusive lock that the system gives back when the process dies, however it dies."""

    def __init__(self, path: Path) -> None:
        """Raises JournalInUse SRV-402, JournalNotWritable SRV-201."""
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise in_our_words(error) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise JournalInUse("SRV-402", path=str(path)) from error

    def release(self) -> None:
        os.close(self._descriptor)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode: transactions are begun and ended by name.

    It may be handed between threads; its user sees to it that one uses it at a time.
    """
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    connection.create_function("crc32", 1, zlib.crc32, deterministic=True)
    if not read_only:
        connection.execute(f"PRAGMA page_size={PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA wal_autocheckpoint=0")  # `Checkpoints` alone does it
        # What a savepoint remembers of a sale's pages is more than the 64 KiB SQLite keeps out of a file by itself.
        connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def _migrations() -> dict[int, tuple[str, str]]:
    """Version -> (file name, SQL), in order."""
    folder = resources.files("edge.journal") / "migrations"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        number = re.fullmatch(r"(\d{4})_\w+\.sql", file.name)
        if number:
            found[int(number[1])] = (file.name, file.read_text(encoding="utf-8"))
    return found


def newest_version() -> int:
    return max(_migrations())


def stored_version(path: Path) -> int:
    """user_version as the file's first page has it; 0 when there is no such page. The WAL may know a newer one."""
    with path.open("rb") as file:
        header = file.read(100)
    return int.from_bytes(header[_VERSION_OFFSET : _VERSION_OFFSET + 4], "big")


def migrate(connection: sqlite3.Connection, *, copies_beside: Path | None, upto: int | None = None) -> None:
    """Bring the file to this program's schema, each step in one transaction.

    copies_beside: the file's path, to leave FILE.before-NNNN beside it; None for a file that is itself a copy.
    upto: stop at this version; the newest when not given. Raises NewerJournal SRV-401.
    """
    migrations = _migrations()
    target = max(migrations) if upto is None else upto
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > max(migrations):
        raise NewerJournal("SRV-401", found=version, known=max(migrations))
    is_old = version > 0
    for number, (_, script) in migrations.items():
        if not version < number <= target:
            continue
        if is_old and copies_beside:
            _copy_aside(connection, copies_beside.with_name(f"{copies_beside.name}.before-{number:04d}"))
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\n;PRAGMA user_version={number};\nCOMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.rollback()
            raise
        version = number


def _copy_aside(connection: sqlite3.Connection, target: Path) -> None:
    """A whole and durable copy of the database as this connection sees it, replacing an older copy."""
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    copy = sqlite3.connect(unfinished)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in this folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
