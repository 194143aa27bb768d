"""What a receipt printer does with its jobs: each paper sent once, after the register's own is done.

Never breaks: a job is marked as sent before its first byte; one found sent at the start, or without the printer's word,
is UNKNOWN and waits for a person, who may ask for a copy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from edge.checkout.papers import Papers
from edge.checkout.printing import PrintJob, PrintState, move_print, next_print, sent_prints
from edge.checkout.texts import Texts
from edge.checkout.view import DeviceView
from edge.devices.pos_printer.contract import POSPrinter, PrinterCondition
from edge.journal import Journal
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TradepostError, TransientError
from shared.events import Condition, DeviceHealth

__all__ = ["ReceiptQueue"]

RETRY_S: Final = 3.0
"""How often a printer that waits for paper, or for its cable, is tried again."""
IDLE_CHECK_S: Final = 5.0
"""How often an idle printer is asked how it is: paper out shows before the next customer pays."""

_CODES: Final[Mapping[PrinterCondition, str]] = {
    PrinterCondition.PAPER_NEAR_END: "PRN-140",
    PrinterCondition.PAPER_OUT: "PRN-240",
    PrinterCondition.COVER_OPEN: "PRN-241",
    PrinterCondition.CUTTER_JAM: "PRN-242",
    PrinterCondition.FAILED: "PRN-243",
    PrinterCondition.BUSY: "PRN-302",
    PrinterCondition.OVERHEATED: "PRN-303",
}

ReportHealth = Callable[[DeviceHealth, tuple[Condition, ...]], None]


class ReceiptQueue:
    """`run` is the printer's one task. papers: of each till that prints here."""

    def __init__(
        self,
        printer_id: str,
        printer: POSPrinter,
        journal: Journal,
        *,
        papers: Mapping[str, Papers],
        texts: Texts,
        report: ReportHealth,
    ) -> None:
        self.view = DeviceView("stopped", "PRN-301")
        self._printer_id = printer_id
        self._printer = printer
        self._journal = journal
        self._papers = papers
        self._texts = texts
        self._report = report
        self._woken = asyncio.Event()
        self._look_at = 0.0
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have this called, in the event loop, when the view, or a paper's state, has changed."""
        self._listeners.append(listener)

    def wake(self) -> None:
        """There may be something to print."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled. What cancelling cuts short stays SENT, which the next start calls unknown."""
        for cut_short in sent_prints(self._journal.read, self._printer_id):
            await self._move(cut_short, PrintState.SENT, PrintState.UNKNOWN, "PRN-502")
        try:
            while True:
                self._woken.clear()
                job = next_print(self._journal.read, self._printer_id)
                wait_s = await self._rest() if job is None or not self._is_due(job) else await self._print(job)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), wait_s)
        finally:
            with suppress(TradepostError):
                await self._printer.disconnect()

    def _is_due(self, job: PrintJob) -> bool:
        """A receipt says its fiscal number, so the register goes first; what it refused is printed without one."""
        paper = self._papers[job.till].find(job.of_id)
        return paper is None or paper.is_settled

    async def _rest(self) -> float:
        """Nothing to print: look at the printer when it is time to. How long to wait then, unless woken."""
        now = asyncio.get_running_loop().time()
        if now >= self._look_at:
            self._look_at = now + await self._look()
        return max(self._look_at - now, 0.0)

    async def _look(self) -> float:
        try:
            state = await self._printer.state()
        except TradepostError as error:
            self._show("stopped", error.code)
            return RETRY_S
        stopping = sorted(_CODES[each] for each in state.conditions if each is not PrinterCondition.PAPER_NEAR_END)
        if stopping:
            self._show("stopped", stopping[0])
        elif state.conditions:
            self._show("attention", _CODES[PrinterCondition.PAPER_NEAR_END])
        else:
            self._show("ok", None)
        return IDLE_CHECK_S

    async def _print(self, job: PrintJob) -> float:
        paper = self._papers[job.till].find(job.of_id)
        if paper is None:
            await self._move(job, PrintState.PENDING, PrintState.REFUSED, "PRN-412")
            return 0.0
        document = self._papers[job.till].document(paper, self._texts, is_copy=job.is_copy)
        await self._move(job, PrintState.PENDING, PrintState.SENT)
        try:
            await self._printer.print(document)
        except OutcomeUnknown as error:
            await self._move(job, PrintState.SENT, PrintState.UNKNOWN, error.code)
            self._show("attention", error.code)
        except PermanentError as error:
            await self._move(job, PrintState.SENT, PrintState.REFUSED, error.code)
            self._show("attention", error.code)
        except (NeedsPerson, TransientError) as error:
            # Nothing was sent: it waits, and prints once when the printer can again.
            await self._move(job, PrintState.SENT, PrintState.PENDING, error.code)
            self._show("stopped", error.code)
            return RETRY_S
        else:
            await self._move(job, PrintState.SENT, PrintState.DONE)
            self._show("ok", None)
        return 0.0

    async def _move(self, job: PrintJob, since: PrintState, state: PrintState, code: str | None = None) -> None:
        await self._journal.write(partial(move_print, job_id=job.job_id, since=since, state=state, code=code))
        self._tell()

    def _show(self, state: str, code: str | None) -> None:
        view = DeviceView(state, code)
        if view == self.view:
            return
        self.view = view
        self._report(DeviceHealth(state), (Condition(code=code),) if code else ())
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
