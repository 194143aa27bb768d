"""Fiscal register of the Datecs P and C families: ISL short frames, a pseudo-terminal or a TCP port.

Command layouts of the protocol note "ISL", section 5, as the device reads and answers them; the machine behind them is
`_register`. Shares framing and checksum with our driver, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from edge.protocols.datecs_isl import CODE_PAGE, SHORT, Dialect, StatusFlag, encode_status, flags_of
from simulators._register.arithmetic import decimal_text, parse_decimal, round_half_away
from simulators._register.building import switch_on, wire_up
from simulators._register.faults import FAULTS
from simulators._register.memory import Record, header_of
from simulators._register.options import RegisterOptions
from simulators._register.paper import print_document
from simulators._register.receipt import TAX_GROUPS
from simulators._register.refusals import Refusal, Refused
from simulators._register.register import Model, Register
from simulators._register.short_fields import (
    LayoutError,
    clock_text,
    parse_clock,
    parse_opening,
    parse_payment,
    parse_sale,
    parse_storno,
    parse_subtotal,
)
from simulators._register.wire import Answer, IslDevice
from simulators.serving import Settings

__all__ = ["FAULTS", "build"]

_MODELS: Mapping[str, Model] = {
    "P": Model(
        name="FP-800",
        firmware="263453 08NOV18 1312",
        passwords=("0000",),
        item_text=42,
        comment_text=46,
        payment_letters="PNCDIJKLijklmnopqr",
        cash_letter="P",
    ),
    "C": Model(
        name="DP-25",
        firmware="264205 12FEB19 1100",
        passwords=("1",),
        item_text=22,
        comment_text=46,
        payment_letters="PCNDIJKL",
        cash_letter="P",
    ),
}
_PAYMENT_SUMS: Mapping[str, str] = {"P": "PNDCIJKL", "C": "PDCNIJKL"}
"""Letters in the order of 6Eh: cash, credit, debit, cheque, p1 to p4."""
_STORNO_REASONS: Mapping[str, Mapping[str, str]] = {
    "P": {"E": "error", "R": "return", "T": "tax"},
    "C": {"0": "error", "1": "return", "2": "tax"},
}

_QUICK_S = 0.004
_WORK_S: Mapping[int, float] = {
    0x26: 0.10,
    0x27: 0.25,
    0x2A: 0.02,
    0x2C: 0.05,
    0x2D: 0.30,
    0x2E: 0.12,
    0x30: 0.12,
    0x31: 0.03,
    0x34: 0.03,
    0x35: 0.04,
    0x36: 0.02,
    0x38: 0.35,
    0x39: 0.10,
    0x3C: 0.25,
    0x45: 1.80,
    0x46: 0.30,
    0x6A: 0.05,
    0x6D: 0.60,
}
"""Seconds of mechanics by command: a thermal printer at some 100 mm/s, modest against the real thing."""


class ShortRegister:
    """Executes one command after another on the machine. DATA in, DATA and status out."""

    def __init__(self, register: Register, options: RegisterOptions) -> None:
        self.register = register
        self._options = options
        self._dialect = Dialect(options.dialect)
        self._last_error: tuple[int, Refusal, datetime] | None = None
        self._journal_lines: list[str] = []
        self._commands: Mapping[int, Callable[[str], str]] = {
            0x20: self._error_info,
            0x26: self._open_nonfiscal,
            0x27: self._close_nonfiscal,
            0x2A: self._nonfiscal_text,
            0x2C: self._feed,
            0x2D: self._feed,
            0x2E: self._open_storno,
            0x30: self._open_sale,
            0x31: self._sell,
            0x33: self._subtotal,
            0x34: self._sell,
            0x35: self._pay,
            0x36: self._comment,
            0x38: self._close,
            0x39: self._customer,
            0x3C: self._cancel,
            0x3D: self._set_clock,
            0x3E: self._read_clock,
            0x40: self._last_memory_record,
            0x44: self._free_records,
            0x45: self._report,
            0x46: self._cash,
            0x4C: self._transaction,
            0x5A: self._diagnostic,
            0x63: self._taxpayer,
            0x67: self._receipt_info,
            0x6A: self._drawer,
            0x6D: self._duplicate,
            0x6E: self._payment_sums,
            0x71: self._last_document,
            0x77: self._journal,
        }
        if options.qr:
            self._commands = {**self._commands, 0x74: self._qr}

    def execute(self, command: int, data: bytes) -> Answer:
        self.register.look_at_faults()
        reply, refused = b"", frozenset[StatusFlag]()
        try:
            if command == 0x4A:
                reply = self._status(refused)
            elif command not in self._commands:
                raise Refused(Refusal.INVALID_COMMAND)
            else:
                text = data.decode(CODE_PAGE, errors="replace")
                reply = self._commands[command](text).encode(CODE_PAGE, errors="replace")
        except LayoutError:
            refused = self._note(command, Refusal.SYNTAX)
        except Refused as refusal:
            refused = self._note(command, refusal.refusal)
        moves = self._options.real_speed and not refused
        work_s = _WORK_S.get(command, _QUICK_S) if moves else 0
        return Answer(reply, self._status(refused), work_s)

    def _status(self, refused: frozenset[StatusFlag]) -> bytes:
        flags = (self.register.flags() | refused) & flags_of(self._dialect)
        return encode_status(flags, self._dialect)

    def _note(self, command: int, refusal: Refusal) -> frozenset[StatusFlag]:
        self._last_error = (command, refusal, self.register.clock())
        return refusal.flags

    # --------------------------------------------------------------------------------------------------- receipts

    def _open_sale(self, data: str) -> str:
        opening = parse_opening(data)
        self.register.open_fiscal(
            "sale", opening.operator, opening.password, opening.till, unp=opening.unp, invoice=opening.invoice
        )
        return self._counts(opened=1)

    def _open_storno(self, data: str) -> str:
        storno = parse_storno(data, _STORNO_REASONS[self._options.dialect], self._options.dialect)
        opening = storno.opening
        self.register.open_fiscal(
            "return",
            opening.operator,
            opening.password,
            opening.till,
            unp=opening.unp,
            invoice=opening.invoice,
            original=storno.original,
        )
        day = self.register.day
        return f"{day.all_receipts + 1:04d},{day.counts['return'] + 1:04d}"

    def _sell(self, data: str) -> str:
        sale = parse_sale(data, self.register.decimals)
        lines = [text[: self.register.model.item_text] for text in sale.text.split("\n")]
        self.register.sell(
            "\n".join(lines),
            sale.price_minor,
            sale.quantity_milli,
            sale.tax,
            percent_hundredths=sale.percent_hundredths,
            surcharge_minor=sale.surcharge_minor,
            unit=sale.unit,
        )
        return ""

    def _subtotal(self, data: str) -> str:
        asked = parse_subtotal(data, self.register.decimals)
        receipt = self.register.subtotal(
            percent_hundredths=asked.percent_hundredths,
            surcharge_minor=asked.surcharge_minor,
            printed=asked.printed,
        )
        return ",".join(str(amount) for amount in (receipt.total_minor, *receipt.by_tax.values()))

    def _pay(self, data: str) -> str:
        payment = parse_payment(data, self.register.decimals)
        try:
            receipt = self.register.pay(payment.letter, payment.amount_minor)
        except Refused as refused:
            if refused.refusal is Refusal.NEGATIVE_SUM:
                return "E0"
            raise
        if receipt.change_minor:
            return f"R{receipt.change_minor}"
        return f"D{receipt.due_minor}"

    def _comment(self, data: str) -> str:
        self.register.comment(data[: self.register.model.comment_text])
        return ""

    def _customer(self, data: str) -> str:
        self.register.customer(data.replace("\t", " "))
        return ""

    def _close(self, data: str) -> str:
        self.register.close()
        return self._counts()

    def _cancel(self, data: str) -> str:
        self.register.cancel()
        return ""

    def _counts(self, opened: int = 0) -> str:
        """Receipts of the day; a document just opened counts as the one it will be."""
        day = self.register.day
        return f"{day.all_receipts + opened:04d},{day.fiscal_receipts + opened:04d}"

    def _open_nonfiscal(self, data: str) -> str:
        self.register.open_nonfiscal()
        return f"{self.register.day.all_receipts + 1:04d}"

    def _nonfiscal_text(self, data: str) -> str:
        self.register.nonfiscal_text(data[: self.register.model.comment_text])
        return ""

    def _close_nonfiscal(self, data: str) -> str:
        self.register.close_nonfiscal()
        return f"{self.register.day.all_receipts:04d}"

    def _duplicate(self, data: str) -> str:
        if data not in ("", "1"):
            raise LayoutError
        self.register.duplicate()
        return ""

    # ------------------------------------------------------------------------------------------- reports and cash

    def _report(self, data: str) -> str:
        """A trailing N keeps the operators' sums, which this register does not print anyway."""
        kind = data.removesuffix("N")
        if kind not in ("", "0", "2"):
            raise LayoutError
        record = self.register.x_report() if kind == "2" else self.register.z_report()
        net = [record["sales"]["by_tax"][tax] - record["returns"]["by_tax"][tax] for tax in TAX_GROUPS]
        return ",".join([f"{record['closure']:04d}", str(record["grand_total_minor"]), *map(str, net)])

    def _cash(self, data: str) -> str:
        try:
            amount = parse_decimal(data or "0", self.register.decimals)
        except ValueError as error:
            raise LayoutError from error
        code = "P"
        if amount:
            try:
                self.register.cash(amount)
            except Refused as refused:
                if refused.refusal is not Refusal.NO_CASH:
                    raise
                code = "F"
        day = self.register.day
        return f"{code},{day.cash_in_drawer_minor},{day.cash_in_minor},{day.cash_out_minor}"

    def _drawer(self, data: str) -> str:
        if data and not (data.isdecimal() and 5 <= int(data) <= 100):
            raise LayoutError
        self.register.open_drawer()
        return ""

    def _feed(self, data: str) -> str:
        if data and not data.isdecimal():
            raise LayoutError
        self.register.can_print()
        return ""

    # -------------------------------------------------------------------------------------------------- questions

    def _error_info(self, data: str) -> str:
        if data == "CLEAR":
            self._last_error = None
        if self._last_error is None:
            return f"0,0,{clock_text(self.register.clock())},"
        command, refusal, at = self._last_error
        return f"{command},{refusal.code},{clock_text(at)},{refusal.text}"

    def _set_clock(self, data: str) -> str:
        self.register.set_clock(parse_clock(data))
        return ""

    def _read_clock(self, data: str) -> str:
        return clock_text(self.register.clock())

    def _last_memory_record(self, data: str) -> str:
        """Sums of the last Z: 0 turnover by group, 1 the tax in it. The note does not say what * changes."""
        kind = data.removeprefix("*")
        if kind not in ("", "0", "1"):
            raise LayoutError
        record = self.register.last_closure
        if record is None:
            return "F"
        sums = [record["sales"]["by_tax"][tax] - record["returns"]["by_tax"][tax] for tax in TAX_GROUPS]
        if kind == "1":
            sums = [_tax_within(amount, rate) for amount, rate in zip(sums, self._options.tax_rates, strict=True)]
        date = datetime.fromisoformat(record["at"])
        return ",".join(["P", f"{record['closure']:04d}", *map(str, sums), f"{date:%d%m%y}"])

    def _free_records(self, data: str) -> str:
        return f"{self.register.free_records},{self.register.memory_records}"

    def _transaction(self, data: str) -> str:
        """The open fiscal receipt, else the last one; a cancelled one counts as empty."""
        if data not in ("", "T"):
            raise LayoutError
        receipt, last = self.register.receipt, self.register.last_fiscal
        fields = ("0", 0, 0, 0)
        if receipt is not None and receipt.is_fiscal:
            fields = ("1", len(receipt.lines), receipt.total_minor, receipt.paid_minor)
        elif last is not None and last["kind"] != "cancelled":
            paid = sum(payment["amount_minor"] for payment in last["payments"])
            fields = ("0", len(last["lines"]), last["total_minor"], paid)
        is_open, items, amount, paid = fields
        tender = f",{paid:+010d}" if data else ""
        return f"{is_open},{items:04d},{amount:+010d}{tender}"

    def _diagnostic(self, data: str) -> str:
        if data not in ("", "1", "*1"):
            raise LayoutError
        header = self.register.memory.header
        return ",".join(
            [header["model"], self.register.model.firmware, "B9C2", "00", header["serial"], header["fiscal_memory_no"]]
        )

    def _taxpayer(self, data: str) -> str:
        return "000000000,TAX NO."

    def _receipt_info(self, data: str) -> str:
        receipt = self.register.receipt
        if receipt is None or not receipt.is_fiscal:
            return ",".join(["0"] * 10) + ",0"
        can_void = "0" if receipt.payment_begun else "1"
        invoice = "1" if receipt.opening["invoice"] else "0"
        return ",".join([can_void, *map(str, receipt.by_tax.values()), invoice, "0"])

    def _payment_sums(self, data: str) -> str:
        day = self.register.day
        sums = [day.payments.get(letter, 0) for letter in _PAYMENT_SUMS[self._options.dialect]]
        return ",".join([*map(str, sums), f"{self.register.closure_no:04d}", f"{day.fiscal_receipts:04d}"])

    def _last_document(self, data: str) -> str:
        return f"{self.register.memory.last_number:07d}"

    def _qr(self, data: str) -> str:
        last, header = self.register.last_receipt, self.register.memory.header
        if last is None:
            raise Refused(Refusal.NO_SUCH_DOCUMENT)
        date, _, time = last["at"].partition("T")
        amount = decimal_text(last["total_minor"], self.register.decimals)
        return f"{header['fiscal_memory_no']}*{last['document']:07d}*{date}*{time}*{amount}"

    def _journal(self, data: str) -> str:
        """R,#F,n or R,n: first line of document n (with #F only when it is a fiscal one); N: next; P,n: print."""
        match = re.fullmatch(r"(?:R,(?P<fiscal>#F,)?|P,)(?P<number>\d{1,7})|N", data)
        if match is None:
            raise LayoutError
        if data != "N":
            record = self._journal_record(int(match["number"]), fiscal_only=bool(match["fiscal"]))
            if record is None:
                return "F"
            self._journal_lines = print_document(record, self.register.memory.header)
        if data.startswith("P"):
            self.register.can_print()
            return "P"
        return f"P,{self._journal_lines.pop(0)}" if self._journal_lines else "F"

    def _journal_record(self, number: int, *, fiscal_only: bool) -> Record | None:
        record = self.register.memory.read(number)
        if record is None or (fiscal_only and record["kind"] not in ("sale", "return")):
            return None
        return record


def _tax_within(amount_minor: int, rate_hundredths: int) -> int:
    """Tax inside a turnover that includes it."""
    return round_half_away(amount_minor * rate_hundredths, 10_000 + rate_hundredths)


def build(settings: Settings, now: Callable[[], datetime] = datetime.now) -> IslDevice:
    """The register, switched on."""
    kept = header_of(settings.state)
    stays = {"dialect": kept["dialect"]} if kept.get("dialect") in _MODELS else {}
    options = RegisterOptions.parse(
        stays | dict(settings.options), dialects=("P", "C"), serial="DT000600", fiscal_memory_no="02000600"
    )
    model = _MODELS[options.dialect].configured(password=options.password, cancelled_numbers=options.cancelled_numbers)
    register = switch_on(settings, options, model, now)
    return wire_up(register, options, SHORT, ShortRegister(register, options).execute)
