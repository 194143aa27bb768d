"""Reading round the holes of a damaged table: every row that SQLite can still reach."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Final

__all__ = ["readable_rows"]

BEYOND_LAST: Final = 16_384
"""How far past the last row found we look when the table's end is unreadable: more rows than its last pages hold."""

_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
Row = dict[str, Any]


def readable_rows(
    source: sqlite3.Connection, table: str, has_rowid: bool, on_hole: Callable[[], None]
) -> Iterator[Row]:
    """Rows of the table, each at most once for a table with rowids, at most twice for one without.

    on_hole is called whenever something could not be read.
    """
    try:
        source.execute(f"SELECT 1 FROM {table} LIMIT 0")  # noqa: S608
    except _UNREADABLE:
        on_hole()  # the schema itself is gone
        return iter(())
    if has_rowid:
        return _by_rowid(source, table, on_hole)
    return _from_both_ends(source, table, on_hole)


def _by_rowid(source: sqlite3.Connection, table: str, on_hole: Callable[[], None]) -> Iterator[Row]:
    """Read ranges of rowids; a range that fails is halved until only what is unreadable is left out.

    Pages that lead in a circle give rows again that were given before: a range in which rowids do not grow has failed.
    """
    query = f"SELECT rowid AS salvage_rowid, * FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid"  # noqa: S608
    ranges = [(1, _highest_rowid(source, table))]
    while ranges:
        low, high = ranges.pop()
        try:
            for found in source.execute(query, (low, high)):
                row = dict(found)
                rowid = row.pop("salvage_rowid")
                if rowid < low:
                    raise sqlite3.DatabaseError("rows in a circle")
                low = rowid + 1
                yield row
        except _UNREADABLE:
            on_hole()
            if low < high:
                middle = (low + high) // 2
                ranges += [(middle + 1, high), (low, middle)]


def _highest_rowid(source: sqlite3.Connection, table: str) -> int:
    """The last rowid; where the table's end is broken, a bound a little above the highest that can be found."""
    try:
        return int(source.execute(f"SELECT max(rowid) FROM {table} NOT INDEXED").fetchone()[0] or 0)  # noqa: S608
    except _UNREADABLE:
        pass
    highest = 0
    for exponent in range(62):
        try:
            query = f"SELECT rowid AS found FROM {table} NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT 1"  # noqa: S608
            highest = max([highest, *(row["found"] for row in source.execute(query, (2**exponent,)))])
        except _UNREADABLE:
            continue
    return 2 * highest + BEYOND_LAST


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
