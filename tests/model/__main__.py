"""`python -m tests.model --facts 3 --crashes 2 --repeats 1`: explore the model to bounds of your own, and count.

Without bounds: the scenes of `make test`. A breach ends it with the shortest path. A million states take a gigabyte.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from time import perf_counter

from tests.model.exploring import SCENES, explore
from tests.model.states import Budget

__all__: list[str] = []


@dataclass(frozen=True)
class _Asked:
    budget: Budget
    most: int | None


def _asked() -> _Asked:
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    for name in Budget._fields:
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N")
    parser.add_argument("--most", type=int, metavar="STATES", help="stop the exploration after so many")
    given = vars(parser.parse_args())
    most: int | None = given.pop("most")
    return _Asked(Budget(**given), most)


def _report(name: str, budget: Budget, most: int | None) -> None:
    began = perf_counter()
    found = explore(budget, most=most)
    took = perf_counter() - began
    counts = f"{len(found.came_by):,} states, {found.transitions:,} transitions, {found.quiet:,} quiet"
    sys.stdout.write(f"{name}: {counts}, {took:.1f} s\n")


if __name__ == "__main__":
    asked = _asked()
    scenes = SCENES if asked.budget == Budget() else {"as asked": asked.budget}
    for name, budget in scenes.items():
        _report(name, budget, asked.most)
