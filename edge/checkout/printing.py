"""What a receipt printer owes a customer: sent once, never again by itself (docs/delivery.md does not ask a printer).

A printer that cannot say what came out leaves its job UNKNOWN, and a person may ask for a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from sqlite3 import Row
from uuid import UUID

from edge.checkout.fiscal_store import Reader
from edge.journal import Transaction
from edge.journal.transaction import time_text
from shared.ids import uuid7

__all__ = ["PrintJob", "PrintState", "enqueue_print", "move_print", "next_print", "print_of", "sent_prints"]


class PrintState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    DONE = "done"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True)
class PrintJob:
    job_id: UUID
    printer: str
    till: str
    of_id: UUID
    is_copy: bool
    state: PrintState
    code: str | None


def enqueue_print(tx: Transaction, printer: str, till: str, of_id: UUID, *, is_copy: bool = False) -> UUID:
    job_id = uuid7()
    tx.connection.execute(
        "INSERT INTO print_jobs (job_id, printer, till, of_id, copy, state, changed_at)"
        " VALUES (?, ?, ?, ?, ?, 'pending', ?)",
        (str(job_id), printer, till, str(of_id), int(is_copy), time_text(tx.now)),
    )
    return job_id


def move_print(tx: Transaction, job_id: UUID, since: PrintState, state: PrintState, code: str | None = None) -> bool:
    cursor = tx.connection.execute(
        "UPDATE print_jobs SET state = ?, code = ?, changed_at = ? WHERE job_id = ? AND state = ?",
        (state, code, time_text(tx.now), str(job_id), since),
    )
    return cursor.rowcount == 1


_COLUMNS = "SELECT job_id, printer, till, of_id, copy, state, code FROM print_jobs"


def next_print(read: Reader, printer: str) -> PrintJob | None:
    rows = read(f"{_COLUMNS} WHERE printer = ? AND state = 'pending' ORDER BY place LIMIT 1", (printer,))
    return _jobs(rows)[0] if rows else None


def sent_prints(read: Reader, printer: str) -> list[PrintJob]:
    """Jobs that were being sent when the program ended."""
    return _jobs(read(f"{_COLUMNS} WHERE printer = ? AND state = 'sent' ORDER BY place", (printer,)))


def print_of(read: Reader, of_id: UUID) -> PrintJob | None:
    """The newest print of one sale or return."""
    rows = read(f"{_COLUMNS} WHERE of_id = ? ORDER BY place DESC LIMIT 1", (str(of_id),))
    return _jobs(rows)[0] if rows else None


def _jobs(rows: list[Row]) -> list[PrintJob]:
    return [
        PrintJob(
            job_id=UUID(row["job_id"]),
            printer=row["printer"],
            till=row["till"],
            of_id=UUID(row["of_id"]),
            is_copy=bool(row["copy"]),
            state=PrintState(row["state"]),
            code=row["code"],
        )
        for row in rows
    ]
