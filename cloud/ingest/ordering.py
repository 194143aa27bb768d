"""What happens to each fact of one epoch: the decision of docs/delivery.md, nothing else. Pure; no database, no clock.

The rule that never breaks: the cursor moves by one for a fact that is taken, over a range that the node has called
gone, and in no other way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

__all__ = ["Arrival", "Ordered", "Verdict", "judge", "order"]


class Arrival(Protocol):
    """A fact that came in: where it stands in its epoch, and which one it is."""

    @property
    def sequence(self) -> int: ...
    @property
    def event_id(self) -> UUID: ...


A = TypeVar("A", bound=Arrival)
Range = tuple[int, int]
"""Sequences first..last, both included."""


@dataclass
class Ordered(Generic[A]):
    """The decision about everything that came in together for one epoch."""

    cursor: int
    """Where the cursor stands afterwards."""
    taken: list[A] = field(default_factory=list)
    """Next in line, in order: to be applied, or quarantined when they cannot be."""
    seen: list[A] = field(default_factory=list)
    """At or below the cursor: `judge` says what they are."""
    lost: list[Range] = field(default_factory=list)
    """Ranges that the node can give no more; the cursor has moved over them."""
    gap: Range | None = None
    """What is missing before the rest, which was dropped, can be taken."""


def order(cursor: int, arrivals: Iterable[A], gone: Sequence[Range] = ()) -> Ordered[A]:
    """Put what came in behind the cursor.

    Arrivals may come in any order and any number of times. A range called gone never writes off a fact that is in hand.
    """
    decided: Ordered[A] = Ordered(cursor)
    for arrival in sorted(arrivals, key=_sequence):
        if arrival.sequence > decided.cursor + 1:
            _write_off(decided, gone, below=arrival.sequence)
        if arrival.sequence <= decided.cursor:
            decided.seen.append(arrival)
        elif arrival.sequence == decided.cursor + 1:
            decided.taken.append(arrival)
            decided.cursor += 1
        else:
            decided.gap = (decided.cursor + 1, arrival.sequence - 1)
            return decided
    _write_off(decided, gone, below=None)
    later = [first for first, _ in gone if first > decided.cursor + 1]
    if later:
        decided.gap = (decided.cursor + 1, min(later) - 1)
    return decided


def _sequence(arrival: Arrival) -> int:
    return arrival.sequence


def _write_off(decided: Ordered[A], gone: Sequence[Range], *, below: int | None) -> None:
    for first, last in sorted(gone):
        until = last if below is None else min(last, below - 1)
        if first <= decided.cursor + 1 <= until:
            decided.lost.append((decided.cursor + 1, until))
            decided.cursor = until


class Verdict(Enum):
    """What a fact at or below the cursor is."""

    REPEAT = auto()
    """It is stored already, here or under another number or epoch: nothing happens."""
    FORK = auto()
    """Another fact has its number (C3)."""
    LATE = auto()
    """Its number was written off as gone, and here it is after all."""


_NOBODY: Final[frozenset[UUID]] = frozenset()


def judge(
    seen: Sequence[A], at_number: Mapping[int, frozenset[UUID]], stored: frozenset[UUID]
) -> list[tuple[A, Verdict]]:
    """Tell repeats from forks.

    at_number: ids that are stored (applied or quarantined) under each sequence of this epoch. stored: those of the
    arrivals' ids that are stored anywhere. The same new fact given twice is a repeat the second time.
    """
    verdicts = []
    met: dict[int, set[UUID]] = {}
    for arrival in seen:
        here = met.setdefault(arrival.sequence, set(at_number.get(arrival.sequence, _NOBODY)))
        if arrival.event_id in here or arrival.event_id in stored:
            verdict = Verdict.REPEAT
        else:
            verdict = Verdict.FORK if here else Verdict.LATE
        verdicts.append((arrival, verdict))
        here.add(arrival.event_id)
    return verdicts
