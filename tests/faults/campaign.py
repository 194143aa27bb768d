"""What a scenario is and what comes of one: terms it is run under, faults it has dealt, the verdict on it.

The scenarios themselves are in `storms`, `links`, `registers`, `machines` and `pages`; `__main__` runs them.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.verdict import Verdict

__all__ = ["Outcome", "Scenario", "Terms", "failures_of", "say"]


@dataclass(frozen=True)
class Terms:
    """What a scenario is run under."""

    seed: int
    folder: Path
    """Empty, its own."""
    hits: int
    """How often each named point, or each kind of fault, is to strike."""
    sales: int
    """How many sales are wanted under fault."""
    ends_at: float
    """On the monotonic clock: then it brings what is under way to an end and is judged."""
    has_postgres: bool = True
    """Head office on PostgreSQL; on SQLite otherwise, where that does not matter to the scenario."""

    @property
    def left_s(self) -> float:
        return max(self.ends_at - time.monotonic(), 0.0)


@dataclass(frozen=True)
class Outcome:
    """What was dealt and what came of it. verdict: None where the scenario judges by assertions of its own."""

    faults: Counter[str]
    verdict: Verdict | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    """Further figures, for the page."""


@dataclass(frozen=True)
class Scenario:
    name: str
    what: str
    """For the page: what befalls the shop, in a few words."""
    play: Callable[[Terms], Outcome]
    """Raises AssertionError when something was not as promised that the verdict does not count."""
    share: int = 1
    """Of the campaign's time, in parts."""


def say(*words: object) -> None:
    """Progress, for whoever watches."""
    sys.stderr.write(" ".join(str(word) for word in words) + "\n")
    sys.stderr.flush()


def failures_of(threads: Iterable[Any]) -> None:
    """Raise what stopped a keeper."""
    for thread in threads:
        if thread.failure is not None:
            raise thread.failure
