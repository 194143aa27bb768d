"""The steps of a register's job, each one journal transaction with the facts that belong to it.

Never breaks: state and fact are written together; a step that finds the job moved on by somebody else does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from edge.checkout import fiscal_store as store
from edge.checkout.fiscal_store import UNFINISHED, Job, JobKind, JobState
from edge.journal import Journal, Transaction
from shared.errors import TradepostError
from shared.events import ReceiptFiscalised, ReceiptOutcomeUnknown, ReceiptRefused

__all__ = ["Done", "JobLedger", "Outcomes", "settle_by_person", "write_done"]

_RECEIPTS: Final = (JobKind.SALE, JobKind.RETURN)
OUTCOME_UNKNOWN: Final = "FIS-502"


@dataclass(frozen=True)
class Done:
    """What a job came to. number: of the document, or of the closing report."""

    number: int
    register_serial: str
    fiscal_memory_no: str = ""
    total_minor: int | None = None
    register_time: str | None = None
    turnover_minor: int | None = None
    adopted: bool = False


@dataclass(frozen=True)
class Outcomes:
    """What follows from a job's end, written in the transaction that ends it."""

    done: Callable[[Transaction, Job, Done], None]
    refused: Callable[[Transaction, Job], None]


def write_done(
    tx: Transaction, job: Job, since: Iterable[JobState], result: Done, outcomes: Mapping[JobKind, Outcomes]
) -> bool:
    """Mark a job as done, with its fact; False when it was no longer in one of these states."""
    moved = store.move(
        tx,
        job.job_id,
        since,
        JobState.DONE,
        result_no=result.number,
        register_serial=result.register_serial,
        fiscal_memory_no=result.fiscal_memory_no,
        register_time=result.register_time,
        code=None,
        maker_code=None,
    )
    if not moved:
        return False
    if job.kind in _RECEIPTS:
        total = job.total_minor if result.total_minor is None else result.total_minor
        payload = ReceiptFiscalised(
            **{**_receipt(job), "register_serial": result.register_serial, "total_minor": total},
            document_no=result.number,
            fiscal_memory_no=result.fiscal_memory_no,
            register_time=result.register_time,
            adopted=result.adopted,
        )
        tx.append("receipt.fiscalised", str(job.job_id), payload, **_stamp(job))
    elif job.kind in outcomes:
        outcomes[job.kind].done(tx, job, result)
    return True


def settle_by_person(tx: Transaction, job: Job, document_no: int | None, outcomes: Mapping[JobKind, Outcomes]) -> bool:
    """What a person has read on the paper: its number, or None for "nothing printed", which prints it again.

    False when the job is not in doubt any more, or the register is being told something at this moment.
    """
    if document_no is None:
        return store.move(tx, job.job_id, (JobState.UNKNOWN,), JobState.PENDING, code=None, maker_code=None)
    result = Done(document_no, job.register_serial or "", adopted=True)
    return write_done(tx, job, (JobState.UNKNOWN,), result, outcomes)


class JobLedger:
    """One register's jobs. Every method returns whether the job was still where its caller thought."""

    def __init__(
        self, register: str, journal: Journal, outcomes: Mapping[JobKind, Outcomes], changed: Callable[[], None]
    ) -> None:
        self._register = register
        self._journal = journal
        self._outcomes = outcomes
        self._changed = changed

    def next(self) -> Job | None:
        return store.next_job(self._journal.read, self._register)

    def find(self, job_id: UUID) -> Job | None:
        return store.find_job(self._journal.read, job_id)

    def last_document(self) -> int | None:
        return store.last_document(self._journal.read, self._register)

    async def doubt_what_was_sending(self) -> None:
        """After a start: a receipt that was being sent may have been printed (rule P2)."""

        def work(tx: Transaction) -> bool:
            for job in store.sending_jobs(store.reading(tx), self._register):
                _doubt(tx, job, OUTCOME_UNKNOWN)
            return True

        await self._step(work)

    async def begin(self, job: Job, position_no: int, position_total: int | None, serial: str | None) -> bool:
        """The register's position, durable before the first byte (rule P1)."""
        return await self._step(
            partial(
                store.move,
                job_id=job.job_id,
                since=(JobState.PENDING,),
                state=JobState.SENDING,
                position_no=position_no,
                position_total=position_total,
                register_serial=serial,
            )
        )

    async def doubt(self, job: Job) -> bool:
        return await self._step(partial(_doubt, job=job, code=OUTCOME_UNKNOWN))

    async def change(self, job: Job, since: JobState, state: JobState, error: TradepostError | None = None) -> bool:
        code, maker_code = (error.code, error.maker_code) if error else (None, None)
        return await self._step(
            partial(store.move, job_id=job.job_id, since=(since,), state=state, code=code, maker_code=_text(maker_code))
        )

    async def done(self, job: Job, result: Done) -> bool:
        return await self._step(partial(write_done, job=job, since=UNFINISHED, result=result, outcomes=self._outcomes))

    async def refuse(self, job: Job, error: TradepostError) -> bool:
        return await self._step(partial(_refuse, job=job, error=error, outcomes=self._outcomes))

    async def _step(self, work: Callable[[Transaction], bool]) -> bool:
        moved = await self._journal.write(work)
        self._changed()
        return moved


def _doubt(tx: Transaction, job: Job, code: str) -> bool:
    if not store.move(tx, job.job_id, (JobState.SENDING,), JobState.UNKNOWN, code=code):
        return False
    if job.kind in _RECEIPTS:
        payload = ReceiptOutcomeUnknown(**_receipt(job), code=code)
        tx.append("receipt.outcome_unknown", str(job.job_id), payload, **_stamp(job))
    return True


def _refuse(tx: Transaction, job: Job, error: TradepostError, outcomes: Mapping[JobKind, Outcomes]) -> bool:
    columns: dict[str, Any] = {"code": error.code, "maker_code": _text(error.maker_code)}
    if not store.move(tx, job.job_id, (JobState.PENDING, JobState.SENDING), JobState.REFUSED, **columns):
        return False
    if job.kind in _RECEIPTS:
        tx.append("receipt.refused", str(job.job_id), ReceiptRefused(**_receipt(job), **columns), **_stamp(job))
    elif job.kind in outcomes:
        outcomes[job.kind].refused(tx, job)
    return True


def _text(maker_code: str | None) -> str | None:
    return maker_code[:200] if maker_code else None


def _receipt(job: Job) -> dict[str, Any]:
    return {
        "receipt_id": job.job_id,
        "of_id": job.of_id,
        "kind": job.receipt_kind,
        "part": job.part,
        "parts": job.parts,
        "currency": job.currency,
        "total_minor": job.total_minor,
        "register_serial": job.register_serial or "",
    }


def _stamp(job: Job) -> dict[str, Any]:
    return {
        "till": job.till,
        "shift": job.shift_id,
        "businessdate": job.businessdate,
        "operator": job.operator,
        "device": job.register,
    }
