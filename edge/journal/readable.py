"""Reading round the holes of a damaged table: every row that SQLite can still reach."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Final

__all__ = ["readable_rows"]

BEYOND_LAST: Final = 65_536
"""How far past the last row read we look when the table's end is unreadable: more rows than a few pages hold."""

_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
Row = dict[str, Any]


def readable_rows(
    source: sqlite3.Connection, table: str, has_rowid: bool, on_hole: Callable[[], None]
) -> Iterator[Row]:
    """Rows of the table, each at most once for a table with rowids, at most twice for one without.

    on_hole is called whenever something could not be read.
    """
    if has_rowid:
        return _by_rowid(source, table, on_hole)
    return _from_both_ends(source, table, on_hole)


def _by_rowid(source: sqlite3.Connection, table: str, on_hole: Callable[[], None]) -> Iterator[Row]:
    """Read ranges of rowids; a range that fails is halved until only what is unreadable is left out."""
    query = f"SELECT rowid AS salvage_rowid, * FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid"  # noqa: S608
    last_known = _last_rowid(source, table)
    ranges = [(1, 2**62 if last_known is None else last_known)]
    while ranges:
        low, high = ranges.pop()
        try:
            for found in source.execute(query, (low, high)):
                row = dict(found)
                low = row.pop("salvage_rowid") + 1
                yield row
        except _UNREADABLE:
            on_hole()
            high = min(high, 2 * low + BEYOND_LAST)
            if low < high:
                middle = (low + high) // 2
                ranges += [(middle + 1, high), (low, middle)]


def _last_rowid(source: sqlite3.Connection, table: str) -> int | None:
    try:
        found = source.execute(f"SELECT max(rowid) FROM {table} NOT INDEXED").fetchone()[0]  # noqa: S608
    except _UNREADABLE:
        return None
    return int(found or 0)


def _from_both_ends(source: sqlite3.Connection, table: str, on_hole: Callable[[], None]) -> Iterator[Row]:
    """A table without rowids has keys that cannot be halved: read up to the hole, then down to it."""
    for direction in ("ASC", "DESC"):
        try:
            keys = [row["name"] for row in source.execute(f"PRAGMA table_info({table})") if row["pk"]]
            order = ", ".join(f"{key} {direction}" for key in keys)
            for found in source.execute(f"SELECT * FROM {table} ORDER BY {order}"):  # noqa: S608
                yield dict(found)
        except _UNREADABLE:
            on_hole()
        else:
            return
