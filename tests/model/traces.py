"""Traces for the real thing to follow: one for each kind of move and outcome, and random ones. Each ends at rest."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.model.delivery import begin, heal, moves, step
from tests.model.states import Budget, Move, State

__all__ = ["WIDE", "covering", "outcomes", "wandering"]

WIDE = Budget(
    facts=4, crashes=2, breaks=2, deaths=2, wipes=1, forgets=2, repeats=2, reorders=2, waits=2, tears=1, salvages=1,
    prunes=1, cards=1, backups=1,
)  # fmt: skip
LONGEST = 40
"""Moves before healing begins."""


def wandering(random: random.Random, budget: Budget = WIDE) -> tuple[State, list[Move]]:
    """A random walk, and what heals it."""
    first = state = begin(budget)
    trace: list[Move] = []
    while len(trace) < LONGEST and (possible := list(moves(state))):
        move = random.choice(possible)
        trace.append(move)
        state = step(state, move)
    return first, trace + healing(state)


def healing(state: State) -> list[Move]:
    road: list[Move] = []
    while (move := heal(state)) is not None:
        road.append(move)
        state = step(state, move)
    return road


def outcomes(state: State, move: Move, after: State) -> Iterator[str]:
    """What is new about a move, in words, so that a trace can be found for each."""
    yield str(move[0])
    for ack in after.to_node[len(state.to_node) :]:
        yield f"{move[0]}: ack, gap {ack.gap is not None}, fork {ack.fork}, began {bool(ack.began)}"
    for *_, code in after.cloud.aside - state.cloud.aside:
        yield f"{move[0]}: {code}"
    if after.cloud.losses != state.cloud.losses:
        yield f"{move[0]}: lost"
    if len(after.journal) > len(state.journal):
        yield f"{move[0]}: new epoch"
    published = [type(message).__name__ for message, _ in after.out[len(state.out) :]]
    yield f"{move[0]}: publishes {' '.join(published)}"


def covering(walks: int = 400) -> list[tuple[State, list[Move]]]:
    """The shortest of the prefixes of random walks that show each outcome, one inside another left out."""
    found: dict[str, list[Move]] = {}
    for seed in range(walks):
        first, trace = wandering(random.Random(-1 - seed), WIDE if seed % 4 else WIDE._replace(backups=0))
        state = first
        for number, move in enumerate(trace, 1):
            after = step(state, move)
            for outcome in outcomes(state, move, after):
                if outcome not in found or len(found[outcome]) > number:
                    found[outcome] = trace[:number]
            state = after
    chosen = {tuple(trace) for trace in found.values()}
    longest = [
        trace for trace in chosen if not any(other != trace and other[: len(trace)] == trace for other in chosen)
    ]
    return [(begin(WIDE), [*trace, *healing(_after(trace))]) for trace in sorted(longest, key=repr)]


def _after(trace: tuple[Move, ...]) -> State:
    state = begin(WIDE)
    for move in trace:
        state = step(state, move)
    return state
