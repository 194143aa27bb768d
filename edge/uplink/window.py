"""Which facts go out next, and what an ack means: rules N3 to N6c of docs/delivery.md. No I/O, no clock.

The rule that must never break: a cursor moves only over sequences that head office has named *and* has read from this
very journal. So a journal restored from an old copy, which would otherwise believe acks meant for its former self,
sends its own facts until head office finds the fork.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from shared.delivery import BATCHES_IN_FLIGHT, Ack, EpochHeld, Span

__all__ = ["NO_PROGRESS_S", "Answer", "Lane", "Window"]

NO_PROGRESS_S: Final = 10.0
"""Rule N6."""
LONGEST_PATIENCE: Final = 16
"""Republishing again and again without an answer slows down to every 160 s: the broker keeps what we send for an
ingest that is down, and must not be filled with repeats."""
BEGINNINGS_KEPT: Final = 16
"""Beginnings of workers that are remembered for each epoch, so that each is answered once (N6b). Acks that waited at
the broker name old ones; a node sees a handful between two restarts of its program."""


@dataclass
class _Flight:
    last: int
    taken: bool = False


@dataclass
class Lane:
    """One epoch on its way. All numbers are sequences; 0 is before the first."""

    epoch: UUID
    cursor: int
    """Settled at head office, as stored in the journal."""
    last: int
    """Highest written."""
    position: int
    """Highest published since the connection or the last rewind."""
    taken: int
    """Highest that the broker has confirmed to this process; what lies below the cursor counts as confirmed."""
    read: int
    """Up to here head office has read what is readable in this journal; what lies below the cursor counts as read."""
    says_read: bool = False
    """Whether head office says what it has read; one of an older version leaves us with what the broker confirmed."""
    heard: int | None = None
    """What the newest ack of this connection said."""
    heard_most: int = -1
    """The most that any ack of this connection said: only more than that is progress, so that a head office that
    contradicts itself is not answered in a tight circle."""
    answered_gap: int | None = None
    """Beginning of the gap that is being filled; the same question again is an echo of it."""
    beginnings: deque[UUID] = field(default_factory=lambda: deque(maxlen=BEGINNINGS_KEPT))
    """Those of workers that have been answered."""
    flights: list[_Flight] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What is to be done after an ack or a confirmation by the broker."""

    cursor: int | None = None
    """Store this cursor."""
    look_for_gone: Span | None = None
    """Head office misses this range: say what of it is gone."""
    begin_epoch: bool = False
    """These numbers were used before, by another copy of this journal."""


