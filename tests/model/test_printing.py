"""The printing machine, explored: never two receipts on paper, and none missing that is counted as printed."""

from __future__ import annotations

import itertools

import pytest

from edge.checkout.fiscal_settling import Verdict
from tests.model.printing import Phase, Register, Till, allowed, explore, verdict

KINDS = [
    Register(tells_totals=totals, tells_items=items, numbers_dropped=numbers)
    for totals, items, numbers in itertools.product([True, False], repeat=3)
]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: f"totals {kind[0]}, items {kind[1]}, drops {kind[2]}")
def states(request: pytest.FixtureRequest) -> set[Till]:
    return explore(Till(request.param))


def test_a_receipt_is_on_paper_once_when_it_counts_as_printed_and_never_twice(states: set[Till]) -> None:
    printed = {(till.job.phase, till.register.printed) for till in states}
    assert {count for phase, count in printed if phase is Phase.DONE} == {1}
    assert {count for phase, count in printed if phase in (Phase.PENDING, Phase.CANCELLING)} == {0}
    assert {count for _, count in printed} == {0, 1}


def test_the_engine_decides_in_every_doubt_what_is_really_true(states: set[Till]) -> None:
    in_doubt = [
        till
        for till in states
        if till.job.phase is Phase.UNKNOWN or (till.job.phase is Phase.CANCELLING and not till.job.must_act)
    ]
    wrong = [(till, verdict(till)) for till in in_doubt if verdict(till) not in allowed(till)]
    assert wrong == []
    unheard_of = {Verdict.ADOPT for till in states if not till.register.tells_totals}
    assert {verdict(till) for till in in_doubt} == set(Verdict) - unheard_of
