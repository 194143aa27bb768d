"""Why a register refuses a command: the maker's number, its words, and the status bits that go with it."""

from __future__ import annotations

from enum import Enum

from edge.protocols.datecs_isl import StatusFlag

__all__ = ["Refusal", "Refused"]

_ORDINARY = frozenset({StatusFlag.NOT_ALLOWED})
_NONE: frozenset[StatusFlag] = frozenset()


class Refusal(Enum):
    """(error code, text, status bits set in this reply only). Lasting conditions show by their own bits besides.

    The protocol note names no codes but the pinpad's; these are the simulator's own. Hosts must not rely on them.
    """

    SYNTAX = (-100101, "syntax error", frozenset({StatusFlag.SYNTAX_ERROR}))
    INVALID_COMMAND = (-100102, "invalid command", frozenset({StatusFlag.INVALID_COMMAND}))
    NOT_ALLOWED = (-100103, "not allowed in this mode", _ORDINARY)
    AMOUNT_OVERFLOW = (-100104, "amount overflow", frozenset({StatusFlag.AMOUNT_OVERFLOW}) | _ORDINARY)
    PAPER_OUT = (-100105, "out of paper", _NONE)
    COVER_OPEN = (-100106, "cover open", _ORDINARY)
    PRINT_MECHANISM = (-100107, "print mechanism fault", _ORDINARY)
    CLOCK_NOT_SET = (-100108, "clock not set", _ORDINARY)
    RAM_RESET = (-100109, "RAM was reset", _NONE)
    MEMORY_FULL = (-100110, "fiscal memory full", _NONE)
    MEMORY_WRITE = (-100111, "fiscal memory write error", _NONE)
    MEMORY_READ_ONLY = (-100112, "fiscal memory read-only", _ORDINARY)
    JOURNAL_FULL = (-100113, "journal full", _ORDINARY)
    WRONG_PASSWORD = (-100114, "wrong password", _ORDINARY)
    OPERATOR_LOCKED = (-100115, "operator locked, switch off and on", _ORDINARY)
    DOCUMENT_OPEN = (-100116, "a document is open", _ORDINARY)
    NO_DOCUMENT = (-100117, "no document is open", _ORDINARY)
    PAYMENT_BEGUN = (-100118, "payment has begun", _ORDINARY)
    NOT_PAID = (-100119, "not fully paid", _ORDINARY)
    TOO_MANY_LINES = (-100120, "too many lines", _ORDINARY)
    NEGATIVE_SUM = (-100121, "sum would become negative", _ORDINARY)
    NO_CASH = (-100122, "not enough cash", _ORDINARY)
    NO_DUPLICATE = (-100123, "no duplicate left", _ORDINARY)
    CLOCK_BACKWARDS = (-100124, "earlier than the last record", _ORDINARY)
    NO_SUCH_DOCUMENT = (-100125, "no such document", _ORDINARY)
    CLOCK_BATTERY = (-100126, "low clock battery", _NONE)

    @property
    def code(self) -> int:
        return self.value[0]

    @property
    def text(self) -> str:
        return self.value[1]

    @property
    def flags(self) -> frozenset[StatusFlag]:
        return self.value[2]


class Refused(Exception):
    """The command was not executed and nothing changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal
