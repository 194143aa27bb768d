"""What is to be done with what one node said: facts to apply, to put aside, cursors to move, acks to send. Pure.

The database is asked in between (what is stored under numbers that were seen before), so a plan is made in two steps:
`Plan.of` and `Plan.settle_seen`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from cloud.fleet.exceptions import Raised
from cloud.ingest.effects import NewFact, Place
from cloud.ingest.epochs import Epoch, Epochs, Status, ack_of, born, died, epoch_of, status_after
from cloud.ingest.intake import Item, Problem, Told, read_payload
from cloud.ingest.ordering import Ordered, Verdict, judge, order
from shared.delivery import Ack, Birth, Read, Reply
from shared.topics import NodeAddress

__all__ = ["Aside", "NodePlan"]

CLOCK_STARTS: Final = datetime(2020, 1, 1, tzinfo=UTC)
CLOCK_AHEAD: Final = timedelta(days=1)
"""Outside of these a gateway's clock is far off (C10)."""

_QUARANTINE: Final = UUID("0199f0de-7d1f-8000-9c3a-51a7e1000001")
"""Name space of quarantine ids: the same fact is put aside once."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A fact on its way to quarantine."""

    item: Item
    problem: Problem


@dataclass
class NodePlan:
    """Everything that follows from what one node said."""

    address: NodeAddress
    place: Place
    epochs: Epochs
    now: datetime
    apply: list[NewFact] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    lost: list[tuple[Epoch, int, int]] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)
    status: Status | None = None
    status_changed: bool = False
    flagged: bool = False
    repeats: int = 0
    began: UUID | None = None
    replies: list[Reply] = field(default_factory=list)
    batches: list[list[Item]] = field(default_factory=list)
    _ordered: dict[UUID, Ordered[Item]] = field(default_factory=dict)
    _asked: set[UUID] = field(default_factory=set)
    _born: dict[UUID, int] = field(default_factory=dict)
    _touched: set[UUID] = field(default_factory=set)

    @classmethod
    def of(cls, told: Told, place: Place, epochs: Epochs, status: Status | None, now: datetime) -> NodePlan:
        """First step: births and deaths, then every epoch's facts in order."""
        plan = cls(told.address, place, epochs, now, status=status, began=told.began, replies=told.replies)
        plan.batches = told.batches
        plan._live(told)
        plan.aside += [Aside(item, _problem_of(item)) for item in told.unplaced]
        items: dict[UUID, list[Item]] = defaultdict(list)
        for item in told.items:
            items[item.epoch].append(item)
        gone: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
        for word in told.gone:
            gone[word.epoch].append((word.span.first, word.span.last))
        for epoch_id in {**items, **gone}:
            plan._order(epoch_of(epochs, told.address.node, epoch_id, now), items[epoch_id], gone[epoch_id])
        return plan

    def _live(self, told: Told) -> None:
        for life in told.lives:
            if isinstance(life, Birth):
                conflict = born(self.epochs, life, self.now)
                for held in life.epochs:
                    self._born[held.epoch] = held.first
                    self._touched.add(held.epoch)
                if conflict:
                    self.flagged = True
                    self._touched |= {row.epoch for row in conflict}
                    newest = max(conflict, key=lambda row: (row.first_seen, row.epoch))
                    self._raise("EVT-422", f"epoch:{newest.epoch}", newest.epoch)
            else:
                died(self.epochs, life)
                self._touched |= {life.epoch} & self.epochs.keys()
            online = any(row.is_live for row in self.epochs.values())
            self.status = status_after(self.status, life, node=self.address.node, is_online=online, now=self.now)
            self.status_changed = True

    def _order(self, row: Epoch, items: list[Item], gone: list[tuple[int, int]]) -> None:
        highest = max((item.sequence for item in items), default=0)
        row.held_last = max(row.held_last, highest)
        # Nobody has ever seen a number above held_last: a node cannot write off what it never wrote.
        ordered = order(row.upto, items, [(first, min(last, row.held_last)) for first, last in gone])
        row.upto = ordered.cursor
        row.last_fact = self.now if ordered.taken else row.last_fact
        self._ordered[row.epoch] = ordered
        self._touched.add(row.epoch)
        for item in ordered.taken:
            self._take(row, item)
        for first, last in ordered.lost:
            self.lost.append((row, first, last))
            self._raise("EVT-421", f"lost:{row.epoch}:{first}", row.epoch, first=first, last=last)

    def _take(self, row: Epoch, item: Item) -> None:
        fact = read_payload(item)
        if fact is None:
            self.aside.append(Aside(item, _problem_of(item)))
        elif row.is_held:
            self.aside.append(Aside(item, Problem("EVT-422", "two epochs of this node are alive")))
        else:
            envelope = fact.envelope
            self.apply.append(NewFact(envelope, fact.name, fact.payload, item.body, self.place))
            if not CLOCK_STARTS <= envelope.time <= self.now + CLOCK_AHEAD:
                self._raise(
                    "EVT-110", f"boot:{envelope.epoch}:{envelope.boot}", envelope.till or "", time=str(envelope.time)
                )

    def seen(self) -> Iterator[tuple[UUID, list[Item]]]:
        """Per epoch, what stands at or below the cursor and has to be looked up."""
        return ((epoch, ordered.seen) for epoch, ordered in self._ordered.items() if ordered.seen)

    def settle_seen(self, epoch: UUID, at_number: dict[int, frozenset[UUID]], stored: frozenset[UUID]) -> None:
        """Second step: tell repeats from forks, with what the database has under those numbers."""
        ordered, row = self._ordered[epoch], self.epochs[epoch]
        just_taken = {item.sequence: frozenset({item.event_id}) for item in ordered.taken}
        for item, verdict in judge(ordered.seen, {**at_number, **just_taken}, stored):
            if verdict is Verdict.REPEAT:
                self.repeats += 1
            elif verdict is Verdict.FORK:
                row.is_forked = self.flagged = True
                self.aside.append(Aside(item, Problem("EVT-420", f"sequence {item.sequence} belongs to another fact")))
                self._raise("EVT-420", f"epoch:{epoch}", epoch, sequence=item.sequence)
            else:
                self.aside.append(
                    Aside(item, Problem("EVT-423", f"sequence {item.sequence} had been given up as lost"))
                )

    def refuse(self, fact: NewFact, problem: Problem) -> None:
        """The database would not have this fact after all: put it aside, as if it had been unreadable."""
        self.apply.remove(fact)
        envelope = fact.envelope
        item = Item(envelope.epoch, envelope.sequence, envelope.id, fact.body, envelope=envelope)
        self.aside.append(Aside(item, problem))

    def quarantine_rows(self) -> list[dict[str, Any]]:
        return [self._quarantine_row(aside) for aside in self.aside]

    def _quarantine_row(self, aside: Aside) -> dict[str, Any]:
        item = aside.item
        return {
            "id": uuid5(_QUARANTINE, f"{self.address.node}/{item.epoch}/{item.sequence}/{item.event_id}"),
            "event_id": item.event_id,
            "branch": self.address.branch,
            "node": self.address.node,
            "epoch": item.epoch if item.sequence else None,
            "sequence": item.sequence or None,
            "code": aside.problem.code,
            "reason": aside.problem.reason,
            "body": item.body,
            "received_at": self.now,
        }

    def exceptions(self) -> list[Raised]:
        """What a person has to see, besides what the facts themselves raise."""
        for aside in self.aside:
            if aside.problem.code not in ("EVT-420", "EVT-422"):
                self._raise(
                    aside.problem.code, f"fact:{aside.item.event_id}", aside.item.event_id, reason=aside.problem.reason
                )
        return self.raised

    def changed_epochs(self) -> list[Epoch]:
        return [self.epochs[epoch] for epoch in sorted(self._touched)]

    def acks(self) -> list[Ack]:
        """One for each epoch that was named, true once the transaction has committed."""
        aside: dict[UUID, list[UUID]] = defaultdict(list)
        for one in self.aside:
            aside[one.item.epoch].append(one.item.event_id)
        acks = []
        for epoch in sorted(self._ordered.keys() | self._born.keys()):
            row = self.epochs[epoch]
            gap = self._ordered[epoch].gap if epoch in self._ordered else None
            first_held = self._born.get(epoch, 0)
            if gap is None and row.upto + 1 < first_held:
                gap = (row.upto + 1, first_held - 1)
            began = self.began if epoch in self._born else None
            acks.append(ack_of(row, aside[epoch], gap, began, self._read_of(row)))
        return acks

    def _read_of(self, row: Epoch) -> list[Read]:
        """Batches as far as they stand at or below the cursor: what is behind a gap was dropped."""
        read = []
        for batch in self.batches:
            settled = [item for item in batch if item.epoch == row.epoch and item.sequence <= row.upto]
            if settled:
                first, last = settled[0], settled[-1]
                read.append(Read(first=first.sequence, last=last.sequence, last_id=last.event_id))
        return read

    def _raise(self, code: str, about: str, subject: object, **parameters: str | int) -> None:
        self.raised.append(
            Raised(
                code=code,
                about=f"{self.address.node}:{about}",
                branch=self.address.branch,
                node=self.address.node,
                at=self.now,
                subject=str(subject),
                parameters=parameters,
            )
        )


def _problem_of(item: Item) -> Problem:
    assert item.problem is not None, "only what could not be read is put aside here"
    return item.problem
