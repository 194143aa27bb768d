"""The model of docs/delivery.md, explored: lost 0, doubled 0, and settled in the end."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import assume, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.model.delivery import begin, moves, reconnected, step
from tests.model.exploring import SCENES, breaches, explore, healed, unsettled
from tests.model.states import Budget

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
