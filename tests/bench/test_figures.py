"""How rounds become figures, and what stands beside them."""

from __future__ import annotations

from bench.figures import Plan, Ratio, at_least, at_most, combine


def test_a_ratio_is_over_the_best_ceiling_of_all_rounds() -> None:
    rates = Ratio("over_copy", "sales_per_s", "copy_per_s")
    times = Ratio("probe_over_commit", "commit_ms", "probe_ms", is_time=True)
    rounds = [
        {"sales_per_s": 40.0, "copy_per_s": 100.0, "commit_ms": 8.0, "probe_ms": 2.0},
        {"sales_per_s": 50.0, "copy_per_s": 200.0, "commit_ms": 4.0, "probe_ms": 1.0},
        {"sales_per_s": 90.0, "copy_per_s": 150.0, "commit_ms": 2.0, "probe_ms": 3.0},
    ]
    assert (rates.value(rounds), times.value(rounds)) == (0.25, 0.25)


def test_bounds_stand_beside_their_figures_whichever_way_is_better() -> None:
    plan = Plan(bounds={"rate": at_least(3, 5), "time_ms": at_most(10, 4)}, stated={"delay_ms": 20})
    shown = combine(plan, [{"rate": 4.0, "time_ms": 4.0, "other": 1.23456}])
    assert shown == {
        "rate": {"value": 4.0, "rounds": [4.0], "at_least": 3, "met": True, "stretch": 5, "stretch_met": False},
        "time_ms": {"value": 4.0, "rounds": [4.0], "at_most": 10, "met": True, "stretch": 4, "stretch_met": True},
        "other": {"value": 1.235, "rounds": [1.235]},
        "delay_ms": {"stated": 20},
    }
