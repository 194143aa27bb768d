"""The life of a document on a Datecs register, alike in both frame formats.

Command layouts live in `short_frames` and `long_frames`. The rule that never breaks: from the first command of a
document on, a missing answer is OutcomeUnknown, and no command is ever sent a second time with a new number.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.devices.fiscal_printer import codes
from edge.devices.fiscal_printer.contract import (
    CashTotals,
    DocumentPosition,
    FiscalReceipt,
    FiscalReference,
    OpenDocument,
    PaymentForm,
    RegisterCondition,
    RegisterIdentity,
    RegisterLimits,
    ReportResult,
)
from edge.devices.fiscal_printer.datecs_isl.conversation import (
    DOCUMENT_FLAGS,
    STATUS,
    UNEXPLAINED,
    Answer,
    Conversation,
    already_done,
    unknown,
)
from edge.devices.fiscal_printer.datecs_isl.planning import (
    PlannedLine,
    PlannedPayment,
    PlannedReceipt,
    decimal_text,
    plan,
)
from edge.devices.fiscal_printer.datecs_isl.session import Timing
from edge.devices.fiscal_printer.datecs_isl.verdicts import conditions_of, standing_obstacle
from edge.devices.fiscal_printer.profiles import OperatorLogin, RegisterProfile
from edge.protocols.datecs_isl import StatusFlag
from edge.transports.contract import Transport
from shared.errors import NeedsPerson, PermanentError, TradepostError, TransientError

__all__ = ["DatecsIsl", "PaymentAnswer", "Transaction"]

_NON_FISCAL_CLOSE = 0x27
_CLOSE = 0x38
_CANCEL = 0x3C


@dataclass(frozen=True)
class Transaction:
    """The open document, or the last one."""

    is_open: bool
    document_no: int | None
    """Where the dialect tells it; the open document's own number while it is open."""
    items: int
    amount_minor: int
    paid_minor: int


@dataclass(frozen=True)
class PaymentAnswer:
    """At most one of the two is more than 0; neither when the document is paid to the unit."""

    due_minor: int
    change_minor: int


