"""The register's work in the journal: jobs in their order, and the one way to move them on. All SQL of the engine.

Never breaks: a job leaves a state only from the states its caller names, so two who decide at once cannot both win.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from edge.journal import Transaction
from edge.journal.transaction import time_text
from shared.events import ReceiptKind

__all__ = [
    "UNFINISHED",
    "Job",
    "JobKind",
    "JobState",
    "NewJob",
    "Reader",
    "enqueue",
    "find_job",
    "jobs_of",
    "last_document",
    "move",
    "next_job",
    "reading",
    "sending_jobs",
    "unfinished_of_shift",
]


class JobKind(StrEnum):
    SALE = "sale"
    RETURN = "return"
    CLOSURE = "closure"
    """The register's Z report."""
    CASH = "cash"
    """Service cash in or out."""


class JobState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    CANCELLING = "cancelling"
    """The register is being told to drop an open document on which nothing was paid."""
    DONE = "done"
    REFUSED = "refused"


UNFINISHED: Final = (JobState.PENDING, JobState.SENDING, JobState.UNKNOWN, JobState.CANCELLING)


@dataclass(frozen=True)
class NewJob:
    job_id: UUID
    register: str
    till: str
    shift_id: UUID | None
    businessdate: date | None
    operator: UUID | None
    kind: JobKind
    of_id: UUID
    part: int
    parts: int
    currency: str
    total_minor: int
    document: str = "{}"
    lines: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True)
class Job(NewJob):
    place: int = 0
    state: JobState = JobState.PENDING
    changed_at: str = ""
    position_no: int | None = None
    position_total: int | None = None
    register_serial: str | None = None
    result_no: int | None = None
    fiscal_memory_no: str | None = None
    register_time: str | None = None
    code: str | None = None
    maker_code: str | None = None

    @property
    def receipt_kind(self) -> ReceiptKind:
        return ReceiptKind(self.kind.value)


def _job(row: sqlite3.Row) -> Job:
    return Job(
        job_id=UUID(row["job_id"]),
        register=row["register"],
        till=row["till"],
        shift_id=UUID(row["shift_id"]) if row["shift_id"] else None,
        businessdate=date.fromisoformat(row["businessdate"]) if row["businessdate"] else None,
        operator=UUID(row["operator"]) if row["operator"] else None,
        kind=JobKind(row["kind"]),
        of_id=UUID(row["of_id"]),
        part=row["part"],
        parts=row["parts"],
        currency=row["currency"],
        total_minor=row["total_minor"],
        document=row["document"],
        lines=tuple((line[0], line[1], line[2]) for line in json.loads(row["lines"])),
        place=row["place"],
        state=JobState(row["state"]),
        changed_at=row["changed_at"],
        position_no=row["position_no"],
        position_total=row["position_total"],
        register_serial=row["register_serial"],
        result_no=row["result_no"],
        fiscal_memory_no=row["fiscal_memory_no"],
        register_time=row["register_time"],
        code=row["code"],
        maker_code=row["maker_code"],
    )


def enqueue(tx: Transaction, job: NewJob) -> None:
    tx.connection.execute(
        "INSERT INTO fiscal_jobs (job_id, register, till, shift_id, businessdate, operator, kind, of_id, part, parts,"
        " currency, total_minor, document, lines, state, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?)",
        (
            str(job.job_id),
            job.register,
            job.till,
            str(job.shift_id) if job.shift_id else None,
            job.businessdate.isoformat() if job.businessdate else None,
            str(job.operator) if job.operator else None,
            job.kind,
            str(job.of_id),
            job.part,
            job.parts,
            job.currency,
            job.total_minor,
            job.document,
            json.dumps(job.lines),
            time_text(tx.now),
        ),
    )


def move(
    tx: Transaction, job_id: UUID, since: Iterable[JobState], state: JobState, **columns: str | int | None
) -> bool:
    """Move a job on and set these columns, if it is still in one of the states; whether it was."""
    names = {"state": str(state), "changed_at": time_text(tx.now), **columns}
    setting = ", ".join(f"{name} = ?" for name in names)
    states = tuple(str(each) for each in since)
    cursor = tx.connection.execute(
        f"UPDATE fiscal_jobs SET {setting} WHERE job_id = ? AND state IN ({', '.join('?' * len(states))})",  # noqa: S608
        (*names.values(), str(job_id), *states),
    )
    return cursor.rowcount == 1


Reader = Callable[[str, tuple[str, ...]], list[sqlite3.Row]]
"""`Journal.read`, or the same inside a transaction by `reading`."""


def reading(tx: Transaction) -> Reader:
    return lambda sql, parameters: tx.connection.execute(sql, parameters).fetchall()


def next_job(read: Reader, register: str) -> Job | None:
    """The oldest job that is not finished: nothing behind it may begin (rule P5)."""
    rows = read(
        "SELECT * FROM fiscal_jobs WHERE register = ? AND state IN ('pending', 'sending', 'unknown', 'cancelling')"
        " ORDER BY place LIMIT 1",
        (register,),
    )
    return _job(rows[0]) if rows else None


def find_job(read: Reader, job_id: UUID) -> Job | None:
    rows = read("SELECT * FROM fiscal_jobs WHERE job_id = ?", (str(job_id),))
    return _job(rows[0]) if rows else None


def jobs_of(read: Reader, of_id: UUID) -> list[Job]:
    """The jobs of one sale, return, shift or movement, in order."""
    return [_job(row) for row in read("SELECT * FROM fiscal_jobs WHERE of_id = ? ORDER BY place", (str(of_id),))]


def sending_jobs(read: Reader, register: str) -> list[Job]:
    return [
        _job(row)
        for row in read(
            "SELECT * FROM fiscal_jobs WHERE register = ? AND state = 'sending' ORDER BY place", (register,)
        )
    ]


def unfinished_of_shift(read: Reader, shift_id: UUID) -> int:
    """Receipts of the shift that have not come to an end yet."""
    [row] = read(
        "SELECT count(*) AS open FROM fiscal_jobs WHERE shift_id = ? AND kind IN ('sale', 'return')"
        " AND state IN ('pending', 'sending', 'unknown', 'cancelling')",
        (str(shift_id),),
    )
    return int(row["open"])


def last_document(read: Reader, register: str) -> int | None:
    """Number of the newest receipt this register has printed for us."""
    rows = read(
        "SELECT result_no FROM fiscal_jobs WHERE register = ? AND kind IN ('sale', 'return') AND state = 'done'"
        " ORDER BY place DESC LIMIT 1",
        (register,),
    )
    return int(rows[0]["result_no"]) if rows else None
