"""Command layouts of the short-frame dialects P and C. Source: protocol note "ISL", section 5."""

from __future__ import annotations

import re
from datetime import datetime
from typing import ClassVar

from edge.devices.fiscal_printer import codes
from edge.devices.fiscal_printer.contract import (
    CashTotals,
    DocumentKind,
    FiscalReference,
    OriginalReceipt,
    RegisterIdentity,
    ReportResult,
)
from edge.devices.fiscal_printer.datecs_isl.conversation import Answer, already_done
from edge.devices.fiscal_printer.datecs_isl.driver import DatecsIsl, PaymentAnswer, Transaction
from edge.devices.fiscal_printer.datecs_isl.planning import (
    PlannedLine,
    PlannedPayment,
    PlannedReceipt,
    decimal_text,
)
from edge.devices.fiscal_printer.datecs_isl.session import NoAnswer
from edge.devices.fiscal_printer.datecs_isl.values import minor, moment
from edge.devices.fiscal_printer.profiles import OperatorLogin
from edge.protocols.datecs_isl import CODE_PAGE, SHORT, FrameFormat, Reply, Status
from shared.errors import NeedsPerson

__all__ = ["ShortFrameRegister"]

_LAST_ERROR = 0x20
_OPEN_RETURN = 0x2E
_OPEN_SALE = 0x30
_SALE = 0x31
_PAYMENT = 0x35
_COMMENT = 0x36
_READ_CLOCK = 0x3E
_LAST_MEMORY_RECORD = 0x40
_REPORT = 0x45
_CASH = 0x46
_TRANSACTION = 0x4C
_DIAGNOSTIC = 0x5A
_DRAWER = 0x6A
_DUPLICATE = 0x6D
_LAST_DOCUMENT = 0x71
_LAST_RECEIPT_QR = 0x74

_PAYMENT_REPLY = re.compile(r"([A-Z])([+-]?[0-9]+(?:\.[0-9]*)?|)")


