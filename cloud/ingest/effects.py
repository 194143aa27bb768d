"""What facts do to the ledgers: the place a fact happened in, and the one object that all projections of a batch share.

A projection only ever sees facts that are stored for the first time, in the transaction that stores them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.bulk import Ids
from cloud.fleet.exceptions import Answered, Raised
from shared.clock import business_date
from shared.envelope import Envelope
from shared.events import Payload

__all__ = ["Effects", "NewFact", "Place", "Projection", "Totals"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node's facts happen."""

    branch: str
    zone: ZoneInfo
    warehouse: UUID
    """The branch's main warehouse: its tills sell from there."""


class NewFact:
    """A fact on its way into the ledgers."""

    def __init__(self, envelope: Envelope, name: str, payload: Payload, body: str, place: Place) -> None:
        self.envelope = envelope
        self.name = name
        self.payload: Any = payload
        self.body = body
        self.place = place
        self.sequence: int | None = envelope.sequence
        """Cleared for one whose number another fact has."""
        self.businessdate: date = envelope.businessdate or business_date(envelope.time, place.zone)
        """As the gateway stamped it; worked out from the time only where it stamped none."""

    @property
    def hour(self) -> int:
        """0..23 on the branch's wall clock."""
        return self.envelope.time.astimezone(self.place.zone).hour


@dataclass
class Effects:
    """One batch (or a part of one) of new facts, by name, and what its projections have to say to each other."""

    tx: AsyncConnection
    received_at: datetime
    facts: dict[str, list[NewFact]] = field(default_factory=dict)
    raised: list[Raised] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = Ids(self.tx.dialect.name)
        """For rows of tables that grow by many a batch."""

    def of(self, *names: str) -> Iterable[NewFact]:
        """The facts of these kinds, in the order they came."""
        for name in names:
            yield from self.facts.get(name, ())

    def raise_(
        self, code: str, fact: NewFact, about: str, subject: object, *, again: str = "", **parameters: str | int
    ) -> None:
        """Put something that a fact tells on the exception list; `about` as in `Raised`."""
        self.raised.append(
            Raised(
                code=code,
                about=about,
                branch=fact.place.branch,
                node=fact.envelope.node,
                at=fact.envelope.time,
                subject=str(subject),
                parameters=parameters,
                again=again,
            )
        )


Projection = Callable[[Effects], Awaitable[None]]
"""Facts of a batch -> rows of one part, set-based. Raises only for rows the database refuses."""


class Totals(dict[tuple[Any, ...], list[int]]):
    """Adds up in memory what a batch adds to the same row, so that the database touches it once.

    A key's sums stand in the order that was given.
    """

    def __init__(self, sums: Sequence[str]) -> None:
        super().__init__()
        self._places = {name: place for place, name in enumerate(sums)}

    def __missing__(self, key: tuple[Any, ...]) -> list[int]:
        row = self[key] = [0] * len(self._places)
        return row

    def add(self, key: tuple[Any, ...], **amounts: int) -> None:
        row = self[key]
        for name, amount in amounts.items():
            row[self._places[name]] += amount
