"""One register: its work in order, each piece once; its state; and what may be asked of it in between.

States and rules: docs/delivery.md, "Printing". Not here: what the bytes are (the driver), what a doubt means
(`fiscal_settling`), how a receipt is printed or settled (`fiscal_receipts`).
Never breaks: one task talks to the register at a time, and nothing passes a piece of work whose outcome is not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final, TypeVar
from uuid import UUID

from edge.checkout.fiscal_day import CashWork, ClosureWork
from edge.checkout.fiscal_ledger import JobLedger, Outcomes
from edge.checkout.fiscal_receipts import ReceiptWork, RegisterCannotTell
from edge.checkout.fiscal_store import Job, JobKind, JobState
from edge.checkout.register_status import (
    RegisterState,
    RegisterStatus,
    blocking_code,
    status_of_error,
    warning_code,
)
from edge.checkout.splitting import Limits
from edge.devices.fiscal_printer.contract import FiscalPrinter, FiscalReference, RegisterIdentity, ReportResult
from edge.journal import Journal
from shared.clock import Clock
from shared.errors import NeedsPerson, OutcomeUnknown, TradepostError, TransientError

__all__ = ["FiscalEngine"]

T = TypeVar("T")

RETRY_S: Final = 3.0
"""How often a silent or undecided register is asked again (UX.md, section 4)."""
SILENT_S: Final = 60.0
"""After this long without an answer a person may say what the paper shows (UX.md: silent 60 s = manager)."""
IDLE_CHECK_S: Final = 5.0
"""How often a register without work is asked for its condition: paper out shows before the next sale is paid."""
NOT_REACHED: Final = "FIS-301"


class FiscalEngine:
    """`run` is its one task. Everything else that wants the register waits for its turn."""

    def __init__(
        self,
        register_id: str,
        printer: FiscalPrinter,
        journal: Journal,
        *,
        clock: Clock,
        outcomes: Mapping[JobKind, Outcomes] | None = None,
        retry_s: float = RETRY_S,
        idle_check_s: float = IDLE_CHECK_S,
    ) -> None:
        self.register_id = register_id
        self.identity: RegisterIdentity | None = None
        self.status = RegisterStatus(RegisterState.STOPPED, NOT_REACHED, blocks=TransientError)
        self.status_since = clock.now()
        self._printer = printer
        self._clock = clock
        self._retry_s = retry_s
        self._idle_check_s = idle_check_s
        self._ledger = JobLedger(register_id, journal, outcomes or {}, self._changed)
        self._receipts = ReceiptWork(printer, self._ledger, self._connect)
        self._closures = ClosureWork(printer, self._ledger)
        self._cash = CashWork(printer, self._ledger)
        self._device = asyncio.Lock()
        self._woken = asyncio.Event()
        self._moved = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._doubt_since: dict[UUID, float] = {}
        self._cannot_tell: set[UUID] = set()

    @property
    def limits(self) -> Limits:
        limits = self._printer.limits
        return Limits(limits.lines_per_receipt, limits.receipt_total_minor)

    @property
    def last_document(self) -> int | None:
        return self._ledger.last_document()

    @property
    def in_doubt(self) -> Job | None:
        """The job whose outcome is not known, if there is one."""
        job = self._ledger.next()
        return job if job is not None and job.state in (JobState.UNKNOWN, JobState.CANCELLING) else None

    @property
    def obstacle(self) -> TradepostError | None:
        """Why no money may be taken for a sale now; None when it may."""
        return self.status.obstacle

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have this called, in the event loop, after every change of the status or of a job."""
        self._listeners.append(listener)

    def wake(self) -> None:
        """There is new work, or a person has done something about the register."""
        self._woken.set()

    def person_may_settle(self, job_id: UUID) -> bool:
        """True once the register has said that it cannot tell, or has been silent for a minute."""
        since = self._doubt_since.get(job_id)
        silent = since is not None and self._clock.monotonic() - since >= SILENT_S
        return job_id in self._cannot_tell or silent

    async def finished(self, job_id: UUID) -> Job:
        """Wait until this job is done or refused."""
        while True:
            self._moved.clear()
            job = self._ledger.find(job_id)
            if job is not None and job.state in (JobState.DONE, JobState.REFUSED):
                return job
            await self._moved.wait()

    # -- asked of the register in between ------------------------------------------------------------------------------

    async def x_report(self) -> ReportResult:
        return await self._in_between(self._printer.x_report)

    async def print_duplicate(self) -> None:
        await self._in_between(self._printer.print_duplicate)

    async def open_drawer(self) -> None:
        await self._in_between(self._printer.open_drawer)

    async def close_stray(self) -> FiscalReference:
        """Complete the paid document that stands open and is none of ours: nothing else lets the register print again.

        What is still due on it counts as cash in the register; whoever decides this gives it back by hand.
        Raises PermanentError FIS-417 when there is none: one without a payment is dropped by the next receipt.
        """
        reference = await self._in_between(self._printer.void_remainder)
        self.wake()
        return reference

    async def _in_between(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Never while an outcome is unknown: whatever takes a document number would hide the answer."""
        async with self._device:
            job = self._ledger.next()
            if job is not None and job.state is not JobState.PENDING:
                raise OutcomeUnknown("FIS-502")
            try:
                if self.identity is None:
                    await self._connect()
                return await ask()
            except (TransientError, OutcomeUnknown):
                self.identity = None
                raise

    # -- the task -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled. A receipt that cancelling cuts short stays SENDING, which the next start settles."""
        await self._ledger.doubt_what_was_sending()
        try:
            while True:
                self._woken.clear()
                if not await self._turn():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), self._patience)
        finally:
            with suppress(TradepostError):
                await self._printer.disconnect()

    @property
    def _patience(self) -> float:
        return self._retry_s if self.status.blocks else self._idle_check_s

    async def _turn(self) -> bool:
        """One step of work; False when there is none, or it must wait."""
        async with self._device:
            job = self._ledger.next()
            try:
                if self.identity is None:
                    await self._connect()
                if job is None or (job.state is JobState.PENDING and self.status.state is not RegisterState.OK):
                    await self._look()
                if job is None:
                    return False
                await self._advance(job)
            except TradepostError as error:
                self._wait_for(error)
                return False
            return True

    async def _connect(self) -> RegisterIdentity:
        self.identity = None
        self.identity = await self._printer.connect()
        return self.identity

    async def _look(self) -> None:
        """Ask for the register's condition; raises what stands in the way."""
        conditions = await self._printer.conditions()
        obstacle = blocking_code(conditions)
        if obstacle is not None:
            raise obstacle
        code = warning_code(conditions)
        self._set_status(RegisterStatus(RegisterState.ATTENTION if code else RegisterState.OK, code))

    async def _advance(self, job: Job) -> None:
        serial = self.identity.serial if self.identity else ""
        pending = job.state is JobState.PENDING
        match job.kind:
            case JobKind.SALE | JobKind.RETURN:
                await (self._receipts.print(job) if pending else self._receipts.settle(job))
            case JobKind.CLOSURE:
                await (self._closures.run(job, serial) if pending else self._closures.settle(job, serial))
            case JobKind.CASH:
                await (self._cash.run(job, serial) if pending else self._cash.settle(job, serial))

    def _wait_for(self, error: TradepostError) -> None:
        if isinstance(error, TransientError | OutcomeUnknown):
            # Whatever the line still holds belongs to a conversation that is over.
            self.identity = None
        current = self._ledger.next()
        if current is None or current.state is JobState.PENDING:
            self._set_status(status_of_error(error))
            return
        self._doubt_since.setdefault(current.job_id, self._clock.monotonic())
        if isinstance(error, RegisterCannotTell):
            self._cannot_tell.add(current.job_id)
        if isinstance(error, NeedsPerson):
            # Paper or cover: that is what has to be done, and then the register answers.
            self._set_status(status_of_error(error))
        else:
            self._set_status(status_of_error(OutcomeUnknown("FIS-502", cause=error.code)))

    def _set_status(self, status: RegisterStatus) -> None:
        if status == self.status:
            return
        self.status, self.status_since = status, self._clock.now()
        self._tell()

    def _changed(self) -> None:
        """A job has moved. While one is in doubt the till says so at once, before the register has been asked."""
        job = self._ledger.next()
        if job is not None and job.state in (JobState.UNKNOWN, JobState.CANCELLING):
            self._doubt_since.setdefault(job.job_id, self._clock.monotonic())
            self._set_status(status_of_error(OutcomeUnknown("FIS-502")))
        else:
            self._doubt_since.clear()
            self._cannot_tell.clear()
            if self.status.state is RegisterState.UNKNOWN:
                self._set_status(RegisterStatus(RegisterState.OK))
        self._tell()

    def _tell(self) -> None:
        self._moved.set()
        for listener in self._listeners:
            listener()