class ShortFrameRegister(DatecsIsl):
    """P and C speak alike but for two layouts: opening a return, and the letters of payments (profile)."""

    format: ClassVar[FrameFormat] = SHORT

    def _read_answer(self, reply: Reply, status: Status) -> Answer:
        """A refused command answers without data; lasting failures (paper, battery) do not void an answer with data."""
        text = reply.data.decode(CODE_PAGE, errors="replace")
        refused = bool(status.failures) and not text
        return Answer(reply.command, text.split(","), status, refused, self._decimals)

    async def _makers_words(self, answer: Answer) -> str | None:
        try:
            told = await self._exchange(_LAST_ERROR, "")
        except NoAnswer:
            return None
        if told.refused or len(told.fields) < 4 or told.fields[1] in ("", "0"):
            return None
        return f"{told.fields[1]} {','.join(told.fields[3:])}".strip()

    async def _read_identity(self) -> RegisterIdentity:
        """`name,firmware country date time,checksum,switches,serial,FM`."""
        answer = await self._ask(_DIAGNOSTIC, "1")
        last = len(answer.fields) - 1
        if last < 5:
            raise answer.not_understood()
        return RegisterIdentity(
            maker=self._profile.maker,
            model=answer.text(0),
            firmware=answer.text(1),
            serial=answer.text(last - 1),
            fiscal_memory_no=answer.text(last),
        )

    # ---------------------------------------------------------------------------------------------------- position

    async def _transaction(self) -> Transaction:
        """`open,items,amount[,paid]`: the open receipt, or the last one.

        A firmware that does not tell what is paid refuses itself to cancel or to pay twice, so nothing paid is assumed.
        """
        answer = await self._ask(_TRANSACTION, "T")
        return Transaction(
            is_open=answer.text(0) == "1",
            document_no=None,
            items=answer.number(1),
            amount_minor=abs(answer.minor(2)),
            paid_minor=abs(answer.minor(3)) if len(answer.fields) > 3 else 0,
        )

    async def _last_document_no(self, transaction: Transaction) -> int:
        return (await self._ask(_LAST_DOCUMENT)).number(0)

    async def _last_total(self, last_no: int, transaction: Transaction) -> int | None:
        """The QR of the last receipt names its number, so that a cancelled document or a report is not mistaken for it.

        Older firmware has no QR; there the last receipt's amount is all there is.
        """
        last = await self._last_receipt()
        if last is None:
            return transaction.amount_minor
        number, total_minor, _ = last
        return total_minor if number == last_no else 0

    async def _last_receipt(self) -> tuple[int, int, datetime | None] | None:
        """Number, total and time by `FM*number*date*time*amount`; None when the register cannot tell."""
        try:
            answer = await self._exchange(_LAST_RECEIPT_QR, "")
        except NoAnswer as missing:
            raise self._not_reached(missing) from missing
        parts = answer.fields[0].split("*")
        if answer.refused or len(parts) != 5 or not parts[1].isdecimal():
            return None
        return int(parts[1]), minor(parts[4], self._decimals), moment(f"{parts[2]} {parts[3]}")

    async def _reference(self, closed: Answer, total_minor: int) -> FiscalReference:
        """The reply to a close counts the day's receipts; the document's number must be asked for."""
        document_no = (await self._ask(_LAST_DOCUMENT)).number(0)
        last = await self._last_receipt()
        if last is not None and last[0] == document_no:
            printed_at = last[2]
        else:
            printed_at = moment((await self._ask(_READ_CLOCK)).text(0))
        known = self._known
        return FiscalReference(document_no, known.serial, known.fiscal_memory_no, total_minor, printed_at)

    # ----------------------------------------------------------------------------------------------------- layouts

    def _opening(self, planned: PlannedReceipt, login: OperatorLogin) -> tuple[int, str]:
        if planned.kind is DocumentKind.SALE or planned.original is None:
            return _OPEN_SALE, f"{login.number},{login.password},{planned.till_no}"
        return _OPEN_RETURN, self._return_layout(planned.original, login, planned.till_no)

    def _return_layout(self, original: OriginalReceipt, login: OperatorLogin, till_no: int) -> str:
        """Reason is always "goods returned": R in P, 1 in C. The unique sale number is a Bulgarian matter: empty."""
        at = f"{original.closed_at:%d%m%y%H%M%S}"
        who = f"{login.number},{login.password}"
        what = f"{at},{original.fiscal_memory_no}"
        if self._profile.dialect == "C":
            return f"{who},,{till_no},1,{original.document_no},{what}"
        return f"{who},{till_no},R{original.document_no},,{what}"

    def _sale(self, line: PlannedLine) -> tuple[int, str]:
        text = f"{line.text}\n{line.second_text}" if line.second_text else line.text
        data = f"{text}\t{line.tax}{self._decimal(line.price_minor)}"
        if line.quantity_milli != 1000 or line.unit:
            data += f"*{decimal_text(line.quantity_milli, 3)}"
        if line.unit:
            data += f"#{line.unit}"
        if line.discount_minor:
            data += f";-{self._decimal(line.discount_minor)}"
        return _SALE, data

    def _comment(self, text: str) -> tuple[int, str]:
        return _COMMENT, text

    def _payment(self, payment: PlannedPayment) -> tuple[int, str]:
        amount = "" if payment.amount_minor is None else self._decimal(payment.amount_minor)
        return _PAYMENT, f"\t{payment.mode}{amount}"

    def _payment_answer(self, answer: Answer) -> PaymentAnswer | None:
        """D: this is due, 0 when paid; R: this is the change; F, E and I: not taken."""
        match = _PAYMENT_REPLY.fullmatch(answer.text(0))
        if match is None:
            raise answer.not_understood()
        if match[1] not in "DR":
            return None
        amount = abs(minor(match[2] or "0", self._decimals))
        return PaymentAnswer(amount, 0) if match[1] == "D" else PaymentAnswer(0, amount)

    # -------------------------------------------------------------------------------------------- reports and cash

    def _report_layout(self, *, closing: bool) -> tuple[int, str]:
        return _REPORT, "0" if closing else "2"

    def _report_result(self, answer: Answer) -> ReportResult:
        """`closureNo,FMtotal,A..H`, the groups net of returns."""
        by_tax = tuple(answer.minor(at) for at in range(2, len(answer.fields)))
        return ReportResult(answer.number(0), sum(by_tax), by_tax)

    async def last_closure_no(self) -> int:
        answer = await self._ask(_LAST_MEMORY_RECORD, "0")
        return answer.number(1) if answer.text(0) == "P" else 0

    async def cash_movement(self, amount_minor: int) -> CashTotals:
        """`P|F,in drawer,in,out`."""
        if not amount_minor:
            return self._cash_totals(await self._ask(_CASH, "0"))
        sign = "-" if amount_minor < 0 else ""
        answer = await self._act_when_idle(_CASH, f"{sign}{self._decimal(abs(amount_minor))}")
        with already_done():
            totals = self._cash_totals(answer)
        if answer.text(0) == "F":
            raise NeedsPerson(codes.NOT_ENOUGH_CASH, asked_minor=-amount_minor, in_drawer_minor=totals.in_drawer_minor)
        return totals

    def _cash_totals(self, answer: Answer) -> CashTotals:
        return CashTotals(answer.minor(1), answer.minor(2), answer.minor(3))

    def _duplicate(self) -> tuple[int, str]:
        return _DUPLICATE, "1"

    def _drawer(self) -> tuple[int, str]:
        return _DRAWER, ""
