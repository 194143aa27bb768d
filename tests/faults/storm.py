"""A shop day in which gateways and head office are killed at every named point, again and again.

The whole system stands as the demo builds it. A keeper per process gives it a fault plan, waits until it has died at
that point (SIGKILL, from within), starts it again with the next plan, and goes on until every point has been hit
often enough. Customers go on buying all the while. What happened is judged from outside, by the demo's own witnesses.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from shared.faults import PLAN_VARIABLE
from tradepost.play import Play
from tradepost.processes import Child
from tradepost.stage import SimulatedBranch

__all__ = ["GATEWAY_POINTS", "OFFICE_POINTS", "Keeper", "keep_gateway", "keep_head_office"]

GATEWAY_POINTS: Final[Mapping[str, int]] = {
    # point -> how often it is passed at most before it kills: enough that customers get on between two deaths
    "journal.before_commit": 20,
    "journal.after_commit": 20,
    "fiscal.intent_committed": 1,
    "fiscal.register_did_it": 1,
    "fiscal.reply_read": 1,
    "fiscal.number_committed": 1,
    "uplink.before_publish": 3,
    "uplink.after_publish": 3,
    "uplink.before_cursor": 3,
    "replica.half_applied": 0,
}
OFFICE_POINTS: Final[Mapping[str, int]] = {"ingest.before_commit": 4, "ingest.after_commit": 4}

_LOOK_S: Final = 0.02

Start = Callable[[Mapping[str, str]], Child]


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
        """nudge: is told the point after each start, and makes happen what the customers do not bring about."""
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
        self.failure: BaseException | None = None

    @property
    def hits(self) -> Counter[str]:
        return Counter(self._hits.read_text().split()) if self._hits.exists() else Counter()

    def run(self) -> None:
        try:
            self._running.stop()
            while (left := self._left()) and not self._stopping.is_set():
                point = self._chance.choice(left)
                plan = {"point": point, "skip": self._chance.randint(0, self._points[point]), "hits": str(self._hits)}
                self._plan.write_text(json.dumps(plan))
                self._live_until_killed(self._start_again({PLAN_VARIABLE: str(self._plan)}), point)
            self._start_again({})
        except BaseException as failure:
            self.failure = failure

    def give_up(self) -> None:
        self._stopping.set()

    def _left(self) -> list[str]:
        hits = self.hits
        return [point for point in self._points if hits[point] < self._wanted]

    def _live_until_killed(self, child: Child, point: str) -> None:
        self._nudge(point)
        while child.process.poll() is None:
            if self._stopping.wait(_LOOK_S):
                child.stop()


def keep_gateway(play: Play, branch: SimulatedBranch, *, wanted: int, seed: int) -> Keeper:
    """A keeper of this branch's gateway. A new article at head office makes the replica move."""

    def start(environment: Mapping[str, str]) -> Child:
        return play.stage.start_gateway(branch.id, branch.home, environment, ready_s=None)

    def nudge(point: str) -> None:
        if point == "replica.half_applied":
            (branch.home / "replica.db").unlink(missing_ok=True)

    folder = play.stage.household.folder / f"{branch.id}-keeper"
    return Keeper(branch.gateway, start, GATEWAY_POINTS, wanted=wanted, folder=folder, seed=seed, nudge=nudge)


def keep_head_office(play: Play, *, wanted: int, seed: int) -> Keeper:
    def start(environment: Mapping[str, str]) -> Child:
        return play.stage.start_head_office(environment, ready_s=None)

    folder = play.stage.household.folder / "office-keeper"
    return Keeper(play.stage.office_process, start, OFFICE_POINTS, wanted=wanted, folder=folder, seed=seed)
