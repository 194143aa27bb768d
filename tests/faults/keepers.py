"""Keepers: each has one process die again and again, at named points or at any moment, and leaves it running.

What a process dies of is planned from the seed; when it gets there is up to the machine.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from shared.faults import PLAN_VARIABLE
from tradepost.processes import Child

__all__ = ["Fell", "Keeper", "Reaper", "Start"]

_LOOK_S: Final = 0.01
LIFE_S: Final = 20.0
"""A life that has not come to its point by then is ended: the point is not on its way any more."""

Start = Callable[[Mapping[str, str]], Child]


class Fell(AssertionError):
    """A process ended that nobody had killed."""


class Keeper(threading.Thread):
    """Kills one process at these points, each `wanted` times, and leaves it running in the end."""

    def __init__(
        self,
        running: Child,
        start: Start,
        points: Mapping[str, int],
        *,
        wanted: int,
        folder: Path,
        seed: int,
        nudge: Callable[[str], None] = lambda point: None,
    ) -> None:
        """points: name -> how often it is passed at most before it kills. nudge: is told the point before each start,
        and makes happen what customers do not bring about.
        """
        super().__init__(daemon=True)
        folder.mkdir()
        self._running = running
        self._start_again = start
        self._points = points
        self._wanted = wanted
        self._hits = folder / "hits"
        self._plan = folder / "plan.json"
        self._chance = random.Random(seed)
        self._nudge = nudge
        self._stopping = threading.Event()
        self.outlived = 0
        """Lives that did not come to their point, and were ended by SIGKILL from outside."""
        self.failure: BaseException | None = None

    @property
    def hits(self) -> Counter[str]:
        return Counter(self._hits.read_text().split()) if self._hits.exists() else Counter()

    def give_up(self) -> None:
        """Let the life under way be the last."""
        self._stopping.set()

    def run(self) -> None:
        try:
            self._running.stop()
            while (left := self._left()) and not self._stopping.is_set():
                point = self._chance.choice(left)
                plan = {"point": point, "skip": self._chance.randint(0, self._points[point]), "hits": str(self._hits)}
                self._plan.write_text(json.dumps(plan))
                self._live(point)
            self._start_again({})
        except BaseException as failure:
            self.failure = failure

    def _left(self) -> list[str]:
        hits = self.hits
        return [point for point in self._points if hits[point] < self._wanted]

    def _live(self, point: str) -> None:
        before = self.hits.total()
        self._nudge(point)
        child = self._start_again({PLAN_VARIABLE: str(self._plan)})
        ends_at = time.monotonic() + LIFE_S
        while child.process.poll() is None:
            if self._stopping.wait(_LOOK_S) or time.monotonic() > ends_at:
                self.outlived += _kill(child)
                return
        if self.hits.total() == before:
            raise Fell(f"{child.name} ended before {point}: {child.complaint()}")


class Reaper(threading.Thread):
    """Kills whatever it is given at random moments, one after the other, until it is told to stop."""

    def __init__(self, victims: Mapping[str, Callable[[], None]], *, pause_s: float, seed: int) -> None:
        """victims: name -> kills it by SIGKILL and starts it again. pause_s: the longest between two deaths."""
        super().__init__(daemon=True)
        self._victims = victims
        self._pause_s = pause_s
        self._chance = random.Random(seed)
        self._stopping = threading.Event()
        self.hits: Counter[str] = Counter()
        self.failure: BaseException | None = None

    def give_up(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        try:
            while not self._stopping.wait(self._chance.random() * self._pause_s):
                name = self._chance.choice(sorted(self._victims))
                self._victims[name]()
                self.hits[name] += 1
        except BaseException as failure:
            self.failure = failure


def _kill(child: Child) -> int:
    try:
        os.kill(child.process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    child.process.wait()
    return 1
