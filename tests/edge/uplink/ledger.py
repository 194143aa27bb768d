"""Head office in memory, by rules C1 to C7 of docs/delivery.md and nothing else: the judge of what arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.delivery import Ack, Birth, Gone, Read, Span


class Ledger:
    def __init__(self) -> None:
        self.facts: dict[UUID, dict[int, str]] = defaultdict(dict)
        """Epoch -> sequence -> id of what was applied, in the order of application."""
        self.gone: dict[UUID, list[Span]] = defaultdict(list)
        self.forked: dict[UUID, list[str]] = defaultdict(list)
        """Ids that came under a number already used by another fact."""
        self.arrivals: list[tuple[UUID, int]] = []
        """Every sequence ever received, repeats included."""
        self.cursors: dict[UUID, int] = defaultdict(int)

    def batch(self, facts: list[dict[str, Any]]) -> Ack:
        epoch = UUID(facts[0]["epoch"])
        quarantined: list[UUID] = []
        read: list[dict[str, Any]] = []
        for fact in facts:
            sequence, event_id = fact["sequence"], fact["id"]
            self.arrivals.append((epoch, sequence))
            if sequence > self.cursors[epoch] + 1:
                gap = Span(first=self.cursors[epoch] + 1, last=sequence - 1)
                return self._ack(epoch, quarantined, gap, read)
            read.append(fact)
            if sequence == self.cursors[epoch] + 1:
                self.facts[epoch][sequence] = event_id
                self.cursors[epoch] = sequence
            elif self.facts[epoch].get(sequence, event_id) != event_id:
                self.forked[epoch].append(event_id)
                quarantined.append(UUID(event_id))
        return self._ack(epoch, quarantined, None, read)

    def birth(self, birth: Birth) -> list[Ack]:
        return [self._ack(held.epoch, [], None) for held in birth.epochs]

    def missing(self, gone: Gone) -> Ack:
        if gone.span.first <= self.cursors[gone.epoch] + 1 <= gone.span.last:
            self.gone[gone.epoch].append(gone.span)
            self.cursors[gone.epoch] = gone.span.last
        return self._ack(gone.epoch, [], None)

    def restore(self, epoch: UUID, cursor: int) -> None:
        """As if from an older backup."""
        self.cursors[epoch] = min(self.cursors[epoch], cursor)
        kept = {sequence: event for sequence, event in self.facts[epoch].items() if sequence <= cursor}
        self.facts[epoch] = kept

    def _ack(self, epoch: UUID, quarantined: list[UUID], gap: Span | None, read: Sequence[dict[str, Any]] = ()) -> Ack:
        ends = [(read[0]["sequence"], read[-1]["sequence"], read[-1]["id"])] if read else []
        return Ack(
            epoch=epoch,
            upto=self.cursors[epoch],
            quarantined=tuple(quarantined),
            gap=gap,
            fork=bool(quarantined),
            read=tuple(Read(first=first, last=last, last_id=UUID(id)) for first, last, id in ends),
        )
