"""A receipt on its way through a register, by P1 to P5 of docs/delivery.md, and what really came to be on paper.

The verdict is asked of the engine's own settling; everything else is written from the rules. One engine, one receipt of
two lines, a register that may not tell its totals or items, and a hand that drops, resets or exchanges it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

from edge.checkout.fiscal_settling import Before, Verdict, settle_cancelled, settle_receipt
from edge.devices.fiscal_printer.contract import (
    DocumentKind,
    DocumentPosition,
    FiscalLine,
    FiscalPayment,
    FiscalReceipt,
    OpenDocument,
    PaymentForm,
)

__all__ = ["Job", "Phase", "Register", "Till", "allowed", "explore", "position", "verdict"]

LINES: Final = tuple(FiscalLine(f"LINE {n}", 1_000, n * 1_000_000, 0, n * 100, "B") for n in (1, 2))
RECEIPT: Final = FiscalReceipt(DocumentKind.SALE, LINES, (FiscalPayment(PaymentForm.CASH, 300),), 300, "Anna", 1)
COMMANDS: Final = ("open", "line", "line", "pay", "close")


class Phase(Enum):
    PENDING = auto()
    SENDING = auto()
    UNKNOWN = auto()
    CANCELLING = auto()
    """Decided and durable; the register may or may not have done it."""
    DONE = auto()
    PERSON = auto()


class Register(NamedTuple):
    tells_totals: bool
    tells_items: bool
    numbers_dropped: bool
    """A document that was dropped takes a number too."""
    serial: str = "one"
    last_no: int = 100
    last_total: int | None = 300
    """Of another sale with the very same total: the worst there can be."""
    items: int | None = None
    """None: nothing stands open."""
    paid: int = 0
    printed: int = 0
    """How often our receipt is on paper. Nobody asks the register this; it is what is true."""

    @property
    def amount(self) -> int:
        return sum(line.amount_minor for line in LINES[: self.items or 0])


class Job(NamedTuple):
    phase: Phase = Phase.PENDING
    before_no: int = 0
    before_serial: str = ""
    following: int = 0
    """Which command the register gets next."""
    must_act: bool = False
    """CANCELLING: the order to drop it is not on its way yet."""


class Till(NamedTuple):
    register: Register
    job: Job = Job()
    doubts: int = 3
    """Replies that may still get lost, or crashes: the engine cannot tell them apart."""
    hands: int = 1
    """Times that somebody may drop the open document, reset the register or exchange it."""
    was_meddled: bool = False
    """It was reset or exchanged."""


def position(register: Register) -> DocumentPosition:
    """What the register says of itself."""
    document = None
    if register.items is not None:
        document = OpenDocument(register.items if register.tells_items else -1, register.amount, register.paid)
    total = register.last_total if register.tells_totals and document is None else None
    return DocumentPosition(register.serial, register.last_no, total, document)


def verdict(till: Till) -> Verdict:
    judge = settle_cancelled if till.job.phase is Phase.CANCELLING else settle_receipt
    return judge(RECEIPT, Before(till.job.before_no, till.job.before_serial), position(till.register))


def allowed(till: Till) -> set[Verdict]:
    """What may be decided, from what is really true (P2 to P4). Asking a person is always safe, and seldom needed."""
    register = till.register
    if register.items is not None and register.serial == till.job.before_serial:
        is_whole = register.items == len(LINES)
        fitting = Verdict.CANCEL if not register.paid else Verdict.FINISH if is_whole else Verdict.ASK_PERSON
    else:
        fitting = Verdict.ADOPT if register.printed else Verdict.REPEAT
    can_tell = register.tells_totals and not till.was_meddled
    return {fitting} if can_tell else {fitting, Verdict.ASK_PERSON}


def _dropped(register: Register) -> Register:
    if register.numbers_dropped:
        register = register._replace(last_no=register.last_no + 1, last_total=0)
    return register._replace(items=None, paid=0)


def _obeys(register: Register, command: str) -> Register:
    if command == "open":
        return register._replace(items=0, paid=0)
    if command == "line":
        return register._replace(items=(register.items or 0) + 1)
    if command == "pay":
        return register._replace(paid=RECEIPT.total_minor)
    return register._replace(
        last_no=register.last_no + 1, last_total=RECEIPT.total_minor, items=None, paid=0, printed=register.printed + 1
    )


def _steps(till: Till) -> Iterator[Till]:
    yield from {
        Phase.PENDING: _begin,
        Phase.SENDING: _send,
        Phase.UNKNOWN: _settle,
        Phase.CANCELLING: _cancel,
        Phase.DONE: _rest,
        Phase.PERSON: _rest,
    }[till.job.phase](till)
    if till.hands:
        yield from _by_hand(till._replace(hands=till.hands - 1))


def _rest(_: Till) -> Iterator[Till]:
    return iter(())


def _begin(till: Till) -> Iterator[Till]:
    """The last number is durable before the first byte (P1). What stands open is nobody's, and unpaid."""
    register = till.register if till.register.items is None else _dropped(till.register)
    job = Job(Phase.SENDING, register.last_no, register.serial)
    yield till._replace(register=register, job=job)


def _send(till: Till) -> Iterator[Till]:
    if till.register.serial != till.job.before_serial or (till.job.following and till.register.items is None):
        # It was exchanged or emptied in mid-receipt: whatever it answers is an error, and the outcome a doubt.
        yield till._replace(job=till.job._replace(phase=Phase.UNKNOWN))
        return
    after = _obeys(till.register, COMMANDS[till.job.following])
    is_last = till.job.following == len(COMMANDS) - 1
    job = till.job._replace(phase=Phase.DONE) if is_last else till.job._replace(following=till.job.following + 1)
    yield till._replace(register=after, job=job)
    if till.doubts:
        doubt = till._replace(job=till.job._replace(phase=Phase.UNKNOWN), doubts=till.doubts - 1)
        yield doubt
        yield doubt._replace(register=after)


def _settle(till: Till) -> Iterator[Till]:
    job = till.job
    following = {
        Verdict.ADOPT: job._replace(phase=Phase.DONE),
        Verdict.REPEAT: Job(),
        Verdict.CANCEL: job._replace(phase=Phase.CANCELLING, must_act=True),
        Verdict.FINISH: job._replace(phase=Phase.SENDING, following=len(COMMANDS) - 1),
        Verdict.ASK_PERSON: job._replace(phase=Phase.PERSON),
    }
    yield till._replace(job=following[verdict(till)])


def _cancel(till: Till) -> Iterator[Till]:
    if not till.job.must_act:
        yield from _settle(till)
        return
    after = till.register if till.register.items is None else _dropped(till.register)
    yield till._replace(register=after, job=Job())
    if till.doubts:
        doubt = till._replace(job=till.job._replace(must_act=False), doubts=till.doubts - 1)
        yield doubt
        yield doubt._replace(register=after)


def _by_hand(till: Till) -> Iterator[Till]:
    register = till.register
    if register.items is not None and not register.paid:
        yield till._replace(register=_dropped(register))
    emptied = register if register.items is None else _dropped(register)
    yield till._replace(register=emptied._replace(last_total=None), was_meddled=True)
    other = Register(register.tells_totals, register.tells_items, register.numbers_dropped, serial="two")
    yield till._replace(register=other._replace(printed=register.printed), was_meddled=True)


def explore(first: Till) -> set[Till]:
    """Every state that can come about."""
    found, edge = {first}, [first]
    while edge:
        edge = list({after for till in edge for after in _steps(till)} - found)
        found.update(edge)
    return found
