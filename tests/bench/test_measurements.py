"""Each measurement runs, at a size that takes seconds, and gives the figures that its bounds and ratios name.

No timing is asserted here: a figure never decides a test.
"""

from __future__ import annotations

import importlib
from typing import cast

import pytest

from bench.figures import Measurement, combine

PLAIN = ("journal_commit", "lookup", "gateway", "ingest", "ingest_broker", "live")
IN_CHROMIUM = ("scan_to_line", "till_page")


def run(name: str) -> None:
    measurement = cast(Measurement, importlib.import_module(f"bench.{name}"))
    found = measurement.measure(measurement.SIZES["tiny"])
    shown = combine(measurement.PLAN, [found])
    assert set(measurement.PLAN.bounds) <= set(shown)
    assert [name for name, value in found.items() if value < 0] == []
    assert {"full", "quick", "tiny"} == set(measurement.SIZES)


@pytest.mark.parametrize("name", PLAIN)
def test_it_runs_and_gives_its_figures(name: str) -> None:
    run(name)


@pytest.mark.browser
@pytest.mark.parametrize("name", IN_CHROMIUM)
def test_it_runs_in_chromium_and_gives_its_figures(name: str) -> None:
    run(name)
