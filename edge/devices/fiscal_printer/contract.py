"""What the branch may ask of a FiscalPrinter (UnifiedPOS category), whatever its maker and country.

Drivers translate these words into their family's commands; the fiscal engine (`edge.checkout.fiscal_engine`) decides
when to print, and after a doubt whether to adopt, finish, cancel or repeat. Drivers never decide that.
The rule that must never break: a method that may have printed and does not know raises OutcomeUnknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

__all__ = [
    "CashTotals",
    "DocumentKind",
    "DocumentPosition",
    "FiscalLine",
    "FiscalPayment",
    "FiscalPrinter",
    "FiscalReceipt",
    "FiscalReference",
    "OpenDocument",
    "OriginalReceipt",
    "PaymentForm",
    "RegisterCondition",
    "RegisterIdentity",
    "RegisterLimits",
    "ReportResult",
]


class PaymentForm(StrEnum):
    """Forms of payment that a register must tell apart. The driver maps them to its family's letters."""

    CASH = "cash"
    CARD = "card"
    CREDIT = "credit"
    VOUCHER = "voucher"
    TRANSFER = "transfer"


class DocumentKind(StrEnum):
    SALE = "sale"
    RETURN = "return"


class RegisterCondition(StrEnum):
    """Lasting conditions a register reports; several may hold at once."""

    PAPER_OUT = "paper_out"
    PAPER_NEAR_END = "paper_near_end"
    COVER_OPEN = "cover_open"
    PRINT_MECHANISM = "print_mechanism"
    OVERHEATED = "overheated"
    CLOCK_NOT_SET = "clock_not_set"
    CLOCK_BATTERY = "clock_battery"
    RAM_RESET = "ram_reset"
    FISCAL_MEMORY_FULL = "fiscal_memory_full"
    FISCAL_MEMORY_NEAR_FULL = "fiscal_memory_near_full"
    FISCAL_MEMORY_FAILED = "fiscal_memory_failed"
    JOURNAL_FULL = "journal_full"
    JOURNAL_NEAR_FULL = "journal_near_full"
    TAX_TERMINAL = "tax_terminal"
    NOT_FISCALISED = "not_fiscalised"


@dataclass(frozen=True)
class RegisterIdentity:
    """Who the register says it is. `serial` is its identity; a port is not."""

    maker: str
    model: str
    firmware: str
    serial: str
    fiscal_memory_no: str


@dataclass(frozen=True)
class RegisterLimits:
    """Bounds of one receipt. A larger sale becomes several receipts that all name it."""

    lines_per_receipt: int
    item_text: int
    """Characters of a line's name."""
    comment_text: int
    receipt_total_minor: int
    """Largest total of one receipt, minor units."""


@dataclass(frozen=True)
class FiscalLine:
    """One line as it must stand on paper.

    quantity_milli > 0; unit_price in 1/10,000 minor units; discount_minor >= 0 is taken off the line;
    amount_minor is the line's sum after discount. Where the register would compute another sum (it knows prices in
    whole minor units only), the driver registers one piece at this sum and puts quantity and price into the text.
    Numbers that do not agree with each other are PermanentError FIS-410, before anything is sent.
    """

    text: str
    quantity_milli: int
    unit_price: int
    discount_minor: int
    amount_minor: int
    tax_code: str
    """Letter of the country's tax table: A, B, C ..."""
    unit: str = ""


@dataclass(frozen=True)
class FiscalPayment:
    form: PaymentForm
    amount_minor: int
    """As handed over: cash may exceed what is due, the register then prints the change."""


@dataclass(frozen=True)
class OriginalReceipt:
    """The sale that a return gives back, as its register knows it."""

    document_no: str
    closed_at: datetime
    """As the register printed it: its own time, without zone (`FiscalReference.printed_at`)."""
    fiscal_memory_no: str


@dataclass(frozen=True)
class FiscalReceipt:
    """One document to print, complete before the first byte is sent.

    For a return `original` is set, amounts stay positive, and payments are what is given back.
    comments: short lines printed inside the receipt (the sale's number, part 1 of 2 ...).
    """

    kind: DocumentKind
    lines: tuple[FiscalLine, ...]
    payments: tuple[FiscalPayment, ...]
    total_minor: int
    operator: str
    till_no: int
    comments: tuple[str, ...] = ()
    original: OriginalReceipt | None = None


