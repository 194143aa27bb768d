"""What to do about a receipt whose outcome is not known, given what the register says of itself. Pure.

Never breaks: a receipt is repeated only when the register's answer leaves no other reading than "not printed", and
adopted only when it leaves no other than "printed". Everything else is for a person (rules P2 to P4, docs/delivery.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import accumulate

from edge.devices.fiscal_printer.contract import CashTotals, DocumentPosition, FiscalReceipt, OpenDocument

__all__ = ["Before", "Verdict", "settle_cancelled", "settle_cash", "settle_closure", "settle_receipt"]


class Verdict(Enum):
    ADOPT = "adopt"
    """It printed: the register's last document is ours."""
    REPEAT = "repeat"
    """It did not print: send it again."""
    CANCEL = "cancel"
    """Our document stands open and nothing is paid on it: drop it, then send it again."""
    FINISH = "finish"
    """Our document stands open with all its lines and a payment: complete it."""
    ASK_PERSON = "ask_person"
    """The register cannot tell: somebody must look at the paper."""


@dataclass(frozen=True)
class Before:
    """Where the register stood before the first byte."""

    document_no: int
    register_serial: str | None


def settle_receipt(receipt: FiscalReceipt, before: Before, now: DocumentPosition) -> Verdict:
    """Read the register's position against the one that was committed before the first byte.

    One document since then is ours, or one of ours that was dropped: `last_total_minor` tells, being 0 for a document
    that is no sale or return, and None when the register does not know any more.
    """
    if now.register_serial != before.register_serial:
        return Verdict.ASK_PERSON
    ahead = now.last_document_no - before.document_no
    if now.open_document is not None:
        return _settle_open(receipt, now.open_document) if ahead == 0 else Verdict.ASK_PERSON
    if ahead == 0:
        return Verdict.REPEAT
    if ahead != 1 or receipt.total_minor == 0:
        return Verdict.ASK_PERSON
    if now.last_total_minor == receipt.total_minor:
        return Verdict.ADOPT
    return Verdict.REPEAT if now.last_total_minor == 0 else Verdict.ASK_PERSON


def _settle_open(receipt: FiscalReceipt, document: OpenDocument) -> Verdict:
    if not document.fiscal:
        return Verdict.ASK_PERSON
    if document.paid_minor == 0:
        return Verdict.CANCEL if _is_beginning_of(receipt, document) else Verdict.ASK_PERSON
    has_all_lines = document.items in (-1, len(receipt.lines)) and document.amount_minor == receipt.total_minor
    return Verdict.FINISH if has_all_lines else Verdict.ASK_PERSON


def _is_beginning_of(receipt: FiscalReceipt, document: OpenDocument) -> bool:
    sums = [0, *accumulate(line.amount_minor for line in receipt.lines)]
    if document.items == -1:
        return document.amount_minor in sums
    return document.items < len(sums) and sums[document.items] == document.amount_minor


def settle_cancelled(receipt: FiscalReceipt, before: Before, now: DocumentPosition) -> Verdict:
    """After "drop it" was decided and committed. Nobody pays on such a document: gone means dropped."""
    if now.register_serial != before.register_serial:
        return Verdict.ASK_PERSON
    document = now.open_document
    if document is None:
        return Verdict.REPEAT
    is_ours = document.fiscal and document.paid_minor == 0 and _is_beginning_of(receipt, document)
    return Verdict.CANCEL if is_ours else Verdict.ASK_PERSON


def settle_closure(closure_before: int, closure_now: int) -> Verdict:
    """A Z report counts itself in fiscal memory."""
    if closure_now == closure_before:
        return Verdict.REPEAT
    return Verdict.ADOPT if closure_now == closure_before + 1 else Verdict.ASK_PERSON


def settle_cash(amount_minor: int, paid_in_before: int, paid_out_before: int, now: CashTotals) -> Verdict:
    """Service cash shows in the day's sums of the register."""
    moved = (now.paid_in_minor - paid_in_before, now.paid_out_minor - paid_out_before)
    if moved == (0, 0):
        return Verdict.REPEAT
    wanted = (amount_minor, 0) if amount_minor > 0 else (0, -amount_minor)
    return Verdict.ADOPT if moved == wanted else Verdict.ASK_PERSON
