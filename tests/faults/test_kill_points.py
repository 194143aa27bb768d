"""Every named fault point, hit again and again in a shop that sells: nothing lost, nothing doubled."""

from __future__ import annotations

import time

import pytest

from shared.faults import POINTS
from tests.faults.campaign import Outcome, Terms
from tests.faults.storms import GATEWAY_POINTS, OFFICE_POINTS, at_named_points

pytestmark = pytest.mark.faults

HITS = 6
"""How often each point is hit while the whole shop sells. Each part's own tests hit its points 20 times in any case
(docs/delivery.md, Fault points); `make faults` asks for hundreds.
"""
LONGEST_S = 600.0
SEED = 20261121


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("storm")
    terms = Terms(SEED, folder, HITS, sales=HITS * 10, ends_at=time.monotonic() + LONGEST_S, has_postgres=False)
    return at_named_points(terms, branches=2)


def test_the_storm_knows_every_point() -> None:
    assert set(GATEWAY_POINTS) | set(OFFICE_POINTS) == POINTS


@pytest.mark.parametrize("point", sorted(POINTS))
def test_the_point_was_hit_often_enough(storm: Outcome, point: str) -> None:
    assert storm.faults[point] >= HITS


def test_nothing_was_lost_or_doubled_and_every_sum_is_right(storm: Outcome) -> None:
    assert storm.verdict is not None
    assert set(storm.verdict.troubles.values()) == {0}


def test_the_shop_went_on_selling(storm: Outcome) -> None:
    assert storm.verdict is not None
    assert storm.verdict.sales > HITS
