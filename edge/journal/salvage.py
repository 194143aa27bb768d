"""A damaged journal becomes a new file: readable rows are carried over, a new epoch begins (rule N9).

Rules that never break: the damaged file is kept aside unchanged; a fact carried over keeps its epoch, sequence, id and
body; nothing is invented. A crash anywhere in here leaves either the damaged file or the finished new one in place.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from edge.journal import outbox
from edge.journal.carving import carve_facts
from edge.journal.database import connect, migrate, newest_version, stored_version, sync_folder
from edge.journal.errors import NewerJournal, is_damage
from edge.journal.readable import readable_rows
from edge.journal.schema_pages import put_back_schema_pages, schema_copy_of
from edge.journal.transaction import time_text
from shared.delivery import Span
from shared.ids import uuid7

__all__ = ["LostSpan", "SalvageReport", "finish_salvage", "look_over", "mark_damaged", "salvage"]

_ATTACHED: Final = ("", "-wal", "-shm")


@dataclass(frozen=True)
class LostSpan:
    epoch: UUID
    span: Span


@dataclass(frozen=True)
class SalvageReport:
    """What a salvage saved and lost."""

    kept_as: Path
    """The damaged file, for whoever wants to look."""
    facts: int
    lost: tuple[LostSpan, ...]
    """Written, and no longer readable. Head office is told when it asks."""
    incomplete_tables: tuple[str, ...]
    """Tables of which at least one row could not be read."""


@dataclass
class _Copied:
    rows: int = 0
    incomplete: set[str] = field(default_factory=set)


def look_over(path: Path) -> bool:
    """True when the file can be used: new, closed cleanly, or found whole by SQLite's own check.

    False as well when somebody met damage in it before: SQLite's check does not see all that reading stumbles over.

    Raises NewerJournal SRV-401, and sqlite3.Error for anything that is not damage (full, read-only, I/O).
    """
    if path.stat().st_size == 0:
        return True
    if _mark(path).exists():
        return False
    try:
        with closing(connect(path, read_only=True)) as connection:
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > newest_version():
                raise NewerJournal("SRV-401", found=version, known=newest_version())
            tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if version == 0:
                return bool(tables == 0)
            rows = connection.execute("SELECT closed_cleanly FROM journal").fetchall()
            if rows and rows[0]["closed_cleanly"]:
                return True
            verdict: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            return verdict == "ok"
    except sqlite3.DatabaseError as error:
        if is_damage(error) or _says_schema_is_gone(error):
            return False
        raise


def _says_schema_is_gone(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def mark_damaged(path: Path) -> None:
    """Have the next start salvage this file whatever it looks like. Raises OSError when even that cannot be written."""
    _mark(path).touch(0o600)
    sync_folder(path.parent)


def _mark(path: Path) -> Path:
    return _sibling(path, "is-damaged")


def salvage(path: Path, now: datetime) -> SalvageReport:
    """Build a new file from what can be read of this one and put it in its place."""
    building, finished = _sibling(path, "salvaging"), _sibling(path, "salvaged")
    for leftover in (building, finished):
        _remove(leftover)
    with closing(connect(building)) as target:
        target.execute("PRAGMA foreign_keys=OFF")
        copied = _fill(target, path, now)
        facts = target.execute("SELECT count(*) FROM facts").fetchone()[0]
        lost = tuple(_lost(target))
    _sync(building)
    building.replace(finished)
    kept_as = _sibling(path, f"damaged-{now:%Y%m%dT%H%M%S%f}Z")
    for suffix in _ATTACHED:
        source = Path(f"{path}{suffix}")
        if source.exists():
            source.replace(f"{kept_as}{suffix}")
    finish_salvage(path)
    return SalvageReport(kept_as, facts, lost, tuple(sorted(copied.incomplete)))


def finish_salvage(path: Path) -> None:
    """Put a finished salvage where its damaged file was: the last step, and the first of every start."""
    finished = _sibling(path, "salvaged")
    if finished.exists() and not path.exists():
        schema_copy_of(path).unlink(missing_ok=True)
        finished.replace(path)
        sync_folder(path.parent)
        _mark(path).unlink(missing_ok=True)


def _sibling(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}.{suffix}")


def _remove(path: Path) -> None:
    for suffix in _ATTACHED:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


# -- filling the new file ---------------------------------------------------------------------------------------------


def _fill(target: sqlite3.Connection, damaged: Path, now: datetime) -> _Copied:
    """Carry rows over under the schema they were written under, then migrate to ours and begin the new epoch."""
    readable = damaged if _has_schema(damaged) else _with_schema_put_back(damaged)
    version = stored_version(readable)
    migrate(target, copies_beside=None, upto=version if 0 < version <= newest_version() else None)
    copied = _Copied()
    target.execute("BEGIN IMMEDIATE")
    with closing(connect(readable, read_only=True)) as source:
        for table, has_rowid in _tables(target):
            source.text_factory = _any_text if table == "facts" else str
            for row in readable_rows(source, table, has_rowid, partial(copied.incomplete.add, table)):
                _carry(target, table, row, copied)
    if "facts" in copied.incomplete or _has_gaps(target):
        for row in carve_facts(damaged):
            _carry(target, "facts", row, copied)
    _mend(target, now)
    target.execute("COMMIT")
    migrate(target, copies_beside=None)
    if readable != damaged:
        _remove(readable)
    return copied


def _has_gaps(target: sqlite3.Connection) -> bool:
    """Whether facts are missing that SQLite did not complain of: a wrong turn in its tree simply leads past them."""
    inside = "SELECT 1 FROM facts GROUP BY epoch HAVING count(*) <= max(sequence) - min(sequence)"
    at_the_end = (
        "SELECT 1 FROM epochs e WHERE next_sequence - 1 >"
        " coalesce((SELECT max(sequence) FROM facts f WHERE f.epoch = e.epoch), e.acked_upto)"
    )
    return any(target.execute(f"{query} LIMIT 1").fetchall() for query in (inside, at_the_end))


def _has_schema(path: Path) -> bool:
    try:
        with closing(connect(path, read_only=True)) as connection:
            connection.execute("SELECT 1 FROM facts LIMIT 0")
    except sqlite3.DatabaseError:
        return False
    return True


def _with_schema_put_back(damaged: Path) -> Path:
    """A copy of the damaged file and its WAL in which tables can be found again, if a copy of the schema was kept."""
    copy = _sibling(damaged, "salvage-source")
    _remove(copy)
    for suffix in ("", "-wal"):
        source = Path(f"{damaged}{suffix}")
        if source.exists():
            shutil.copyfile(source, f"{copy}{suffix}")
    if schema_copy_of(damaged).exists():
        put_back_schema_pages(copy, schema_copy_of(damaged))
    return copy


def _tables(connection: sqlite3.Connection) -> list[tuple[str, bool]]:
    rows = connection.execute("PRAGMA table_list").fetchall()
    return [
        (row["name"], not row["wr"])
        for row in rows
        if row["schema"] == "main" and row["type"] == "table" and not row["name"].startswith("sqlite_")
    ]


def _carry(target: sqlite3.Connection, table: str, row: dict[str, Any], copied: _Copied) -> None:
    if not _is_whole(table, row):
        copied.incomplete.add(table)
        return
    if table == "facts":
        row |= _identity_of(row["body"])
    names, places = ", ".join(row), ", ".join("?" * len(row))
    try:
        target.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", tuple(row.values()))  # noqa: S608
    except sqlite3.IntegrityError:
        copied.incomplete.add(table)  # a value that its column cannot hold was never written by us
        return
    copied.rows += 1


def _is_whole(table: str, row: dict[str, Any]) -> bool:
    if table != "facts":
        return True
    return isinstance(row["body"], bytes) and zlib.crc32(row["body"]) == row["crc"]


def _any_text(data: bytes) -> str:
    """What a flipped bit left of a fact's columns; the body says them too."""
    return data.decode(errors="replace")


