"""How soon something that failed is started again: five quick tries a minute, then back-off. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

__all__ = ["RestartLimits", "RestartPlan", "Restarts"]

MINUTE_S: Final = 60.0


@dataclass(frozen=True)
class RestartLimits:
    """All times in seconds."""

    quick_tries: int = 5
    within_s: float = MINUTE_S
    """Frigate's watchdog: a fault that five tries in a minute do not cure is not cured by a sixth."""
    quick_s: float = 1.0
    back_off_s: float = MINUTE_S
    back_off_most_s: float = 600.0


@dataclass(frozen=True)
class RestartPlan:
    wait_s: float
    is_back_off: bool
    """True: quick tries are used up, somebody should know."""


class Restarts:
    """The failures of one member. Times are of the monotonic clock."""

    def __init__(self, limits: RestartLimits) -> None:
        self._limits = limits
        self._recent: deque[float] = deque()
        self._next_back_off_s = limits.back_off_s

    def failed(self, now: float, ran_s: float) -> RestartPlan:
        """Plan the next start. ran_s: how long it had run; as long as the limits' window forgives what was before."""
        limits = self._limits
        if ran_s >= limits.within_s:
            self._recent.clear()
            self._next_back_off_s = limits.back_off_s
        while self._recent and now - self._recent[0] >= limits.within_s:
            self._recent.popleft()
        self._recent.append(now)
        is_backing_off = self._next_back_off_s > limits.back_off_s
        if len(self._recent) <= limits.quick_tries and not is_backing_off:
            return RestartPlan(limits.quick_s, False)
        wait_s = self._next_back_off_s
        self._next_back_off_s = min(2 * wait_s, limits.back_off_most_s)
        return RestartPlan(wait_s, True)
