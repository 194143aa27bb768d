"""The register's Z report and its service cash, each once. The same states as a receipt, other questions."""

from __future__ import annotations

import json

from edge.checkout.fiscal_ledger import Done, JobLedger
from edge.checkout.fiscal_receipts import RegisterCannotTell
from edge.checkout.fiscal_settling import Verdict, settle_cash, settle_closure
from edge.checkout.fiscal_store import Job, JobState
from edge.devices.fiscal_printer import codes
from edge.devices.fiscal_printer.contract import FiscalPrinter
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TransientError

__all__ = ["CashWork", "ClosureWork"]


class ClosureWork:
    """A Z report counts itself: its number before and after settles any doubt."""

    def __init__(self, printer: FiscalPrinter, ledger: JobLedger) -> None:
        self._printer = printer
        self._ledger = ledger

    async def run(self, job: Job, serial: str) -> None:
        if not await self._ledger.begin(job, await self._printer.last_closure_no(), None, serial):
            return
        try:
            report = await self._printer.z_report()
        except (NeedsPerson, TransientError) as error:
            await self._ledger.change(job, JobState.SENDING, JobState.PENDING, error)
            raise
        except PermanentError as error:
            await self._ledger.refuse(job, error)
            return
        except OutcomeUnknown:
            await self._ledger.doubt(job)
            return
        await self._ledger.done(job, Done(report.closure_no, serial, turnover_minor=report.turnover_minor))

    async def settle(self, job: Job, serial: str) -> None:
        now = await self._printer.last_closure_no()
        verdict = settle_closure(job.position_no or 0, now) if serial == job.register_serial else Verdict.ASK_PERSON
        if verdict is Verdict.ASK_PERSON:
            raise RegisterCannotTell(codes.OUTCOME_UNKNOWN)
        if verdict is Verdict.REPEAT:
            await self._ledger.change(job, job.state, JobState.PENDING)
        else:
            await self._ledger.done(job, Done(now, serial, adopted=True))


class CashWork:
    """Cash in or out: refused for whatever reason means it did not happen, and the cashier asks again."""

    def __init__(self, printer: FiscalPrinter, ledger: JobLedger) -> None:
        self._printer = printer
        self._ledger = ledger

    async def run(self, job: Job, serial: str) -> None:
        try:
            before = await self._printer.cash_movement(0)
        except (NeedsPerson, PermanentError, TransientError) as error:
            await self._ledger.refuse(job, error)
            return
        if not await self._ledger.begin(job, before.paid_in_minor, before.paid_out_minor, serial):
            return
        try:
            await self._printer.cash_movement(_amount(job))
        except (NeedsPerson, PermanentError, TransientError) as error:
            await self._ledger.refuse(job, error)
            return
        except OutcomeUnknown:
            await self._ledger.doubt(job)
            return
        await self._ledger.done(job, Done(0, serial))

    async def settle(self, job: Job, serial: str) -> None:
        now = await self._printer.cash_movement(0)
        verdict = Verdict.ASK_PERSON
        if serial == job.register_serial:
            verdict = settle_cash(_amount(job), job.position_no or 0, job.position_total or 0, now)
        if verdict is Verdict.ASK_PERSON:
            raise RegisterCannotTell(codes.OUTCOME_UNKNOWN)
        if verdict is Verdict.REPEAT:
            await self._ledger.change(job, job.state, JobState.PENDING)
        else:
            await self._ledger.done(job, Done(0, serial, adopted=True))


def _amount(job: Job) -> int:
    return int(json.loads(job.document)["amount_minor"])
