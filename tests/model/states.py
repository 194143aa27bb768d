"""What the model of docs/delivery.md consists of: messages, journal, head office, and how often what may happen.

Values only. Sequences count from 1; 0 is before the first. Facts and epochs are numbers in the order of their births.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = [
    "NEVER",
    "Ack",
    "Batch",
    "Birth",
    "Budget",
    "Cloud",
    "Gone",
    "Held",
    "Lane",
    "Message",
    "Move",
    "Place",
    "Row",
    "State",
]

NEVER: Final = -1

Move = tuple[str | int, ...]
"""Its name and what it is done to, as ("apply", 2) or ("tear", 1, 3)."""


class Birth(NamedTuple):
    epochs: tuple[tuple[int, int, int], ...]
    """(epoch, first, last) of each that is held."""
    began: int = 0
    """Of a retained one: which beginning to listen it was given with (C9b)."""


class Batch(NamedTuple):
    epoch: int
    facts: tuple[tuple[int, int], ...]
    """(sequence, fact)."""


class Gone(NamedTuple):
    epoch: int
    first: int
    last: int


class Ack(NamedTuple):
    epoch: int
    upto: int
    aside: tuple[int, ...] = ()
    gap: tuple[int, int] | None = None
    fork: bool = False
    began: int = 0
    read: tuple[tuple[int, int, int], ...] = ()
    """(first sequence, last sequence, last fact) of each batch of this epoch that was read for it."""


Message = Birth | Batch | Gone


class Held(NamedTuple):
    """One epoch in the journal."""

    epoch: int
    facts: tuple[int, ...] = ()
    """By sequence: a fact, minus a fact that cannot be read any more, or 0 for one that was pruned."""
    cursor: int = 0

    @property
    def last(self) -> int:
        return len(self.facts)

    @property
    def first(self) -> int:
        return next((number for number, fact in enumerate(self.facts, 1) if fact), self.last + 1)

    def readable(self, after: int, last: int) -> tuple[tuple[int, int], ...]:
        return tuple((n, self.facts[n - 1]) for n in range(after + 1, last + 1) if self.facts[n - 1] > 0)


class Lane(NamedTuple):
    """What the running program knows of an epoch on its way (N2 to N6b)."""

    position: int
    """Published up to here."""
    read: int
    """Head office has read our facts up to here (N4)."""
    heard: int = NEVER
    """The newest ack of this connection."""
    heard_most: int = NEVER
    asked: int = 0
    """Beginning of the gap that is being filled."""
    begun: frozenset[int] = frozenset()
    """Beginnings of workers that have been answered."""
    flights: tuple[tuple[int, bool], ...] = ()
    """(last sequence, confirmed by the broker) of each batch that is out."""


class Row(NamedTuple):
    """What head office knows of an epoch."""

    epoch: int
    upto: int = 0
    held_last: int = 0
    is_forked: bool = False
    is_live: bool = False
    is_held: bool = False


Place = tuple[int, int, int]
"""(epoch, sequence, fact)."""


class Cloud(NamedTuple):
    rows: tuple[Row, ...] = ()
    effects: tuple[Place, ...] = ()
    """Facts applied, in the order of application. One that stands here twice is doubled."""
    aside: frozenset[tuple[int, int, int, str]] = frozenset()
    """Quarantine: place and code."""
    losses: frozenset[tuple[int, int, int]] = frozenset()
    """(epoch, first, last)."""

    def row(self, epoch: int) -> Row:
        return next((row for row in self.rows if row.epoch == epoch), Row(epoch))


class Budget(NamedTuple):
    """How often each thing may still happen."""

    facts: int = 0
    crashes: int = 0
    """The node's program dies and starts again."""
    breaks: int = 0
    """Node and broker lose each other; with or without a confirmation on its way."""
    deaths: int = 0
    """The worker dies, before or after its commit, and another begins."""
    wipes: int = 0
    """The broker loses everything it knew."""
    forgets: int = 0
    repeats: int = 0
    reorders: int = 0
    waits: int = 0
    """N6 strikes although something is still on its way."""
    tears: int = 0
    """A fact in the journal becomes unreadable."""
    salvages: int = 0
    prunes: int = 0
    cards: int = 0
    """The journal is replaced by an older copy of itself."""
    backups: int = 0
    """Head office's database is replaced by an older copy of itself."""

    def spend(self, name: str) -> Budget:
        return Budget(*(count - (field == name) for field, count in zip(self._fields, self, strict=True)))


class State(NamedTuple):
    left: Budget
    journal: tuple[Held, ...] = (Held(1),)
    lanes: tuple[Lane, ...] = (Lane(0, 0),)
    online: bool = False
    out: tuple[tuple[Message, int], ...] = ()
    """Handed to the broker's client, not confirmed: with the sequence that a confirmation confirms, or 0."""
    retained: Birth | None = None
    to_cloud: tuple[Message, ...] = ()
    to_node: tuple[Ack, ...] = ()
    listening: bool = False
    beginnings: int = 0
    cloud: Cloud = Cloud()
    written: int = 0
    epochs: int = 1
    told_aside: frozenset[int] = frozenset()
    """Facts of which the node knows that they are in quarantine."""
    card: tuple[Held, ...] | None = None
    backup: Cloud | None = None
    card_was_restored: bool = False
    office_was_restored: bool = False
