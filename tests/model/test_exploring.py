"""The model of docs/delivery.md, explored: lost 0, doubled 0, and settled in the end."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import assume, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.model import delivery
from tests.model.delivery import begin, moves, reconnected, step
from tests.model.exploring import SCENES, breaches, explore, healed, unsettled
from tests.model.states import Ack, Budget, Gone, Held, Lane

MOST_WIDE = Budget(
    facts=6, crashes=4, breaks=4, deaths=4, wipes=2, forgets=4, repeats=4, reorders=4, waits=4, tears=2, salvages=2,
    prunes=2, cards=2, backups=1,
)  # fmt: skip


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_is_lost_or_doubled_in_any_state_and_all_is_settled_in_the_end(scene: str) -> None:
    found = explore(SCENES[scene])
    assert found.quiet > 0


class LongWalk(RuleBasedStateMachine):
    """Far beyond the bounds of what is explored whole."""

    def __init__(self) -> None:
        super().__init__()
        self.state = begin(MOST_WIDE)

    @rule(choice=st.integers(0, 2**16))
    def something_happens(self, choice: int) -> None:
        possible = list(moves(self.state))
        assume(possible)
        self.state = step(self.state, possible[choice % len(possible)])

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        assert list(breaches(self.state)) == []

    def teardown(self) -> None:
        assert list(unsettled(healed(reconnected(healed(self.state))))) == []


LongWalk.TestCase.settings = settings(max_examples=40, stateful_step_count=80, deadline=None)
TestLongWalk = LongWalk.TestCase


def _believes_any_ack(held: Held, read: int, ack: Ack) -> int:
    return held.last


def _forgets_to_go_back(held: Held, lane: Lane) -> Lane:
    return lane


def _tells_no_loss(held: Held, first: int, last: int) -> list[Gone]:
    return []


BROKEN = [
    ("_read", _believes_any_ack, Budget(facts=2, cards=1, forgets=1), "counts 1/1 as settled, and it is not"),
    ("_rewound", _forgets_to_go_back, Budget(facts=1, crashes=1, deaths=1), "it never comes to rest"),
    ("_missing", _tells_no_loss, Budget(facts=2, tears=1), "it never comes to rest"),
]


@pytest.mark.parametrize(("rule", "broken", "budget", "breach"), BROKEN, ids=[case[0] for case in BROKEN])
def test_a_broken_rule_is_found(
    monkeypatch: pytest.MonkeyPatch, rule: str, broken: object, budget: Budget, breach: str
) -> None:
    monkeypatch.setattr(delivery, rule, broken)
    with pytest.raises(AssertionError, match=breach):
        explore(budget)