@dataclass(frozen=True)
class FiscalReference:
    """What fiscal memory says of a printed document: the number the sale keeps for ever."""

    document_no: int
    register_serial: str
    fiscal_memory_no: str
    total_minor: int
    printed_at: datetime | None
    """Register's own clock, branch local time without zone; None when the family does not tell."""


@dataclass(frozen=True)
class OpenDocument:
    """A document that stands open in the register's RAM."""

    items: int
    """Sale lines registered so far; -1 when the family does not tell."""
    amount_minor: int
    paid_minor: int
    """0 when no payment has been registered: it can still be cancelled."""
    fiscal: bool = True
    """False for a non-fiscal (service) document."""


@dataclass(frozen=True)
class DocumentPosition:
    """Where the register stands: enough to settle an unknown outcome.

    last_document_no counts every finished document of the device (a cancelled one too, where the model numbers it) and
    only grows. last_total_minor is the total of that very document: 0 when it is no sale or return (cancelled, report,
    cash), None while a document stands open or when the family cannot tell.
    """

    register_serial: str
    last_document_no: int
    last_total_minor: int | None
    open_document: OpenDocument | None


@dataclass(frozen=True)
class ReportResult:
    """An X or Z report. closure_no counts Z reports; turnover is of the period it closes, net of returns."""

    closure_no: int
    turnover_minor: int | None
    turnover_by_tax_minor: tuple[int, ...]


@dataclass(frozen=True)
class CashTotals:
    """The register's own cash of the day, minor units."""

    in_drawer_minor: int
    paid_in_minor: int
    paid_out_minor: int


class FiscalPrinter(Protocol):
    """One register. Calls are never concurrent: the engine holds the device.

    Every method raises TransientError (FIS-3xx: not reached, nothing done), NeedsPerson (FIS-2xx: paper, cover ...,
    nothing done), PermanentError (FIS-4xx: refused for good) or OutcomeUnknown FIS-502 (sent, answer missing).
    """

    @property
    def limits(self) -> RegisterLimits: ...

    async def connect(self) -> RegisterIdentity:
        """Open the port and learn who answers. Also after any doubt: starts a fresh session."""
        ...

    async def disconnect(self) -> None: ...

    async def conditions(self) -> frozenset[RegisterCondition]:
        """Ask for status now."""
        ...

    async def position(self) -> DocumentPosition:
        """Ask where the register stands. Changes nothing."""
        ...

    async def print_receipt(self, receipt: FiscalReceipt) -> FiscalReference:
        """Open, register lines and payments, close, and read the number.

        Refuses with PermanentError FIS-411 when a document stands open. On a refusal by the register in
        mid-receipt it cancels the document when that is still possible, and raises the register's reason; when
        cancelling is not possible any more, or an answer is missing, it raises OutcomeUnknown FIS-502.
        """
        ...

    async def finish_open(self, receipt: FiscalReceipt) -> FiscalReference:
        """Complete the open document, known to be this receipt with all its lines, with what is left to pay."""
        ...

    async def cancel_open(self) -> None:
        """Drop the open document. Raises PermanentError FIS-412 once a payment has been registered."""
        ...

    async def void_remainder(self) -> FiscalReference:
        """Close an open document that can no longer be cancelled: pay the rest in cash and close it.

        Only for a document the engine has decided is garbage; the engine then gives it back by a return.
        """
        ...

    async def x_report(self) -> ReportResult: ...

    async def z_report(self) -> ReportResult:
        """Close the fiscal day. An answer that is lost is settled by `last_closure_no`."""
        ...

    async def last_closure_no(self) -> int:
        """Number of the last Z report in fiscal memory, 0 when there is none."""
        ...

    async def cash_movement(self, amount_minor: int) -> CashTotals:
        """Service cash in (> 0) or out (< 0); 0 only reads. NeedsPerson FIS-210 when the drawer has too little."""
        ...

    async def print_duplicate(self) -> None:
        """Print the permitted copy of the last receipt. PermanentError FIS-413 when it was already printed."""
        ...

    async def open_drawer(self) -> None: ...
