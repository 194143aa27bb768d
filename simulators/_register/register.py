"""The register itself: which command is allowed when, what it changes, which number it takes.

Speaks neither short nor long frames: family modules parse commands and call these methods, which return plain values or
raise Refused. A refused command has changed nothing. A closed document is in fiscal memory before its method returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from edge.protocols.datecs_isl import HEALTHY, StatusFlag
from simulators._register.arithmetic import portion
from simulators._register.day import DayTotals
from simulators._register.faults import Faults
from simulators._register.memory import FiscalMemory, Record
from simulators._register.paper import print_document
from simulators._register.ram import Entry, Ram
from simulators._register.receipt import Receipt, adjustment_entry, gross_amount, line_entry
from simulators._register.refusals import Refusal, Refused

__all__ = ["Model", "Register"]

_MEMORY_RECORDS = 1825
"""Z reports that fit into fiscal memory: five years of days."""
_NEAR_FULL_RECORDS = 50
_LINES_PER_RECEIPT = 512
_WRONG_PASSWORDS = 3
_AMOUNT_MAX = 9_999_999_999
"""Largest sum of a document, minor units: ten digits on paper."""
_OPERATORS = range(1, 31)

_FLAG_OF_FAULT = {
    "paper-out": StatusFlag.PAPER_OUT,
    "paper-near-end": StatusFlag.PAPER_NEAR_END,
    "cover-open": StatusFlag.COVER_OPEN,
    "print-mechanism": StatusFlag.PRINT_MECHANISM,
    "overheated": StatusFlag.OVERHEATED,
    "clock-battery-low": StatusFlag.CLOCK_BATTERY_LOW,
    "tax-terminal": StatusFlag.TAX_TERMINAL,
    "fm-full": StatusFlag.MEMORY_FULL,
    "fm-near-full": StatusFlag.MEMORY_NEAR_FULL,
    "fm-write-error": StatusFlag.MEMORY_WRITE_ERROR,
    "fm-read-only": StatusFlag.MEMORY_READ_ONLY,
    "journal-full": StatusFlag.JOURNAL_FULL,
    "journal-near-full": StatusFlag.JOURNAL_NEAR_FULL,
}
_STOPS_PRINTING = {
    StatusFlag.PAPER_OUT: Refusal.PAPER_OUT,
    StatusFlag.COVER_OPEN: Refusal.COVER_OPEN,
    StatusFlag.PRINT_MECHANISM: Refusal.PRINT_MECHANISM,
}
_STOPS_RECEIPTS = {
    StatusFlag.CLOCK_BATTERY_LOW: Refusal.CLOCK_BATTERY,
    StatusFlag.MEMORY_FULL: Refusal.MEMORY_FULL,
    StatusFlag.MEMORY_WRITE_ERROR: Refusal.MEMORY_WRITE,
    StatusFlag.MEMORY_READ_ONLY: Refusal.MEMORY_READ_ONLY,
}
"""Bits marked # or * in the note: a host takes a dataless reply with one of them for a refusal, so it must be one."""
_STOPS_OPENING = {
    StatusFlag.CLOCK_NOT_SET: Refusal.CLOCK_NOT_SET,
    StatusFlag.RAM_RESET: Refusal.RAM_RESET,
    StatusFlag.JOURNAL_FULL: Refusal.JOURNAL_FULL,
}
_STOPS_REPORTS = {
    StatusFlag.CLOCK_NOT_SET: Refusal.CLOCK_NOT_SET,
    StatusFlag.MEMORY_FULL: Refusal.MEMORY_FULL,
    StatusFlag.MEMORY_WRITE_ERROR: Refusal.MEMORY_WRITE,
    StatusFlag.MEMORY_READ_ONLY: Refusal.MEMORY_READ_ONLY,
}