def _identity_of(body: bytes) -> dict[str, Any]:
    """Where a fact stands and which it is, as it says itself: the columns have no checksum."""
    envelope = json.loads(body)
    return {"epoch": envelope["epoch"], "sequence": envelope["sequence"], "event_id": envelope["id"]}


# -- making it a journal again ----------------------------------------------------------------------------------------


def _mend(target: sqlite3.Connection, now: datetime) -> None:
    """Give every epoch its row back, in order of birth, and begin the new one."""
    known = {row["epoch"]: dict(row) for row in target.execute("SELECT * FROM epochs ORDER BY number")}
    written = target.execute(
        "SELECT epoch, max(sequence) AS last, min(time) AS since FROM facts GROUP BY epoch"
    ).fetchall()
    for row in written:
        epoch = known.setdefault(
            row["epoch"],
            {"epoch": row["epoch"], "born_at": row["since"], "reason": "new", "next_sequence": 1, "acked_upto": 0},
        )
        epoch["next_sequence"] = max(epoch["next_sequence"], row["last"] + 1)
    known[""] = {
        "epoch": str(uuid7()),
        "born_at": time_text(now),
        "reason": "salvaged",
        "next_sequence": 1,
        "acked_upto": 0,
    }
    # A UUIDv7 sorts by birth; epochs whose row was lost find their place among the others by it.
    old = sorted((epoch for epoch in known if epoch), key=str)
    target.execute("DELETE FROM epochs")
    target.executemany(
        "INSERT INTO epochs (epoch, born_at, reason, next_sequence, acked_upto)"
        " VALUES (:epoch, :born_at, :reason, :next_sequence, :acked_upto)",
        [known[epoch] for epoch in [*old, ""]],
    )
    target.execute("UPDATE journal SET closed_cleanly = 0")
    if not target.execute("SELECT 1 FROM journal").fetchall():
        _mend_owner(target)


def _mend_owner(target: sqlite3.Connection) -> None:
    """Branch, node and boot as the newest fact has them. With no fact left either, the file is a new one."""
    for row in target.execute("SELECT body FROM facts ORDER BY number DESC LIMIT 1").fetchall():
        envelope = json.loads(row["body"])
        target.execute(
            "INSERT INTO journal (one, branch, node, boot, closed_cleanly) VALUES (1, ?, ?, ?, 0)",
            (envelope["branch"], envelope["node"], envelope["boot"]),
        )


def _lost(target: sqlite3.Connection) -> Iterator[LostSpan]:
    """What was written and is not there. Pruned facts were settled: looking begins behind the cursor or the first."""
    for row in target.execute(
        "SELECT epoch, next_sequence - 1 AS last, acked_upto,"
        " (SELECT min(sequence) FROM facts WHERE facts.epoch = epochs.epoch) AS first FROM epochs ORDER BY number"
    ).fetchall():
        begin = row["acked_upto"] + 1 if row["first"] is None else min(row["first"], row["acked_upto"] + 1)
        for span in outbox.missing_spans(target, UUID(row["epoch"]), begin, row["last"]):
            yield LostSpan(UUID(row["epoch"]), span)
