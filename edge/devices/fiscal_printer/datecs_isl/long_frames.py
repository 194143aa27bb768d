"""Command layouts of the long-frame dialect X. Source: protocol note "ISL", section 6.

Every field is followed by a TAB; every reply begins with an error code, 0 when the command was executed.
"""

from __future__ import annotations

from typing import ClassVar

from edge.devices.fiscal_printer import codes
from edge.devices.fiscal_printer.contract import (
    CashTotals,
    DocumentKind,
    FiscalReference,
    RegisterIdentity,
    ReportResult,
)
from edge.devices.fiscal_printer.datecs_isl.conversation import UNEXPLAINED, Answer, already_done
from edge.devices.fiscal_printer.datecs_isl.driver import DatecsIsl, PaymentAnswer, Transaction
from edge.devices.fiscal_printer.datecs_isl.planning import (
    PlannedLine,
    PlannedPayment,
    PlannedReceipt,
    decimal_text,
)
from edge.devices.fiscal_printer.datecs_isl.session import NoAnswer
from edge.devices.fiscal_printer.datecs_isl.values import moment
from edge.devices.fiscal_printer.profiles import OperatorLogin
from edge.protocols.datecs_isl import CODE_PAGE, LONG, FrameFormat, Reply, Status, StatusFlag
from shared.errors import NeedsPerson, PermanentError

__all__ = ["LongFrameRegister"]

_OPEN_RETURN = 0x2B
_OPEN_SALE = 0x30
_SALE = 0x31
_PAYMENT = 0x35
_COMMENT = 0x36
_REPORT = 0x45
_CASH = 0x46
_TRANSACTION = 0x4C
_DIAGNOSTIC = 0x5A
_ERROR_TEXT = 0x64
_DRAWER = 0x6A
_DUPLICATE = 0x6D
_DEVICE_INFO = 0x7B
_JOURNAL = 0x7D

_DONE = "0"
_LAST_RECEIPT = "3"
_GOODS_RETURNED = "1"
_NO_DISCOUNT, _DISCOUNT_SUM = "0", "4"
_CASH_IN, _CASH_OUT = "0", "1"
_FISCAL_KINDS = ("1", "6")
"""Document types of the journal: fiscal receipt, storno."""
_TAX_GROUPS = 8
_DRAWER_MS = "50"
"""Within the 5 to 100 ms that the maker's drawers take."""


def _fields(*values: object) -> str:
    return "".join(f"{value}\t" for value in values)


