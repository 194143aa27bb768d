"""200 damages to a journal with unsent facts, by seed: what is readable arrives, what is not is named."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.campaign import Terms
from tests.faults.pages import KINDS, MOMENTS, damaged_pages

pytestmark = pytest.mark.faults

SEEDS = 200
LONGEST_S = 600.0


def test_every_fact_on_a_readable_page_arrives_and_every_other_is_named(tmp_path: Path) -> None:
    outcome = damaged_pages(Terms(0, tmp_path, SEEDS, sales=0, ends_at=time.monotonic() + LONGEST_S))
    assert outcome.faults.total() == SEEDS
    assert set(outcome.faults) == {f"{kind}, {moment}" for kind in KINDS for moment in MOMENTS}
    assert outcome.facts["facts named as lost"] > 0