class Window:
    def __init__(self, no_progress_s: float = NO_PROGRESS_S) -> None:
        self._no_progress_s = no_progress_s
        self._lanes: dict[UUID, Lane] = {}
        self._moved_at = 0.0
        self._patience = 1

    def refresh(self, held: Sequence[EpochHeld], cursors: Sequence[int]) -> None:
        """Take over what the journal holds now, in order of birth, and the stored cursor of each."""
        lanes = {}
        for epoch, cursor in zip(held, cursors, strict=True):
            known = self._lanes.get(epoch.epoch)
            lanes[epoch.epoch] = known or Lane(
                epoch.epoch, cursor, epoch.last, position=cursor, taken=cursor, read=cursor
            )
            lanes[epoch.epoch].last = epoch.last
        self._lanes = lanes

    def connected(self, now: float) -> None:
        """Begin a connection: nothing is in flight, everything above the cursors is to be published (rule N2)."""
        self._moved_at, self._patience = now, 1
        for lane in self._lanes.values():
            lane.heard, lane.heard_most = None, -1
            self._rewind(lane)

    def next(self) -> tuple[UUID, int, int] | None:
        """(epoch, after, last): publish facts of this epoch above `after`. None: wait.

        An epoch is not begun before the one before it is settled.
        """
        if sum(len(lane.flights) for lane in self._lanes.values()) >= BATCHES_IN_FLIGHT:
            return None
        for lane in self._lanes.values():
            if lane.position < lane.last:
                return lane.epoch, lane.position, lane.last
            if lane.cursor < lane.last:
                return None
        return None

    def published(self, epoch: UUID, last: int, now: float) -> None:
        """Everything of the epoch up to `last` has been handed to the broker's client."""
        lane = self._lanes[epoch]
        if not any(lane.flights for lane in self._lanes.values()):
            self._moved_at = now
        lane.position = last
        lane.flights.append(_Flight(last))

    def taken(self, epoch: UUID, last: int) -> Answer:
        """The broker has confirmed what was published up to `last`."""
        lane = self._lanes.get(epoch)
        if lane is None:
            return Answer()
        lane.taken = max(lane.taken, last)
        for flight in lane.flights:
            flight.taken = flight.taken or flight.last == last
        return Answer(cursor=self._settle(lane))

    def read_upto(self, epoch: UUID) -> int:
        """How far head office is known to have read this journal; 0 of an epoch that is not on its way."""
        return self._lanes[epoch].read if epoch in self._lanes else 0

    def acked(self, ack: Ack, now: float, read: int | None = None) -> Answer:
        """Head office has said what it holds of an epoch (rules N4 to N6c).

        read: how far it has read facts of this very journal, as its acks show; None when it does not say so.
        """
        lane = self._lanes.get(ack.epoch)
        if lane is None:
            return Answer()
        self._patience = 1
        if ack.upto > lane.heard_most:
            self._moved_at, lane.answered_gap, lane.heard_most = now, None, ack.upto
        lane.heard, lane.says_read = ack.upto, read is not None
        lane.read = max(lane.read, read or 0)
        cursor = self._settle(lane)
        done = min(ack.upto, lane.cursor) if lane.says_read else ack.upto
        lane.flights = [flight for flight in lane.flights if flight.last > done]
        lane.position = max(lane.position, lane.cursor)
        missing = self._asked_again(lane, ack)
        if missing is None and ack.upto < lane.cursor and not lane.flights:
            lane.position = ack.upto  # head office was restored from an older copy (N6c)
        if missing is None:
            self._answer_beginning(lane, ack)
        is_current = lane is list(self._lanes.values())[-1]
        return Answer(cursor, missing, begin_epoch=is_current and (ack.fork or ack.upto > lane.last))

    def overdue_at(self) -> float | None:
        """When rule N6 strikes, on the clock that `now` comes from; None while nothing is in flight."""
        if not any(lane.flights for lane in self._lanes.values()):
            return None
        return self._moved_at + self._no_progress_s * self._patience

    def overdue(self, now: float) -> bool:
        """Rewind to the cursors. True when not even the broker had confirmed: the link is dead, connect anew."""
        self._moved_at = now
        self._patience = min(2 * self._patience, LONGEST_PATIENCE)
        is_dead = any(not flight.taken for lane in self._lanes.values() for flight in lane.flights)
        for lane in self._lanes.values():
            self._rewind(lane)
        return is_dead

    def _settle(self, lane: Lane) -> int | None:
        confirmed = min(lane.heard or 0, lane.read if lane.says_read else lane.taken)
        if confirmed <= lane.cursor:
            return None
        lane.cursor = confirmed
        lane.read = max(lane.read, confirmed)  # settled by a head office that did not say so yet
        return confirmed

    def _answer_beginning(self, lane: Lane, ack: Ack) -> None:
        if ack.began is None or ack.began in lane.beginnings:
            return
        lane.beginnings.append(ack.began)
        lane.answered_gap = None  # whoever asks now has not asked before
        is_named = any(flight.taken and flight.last <= ack.upto for flight in lane.flights)
        if lane.flights and (is_named or all(flight.taken for flight in lane.flights)):
            # What it names was read, and the ack that said so died with the worker. What the broker has not confirmed
            # yet will be heard, and names the gap.
            self._rewind(lane)

    def _asked_again(self, lane: Lane, ack: Ack) -> Span | None:
        if ack.gap is None or ack.gap.first > lane.position or ack.gap.first == lane.answered_gap:
            return None
        lane.answered_gap = ack.gap.first
        lane.position = ack.gap.first - 1
        lane.flights = []
        return ack.gap

    def _rewind(self, lane: Lane) -> None:
        lane.flights = []
        lane.answered_gap = None
        lane.position = lane.cursor if lane.heard is None else min(lane.cursor, lane.heard)
