"""A register in memory: what the contract promises and nothing of any wire. It outlives the program that talks to it.

Every step of every command can fail in five ways; the tests walk through all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

from edge.devices.fiscal_printer.contract import (
    CashTotals,
    DocumentKind,
    DocumentPosition,
    FiscalReceipt,
    FiscalReference,
    OpenDocument,
    RegisterCondition,
    RegisterIdentity,
    RegisterLimits,
    ReportResult,
)
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TradepostError, TransientError

__all__ = ["Crash", "Fault", "ModelRegister", "Paper", "Quirks"]


class Crash(BaseException):
    """The power of the gateway goes: nothing of ours handles it."""


class Fault(Enum):
    ANSWER_LOST = "the register did it, the answer is lost"
    COMMAND_LOST = "the command is lost, the driver cannot know"
    CRASH_BEFORE = "the gateway dies before the step"
    CRASH_AFTER = "the gateway dies after the step"
    NOT_REACHED = "the port is gone before anything was sent"


@dataclass(frozen=True)
class Quirks:
    """What differs between families, as far as the contract lets it."""

    cancelled_takes_number: bool = True
    tells_items: bool = True


@dataclass(frozen=True)
class Paper:
    """One document that was completed: what a customer holds."""

    number: int
    kind: DocumentKind
    total_minor: int
    comments: tuple[str, ...]


@dataclass
class _Open:
    receipt: FiscalReceipt
    items: int = 0
    amount_minor: int = 0
    paid_minor: int = 0


@dataclass
class ModelRegister:
    quirks: Quirks = Quirks()
    serial: str = "DT000600"
    fault: Fault | None = None
    fault_at: int = -1
    """Which step, counted from the next one as 0, fails."""
    papers: list[Paper] = field(default_factory=list)
    conditions_now: frozenset[RegisterCondition] = frozenset()
    refuse_at_line: TradepostError | None = None
    """Raised by the register in mid-receipt; the driver then cancels, as the contract says."""
    refuse_once: bool = True
    limits: RegisterLimits = field(default_factory=lambda: RegisterLimits(512, 34, 36, 99_999_999))
    number: int = 100
    last_total: int | None = 0
    closure: int = 7
    closed_papers: int = 0
    """How many of the papers belong to days that are closed."""
    paid_in: int = 0
    paid_out: int = 0
    drawer: int = 0
    open: _Open | None = None
    steps: int = 0
    silent: bool = False
    connections: int = 0
    drawer_openings: int = 0
    lose_answer_of_close: bool = False
    strange_documents: int = 0
    """What somebody else prints right after our receipt."""
    _stepped: asyncio.Event = field(default_factory=asyncio.Event)

    def plan(self, fault: Fault, at: int) -> None:
        """Let this happen once, at the step that is `at` steps from now."""
        self.fault, self.fault_at = fault, self.steps + at

    def heal(self) -> None:
        self.fault = None

    async def asked(self, times: int) -> None:
        """Wait until so many more steps have been tried."""
        wanted = self.steps + times
        while self.steps < wanted:
            self._stepped.clear()
            await asyncio.wait_for(self._stepped.wait(), 10)

    async def _step(self, effect: Callable[[], None] | None = None) -> None:
        """One command on the wire: a question when there is no effect."""
        here, self.steps = self.steps, self.steps + 1
        self._stepped.set()
        fault = self.fault if here == self.fault_at else None
        if self.silent or fault is Fault.NOT_REACHED:
            raise TransientError("FIS-301")
        if fault is Fault.CRASH_BEFORE:
            raise Crash
        if fault is Fault.COMMAND_LOST:
            raise OutcomeUnknown("FIS-502")
        if effect is not None:
            effect()
        if fault is Fault.CRASH_AFTER:
            raise Crash
        if fault is Fault.ANSWER_LOST:
            raise OutcomeUnknown("FIS-502")

    # -- the contract -------------------------------------------------------------------------------------------------

    async def connect(self) -> RegisterIdentity:
        await self._question()
        self.connections += 1
        return RegisterIdentity("Model", "M-1", "1.0", self.serial, "02000600")

    async def disconnect(self) -> None:
        return

    async def _question(self) -> None:
        """Changes nothing: a lost answer is a failed question, not a doubt."""
        try:
            await self._step()
        except OutcomeUnknown as lost:
            raise TransientError("FIS-301") from lost

    async def conditions(self) -> frozenset[RegisterCondition]:
        await self._question()
        return self.conditions_now

    async def position(self) -> DocumentPosition:
        await self._question()
        if self.open is None:
            return DocumentPosition(self.serial, self.number, self.last_total, None)
        items = self.open.items if self.quirks.tells_items else -1
        document = OpenDocument(items, self.open.amount_minor, self.open.paid_minor)
        return DocumentPosition(self.serial, self.number, None, document)

    async def print_receipt(self, receipt: FiscalReceipt) -> FiscalReference:
        if RegisterCondition.PAPER_OUT in self.conditions_now:
            raise NeedsPerson("FIS-201")
        if self.open is not None:
            raise PermanentError("FIS-411")
        begun = False
        try:
            await self._step(partial(self._begin, receipt))
            begun = True
            for line in receipt.lines:
                if self.refuse_at_line is not None:
                    raise self._refusal()
                await self._step(partial(self._sell, line.amount_minor))
            return await self._pay_and_close(receipt)
        except TransientError as gone:
            # Once something was sent a lost port is a doubt, whatever the port says.
            raise (OutcomeUnknown("FIS-502") if begun else gone) from gone
        except (NeedsPerson, PermanentError) as refusal:
            await self._step(self._cancel)
            raise refusal

    def _refusal(self) -> TradepostError:
        refusal = self.refuse_at_line
        assert refusal is not None
        if self.refuse_once:
            self.refuse_at_line = None
        return refusal

    async def _pay_and_close(self, receipt: FiscalReceipt) -> FiscalReference:
        assert self.open is not None
        left = receipt.total_minor - self.open.paid_minor
        for payment in receipt.payments:
            amount = min(payment.amount_minor, left)
            await self._step(partial(self._pay, amount))
            left -= amount
        await self._step(self._close)
        if self.lose_answer_of_close:
            raise OutcomeUnknown("FIS-502")
        await self._question_or_doubt()
        return FiscalReference(self.number, self.serial, "02000600", receipt.total_minor, None)

    async def _question_or_doubt(self) -> None:
        """Reading the number after the close: without it the outcome is not known."""
        try:
            await self._step()
        except TransientError as gone:
            raise OutcomeUnknown("FIS-502") from gone

    async def finish_open(self, receipt: FiscalReceipt) -> FiscalReference:
        if self.open is None:
            raise PermanentError("FIS-417")
        try:
            left = receipt.total_minor - self.open.paid_minor
            if left:
                await self._step(partial(self._pay, left))
            await self._step(self._close)
            await self._question_or_doubt()
        except TransientError as gone:
            raise OutcomeUnknown("FIS-502") from gone
        return FiscalReference(self.number, self.serial, "02000600", receipt.total_minor, None)

    async def cancel_open(self) -> None:
        if self.open is not None and self.open.paid_minor:
            raise PermanentError("FIS-412", paid_minor=self.open.paid_minor)
        await self._step(self._cancel)

    async def void_remainder(self) -> FiscalReference:
        if self.open is None:
            raise PermanentError("FIS-417")
        self._pay(self.open.amount_minor - self.open.paid_minor)
        await self._step(self._close)
        return FiscalReference(self.number, self.serial, "02000600", self.last_total or 0, None)

    async def x_report(self) -> ReportResult:
        await self._step()
        self.number, self.last_total = self.number + 1, 0
        return ReportResult(self.closure, self._turnover(), ())

    async def z_report(self) -> ReportResult:
        turnover = self._turnover()
        await self._step(self._close_day)
        return ReportResult(self.closure, turnover, ())

    def _turnover(self) -> int:
        """Of the day that is open: it knows its receipts' totals and nothing of rounded cash."""
        day = self.papers[self.closed_papers :]
        return sum(paper.total_minor if paper.kind is DocumentKind.SALE else -paper.total_minor for paper in day)

    async def last_closure_no(self) -> int:
        await self._question()
        return self.closure

    async def cash_movement(self, amount_minor: int) -> CashTotals:
        if amount_minor == 0:
            await self._question()
        elif self.drawer + amount_minor < 0:
            raise NeedsPerson("FIS-210", asked_minor=-amount_minor, in_drawer_minor=self.drawer)
        else:
            await self._step(partial(self._move_cash, amount_minor))
        return CashTotals(self.drawer, self.paid_in, self.paid_out)

    async def print_duplicate(self) -> None:
        await self._step()

    async def open_drawer(self) -> None:
        await self._step()
        self.drawer_openings += 1

    # -- what happens inside ------------------------------------------------------------------------------------------

    def _begin(self, receipt: FiscalReceipt) -> None:
        assert self.open is None
        self.open = _Open(receipt)

    def _sell(self, amount_minor: int) -> None:
        assert self.open is not None
        assert self.open.paid_minor == 0
        self.open.items += 1
        self.open.amount_minor += amount_minor

    def _pay(self, amount_minor: int) -> None:
        assert self.open is not None
        self.open.paid_minor += amount_minor

    def _close(self) -> None:
        assert self.open is not None
        assert self.open.paid_minor == self.open.amount_minor
        receipt = self.open.receipt
        self.number += 1
        self.papers.append(Paper(self.number, receipt.kind, self.open.amount_minor, receipt.comments))
        self.last_total, self.open = self.open.amount_minor, None
        self.number += self.strange_documents

    def _cancel(self) -> None:
        assert self.open is not None
        assert self.open.paid_minor == 0
        if self.quirks.cancelled_takes_number:
            self.number, self.last_total = self.number + 1, 0
        self.open = None

    def _close_day(self) -> None:
        assert self.open is None
        self.closure, self.closed_papers = self.closure + 1, len(self.papers)
        self.number, self.last_total = self.number + 1, 0

    def _move_cash(self, amount_minor: int) -> None:
        self.drawer += amount_minor
        self.paid_in += max(amount_minor, 0)
        self.paid_out += max(-amount_minor, 0)
        self.number, self.last_total = self.number + 1, 0
