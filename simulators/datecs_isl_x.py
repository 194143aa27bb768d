"""Fiscal register of the Datecs X family: ISL long frames, a pseudo-terminal or a TCP port.

Command layouts of the protocol note "ISL", section 6, as the device reads and answers them; the machine behind them is
`_register`. Card payments through a pinpad (37h) are not simulated. Shares framing and checksum with our driver,
nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from edge.protocols.datecs_isl import CODE_PAGE, LONG, Dialect, StatusFlag, encode_status, flags_of
from simulators._register.arithmetic import decimal_text
from simulators._register.building import switch_on, wire_up
from simulators._register.faults import FAULTS
from simulators._register.long_fields import Fields, clock_text
from simulators._register.memory import Record
from simulators._register.options import RegisterOptions
from simulators._register.paper import print_document
from simulators._register.receipt import TAX_GROUPS
from simulators._register.refusals import Refusal, Refused
from simulators._register.register import Model, Register
from simulators._register.wire import Answer, IslDevice
from simulators.serving import Settings

__all__ = ["FAULTS", "build"]

_MODEL = Model(
    name="FP-700X",
    firmware="1.00BG",
    passwords=("0000", "1"),  # the published defaults, by firmware
    item_text=72,
    comment_text=46,
    payment_letters="012345",
    cash_letter="0",
    ram_reset_bit=False,
    battery_bit=False,
)
_FIRMWARE_DATE, _FIRMWARE_TIME = "30Jan19", "1112"
_STORNO_REASONS = ("error", "return", "tax")
_TAX_NUMBERS = "12345678"
_ALL_KINDS, _ALL_FISCAL = 0, 10
_PINPAD_TEXTS = {
    "-111509": "pinpad timeout",
    "-111518": "cancelled by user",
    "-111560": "pinpad: paid at the bank perhaps, not registered here",
    **dict.fromkeys(
        ("-111512", "-111546", "-111550", "-111555", "-111557", "-111558", "-111561"), "pinpad communication error"
    ),
}
"""Codes that the protocol note names, though no pinpad is simulated: hosts ask for their text."""
_FISCAL_TYPES = (1, 3, 6, 7)

_QUICK_S = 0.004
_WORK_S: Mapping[int, float] = {
    0x26: 0.10,
    0x27: 0.25,
    0x2A: 0.02,
    0x2B: 0.12,
    0x2C: 0.05,
    0x2E: 0.30,
    0x30: 0.12,
    0x31: 0.03,
    0x35: 0.04,
    0x36: 0.02,
    0x38: 0.35,
    0x3C: 0.25,
    0x45: 1.80,
    0x46: 0.30,
    0x6A: 0.05,
    0x6D: 0.60,
}
"""Seconds of mechanics by command: a thermal printer at some 100 mm/s, modest against the real thing."""


class LongRegister:
    """Executes one command after another on the machine. DATA in, DATA and status out."""

    def __init__(self, register: Register, options: RegisterOptions) -> None:
        self.register = register
        self._options = options
        self._journal_lines: list[str] = []
        self._csv_lines: list[str] = []
        self._commands: Mapping[int, Callable[[str], Iterable[object]]] = {
            0x26: self._open_nonfiscal,
            0x27: self._close_nonfiscal,
            0x2A: self._nonfiscal_text,
            0x2B: self._open_storno,
            0x2C: self._feed,
            0x2E: self._feed,
            0x30: self._open_sale,
            0x31: self._sell,
            0x33: self._subtotal,
            0x35: self._pay,
            0x36: self._comment,
            0x38: self._close,
            0x3C: self._cancel,
            0x3D: self._set_clock,
            0x3E: self._read_clock,
            0x45: self._report,
            0x46: self._cash,
            0x4C: self._transaction,
            0x5A: self._diagnostic,
            0x63: self._taxpayer,
            0x64: self._error_text,
            0x67: self._receipt_info,
            0x6A: self._drawer,
            0x6D: self._duplicate,
            0x7B: self._device_info,
            0x7C: self._find_documents,
            0x7D: self._journal,
        }

    def execute(self, command: int, data: bytes) -> Answer:
        self.register.look_at_faults()
        refused: frozenset[StatusFlag] = frozenset()
        try:
            if command == 0x4A:
                reply = b"0\t" + self._status(refused) + b"\t"
            elif command not in self._commands:
                raise Refused(Refusal.INVALID_COMMAND)
            else:
                fields = self._commands[command](data.decode(CODE_PAGE, errors="replace"))
                reply = "".join(f"{field}\t" for field in (0, *fields)).encode(CODE_PAGE, errors="replace")
        except Refused as refusal:
            refused = refusal.refusal.flags
            reply = f"{refusal.refusal.code}\t".encode()
        moves = self._options.real_speed and not refused
        work_s = _WORK_S.get(command, _QUICK_S) if moves else 0
        return Answer(reply, self._status(refused), work_s)

    def _status(self, refused: frozenset[StatusFlag]) -> bytes:
        flags = (self.register.flags() | refused) & flags_of(Dialect.DATECS_X)
        return encode_status(flags, Dialect.DATECS_X)

    def _fields(self, data: str, at_most: int) -> Fields:
        return Fields(data, at_most, self.register.decimals)

    def _money(self, amount_minor: int) -> str:
        return decimal_text(amount_minor, self.register.decimals)

    @property
    def _slip(self) -> int:
        """Number of the open document, else of the last one."""
        return self.register.memory.last_number + (self.register.receipt is not None)

    # --------------------------------------------------------------------------------------------------- receipts

    def _open_sale(self, data: str) -> Iterable[object]:
        """`op,pwd,till,invoice` or `op,pwd,UNP,till,invoice`."""
        fields = self._fields(data, 5)
        unp = fields.unp(2) if len(fields) == 5 else None
        fields = fields.without(2) if len(fields) == 5 else fields
        invoice = self._flag(fields, 3)
        till = str(fields.number(2))
        self.register.open_fiscal("sale", fields.number(0), fields.text(1), till, unp=unp, invoice=invoice)
        return [self._slip]

    def _open_storno(self, data: str) -> Iterable[object]:
        """`op,pwd,till,storno,docNum,time,FM,invoice,toInvoice,reason,UNP`."""
        fields = self._fields(data, 11)
        original = {
            "document_no": str(fields.number(4)),
            "at": fields.moment(5).isoformat() if fields.text(5) else None,
            "fiscal_memory_no": fields.text(6) or None,
            "reason": _STORNO_REASONS[int(fields.one_of(3, "012"))],
            "unp": fields.unp(10),
            "text": fields.text(9) or None,
        }
        self.register.open_fiscal(
            "return",
            fields.number(0),
            fields.text(1),
            str(fields.number(2)),
            invoice=self._flag(fields, 7),
            original=original,
        )
        return [self._slip]

    def _flag(self, fields: Fields, at: int) -> bool:
        return fields.one_of(at, "01I", default="0") != "0"

    def _sell(self, data: str) -> Iterable[object]:
        fields = self._fields(data, 8)
        percent, surcharge = self._change(fields, 4)
        self.register.sell(
            fields.text(0)[: self.register.model.item_text],
            fields.amount(2),
            fields.quantity(3),
            TAX_GROUPS[_TAX_NUMBERS.index(fields.one_of(1, _TAX_NUMBERS))],
            percent_hundredths=percent,
            surcharge_minor=surcharge,
            unit=fields.text(7),
        )
        return [self._slip]

    def _change(self, fields: Fields, at: int) -> tuple[int, int]:
        """(percent, sum) of discount type and value: 1 +%, 2 -%, 3 +sum, 4 -sum."""
        kind = fields.one_of(at, "01234", default="0")
        if kind == "0":
            return 0, 0
        sign = 1 if kind in "13" else -1
        if kind in "12":
            return sign * fields.percent(at + 1), 0
        return 0, sign * fields.amount(at + 1)

    def _subtotal(self, data: str) -> Iterable[object]:
        fields = self._fields(data, 4)
        percent, surcharge = self._change(fields, 2)
        receipt = self.register.subtotal(
            percent_hundredths=percent, surcharge_minor=surcharge, printed=self._flag(fields, 0)
        )
        return [self._slip, *map(self._money, (receipt.total_minor, *receipt.by_tax.values()))]

    def _pay(self, data: str) -> Iterable[object]:
        """`mode,amount,type`; no amount pays what is due, no mode pays cash."""
        fields = self._fields(data, 3)
        mode = fields.one_of(0, self.register.model.payment_letters, default="0")
        receipt = self.register.pay(mode, fields.amount(1) if fields.text(1) else None)
        if receipt.change_minor:
            return ["R", self._money(receipt.change_minor)]
        return ["D", self._money(receipt.due_minor)]

    def _comment(self, data: str) -> Iterable[object]:
        self.register.comment(self._fields(data, 6).text(0)[: self.register.model.comment_text])
        return []

    def _close(self, data: str) -> Iterable[object]:
        return [self.register.close()["document"]]

    def _cancel(self, data: str) -> Iterable[object]:
        self.register.cancel()
        return []

    def _open_nonfiscal(self, data: str) -> Iterable[object]:
        self.register.open_nonfiscal()
        return [self._slip]

    def _nonfiscal_text(self, data: str) -> Iterable[object]:
        self.register.nonfiscal_text(self._fields(data, 6).text(0)[: self.register.model.comment_text])
        return []

    def _close_nonfiscal(self, data: str) -> Iterable[object]:
        return [self.register.close_nonfiscal()["document"]]

    def _duplicate(self, data: str) -> Iterable[object]:
        self.register.duplicate()
        return []

    # ------------------------------------------------------------------------------------------- reports and cash

    def _report(self, data: str) -> Iterable[object]:
        """X, D (departments) and G (groups) only print; Z closes the day."""
        kind = self._fields(data, 1).one_of(0, "XZDG")
        record = self.register.z_report() if kind == "Z" else self.register.x_report()
        sums = [record[part]["by_tax"][tax] for part in ("sales", "returns") for tax in TAX_GROUPS]
        return [record["closure"], *map(self._money, sums)]

    def _cash(self, data: str) -> Iterable[object]:
        fields = self._fields(data, 2)
        sign = 1 if fields.one_of(0, "01", default="0") == "0" else -1
        amount = fields.amount(1, default="0")
        if amount < 0:
            raise Refused(Refusal.SYNTAX)
        if amount:
            self.register.cash(sign * amount)
        day = self.register.day
        return map(self._money, (day.cash_in_drawer_minor, day.cash_in_minor, day.cash_out_minor))

    def _drawer(self, data: str) -> Iterable[object]:
        fields = self._fields(data, 1)
        if fields.text(0) and not 5 <= fields.number(0) <= 100:
            raise Refused(Refusal.SYNTAX)
        self.register.open_drawer()
        return []

    def _feed(self, data: str) -> Iterable[object]:
        fields = self._fields(data, 1)
        if fields.text(0):
            fields.number(0)
        self.register.can_print()
        return []

    # -------------------------------------------------------------------------------------------------- questions

    def _set_clock(self, data: str) -> Iterable[object]:
        self.register.set_clock(self._fields(data, 1).moment(0))
        return []

    def _read_clock(self, data: str) -> Iterable[object]:
        return [clock_text(self.register.clock())]

    def _transaction(self, data: str) -> Iterable[object]:
        """The open fiscal receipt, else the last one; a cancelled one counts as empty."""
        receipt, last = self.register.receipt, self.register.last_fiscal
        if receipt is not None and receipt.is_fiscal:
            original = receipt.opening["original"]
            is_open = 2 + _STORNO_REASONS.index(original["reason"]) if original else 1
            sums = (receipt.total_minor, receipt.paid_minor)
            return [is_open, self._slip, len(receipt.lines), *map(self._money, sums)]
        last_no = self.register.memory.last_number
        if last is None or last["kind"] == "cancelled":
            return [0, last_no, 0, self._money(0), self._money(0)]
        paid = sum(payment["amount_minor"] for payment in last["payments"])
        return [0, last_no, len(last["lines"]), self._money(last["total_minor"]), self._money(paid)]

    def _diagnostic(self, data: str) -> Iterable[object]:
        header, firmware = self.register.memory.header, self.register.model.firmware
        identity = (header["serial"], header["fiscal_memory_no"])
        return [header["model"], firmware, _FIRMWARE_DATE, _FIRMWARE_TIME, "B9C2", "00000000", *identity]

    def _taxpayer(self, data: str) -> Iterable[object]:
        return ["000000000"]

    def _error_text(self, data: str) -> Iterable[object]:
        asked = self._fields(data, 1).text(0)
        texts = {str(refusal.code): refusal.text for refusal in Refusal} | _PINPAD_TEXTS
        if asked not in texts:
            raise Refused(Refusal.SYNTAX)
        return [asked, texts[asked]]

    def _receipt_info(self, data: str) -> Iterable[object]:
        receipt = self.register.receipt
        if receipt is None or not receipt.is_fiscal:
            return [*[self._money(0)] * 8, 0, 0, 0]
        invoice = int(receipt.opening["invoice"])
        return [*map(self._money, receipt.by_tax.values()), invoice, 0, int(receipt.kind == "return")]

    def _device_info(self, data: str) -> Iterable[object]:
        """1: serial numbers; 2: battery, volts; 3: last receipt of the day, its time, last Z, its date."""
        kind = self._fields(data, 1).one_of(0, "123")
        header, register = self.register.memory.header, self.register
        if kind == "1":
            return [header["serial"], header["fiscal_memory_no"]]
        if kind == "2":
            return ["7.40", "mains"]
        last, closure = register.last_receipt, register.last_closure
        at = f"{datetime.fromisoformat(last['at']):%d-%m-%Y %H:%M:%S}" if last else ""
        closed_at = f"{datetime.fromisoformat(closure['at']):%d-%m-%Y}" if closure else ""
        return [register.day.fiscal_receipts, at, register.closure_no, closed_at]

    def _find_documents(self, data: str) -> Iterable[object]:
        """First and last document of a type within a time."""
        fields = self._fields(data, 3)
        start, end, kind = fields.moment(0), fields.moment(1), fields.number(2)
        found = [
            record["document"]
            for record in self.register.memory.records()
            if start <= datetime.fromisoformat(record["at"]) <= end and _is_of_type(record, kind)
        ]
        if not found:
            raise Refused(Refusal.NO_SUCH_DOCUMENT)
        return [clock_text(start), clock_text(end), found[0], found[-1]]

    def _journal(self, data: str) -> Iterable[object]:
        """0 select, 1 next line, 2 next line in base64, 3 print, 9 select for CSV, 8 next CSV line."""
        fields = self._fields(data, 3)
        option = fields.one_of(0, "012389")
        if option == "0":
            return self._select(fields.number(1), fields.number(2))
        if option == "9":
            self._csv_lines = list(self._csv(fields.number(1), fields.number(2)))
            return []
        if option == "3":
            self.register.can_print()
            return []
        lines = self._csv_lines if option == "8" else self._journal_lines
        if not lines:
            raise Refused(Refusal.NO_SUCH_DOCUMENT)
        line = lines.pop(0)
        return [base64.b64encode(line.encode(CODE_PAGE, errors="replace")).decode() if option == "2" else line]

    def _select(self, number: int, kind: int) -> Iterable[object]:
        record = self.register.memory.read(number)
        if record is None or not _is_of_type(record, kind):
            raise Refused(Refusal.NO_SUCH_DOCUMENT)
        self._journal_lines = print_document(record, self.register.memory.header)
        at = clock_text(datetime.fromisoformat(record["at"]))
        return [record["document"], at, _type_of(record), record["closure"]]

    def _csv(self, first: int, last: int) -> Iterable[str]:
        """`serial,type,docNo,UNP,item,price,qty,sum,total`, a line per sale line."""
        serial = self.register.memory.header["serial"]
        for number in range(first, min(last, self.register.memory.last_number) + 1):
            record = self.register.memory.read(number)
            if record is None or "lines" not in record:
                continue
            head = f"{serial};{_type_of(record)};{number};{record['unp'] or ''}"
            for line in record["lines"]:
                money = (line["price_minor"], line["amount_minor"], record["total_minor"])
                price, amount, total = map(self._money, money)
                quantity = decimal_text(line["quantity_milli"], 3)
                yield f"{head};{line['text']};{price};{quantity};{amount};{total}"


def _type_of(record: Record) -> int:
    """Document type of commands 7Ch and 7Dh."""
    invoice = bool(record.get("invoice"))
    types = {
        "sale": 3 if invoice else 1,
        "return": 7 if invoice else 6,
        "z": 2,
        "nonfiscal": 4,
        "duplicate": 4,
        "cash": 5,
        "cancelled": 8,
        "x": 9,
    }
    return types[record["kind"]]


def _is_of_type(record: Record, kind: int) -> bool:
    found = _type_of(record)
    return kind in (_ALL_KINDS, found) or (kind == _ALL_FISCAL and found in _FISCAL_TYPES)


def build(settings: Settings, now: Callable[[], datetime] = datetime.now) -> IslDevice:
    """The register, switched on."""
    options = RegisterOptions.parse(settings.options, dialects=("X",), serial="DT000700", fiscal_memory_no="02000700")
    model = _MODEL.configured(password=options.password, cancelled_numbers=options.cancelled_numbers)
    register = switch_on(settings, options, model, now)
    return wire_up(register, options, LONG, LongRegister(register, options).execute)
