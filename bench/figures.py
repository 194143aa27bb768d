"""What a measurement promises, and how its rounds become figures. Nothing here runs anything.

A ratio is taken over the best ceiling of all rounds: what the machine could do once, it can do. A figure is never an
exit code: `met` says whether the issue's bound was reached, and a person reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Protocol

__all__ = ["Bound", "Measurement", "Plan", "Ratio", "Round", "at_least", "at_most", "combine"]

Round = Mapping[str, float]
"""Raw figures of one run, by name; the unit is in the name."""


@dataclass(frozen=True)
class Ratio:
    """1.0 is the ceiling itself. of, over: names of raw figures; both are rates, or both times (is_time)."""

    name: str
    of: str
    over: str
    is_time: bool = False

    def value(self, rounds: Sequence[Round]) -> float:
        figure = median(one[self.of] for one in rounds)
        ceilings = [one[self.over] for one in rounds]
        return min(ceilings) / figure if self.is_time else figure / max(ceilings)


@dataclass(frozen=True)
class Bound:
    """What the issue asks of a figure. is_most: smaller is better."""

    least: float
    stretch: float | None
    is_most: bool

    def judge(self, value: float) -> dict[str, Any]:
        shown: dict[str, Any] = {"at_most" if self.is_most else "at_least": self.least, "met": self._is_met(value)}
        if self.stretch is not None:
            shown |= {"stretch": self.stretch, "stretch_met": self._holds(value, self.stretch)}
        return shown

    def _is_met(self, value: float) -> bool:
        return self._holds(value, self.least)

    def _holds(self, value: float, bound: float) -> bool:
        return value <= bound if self.is_most else value >= bound


def at_least(least: float, stretch: float | None = None) -> Bound:
    return Bound(least, stretch, is_most=False)


def at_most(most: float, stretch: float | None = None) -> Bound:
    return Bound(most, stretch, is_most=True)


@dataclass(frozen=True)
class Plan:
    """How a measurement's raw figures are read. stated: constants that belong to its figures, such as a delay."""

    ratios: Sequence[Ratio] = ()
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    stated: Mapping[str, float] = field(default_factory=dict)


class Measurement(Protocol):
    """A module of this package: `PLAN`, `SIZES` by name (full, quick, tiny), and `measure` for one round."""

    PLAN: Plan
    SIZES: Mapping[str, Any]

    def measure(self, size: Any) -> Round: ...


def combine(plan: Plan, rounds: Sequence[Round]) -> dict[str, dict[str, Any]]:
    """Each figure with its median, what the single rounds gave, and the bound it was measured for."""
    shown: dict[str, dict[str, Any]] = {}
    for name in rounds[0]:
        values = [one[name] for one in rounds]
        shown[name] = {"value": _round(median(values)), "rounds": [_round(value) for value in values]}
    for ratio in plan.ratios:
        shown[ratio.name] = {"value": _round(ratio.value(rounds)), "of": ratio.of, "over_best": ratio.over}
    for name, bound in plan.bounds.items():
        shown[name] |= bound.judge(shown[name]["value"])
    for name, value in plan.stated.items():
        shown[name] = {"stated": value}
    return shown


def _round(value: float) -> float:
    """Four significant digits: more would pretend to know."""
    return float(f"{value:.4g}")
