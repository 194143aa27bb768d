"""The ordering rule by itself: every case of docs/delivery.md, and what holds whatever comes in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.ingest.ordering import Ordered, Verdict, judge, order


@dataclass(frozen=True)
class Came:
    sequence: int
    event_id: UUID


def came(*sequences: int) -> list[Came]:
    return [Came(sequence, UUID(int=sequence)) for sequence in sequences]


def numbers(arrivals: list[Came]) -> list[int]:
    return [arrival.sequence for arrival in arrivals]


CASES = [
    # cursor, what came, what is gone -> cursor, taken, seen, lost, gap
    ("next in line", 3, [4, 5], [], 5, [4, 5], [], [], None),
    ("nothing new", 3, [1, 3], [], 3, [], [1, 3], [], None),
    ("overlapping resend", 3, [2, 3, 4], [], 4, [4], [2, 3], [], None),
    ("a gap stops what is behind it", 3, [4, 6, 7], [], 4, [4], [], [], (5, 5)),
    ("a gap at the start", 0, [51, 52], [], 0, [], [], [], (1, 50)),
    ("two messages in the wrong order", 0, [3, 4, 1, 2], [], 4, [1, 2, 3, 4], [], [], None),
    ("the same twice at once", 0, [1, 1, 2], [], 2, [1, 2], [1], [], None),
    ("nothing came", 7, [], [], 7, [], [], [], None),
    ("gone fills the hole", 3, [6], [(4, 5)], 6, [6], [], [(4, 5)], None),
    ("gone at the end", 3, [4], [(5, 9)], 9, [4], [], [(5, 9)], None),
    ("gone begins below the cursor", 3, [], [(1, 6)], 6, [], [], [(4, 6)], None),
    ("gone is settled already", 9, [], [(4, 6)], 9, [], [], [], None),
    ("gone in two parts", 0, [5], [(3, 4), (1, 2)], 5, [5], [], [(1, 2), (3, 4)], None),
    ("what is in hand is not written off", 3, [5], [(4, 6)], 6, [5], [], [(4, 4), (6, 6)], None),
    ("gone behind a hole that is not gone", 3, [], [(6, 7)], 3, [], [], [], (4, 5)),
    ("gone fills a part of the hole", 3, [8], [(4, 5)], 5, [], [], [(4, 5)], (6, 7)),
]


@pytest.mark.parametrize(
    ("cursor", "arrivals", "gone", "after", "taken", "seen", "lost", "gap"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_decision(
    cursor: int,
    arrivals: list[int],
    gone: list[tuple[int, int]],
    after: int,
    taken: list[int],
    seen: list[int],
    lost: list[tuple[int, int]],
    gap: tuple[int, int] | None,
) -> None:
    decided = order(cursor, came(*arrivals), gone)
    assert (decided.cursor, numbers(decided.taken), numbers(decided.seen)) == (after, taken, seen)
    assert (decided.lost, decided.gap) == (lost, gap)


small = st.integers(1, 12)
spans = st.tuples(small, small).map(lambda pair: (min(pair), max(pair)))
deliveries = st.lists(st.tuples(st.lists(small, max_size=8), st.lists(spans, max_size=2)), max_size=12)


@given(deliveries)
def test_whatever_comes_every_number_is_settled_once_and_in_order(
    rounds: list[tuple[list[int], list[tuple[int, int]]]],
) -> None:
    cursor, settled = 0, []
    for arrivals, gone in rounds:
        decided: Ordered[Came] = order(cursor, came(*arrivals), gone)
        step = numbers(decided.taken) + [n for first, last in decided.lost for n in range(first, last + 1)]
        assert sorted(step) == list(range(cursor + 1, decided.cursor + 1))
        assert numbers(decided.taken) == sorted(numbers(decided.taken))
        settled += step
        cursor = decided.cursor
    assert sorted(settled) == list(range(1, cursor + 1))


@given(deliveries)
def test_only_what_was_called_gone_is_lost(rounds: list[tuple[list[int], list[tuple[int, int]]]]) -> None:
    cursor = 0
    for arrivals, gone in rounds:
        decided: Ordered[Came] = order(cursor, came(*arrivals), gone)
        told = {n for first, last in gone for n in range(first, last + 1)}
        lost = {n for first, last in decided.lost for n in range(first, last + 1)}
        assert lost <= told - set(arrivals)
        cursor = decided.cursor


@given(st.lists(small, max_size=20))
def test_a_gap_is_exactly_what_is_missing(arrivals: list[int]) -> None:
    decided: Ordered[Came] = order(0, came(*arrivals))
    missing = next(n for n in range(1, 14) if n not in arrivals)
    later = [n for n in arrivals if n > missing]
    assert decided.cursor == missing - 1
    assert decided.gap == ((missing, min(later) - 1) if later else None)


ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("at_number", "stored", "verdict"),
    [
        ({5: frozenset({ONE})}, frozenset({ONE}), Verdict.REPEAT),
        ({}, frozenset({ONE}), Verdict.REPEAT),  # under another epoch or number
        ({5: frozenset({TWO})}, frozenset(), Verdict.FORK),
        ({5: frozenset({TWO, ONE})}, frozenset(), Verdict.REPEAT),  # the fork, put aside before
        ({}, frozenset(), Verdict.LATE),
        ({6: frozenset({TWO})}, frozenset(), Verdict.LATE),
    ],
)
def test_what_was_seen_before(at_number: dict[int, frozenset[UUID]], stored: frozenset[UUID], verdict: Verdict) -> None:
    assert judge([Came(5, ONE)], at_number, stored) == [(Came(5, ONE), verdict)]


def test_a_fork_given_twice_is_a_fork_once() -> None:
    other = Came(5, TWO)
    verdicts = [verdict for _, verdict in judge([other, other], {5: frozenset({ONE})}, frozenset())]
    assert verdicts == [Verdict.FORK, Verdict.REPEAT]
