"""Questions about facts: what is held, what comes next, what is missing. Plain reads on any connection.

A fact whose body no longer has its checksum does not exist for any of them: it is unreadable, hence missing.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from uuid import UUID

from shared.delivery import EpochHeld, Span

__all__ = ["StoredFact", "facts_after", "held", "missing_spans", "next_readable", "unsent_count"]


@dataclass(frozen=True)
class StoredFact:
    sequence: int
    event_id: UUID
    body: bytes


def held(connection: sqlite3.Connection) -> tuple[EpochHeld, ...]:
    """Every epoch with facts in it or sequences unsettled, in order of birth; the last one is being written.

    `last` counts written sequences whether or not they are still readable.
    """
    rows = connection.execute(
        "SELECT e.epoch, e.next_sequence - 1 AS last, e.acked_upto, e.number = (SELECT max(number) FROM epochs) AS now,"
        " (SELECT min(sequence) FROM facts f WHERE f.epoch = e.epoch) AS first FROM epochs e ORDER BY e.number"
    ).fetchall()
    return tuple(
        EpochHeld(
            epoch=UUID(row["epoch"]), first=row["last"] + 1 if row["first"] is None else row["first"], last=row["last"]
        )
        for row in rows
        if row["now"] or row["first"] is not None or row["acked_upto"] < row["last"]
    )


def facts_after(
    connection: sqlite3.Connection, epoch: UUID, sequence: int, limit: int, max_bytes: int
) -> list[StoredFact]:
    """The next facts above `sequence`, at most `limit` and, from the second on, at most `max_bytes` together.

    Raises sqlite3.DatabaseError, as for any damage, for a fact that stands under a number or an id that is not its own.
    """
    rows = connection.execute(
        # A flipped bit may leave no text.
        "SELECT sequence, CAST(event_id AS BLOB) AS event_id, body FROM facts"
        " WHERE epoch = ? AND sequence > ? AND crc32(body) = crc ORDER BY sequence LIMIT ?",
        (str(epoch), sequence, limit),
    )
    facts: list[StoredFact] = []
    total = 0
    for row in rows:
        total += len(row["body"])
        if facts and total > max_bytes:
            break
        if not _is_its_own(row):
            damage = sqlite3.DatabaseError("a fact stands under a number or an id that is not its own")
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
        facts.append(StoredFact(row["sequence"], UUID(row["event_id"].decode()), row["body"]))
    return facts


def _is_its_own(row: sqlite3.Row) -> bool:
    """Whether the body, which has its checksum, names this number and this id. Reading it as JSON would cost more."""
    body: bytes = row["body"]
    return b'"id":"%b"' % row["event_id"] in body and b'"sequence":%d,' % row["sequence"] in body


def next_readable(connection: sqlite3.Connection, epoch: UUID, sequence: int) -> int:
    """The next readable fact above `sequence`; one above the last that was written when there is none."""
    readable = (
        "SELECT sequence FROM facts WHERE epoch = ? AND sequence > ? AND crc32(body) = crc ORDER BY sequence LIMIT 1"
    )
    row = connection.execute(readable, (str(epoch), sequence)).fetchone()
    if row is None:
        row = connection.execute("SELECT next_sequence FROM epochs WHERE epoch = ?", (str(epoch),)).fetchone()
    return sequence + 1 if row is None else int(row[0])


def unsent_count(connection: sqlite3.Connection) -> int:
    """Sequences that are not settled at head office."""
    [row] = connection.execute("SELECT sum(max(next_sequence - 1 - acked_upto, 0)) AS unsent FROM epochs").fetchall()
    return int(row["unsent"])


def missing_spans(connection: sqlite3.Connection, epoch: UUID, first: int, last: int) -> list[Span]:
    """The parts of first..last that were written and cannot be read any more, in order.

    Sequences that this journal has not written yet are not missing: saying so would settle facts still to come.
    An epoch that this journal never had is missing whole.
    """
    known = connection.execute("SELECT next_sequence - 1 AS last FROM epochs WHERE epoch = ?", (str(epoch),)).fetchone()
    upto = last if known is None else min(last, known["last"])
    spans: list[Span] = []
    expected = first
    rows = connection.execute(
        "SELECT sequence FROM facts WHERE epoch = ? AND sequence BETWEEN ? AND ? AND crc32(body) = crc"
        " ORDER BY sequence",
        (str(epoch), first, upto),
    )
    for row in rows:
        if row["sequence"] > expected:
            spans.append(Span(first=expected, last=row["sequence"] - 1))
        expected = row["sequence"] + 1
    if expected <= upto:
        spans.append(Span(first=expected, last=upto))
    return spans