class DatecsIsl(Conversation):
    """A FiscalPrinter. Constructors only assign; `connect` first."""

    def __init__(
        self,
        transport: Transport,
        profile: RegisterProfile,
        operators: Mapping[str, OperatorLogin],
        timing: Timing,
    ) -> None:
        super().__init__(transport, profile, timing)
        self._operators = operators
        self._identity: RegisterIdentity | None = None

    @property
    def limits(self) -> RegisterLimits:
        facts = self._profile
        return RegisterLimits(
            lines_per_receipt=facts.limits.lines_per_receipt,
            item_text=facts.text.item,
            comment_text=facts.text.comment,
            receipt_total_minor=facts.limits.receipt_total_minor,
        )

    async def connect(self) -> RegisterIdentity:
        self._identity = None
        await self._begin()
        self._identity = await self._read_identity()
        return self._identity

    async def disconnect(self) -> None:
        await self._end()

    async def conditions(self) -> frozenset[RegisterCondition]:
        return conditions_of((await self._ask(STATUS)).status)

    async def position(self) -> DocumentPosition:
        status = (await self._ask(STATUS)).status
        transaction = await self._transaction()
        last_no = await self._last_document_no(transaction)
        if not transaction.is_open:
            last_total = await self._last_total(last_no, transaction)
            service = OpenDocument(items=-1, amount_minor=0, paid_minor=0, fiscal=False)
            is_service_open = StatusFlag.NON_FISCAL_OPEN in status.flags
            return DocumentPosition(self._known.serial, last_no, last_total, service if is_service_open else None)
        document = OpenDocument(transaction.items, transaction.amount_minor, transaction.paid_minor)
        return DocumentPosition(self._known.serial, last_no, None, document)

    # --------------------------------------------------------------------------------------------------- receipts

    async def print_receipt(self, receipt: FiscalReceipt) -> FiscalReference:
        planned = plan(receipt, self._profile)
        status = (await self._ask(STATUS)).status
        if status.flags & DOCUMENT_FLAGS:
            raise PermanentError(codes.DOCUMENT_OPEN)
        obstacle = standing_obstacle(status)
        if obstacle is not None:
            raise obstacle
        await self._open(planned)
        try:
            for comment in planned.comments:
                await self._act(*self._comment(comment))
            for line in planned.lines:
                await self._act(*self._sale(line))
            self._compare(planned, await self._transaction())
            first, *others = planned.payments
            due = await self._pay(first, planned.total_minor)
        except (NeedsPerson, PermanentError, TransientError) as refusal:
            await self._abandon(refusal)
            raise
        return await self._complete(others, due, planned.total_minor)

    async def _open(self, planned: PlannedReceipt) -> None:
        login = self._operators.get(planned.operator, self._profile.operator)
        command, data = self._opening(planned, login)
        answer = await self._send(command, data)
        if not answer.refused:
            return
        error = await self._error(command, answer)
        if answer.status.flags & DOCUMENT_FLAGS:
            # Nothing stood open a moment ago: the register was switched off and on between its opening and our
            # repeat of the command.
            await self._abandon(error)
            raise TransientError(codes.NO_ANSWER, address=self._transport.address)
        if error.code in UNEXPLAINED:
            # No document, paper, clock or memory stands in the way: what is left is the operator.
            raise NeedsPerson(codes.OPERATOR_REFUSED, maker_code=error.maker_code, operator=login.number)
        raise error

    def _compare(self, planned: PlannedReceipt, held: Transaction) -> None:
        """Before money is registered: does the register hold these lines and this sum?"""
        if (held.is_open, held.items, held.amount_minor) != (True, len(planned.lines), planned.total_minor):
            raise PermanentError(codes.AMOUNTS_DIFFER, ours_minor=planned.total_minor, register_minor=held.amount_minor)

    async def _abandon(self, refusal: TradepostError) -> None:
        """Cancel the open document after a refusal. Raises OutcomeUnknown when that cannot be done."""
        try:
            answer = await self._send(_CANCEL)
        except TradepostError as error:
            raise unknown(refusal.code) from error
        if answer.refused:
            raise unknown(refusal.code) from refusal

    async def _pay(self, payment: PlannedPayment, due_minor: int) -> int:
        """What is still due after it. OutcomeUnknown when the register took it and counts otherwise."""
        command, data = self._payment(payment)
        answer = await self._act(command, data)
        with already_done():
            counted = self._payment_answer(answer)
        if counted is None:
            raise PermanentError(codes.REFUSED, maker_code=answer.text(0), command=f"{command:02X}")
        amount = due_minor if payment.amount_minor is None else payment.amount_minor
        expected = PaymentAnswer(max(due_minor - amount, 0), max(amount - due_minor, 0))
        if counted != expected:
            raise unknown(codes.AMOUNTS_DIFFER)
        return expected.due_minor

    async def _complete(self, payments: Sequence[PlannedPayment], due_minor: int, total_minor: int) -> FiscalReference:
        """The rest of a document that has a payment: from here on nothing can be taken back."""
        try:
            for payment in payments:
                due_minor = await self._pay(payment, due_minor)
            closed = await self._act(_CLOSE)
            return await self._reference(closed, total_minor)
        except (NeedsPerson, PermanentError, TransientError) as refusal:
            raise unknown(refusal.code) from refusal

    async def finish_open(self, receipt: FiscalReceipt) -> FiscalReference:
        planned = plan(receipt, self._profile)
        held = await self._open_transaction()
        self._compare(planned, held)
        due, payments = planned.total_minor, list(planned.payments)
        paid = held.paid_minor
        while payments and 0 < (payments[0].amount_minor or 0) <= paid:
            amount = payments.pop(0).amount_minor or 0
            paid, due = paid - amount, max(due - amount, 0)
        if paid:
            raise PermanentError(
                codes.AMOUNTS_DIFFER, ours_minor=planned.total_minor - due, register_minor=held.paid_minor
            )
        if payments:
            first, *payments = payments
            due = await self._pay(first, due)
        return await self._complete(payments, due, planned.total_minor)

    async def cancel_open(self) -> None:
        status = (await self._ask(STATUS)).status
        if StatusFlag.NON_FISCAL_OPEN in status.flags:
            await self._act(_NON_FISCAL_CLOSE)
            return
        held = await self._transaction()
        if not held.is_open:
            return
        if held.paid_minor:
            raise PermanentError(codes.CANNOT_CANCEL_PAID, paid_minor=held.paid_minor)
        await self._act(_CANCEL)

    async def void_remainder(self) -> FiscalReference:
        held = await self._open_transaction()
        due = held.amount_minor - held.paid_minor
        if due > 0 or not held.paid_minor:
            everything = PlannedPayment(self._cash_mode, None)
            await self._pay(everything, max(due, 0))
        return await self._complete((), 0, held.amount_minor)

    async def _open_transaction(self) -> Transaction:
        held = await self._transaction()
        if not held.is_open:
            raise PermanentError(codes.NO_DOCUMENT_OPEN)
        return held

    # ------------------------------------------------------------------------------------------- reports and cash

    async def x_report(self) -> ReportResult:
        return await self._report(closing=False)

    async def z_report(self) -> ReportResult:
        return await self._report(closing=True)

    async def _report(self, *, closing: bool) -> ReportResult:
        answer = await self._act_when_idle(*self._report_layout(closing=closing), slow=True)
        with already_done():
            return self._report_result(answer)

    async def print_duplicate(self) -> None:
        try:
            await self._act_when_idle(*self._duplicate())
        except PermanentError as error:
            if error.code not in UNEXPLAINED:
                raise
            raise PermanentError(codes.DUPLICATE_PRINTED, maker_code=error.maker_code) from error

    async def open_drawer(self) -> None:
        await self._act(*self._drawer())

    @property
    def _known(self) -> RegisterIdentity:
        if self._identity is None:
            raise TransientError(codes.NO_ANSWER, address=self._transport.address)
        return self._identity

    @property
    def _cash_mode(self) -> str:
        return self._profile.payments[PaymentForm.CASH]

    def _decimal(self, amount_minor: int) -> str:
        return decimal_text(amount_minor, self._decimals)

    # ---------------------------------------------------------------------------------------- what dialects differ in

    @abstractmethod
    async def _read_identity(self) -> RegisterIdentity: ...

    @abstractmethod
    async def _transaction(self) -> Transaction: ...

    @abstractmethod
    async def _last_document_no(self, transaction: Transaction) -> int:
        """Number of the last finished document of any kind."""

    @abstractmethod
    async def _last_total(self, last_no: int, transaction: Transaction) -> int | None:
        """Total of document `last_no`; 0 when that is no sale or return."""

    @abstractmethod
    async def _reference(self, closed: Answer, total_minor: int) -> FiscalReference: ...

    @abstractmethod
    def _opening(self, planned: PlannedReceipt, login: OperatorLogin) -> tuple[int, str]: ...

    @abstractmethod
    def _sale(self, line: PlannedLine) -> tuple[int, str]: ...

    @abstractmethod
    def _comment(self, text: str) -> tuple[int, str]: ...

    @abstractmethod
    def _payment(self, payment: PlannedPayment) -> tuple[int, str]: ...

    @abstractmethod
    def _payment_answer(self, answer: Answer) -> PaymentAnswer | None:
        """None when the register did not take the payment."""

    @abstractmethod
    def _report_layout(self, *, closing: bool) -> tuple[int, str]: ...

    @abstractmethod
    def _report_result(self, answer: Answer) -> ReportResult: ...

    @abstractmethod
    async def last_closure_no(self) -> int: ...

    @abstractmethod
    async def cash_movement(self, amount_minor: int) -> CashTotals: ...

    @abstractmethod
    def _duplicate(self) -> tuple[int, str]: ...

    @abstractmethod
    def _drawer(self) -> tuple[int, str]: ...
