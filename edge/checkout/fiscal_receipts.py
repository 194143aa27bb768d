"""Printing one receipt, and settling one whose outcome is not known. The engine decides when; this does it once.

Never breaks: whatever was sent is known to the journal beforehand, so that a crash at any line is settled by asking.
Each method raises what it waits for; when it returns, the job has moved on.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from edge.checkout.documents import load_receipt
from edge.checkout.fiscal_ledger import Done, JobLedger
from edge.checkout.fiscal_settling import Before, Verdict, settle_cancelled, settle_receipt
from edge.checkout.fiscal_store import Job, JobState
from edge.devices.fiscal_printer import codes
from edge.devices.fiscal_printer.contract import (
    DocumentPosition,
    FiscalPrinter,
    FiscalReceipt,
    FiscalReference,
    RegisterCondition,
    RegisterIdentity,
)
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TradepostError, TransientError
from shared.faults import reach

__all__ = ["ReceiptWork", "RegisterCannotTell"]

log = logging.getLogger(__name__)


class RegisterCannotTell(OutcomeUnknown):
    """FIS-502: the register has answered, and the answer does not settle it. A person looks at the paper."""


class ReceiptWork:
    def __init__(
        self,
        printer: FiscalPrinter,
        ledger: JobLedger,
        fresh_session: Callable[[], Awaitable[RegisterIdentity]],
    ) -> None:
        """fresh_session: connects anew and says who answers."""
        self._printer = printer
        self._ledger = ledger
        self._fresh_session = fresh_session

    async def print(self, job: Job) -> None:
        receipt = load_receipt(job.document)
        position = await self._free_position()
        if not await self._ledger.begin(job, position.last_document_no, None, position.register_serial):
            return
        reach("fiscal.intent_committed")
        try:
            reference = await self._printer.print_receipt(receipt)
        except (NeedsPerson, TransientError) as error:
            await self._ledger.change(job, JobState.SENDING, JobState.PENDING, error)
            raise
        except PermanentError as error:
            if error.code == codes.DOCUMENT_OPEN:
                await self._ledger.change(job, JobState.SENDING, JobState.PENDING, error)
            else:
                await self._ledger.refuse(job, error)
        except OutcomeUnknown:
            await self._ledger.doubt(job)
        except Exception:
            # Our own mistake in mid-receipt is a doubt like any other: the register is asked, nothing is repeated.
            log.exception("printing job %s failed in an unforeseen way", job.job_id)
            await self._ledger.doubt(job)
        else:
            reach("fiscal.register_did_it")
            await self._printed(job, reference, adopted=False)

    async def _free_position(self) -> DocumentPosition:
        """Where the register stands with nothing open. What stands open here is nobody's: ours are settled before."""
        position = await self._printer.position()
        if position.open_document is not None and not position.open_document.paid_minor:
            await self._printer.cancel_open()
            position = await self._printer.position()
        if position.open_document is not None:
            raise NeedsPerson(codes.DOCUMENT_OPEN, paid_minor=position.open_document.paid_minor)
        return position

    async def settle(self, job: Job) -> None:
        """Ask the register, and do what its answer allows. Raises RegisterCannotTell, or why it could not be asked."""
        receipt = load_receipt(job.document)
        identity = await self._fresh_session()
        position = await self._printer.position()
        if RegisterCondition.RAM_RESET in await self._printer.conditions():
            # What it says of its last receipt may be the empty memory speaking.
            position = replace(position, last_total_minor=None)
        before = Before(job.position_no or 0, job.register_serial)
        judge = settle_cancelled if job.state is JobState.CANCELLING else settle_receipt
        match judge(receipt, before, position):
            case Verdict.ADOPT:
                adopted = Done(
                    number=position.last_document_no,
                    register_serial=position.register_serial,
                    fiscal_memory_no=identity.fiscal_memory_no,
                    adopted=True,
                )
                await self._finished(job, adopted)
            case Verdict.REPEAT:
                await self._ledger.change(job, job.state, JobState.PENDING)
            case Verdict.CANCEL:
                await self._cancel(job)
            case Verdict.FINISH:
                await self._finish(job, receipt)
            case Verdict.ASK_PERSON:
                raise RegisterCannotTell(codes.OUTCOME_UNKNOWN)

    async def _cancel(self, job: Job) -> None:
        """The decision is durable first: a document that is gone afterwards was dropped, not printed."""
        if not await self._ledger.change(job, job.state, JobState.CANCELLING):
            return
        try:
            await self._printer.cancel_open()
        except PermanentError:
            # A payment is on it after all: ask again from the beginning.
            await self._ledger.change(job, JobState.CANCELLING, JobState.UNKNOWN)
        else:
            await self._ledger.change(job, JobState.CANCELLING, JobState.PENDING)

    async def _finish(self, job: Job, receipt: FiscalReceipt) -> None:
        # Claimed, so that nobody settles it by hand while the register is completing it.
        if not await self._ledger.change(job, job.state, JobState.SENDING):
            return
        try:
            reference = await self._printer.finish_open(receipt)
        except TradepostError as error:
            await self._ledger.change(job, JobState.SENDING, JobState.UNKNOWN, error)
            raise
        await self._printed(job, reference, adopted=True)

    async def _printed(self, job: Job, reference: FiscalReference, *, adopted: bool) -> None:
        printed = Done(
            number=reference.document_no,
            register_serial=reference.register_serial,
            fiscal_memory_no=reference.fiscal_memory_no,
            total_minor=reference.total_minor,
            register_time=reference.printed_at.isoformat(timespec="seconds") if reference.printed_at else None,
            adopted=adopted,
        )
        await self._finished(job, printed)

    async def _finished(self, job: Job, result: Done) -> None:
        reach("fiscal.reply_read")
        await self._ledger.done(job, result)
        reach("fiscal.number_committed")
