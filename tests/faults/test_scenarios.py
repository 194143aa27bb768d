"""A small piece of each scenario of the campaign, by a fixed seed: nothing lost, nothing doubled, every sum right."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.__main__ import SCENARIOS
from tests.faults.campaign import Outcome, Terms
from tests.faults.links import bad_weather, cut_with_a_queue
from tests.faults.machines import clock_jumps, disk_full, restored_card
from tests.faults.page import PAGE, page_of, read_runs
from tests.faults.registers import cut_after_every_byte, moods
from tests.faults.storms import at_any_moment

pytestmark = pytest.mark.faults

SEED = 20261121
LONGEST_S = 300.0
STRIDE = 23
"""Bytes of a receipt between two cuts; `make faults` cuts after every one."""
PER_MOOD = 1
QUEUED = 60


def terms(folder: Path, *, hits: int, sales: int = 0, has_postgres: bool = False) -> Terms:
    return Terms(SEED, folder / "scenario", hits, sales, time.monotonic() + LONGEST_S, has_postgres)


@pytest.mark.parametrize(
    ("play", "hits"),
    [(bad_weather, 5), (moods, PER_MOOD), (disk_full, 4), (clock_jumps, 6)],
)
def test_nothing_is_lost_or_doubled(play: Callable[[Terms], Outcome], hits: int, tmp_path: Path) -> None:
    outcome = play(terms(tmp_path, hits=hits))
    assert outcome.faults.total() >= hits
    assert outcome.verdict is not None
    assert set(outcome.verdict.troubles.values()) == {0}
    assert outcome.verdict.sales > 0


def test_whatever_is_killed_at_any_moment_costs_nothing(tmp_path: Path) -> None:
    outcome = at_any_moment(terms(tmp_path, hits=1, has_postgres=True))
    assert outcome.verdict is not None
    assert set(outcome.verdict.troubles.values()) == {0}


def test_a_queue_of_sales_outlives_the_link_and_the_brokers_memory(tmp_path: Path) -> None:
    outcome = cut_with_a_queue(terms(tmp_path, hits=1, sales=QUEUED))
    assert outcome.verdict is not None
    assert set(outcome.verdict.troubles.values()) == {0}
    assert outcome.facts["documents that waited"] >= QUEUED


def test_a_receipt_cut_after_any_byte_is_printed_once(tmp_path: Path) -> None:
    outcome = cut_after_every_byte(terms(tmp_path, hits=1), stride=STRIDE)
    assert outcome.facts["receipts"] == outcome.faults.total() + 2 * 3


def test_a_card_of_last_week_is_found_out_and_no_sale_is_lost(tmp_path: Path) -> None:
    outcome = restored_card(terms(tmp_path, hits=1))
    assert "EVT-420" in outcome.facts["on the list"]


def test_every_scenario_has_a_name_of_its_own() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_the_committed_page_is_the_generated_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_of(read_runs())
