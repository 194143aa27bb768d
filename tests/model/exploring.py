"""Every state that the model can come to within a budget, each held against what must always be true.

Breadth first, so the path to a breach is a shortest one. That everything is settled in the end is checked of every
state too: its road without further faults leads through states that were met before, to one that is quiet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.model.delivery import begin, heal, moves, reconnected, step
from tests.model.states import Budget, Held, Move, State

__all__ = ["SCENES", "Explored", "breaches", "explore", "healed", "path_to", "unsettled"]

LONGEST_HEALING: Final = 200
"""Moves; the model needs fewer than 60."""


@dataclass
class Explored:
    """came_by: each state, and the one before it with the move between."""

    came_by: dict[State, tuple[State, Move] | None]
    transitions: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """How often each kind of move was made."""
    healing: dict[State, State] = field(default_factory=dict)
    """Where a state goes next when nothing goes wrong any more."""
    quiet: int = 0
    """States in which nothing is left to do."""


def _places(state: State) -> set[tuple[int, int, int]]:
    return {place[:3] for place in state.cloud.aside} | set(state.cloud.effects)


def breaches(state: State) -> Iterator[str]:
    """What must be true in every state, whatever has happened."""
    cloud = state.cloud
    applied = Counter(fact for _, _, fact in cloud.effects)
    for fact, times in applied.items():
        if times > 1:
            yield f"doubled: fact {fact} applied {times} times"
    settled = {place[:2] for place in _places(state)}
    lost = {(epoch, n) for epoch, first, last in cloud.losses for n in range(first, last + 1)}
    for row in cloud.rows:
        order = [sequence for epoch, sequence, _ in cloud.effects if epoch == row.epoch]
        if order != sorted(order):
            yield f"epoch {row.epoch} applied out of order"
        for sequence in range(1, row.upto + 1):
            if (row.epoch, sequence) not in settled | lost:
                yield f"cursor of epoch {row.epoch} stands over {sequence}, which is nowhere"
    at_office = {fact for _, _, fact in _places(state)}
    for held in state.journal:
        yield from _node_breaches(state, held, at_office, lost)


def _node_breaches(state: State, held: Held, at_office: set[int], lost: set[tuple[int, int]]) -> Iterator[str]:
    if state.office_was_restored:
        return  # what an older copy of head office has forgotten, it gets again: see `unsettled`
    taken = lost | _taken_before(state)
    for sequence, fact in enumerate(held.facts, 1):
        is_missing = abs(fact) not in at_office and (fact > 0 or (held.epoch, sequence) not in taken)
        if fact and sequence <= held.cursor and is_missing:
            yield f"the node counts {held.epoch}/{sequence} as settled, and it is not"
        is_given_up = (held.epoch, sequence) in lost and fact not in at_office
        if fact > 0 and is_given_up and not state.card_was_restored:
            yield f"{held.epoch}/{sequence} was given up as lost, and is readable"


def _taken_before(state: State) -> set[tuple[int, int]]:
    """Numbers that head office has from what the journal was before it was put back: no loss can be told of them."""
    return {place[:2] for place in _places(state)} if state.card_was_restored else set()


def unsettled(state: State) -> Iterator[str]:
    """What must be true when faults have stopped and all is quiet."""
    at_office = {fact for _, _, fact in _places(state)}
    settled = {place[:2] for place in _places(state)}
    lost = {(epoch, n) for epoch, first, last in state.cloud.losses for n in range(first, last + 1)}
    for held in state.journal:
        for sequence, fact in enumerate(held.facts, 1):
            if fact > 0 and fact not in at_office:
                yield f"fact {fact} at {held.epoch}/{sequence} never arrived"
            is_pruned = not fact and (held.epoch, sequence) in settled
            is_told = is_pruned or (held.epoch, sequence) in lost | _taken_before(state) or abs(fact) in at_office
            if fact <= 0 and not is_told:
                yield f"{held.epoch}/{sequence} is unreadable, and nobody was told"
        if held.cursor != held.last:
            yield f"the node waits for ever at {held.epoch}/{held.cursor} of {held.last}"


def explore(budget: Budget, *, most: int | None = None) -> Explored:
    """All states within the budget. Raises AssertionError with the shortest path to a breach.

    most: stop after so many states; those on the edge are then only checked for themselves.
    """
    first = begin(budget)
    found = Explored({first: None})
    came_by = found.came_by
    edge = [first]
    while edge:
        following = []
        for state in edge:
            for breach in breaches(state):
                raise AssertionError(_told(breach, path_to(came_by, state)))
            heals = heal(state)
            for move in moves(state):
                after = step(state, move)
                if move == heals:
                    found.healing[state] = after
                found.transitions += 1
                found.kinds[str(move[0])] += 1
                if after not in came_by:
                    came_by[after] = (state, move)
                    following.append(after)
        edge = following if most is None or len(came_by) < most else []
    _check_healing(found)
    return found


def _check_healing(found: Explored) -> None:
    healthy: set[State] = set()
    for state in found.came_by:
        road: list[State] = []
        at = state
        while at not in healthy:
            road.append(at)
            if len(road) > LONGEST_HEALING:
                raise AssertionError(_told("it never comes to rest", path_to(found.came_by, state)))
            move = heal(at)
            if move is None:
                found.quiet += 1
                for breach in unsettled(_at_last(at)):
                    raise AssertionError(_told(breach, [*path_to(found.came_by, state), ("and heals",)]))
                break
            at = found.healing.get(at) or step(at, move)
        healthy.update(road)


def _at_last(quiet: State) -> State:
    return healed(reconnected(quiet)) if quiet.office_was_restored else quiet


def healed(state: State) -> State:
    """Where it comes to without further faults."""
    while (move := heal(state)) is not None:
        state = step(state, move)
    return state


def path_to(came_by: dict[State, tuple[State, Move] | None], state: State) -> list[Move]:
    path: list[Move] = []
    while (before := came_by[state]) is not None:
        state, move = before
        path.append(move)
    return path[::-1]


def _told(breach: str, path: list[Move]) -> str:
    return "\n".join([breach, *(" ".join(map(str, move)) for move in path)])


SCENES: Final = {
    "three facts, a crash": Budget(facts=3, crashes=1),
    "a link that breaks, an ack or batch that overtakes": Budget(facts=2, breaks=1, reorders=1),
    "a worker that dies, a message that is forgotten": Budget(facts=2, deaths=1, forgets=1),
    "two crashes and a worker that dies": Budget(facts=1, crashes=2, deaths=1),
    "a broker that is wiped, and reorders": Budget(facts=2, wipes=1, reorders=1),
    "a broker that repeats, reorders and forgets": Budget(facts=2, repeats=1, reorders=1, forgets=1),
    "impatience": Budget(facts=2, waits=1, reorders=1),
    "two facts that become unreadable, pruning": Budget(facts=2, tears=2, prunes=1),
    "a salvage": Budget(facts=2, salvages=1),
    "a salvage of an unreadable fact": Budget(facts=1, salvages=1, tears=1),
    "an old card": Budget(facts=2, cards=1),
    "an old card, and a message that is forgotten": Budget(facts=2, cards=1, forgets=1),
    "an old head office": Budget(facts=2, backups=1, reorders=1),
    "an old head office that forgets what it is told": Budget(facts=1, backups=1, forgets=1, deaths=1),
}
"""What `make test` explores to the end, in seconds each. Larger bounds by hand: `python -m tests.model`."""
