"""What a work sees while the writer runs it: a connection, the time, and the one way to append a fact."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from shared.events import Payload
from shared.facts import Stamp, write_fact
from shared.ids import uuid7

__all__ = ["AppendedFact", "NodeIdentity", "Transaction", "time_text"]


@dataclass(frozen=True)
class NodeIdentity:
    """Who writes: both go into every fact and never change for one journal."""

    branch: str
    node: str


@dataclass(frozen=True)
class AppendedFact:
    """Where a fact will stand once its transaction has committed."""

    event_id: UUID
    sequence: int


def time_text(moment: datetime) -> str:
    """UTC with microseconds, one width: text that sorts as time does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Transaction:
    """One work's part of a group commit. Valid only inside the work; begin and commit belong to the writer."""

    connection: sqlite3.Connection
    now: datetime
    """Gateway time, the same for everything this work writes."""
    identity: NodeIdentity
    boot: int
    appended: int = 0
    callbacks: list[Callable[[], None]] = field(default_factory=list)

    def append(
        self,
        name: str,
        subject: str,
        payload: Payload,
        *,
        till: str | None = None,
        shift: UUID | None = None,
        businessdate: date | None = None,
        operator: UUID | None = None,
        device: str | None = None,
        devicetime: datetime | None = None,
    ) -> AppendedFact:
        """Append a fact with the next sequence. Rolled back with the work, its number is given to the next fact.

        Raises KeyError for a kind that shared.events does not register, pydantic's ValidationError for a bad envelope.
        """
        [row] = self.connection.execute(
            "UPDATE epochs SET next_sequence = next_sequence + 1 WHERE number = (SELECT max(number) FROM epochs)"
            " RETURNING epoch, next_sequence - 1 AS sequence"
        ).fetchall()
        epoch, sequence = UUID(row["epoch"]), int(row["sequence"])
        stamp = Stamp(
            event_id=uuid7(),
            time=self.now,
            branch=self.identity.branch,
            node=self.identity.node,
            epoch=epoch,
            boot=self.boot,
            sequence=sequence,
            till=till,
            shift=shift,
            businessdate=businessdate,
            device=device,
            devicetime=devicetime,
            operator=operator,
        )
        body = write_fact(name, subject, payload, stamp)
        self.connection.execute(
            "INSERT INTO facts (epoch, sequence, event_id, name, time, body, crc) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (str(epoch), sequence, str(stamp.event_id), name, time_text(self.now), body, zlib.crc32(body)),
        )
        self.appended += 1
        return AppendedFact(stamp.event_id, sequence)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Have this called once the work is durable, before whoever awaits it goes on; never when it failed."""
        self.callbacks.append(callback)
