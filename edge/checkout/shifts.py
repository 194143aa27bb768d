"""A shift's drawer: what the till expects, the blind count beside it, the difference. Pure.

The drawer holds cash after rounding; turnover is before it, because a register knows no rounding of cash.
Never breaks: the count is stated before the expectation is shown, and once stated it is not changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.events import PaymentForm

__all__ = ["Count", "DrawerEntry", "EntryKind", "Expected", "Shift", "ShiftState", "difference", "expected"]


class ShiftState(StrEnum):
    OPEN = "open"
    COUNTED = "counted"
    """The count is stated; the closing report is next, and nothing is sold any more."""
    CLOSING = "closing"
    """The register is asked for its closing report."""
    CLOSED = "closed"


class EntryKind(StrEnum):
    FLOAT = "float"
    SALE = "sale"
    RETURN = "return"
    MOVEMENT = "movement"


@dataclass(frozen=True)
class DrawerEntry:
    """Money that came (> 0) or went (< 0) during the shift. Minor units."""

    kind: EntryKind
    form: PaymentForm
    amount_minor: int
    rounding_minor: int = 0
    """Part of the amount: what rounding cash has added (> 0) or taken off (< 0)."""


@dataclass(frozen=True)
class Expected:
    """What should be there, and how it came about. Minor units."""

    cash_minor: int
    """Truly in the drawer: after rounding."""
    card_minor: int
    sold_minor: int
    """What the register counts, and what the sales' totals add up to: before rounding. So is `returned_minor`."""
    returned_minor: int
    rounding_minor: int = 0
    """What rounding has added to the drawer (> 0) or kept out of it (< 0)."""


@dataclass(frozen=True)
class Count:
    """What the cashier found: cash in the drawer, sum of the card slips."""

    cash_minor: int
    slips_minor: int


@dataclass(frozen=True)
class Shift:
    """One cashier's period on a till."""

    shift_id: UUID
    number: int
    state: ShiftState
    currency: str
    opened_at: str
    """UTC, ISO 8601."""
    businessdate: date
    operator_id: UUID
    operator_name: str
    float_minor: int


def expected(entries: Sequence[DrawerEntry]) -> Expected:
    return Expected(
        cash_minor=sum(entry.amount_minor for entry in entries if entry.form is PaymentForm.CASH),
        card_minor=sum(entry.amount_minor for entry in entries if entry.form is PaymentForm.CARD),
        sold_minor=_exact(entries, EntryKind.SALE),
        returned_minor=-_exact(entries, EntryKind.RETURN),
        rounding_minor=sum(entry.rounding_minor for entry in entries),
    )


def _exact(entries: Sequence[DrawerEntry], kind: EntryKind) -> int:
    return sum(entry.amount_minor - entry.rounding_minor for entry in entries if entry.kind is kind)


def difference(should_be: Expected, count: Count) -> int:
    """Counted less expected, cash and card together: below zero is short."""
    return count.cash_minor - should_be.cash_minor + count.slips_minor - should_be.card_minor
