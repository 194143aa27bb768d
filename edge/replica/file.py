"""replica.db as a file: opened when it fits, otherwise deleted and made anew. Nothing in it is only here."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path
from typing import Final

from edge.replica.pins import keyed

__all__ = ["connect", "open_or_rebuild", "remove"]

SCHEMA_VERSION: Final = 2
"""Raised with every change of schema.sql: any other file, older or newer, is filled again from head office."""
BUSY_TIMEOUT_S: Final = 5.0
_ATTACHED: Final = ("", "-wal", "-shm")


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode; its user sees to it that one thread uses it at a time."""
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    return connection


def remove(path: Path) -> None:
    for suffix in _ATTACHED:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def open_or_rebuild(path: Path, secret: str) -> sqlite3.Connection:
    """The writing connection of a usable file: ours when whole, of this schema and of this node; else an empty one."""
    owner = keyed(secret, b"replica")
    connection = connect(path)
    try:
        if _is_usable(connection, owner):
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    remove(path)
    connection = connect(path)
    _make(connection, owner)
    return connection


def _is_usable(connection: sqlite3.Connection, owner: bytes) -> bool:
    try:
        connection.execute("PRAGMA synchronous=NORMAL")
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        rows = connection.execute("SELECT owner FROM state").fetchall() if version == SCHEMA_VERSION else []
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) in (
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
            sqlite3.SQLITE_ERROR,
        ):
            return False
        raise
    return [row["owner"] for row in rows] == [owner]


def _make(connection: sqlite3.Connection, owner: bytes) -> None:
    schema = (resources.files("edge.replica") / "schema.sql").read_text(encoding="utf-8")
    connection.execute("PRAGMA journal_mode=WAL")
    # A power cut may take back the last delta, never half of one; the next sync brings it again.
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.executescript(f"BEGIN IMMEDIATE;\n{schema}\n;PRAGMA user_version={SCHEMA_VERSION};\nCOMMIT;")
    connection.execute("INSERT INTO state (one, version, owner) VALUES (1, 0, ?)", (owner,))
