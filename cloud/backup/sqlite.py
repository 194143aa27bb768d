"""SQLite's own online copy, packed; and a packed copy put where no database is yet. Blocking: call in a thread."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import zstandard

__all__ = ["Unsound", "copy", "is_empty", "pack", "put_in_place", "unpack"]

_LEVEL: Final = 3
"""400 MB/s on one core and a quarter of the size; higher ones cost much and save little."""


class Unsound(Exception):
    """SQLite finds the file damaged, in its own words."""


def copy(source: Path, target: Path) -> None:
    """Everything committed, as of one moment, while others read and write. Raises Unsound, sqlite3.Error."""
    with closing(sqlite3.connect(source)) as running, closing(sqlite3.connect(target)) as copied:
        running.execute("PRAGMA busy_timeout=10000")
        running.backup(copied)  # in one step: in several, every write would begin it anew
        copied.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    check(target)


def check(file: Path) -> None:
    """Raises Unsound."""
    with closing(sqlite3.connect(file)) as connection:
        try:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise Unsound(str(error)) from error
    if said != "ok":
        raise Unsound(str(said).partition("\n")[0][:200])


def pack(source: Path, target: Path) -> None:
    with source.open("rb") as plain, target.open("wb") as packed:
        zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).copy_stream(plain, packed)


def unpack(source: Path, target: Path) -> None:
    """Raises Unsound."""
    try:
        with source.open("rb") as packed, target.open("wb") as plain:
            zstandard.ZstdDecompressor().copy_stream(packed, plain)
    except zstandard.ZstdError as error:
        raise Unsound(str(error)) from error
    check(target)


def is_empty(file: Path) -> bool:
    """There is no such database, or no table in it. A log that lost its database may hold somebody's data."""
    if not file.exists():
        return not file.with_name(f"{file.name}-wal").exists()
    with closing(sqlite3.connect(file)) as connection:
        return bool(connection.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0])


def put_in_place(file: Path, target: Path) -> None:
    """file: in target's own folder. There whole, or not at all, also after a power cut."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
    file.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