class LongFrameRegister(DatecsIsl):
    format: ClassVar[FrameFormat] = LONG

    def _read_answer(self, reply: Reply, status: Status) -> Answer:
        """A refusal is its error code and nothing else; status bits only help to explain it."""
        code, *fields = reply.data.decode(CODE_PAGE, errors="replace").removesuffix("\t").split("\t")
        if code == _DONE:
            return Answer(reply.command, fields, status, refused=False, decimals=self._decimals)
        return Answer(reply.command, [code], status, refused=True, decimals=self._decimals)

    async def _makers_words(self, answer: Answer) -> str | None:
        """`-100105 out of paper`; the number alone when the register does not explain it."""
        number = answer.text(0)
        try:
            told = await self._exchange(_ERROR_TEXT, _fields(number))
        except NoAnswer:
            return number
        return number if told.refused or len(told.fields) < 2 else f"{number} {told.fields[1]}"

    async def _read_identity(self) -> RegisterIdentity:
        """`name,firmware,date,time,checksum,switches,serial,FM`."""
        answer = await self._ask(_DIAGNOSTIC, _fields(1))
        return RegisterIdentity(
            maker=self._profile.maker,
            model=answer.text(0),
            firmware=f"{answer.text(1)} {answer.text(2)} {answer.text(3)}",
            serial=answer.text(6),
            fiscal_memory_no=answer.text(7),
        )

    # ---------------------------------------------------------------------------------------------------- position

    async def _transaction(self) -> Transaction:
        """`open,slip,items,amount,paid`; open is 1 for a sale, 2 to 4 for the kinds of storno."""
        answer = await self._ask(_TRANSACTION)
        return Transaction(
            is_open=answer.number(0) != 0,
            document_no=answer.number(1),
            items=answer.number(2),
            amount_minor=abs(answer.minor(3)),
            paid_minor=abs(answer.minor(4)),
        )

    async def _last_document_no(self, transaction: Transaction) -> int:
        """An open document already shows its own slip number; the last finished one is the one before."""
        number = transaction.document_no or 0
        return number - 1 if transaction.is_open else number

    async def _last_total(self, last_no: int, transaction: Transaction) -> int | None:
        """The amount told is the last fiscal receipt's; the journal says whether that is the last document."""
        for kind in _FISCAL_KINDS:
            try:
                found = await self._exchange(_JOURNAL, _fields(0, last_no, kind))
            except NoAnswer as missing:
                raise self._not_reached(missing) from missing
            if not found.refused or StatusFlag.INVALID_COMMAND in found.status.flags:
                return transaction.amount_minor
        return 0

    async def _reference(self, closed: Answer, total_minor: int) -> FiscalReference:
        """The reply to a close is the slip number; the time is that of the last receipt."""
        document_no = closed.number(0)
        last = await self._ask(_DEVICE_INFO, _fields(_LAST_RECEIPT))
        known = self._known
        return FiscalReference(document_no, known.serial, known.fiscal_memory_no, total_minor, moment(last.text(1)))

    # ----------------------------------------------------------------------------------------------------- layouts

    def _opening(self, planned: PlannedReceipt, login: OperatorLogin) -> tuple[int, str]:
        who = (login.number, login.password, planned.till_no)
        original = planned.original
        if planned.kind is DocumentKind.SALE or original is None:
            return _OPEN_SALE, _fields(*who, "")
        at = f"{original.closed_at:%d-%m-%y %H:%M:%S}"
        what = (_GOODS_RETURNED, original.document_no, at, original.fiscal_memory_no)
        # No invoice, no invoice number, no reason text; the unique sale number is a Bulgarian matter.
        return _OPEN_RETURN, _fields(*who, *what, "", "", "", "")

    def _sale(self, line: PlannedLine) -> tuple[int, str]:
        discount = _DISCOUNT_SUM if line.discount_minor else _NO_DISCOUNT
        return _SALE, _fields(
            line.text,
            line.tax,
            self._decimal(line.price_minor),
            decimal_text(line.quantity_milli, 3),
            discount,
            self._decimal(line.discount_minor),
            0,
            *([line.unit] if line.unit else []),
        )

    def _comment(self, text: str) -> tuple[int, str]:
        return _COMMENT, _fields(text, "", "", "", "", "")

    def _payment(self, payment: PlannedPayment) -> tuple[int, str]:
        if payment.amount_minor is None:
            return _PAYMENT, _fields("", "", "")
        return _PAYMENT, _fields(payment.mode, self._decimal(payment.amount_minor), "")

    def _payment_answer(self, answer: Answer) -> PaymentAnswer | None:
        amount = abs(answer.minor(1))
        if answer.text(0) not in ("D", "R"):
            raise answer.not_understood()
        return PaymentAnswer(amount, 0) if answer.text(0) == "D" else PaymentAnswer(0, amount)

    # -------------------------------------------------------------------------------------------- reports and cash

    def _report_layout(self, *, closing: bool) -> tuple[int, str]:
        return _REPORT, _fields("Z" if closing else "X")

    def _report_result(self, answer: Answer) -> ReportResult:
        """`nRep,TotA..H,StorA..H`."""
        sums = [answer.minor(at) for at in range(1, 1 + 2 * _TAX_GROUPS)]
        sold, returned = sums[:_TAX_GROUPS], sums[_TAX_GROUPS:]
        by_tax = tuple(sold_sum - abs(back) for sold_sum, back in zip(sold, returned, strict=True))
        return ReportResult(answer.number(0), sum(by_tax), by_tax)

    async def last_closure_no(self) -> int:
        """`lastReceiptInZ,time,lastZ,Zdate`."""
        return (await self._ask(_DEVICE_INFO, _fields(_LAST_RECEIPT))).number(2)

    async def cash_movement(self, amount_minor: int) -> CashTotals:
        """`in drawer,in,out`. The error codes of a short drawer are not in the manual: the sums themselves tell."""
        if not amount_minor:
            return self._cash_totals(await self._ask(_CASH, _fields(_CASH_IN, self._decimal(0))))
        direction = _CASH_OUT if amount_minor < 0 else _CASH_IN
        try:
            answer = await self._act_when_idle(_CASH, _fields(direction, self._decimal(abs(amount_minor))))
        except PermanentError as error:
            held = await self.cash_movement(0)
            if error.code not in UNEXPLAINED or held.in_drawer_minor + amount_minor >= 0:
                raise
            raise NeedsPerson(
                codes.NOT_ENOUGH_CASH, asked_minor=-amount_minor, in_drawer_minor=held.in_drawer_minor
            ) from None
        with already_done():
            return self._cash_totals(answer)

    def _cash_totals(self, answer: Answer) -> CashTotals:
        return CashTotals(answer.minor(0), answer.minor(1), answer.minor(2))

    def _duplicate(self) -> tuple[int, str]:
        return _DUPLICATE, ""

    def _drawer(self) -> tuple[int, str]:
        return _DRAWER, _fields(_DRAWER_MS)