@dataclass(frozen=True)
class Model:
    """What tells one model from another."""

    name: str
    firmware: str
    passwords: tuple[str, ...]
    """Any of them opens a receipt."""
    item_text: int
    comment_text: int
    payment_letters: str
    cash_letter: str
    ram_reset_bit: bool = True
    """Whether the model can say that its RAM was reset; without the bit it just goes on."""
    battery_bit: bool = True
    """Whether the model can say that its clock battery is low; without the bit it just goes on."""
    cancelled_numbers: bool = True
    """Whether a cancelled document takes a document number (and a record)."""

    def configured(self, *, password: str | None, cancelled_numbers: bool) -> Model:
        """The same model with another password."""
        passwords = (password,) if password else self.passwords
        return replace(self, passwords=passwords, cancelled_numbers=cancelled_numbers)


@dataclass
class Register:
    model: Model
    memory: FiscalMemory
    ram: Ram
    faults: Faults
    now: Callable[[], datetime]
    """The machine's local time, without zone; the register's clock is this plus an offset."""
    paper: Path | None = None
    """Folder for printed documents, receipt-<number>.txt each."""

    receipt: Receipt | None = field(init=False, default=None)
    day: DayTotals = field(init=False)
    last_fiscal: Record | None = field(init=False, default=None)
    """The last document that was opened as a fiscal one, cancelled or not."""
    last_receipt: Record | None = field(init=False, default=None)
    """The last sale or return."""
    last_closure: Record | None = field(init=False, default=None)
    _closed_turnover: int = field(init=False, default=0)
    _duplicated: bool = field(init=False, default=False)
    _wrong_passwords: int = field(init=False, default=0)
    _ram_reset: bool = field(init=False, default=False)
    _clock_lost: bool = field(init=False, default=False)
    _faults_seen: frozenset[str] = field(init=False, default=frozenset())
    _paper_ended: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.day = DayTotals(self.model.cash_letter)
        for record in self.memory.records():
            self._count(record)
        if self.ram.entries:
            self._resume()
        self.look_at_faults()

    # ------------------------------------------------------------------------------------------------- conditions

    @property
    def decimals(self) -> int:
        return int(self.memory.header["currency_decimals"])

    @property
    def closure_no(self) -> int:
        """Number of the last Z report, 0 before the first."""
        return self.last_closure["closure"] if self.last_closure else 0

    @property
    def grand_total_minor(self) -> int:
        """Turnover in fiscal memory since the register's first day, net of returns, today included."""
        return self._closed_turnover + self.day.turnover_minor

    @property
    def free_records(self) -> int:
        return 0 if self.faults.on("fm-full") else max(_MEMORY_RECORDS - self.closure_no, 0)

    @property
    def memory_records(self) -> int:
        return _MEMORY_RECORDS

    def look_at_faults(self) -> None:
        """Take up faults that change the register's own state; called before every command."""
        seen = frozenset(fault for fault in ("ram-lost", "clock-not-set") if self.faults.on(fault))
        new, self._faults_seen = seen - self._faults_seen, seen
        if "ram-lost" in new:
            self.receipt = None
            self.ram.clear()
            self._ram_reset = self.model.ram_reset_bit
        if "clock-not-set" in new:
            self._clock_lost = True
        if not self.faults.on("paper-out-mid-receipt"):
            self._paper_ended = False

    def end_paper(self) -> None:
        self._paper_ended = True

    def flags(self) -> set[StatusFlag]:
        flags = {flag for fault, flag in _FLAG_OF_FAULT.items() if self.faults.on(fault)} | HEALTHY
        if not self.model.battery_bit:
            flags.discard(StatusFlag.CLOCK_BATTERY_LOW)
        if self._paper_ended:
            flags.add(StatusFlag.PAPER_OUT)
        if self._clock_lost:
            flags.add(StatusFlag.CLOCK_NOT_SET)
        if self._ram_reset:
            flags.add(StatusFlag.RAM_RESET)
        if self.free_records == 0:
            flags.add(StatusFlag.MEMORY_FULL)
        if self.free_records < _NEAR_FULL_RECORDS:
            flags.add(StatusFlag.MEMORY_NEAR_FULL)
        if self.receipt is not None:
            flags.add(StatusFlag.FISCAL_OPEN if self.receipt.is_fiscal else StatusFlag.NON_FISCAL_OPEN)
            if self.receipt.kind == "return":
                flags.add(StatusFlag.STORNO_OPEN)
        return flags

    def _require(self, *tables: dict[StatusFlag, Refusal]) -> None:
        flags = self.flags()
        for table in tables:
            for flag, refusal in table.items():
                if flag in flags:
                    raise Refused(refusal)

    def can_print(self) -> None:
        self._require(_STOPS_PRINTING)

    def _can_go_on(self) -> None:
        """Whether a step of a fiscal receipt may be taken."""
        self._require(_STOPS_PRINTING, _STOPS_RECEIPTS)

    def _idle(self) -> None:
        if self.receipt is not None:
            raise Refused(Refusal.DOCUMENT_OPEN)

    def _fiscal(self) -> Receipt:
        if self.receipt is None or not self.receipt.is_fiscal:
            raise Refused(Refusal.NO_DOCUMENT)
        return self.receipt

    # ---------------------------------------------------------------------------------------------------- receipts

    def open_fiscal(
        self,
        kind: str,
        operator: int,
        password: str,
        till: str,
        *,
        original: Record | None = None,
        unp: str | None = None,
        invoice: bool = False,
    ) -> None:
        """kind is sale or return. Three wrong passwords lock the register until it is switched off and on."""
        self._idle()
        self._require(_STOPS_PRINTING, _STOPS_RECEIPTS, _STOPS_OPENING)
        self._authorise(operator, password)
        self._open(kind, str(operator), till, original=original, unp=unp, invoice=invoice)

    def _authorise(self, operator: int, password: str) -> None:
        if self._wrong_passwords >= _WRONG_PASSWORDS:
            raise Refused(Refusal.OPERATOR_LOCKED)
        if operator not in _OPERATORS or password not in self.model.passwords:
            self._wrong_passwords += 1
            raise Refused(Refusal.WRONG_PASSWORD)
        self._wrong_passwords = 0

    def _open(self, kind: str, operator: str, till: str, **facts: object) -> None:
        opening: Entry = {
            "do": "open",
            "kind": kind,
            "operator": operator,
            "till": till,
            "after_document": self.memory.last_number,
            **facts,
        }
        self.ram.append(opening)
        self.receipt = Receipt(opening)

    def sell(
        self,
        text: str,
        price_minor: int,
        quantity_milli: int,
        tax: str,
        *,
        percent_hundredths: int = 0,
        surcharge_minor: int = 0,
        unit: str = "",
    ) -> None:
        """One line. A negative price voids; percent and surcharge are negative for a discount."""
        receipt = self._fiscal()
        self._can_go_on()
        if receipt.payment_begun:
            raise Refused(Refusal.PAYMENT_BEGUN)
        if len(receipt.lines) >= _LINES_PER_RECEIPT:
            raise Refused(Refusal.TOO_MANY_LINES)
        gross = gross_amount(price_minor, quantity_milli)
        discount = -(portion(gross, percent_hundredths) + surcharge_minor)
        entry = line_entry(text, price_minor, quantity_milli, discount, tax, unit)
        self._within_bounds(receipt.by_tax[tax] + entry["amount_minor"])
        if price_minor >= 0 and entry["amount_minor"] < 0:
            raise Refused(Refusal.NEGATIVE_SUM)
        self._within_bounds(receipt.total_minor + entry["amount_minor"])
        self._step(receipt, entry)
        mid_receipt = len(receipt.lines) == 2 and not self.faults.are_placed
        if mid_receipt and self.faults.on("paper-out-mid-receipt"):
            self.end_paper()

    def _within_bounds(self, amount: int) -> None:
        if amount < 0:
            raise Refused(Refusal.NEGATIVE_SUM)
        if amount > _AMOUNT_MAX:
            raise Refused(Refusal.AMOUNT_OVERFLOW)

    def subtotal(self, *, percent_hundredths: int = 0, surcharge_minor: int = 0, printed: bool = False) -> Receipt:
        """The open receipt with its sums, after a discount (negative) or surcharge on the subtotal, if any."""
        receipt = self._fiscal()
        if receipt.payment_begun:
            raise Refused(Refusal.PAYMENT_BEGUN)
        amount = portion(receipt.total_minor, percent_hundredths) + surcharge_minor
        if printed or amount:
            self._can_go_on()
        if amount:
            self._within_bounds(receipt.total_minor + amount)
            if receipt.total_minor == 0:
                raise Refused(Refusal.NOT_ALLOWED)
            self._step(receipt, adjustment_entry(receipt, amount))
        return receipt

    def comment(self, text: str) -> None:
        receipt = self._fiscal()
        self._can_go_on()
        self._step(receipt, {"do": "comment", "text": text})

    def customer(self, text: str) -> None:
        receipt = self._fiscal()
        self._can_go_on()
        self._step(receipt, {"do": "customer", "text": text})

    def pay(self, letter: str, amount_minor: int | None) -> Receipt:
        """Register a payment; None pays what is due. The receipt then knows what is due or the change."""
        receipt = self._fiscal()
        self._can_go_on()
        if letter not in self.model.payment_letters:
            raise Refused(Refusal.SYNTAX)
        if receipt.payment_begun and not receipt.due_minor:
            raise Refused(Refusal.NOT_ALLOWED)
        amount = receipt.due_minor if amount_minor is None else amount_minor
        if amount < 0 or (amount == 0 and receipt.due_minor):
            raise Refused(Refusal.NEGATIVE_SUM)
        if amount > _AMOUNT_MAX:
            raise Refused(Refusal.AMOUNT_OVERFLOW)
        self._step(receipt, {"do": "pay", "letter": letter, "amount_minor": amount})
        return receipt

    def _step(self, receipt: Receipt, entry: Entry) -> None:
        self.ram.append(entry)
        receipt.apply(entry)

    def close(self) -> Record:
        receipt = self._fiscal()
        self._can_go_on()
        if receipt.due_minor:
            raise Refused(Refusal.NOT_PAID)
        return self._finish(receipt, receipt.kind)

    def cancel(self) -> None:
        receipt = self._fiscal()
        self._can_go_on()
        if receipt.payment_begun:
            raise Refused(Refusal.PAYMENT_BEGUN)
        if self.model.cancelled_numbers:
            self._finish(receipt, "cancelled")
        else:
            self.receipt = None
            self.ram.clear()

    def open_nonfiscal(self) -> None:
        self._idle()
        self.can_print()
        self._open("nonfiscal", "", "", original=None, unp=None, invoice=False)

    def nonfiscal_text(self, text: str) -> None:
        receipt = self._nonfiscal()
        self.can_print()
        self._step(receipt, {"do": "comment", "text": text})

    def close_nonfiscal(self) -> Record:
        receipt = self._nonfiscal()
        self.can_print()
        return self._finish(receipt, receipt.kind)

    def _nonfiscal(self) -> Receipt:
        if self.receipt is None or self.receipt.is_fiscal:
            raise Refused(Refusal.NO_DOCUMENT)
        return self.receipt

    def _finish(self, receipt: Receipt, kind: str) -> Record:
        opening = receipt.opening
        record = self._write(
            kind,
            total_minor=receipt.total_minor,
            total_by_tax={tax: amount for tax, amount in receipt.by_tax.items() if amount},
            lines=receipt.lines,
            adjustments=receipt.adjustments,
            payments=receipt.payments,
            change_minor=receipt.change_minor,
            comments=receipt.comments,
            comment_after=receipt.comment_after,
            original=opening["original"],
            operator=opening["operator"],
            till=opening["till"],
            unp=opening["unp"],
            invoice=opening["invoice"],
            customer=receipt.customer,
            power_losses=receipt.power_losses,
        )
        self.receipt = None
        self.ram.clear()
        return record

    def _resume(self) -> None:
        """Take up the document that stood open when the power went.

        When fiscal memory has grown since it was opened, it was closed in the last moment: nothing is open.
        """
        receipt = Receipt.from_entries(self.ram.entries)
        if receipt.opening["after_document"] != self.memory.last_number:
            self.ram.clear()
            return
        self._step(receipt, {"do": "power-loss"})
        self.receipt = receipt

    # ------------------------------------------------------------------------------------------- reports and cash

    def x_report(self) -> Record:
        self._idle()
        self._require(_STOPS_PRINTING, {StatusFlag.CLOCK_NOT_SET: Refusal.CLOCK_NOT_SET})
        return self._write(
            "x",
            total_minor=self.day.turnover_minor,
            **self.day.report(),
            grand_total_minor=self.grand_total_minor,
        )

    def z_report(self) -> Record:
        self._idle()
        self._require(_STOPS_PRINTING, _STOPS_REPORTS)
        record = self._write(
            "z",
            total_minor=self.day.turnover_minor,
            **self.day.report(),
            grand_total_minor=self.grand_total_minor,
        )
        self._ram_reset = False
        return record

    def cash(self, amount_minor: int) -> None:
        """Service cash in (> 0) or out (< 0)."""
        self._idle()
        self._require(_STOPS_PRINTING)
        drawer = self.day.cash_in_drawer_minor + amount_minor
        if amount_minor < 0 and drawer < 0:
            raise Refused(Refusal.NO_CASH)
        self._write("cash", total_minor=amount_minor, cash_in_drawer_minor=drawer)

    def duplicate(self) -> None:
        """The one permitted copy of the last receipt."""
        self._idle()
        self._require(_STOPS_PRINTING)
        last = self.last_fiscal
        if last is None or last["kind"] == "cancelled" or self._duplicated:
            raise Refused(Refusal.NO_DUPLICATE)
        copied = {name: last[name] for name in last if name not in ("document", "kind", "at", "closure")}
        self._write("duplicate", **{**copied, "original": {"document": last["document"]}})

    def open_drawer(self) -> None:
        """Takes no number. The only trace is a line in drawer.txt beside the paper."""
        if self.paper is not None:
            with (self.paper / "drawer.txt").open("a", encoding="utf-8") as file:
                file.write(f"{self.clock().isoformat()}\n")

    # ------------------------------------------------------------------------------------------------------ clock

    def clock(self) -> datetime:
        return (self.now() + timedelta(seconds=self.ram.clock_offset_s)).replace(microsecond=0)

    def set_clock(self, wanted: datetime) -> None:
        self._idle()
        last = self.memory.read(self.memory.last_number)
        if last is not None and wanted < datetime.fromisoformat(last["at"]):
            raise Refused(Refusal.CLOCK_BACKWARDS)
        self.ram.set_clock(round((wanted - self.now().replace(microsecond=0)).total_seconds()))
        self._ram_reset = self._clock_lost = False

    # ----------------------------------------------------------------------------------------------------- memory

    def _write(self, kind: str, **facts: object) -> Record:
        record = {
            "document": self.memory.last_number + 1,
            "kind": kind,
            "at": self.clock().isoformat(),
            "closure": self.closure_no + 1,
            **facts,
        }
        self.memory.append(record)
        self._count(record)
        if self.paper is not None:
            lines = print_document(record, self.memory.header)
            path = self.paper / f"receipt-{record['document']}.txt"
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return record

    def _count(self, record: Record) -> None:
        """Bring the running sums to the record just written, or read again at start."""
        if record["kind"] == "z":
            self.last_closure = record
            self._closed_turnover += record["total_minor"]
            self.day = DayTotals(self.model.cash_letter)
            return
        self.day.add(record)
        if record["kind"] in ("sale", "return", "cancelled"):
            self.last_fiscal = record
            self._duplicated = False
        if record["kind"] in ("sale", "return"):
            self.last_receipt = record
        if record["kind"] == "duplicate":
            self._duplicated = True
