"""One run of a shop's record on the stage, from opening to reconciliation; demo and replay differ only in pace.

Everything is a separate process; this one only looks on, counts, and asks the three witnesses at the end.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError

from simulators.customers.retail import BranchPlan, Plan, make_plan, read_lines
from simulators.customers.shopper import PATIENCE_S
from tradepost.processes import Child, Household
from tradepost.reconciliation import CustomersLog, Report, read_log, reconcile
from tradepost.stage import SimulatedBranch, Stage

__all__ = ["Figures", "Play", "PlayFailed"]

_LOOK_S: Final = 0.5
_SETTLE_S: Final = 600.0
"""After the last customer: how long facts may take to arrive before they are reported as unsynced. A gateway that has
met a silent head office again and again waits up to 160 s before it sends once more (docs/delivery.md, N6)."""


class PlayFailed(Exception):
    """A process ended that should not have, with what it complained about."""


class _LogTail:
    """The customers' log as it grows: counts, without reading again what was read."""

    def __init__(self) -> None:
        self._offset = 0
        self.sales = 0
        self.returns = 0
        self.money_minor = 0

    def look(self, path: Path) -> None:
        if not path.exists():
            return
        with path.open("rb") as stream:
            stream.seek(self._offset)
            for line in stream:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                self._count(json.loads(line))

    def _count(self, entry: dict[str, Any]) -> None:
        if entry["kind"] == "sale":
            self.sales += 1
            self.money_minor += entry["total_minor"]
        elif entry["kind"] == "return":
            self.returns += 1
            self.money_minor -= entry["total_minor"]


@dataclass(frozen=True)
class Figures:
    """What the terminal shows while it runs."""

    wall_s: float
    visits_done: int
    visits: int
    sales: int
    returns: int
    money_minor: int
    in_cloud: int
    unsynced: int


class Play:
    """Open it, let it run, close it: `open`, `run`, `report`."""

    def __init__(
        self,
        household: Household,
        csv: Path,
        *,
        branches: int,
        limit: int | None = None,
        pause_s: float = 0.0,
        register_speed: str = "fast",
        database_url: str | None = None,
        has_embedded_broker: bool = False,
        has_visitors: bool = False,
    ) -> None:
        """has_visitors: each branch has a till of its own for whoever watches."""
        self._has_visitors = has_visitors
        self._household = household
        self._csv = csv
        self._limit = limit
        self._pause_s = pause_s
        self.plan: Plan = make_plan(read_lines(csv, limit), branches)
        self.stage = Stage(
            household,
            register_speed=register_speed,
            database_url=database_url,
            has_embedded_broker=has_embedded_broker,
        )
        self.branches: list[SimulatedBranch] = []
        self._customers: Child
        self._log_path: Path
        self._tail = _LogTail()
        self.was_interrupted = False
        self._begun = time.monotonic()

    def open(self, say: Callable[[str], None]) -> None:
        """Head office, broker, shelves and branches; says each step."""
        ids = _branch_ids(self.plan.branches)
        say("opening head office")
        self.stage.open_office([(id, _branch_name(plan)) for id, plan in zip(ids, self.plan.branches, strict=True)])
        say(f"stocking {len(self.plan.articles):,} articles, {len(self.plan.customers):,} customers")
        self.stage.stock_shelves(self.plan.articles, self.plan.customers)
        for index, id in enumerate(ids):
            say(f"opening branch {id}")
            name = _branch_name(self.plan.branches[index])
            self.branches.append(self.stage.open_branch(index, id, name, has_visitors=self._has_visitors))

    def run(self, *, duration_s: float | None, show: Callable[[Figures], None]) -> None:
        """Let the customers in until all are served, or for this long. KeyboardInterrupt ends it early, in order."""
        self.admit()
        try:
            while not self.all_served:
                self._nobody_fell()
                show(self.figures())
                if duration_s is not None and time.monotonic() - self._begun >= duration_s:
                    break
                time.sleep(_LOOK_S)
        except KeyboardInterrupt:
            self.was_interrupted = True
        self.close_doors(show)

    def admit(self, *, patience_s: float = PATIENCE_S) -> None:
        """Let the customers in."""
        self._begun = time.monotonic()
        self._customers, self._log_path = self.stage.customers(
            self.branches, self._csv, limit=self._limit, pause_s=self._pause_s, patience_s=patience_s
        )

    @property
    def all_served(self) -> bool:
        return self._customers.process.poll() is not None

    def close_doors(self, show: Callable[[Figures], None]) -> None:
        """Let those at the tills finish, then wait until everything has reached head office."""
        self._customers.stop()
        if self._customers.process.returncode:
            raise PlayFailed(f"the customers gave up: {self._customers.complaint()}")
        self._settle(show)

    def report(self) -> tuple[Report, CustomersLog]:
        """Ask the witnesses."""
        log = read_log(self._log_path)
        report = reconcile(
            log,
            self.stage.office,
            branches={branch.id: branch.customers_till for branch in self.branches},
            memories=[branch.fiscal_memory for branch in self.branches],
            visitors_memories=[branch.visitors_memory for branch in self.branches if branch.visitors_memory],
            scanner_outputs=[branch.scanner_output for branch in self.branches],
            wall_s=time.monotonic() - self._begun,
        )
        return report, log

    def _settle(self, show: Callable[[Figures], None]) -> None:
        deadline = time.monotonic() + _SETTLE_S
        while time.monotonic() < deadline:
            figures = self.figures()
            show(figures)
            if figures.unsynced == 0 and figures.in_cloud >= figures.sales + figures.returns:
                return
            time.sleep(_LOOK_S)

    def _nobody_fell(self) -> None:
        fallen = [child for child in self._household.ended() if child is not self._customers]
        if fallen:
            raise PlayFailed("; ".join(f"{child.name} ended: {child.complaint()}" for child in fallen))

    def figures(self) -> Figures:
        """How it stands now."""
        log = self._tail
        log.look(self._log_path)
        panel = self._panel()
        return Figures(
            wall_s=time.monotonic() - self._begun,
            visits_done=log.sales + log.returns,
            visits=sum(len(branch.visits) for branch in self.plan.branches),
            sales=log.sales,
            returns=log.returns,
            money_minor=log.money_minor,
            in_cloud=sum(sums["sales"] + sums["returns"] for place in panel for sums in place["money"]),
            unsynced=sum(place["unsynced"] for place in panel),
        )

    def _panel(self) -> list[dict[str, Any]]:
        try:
            found: list[dict[str, Any]] = self.stage.office.get("/api/v1/panel")["branches"]
        except (HTTPError, URLError, TimeoutError):
            return []
        return found


def _branch_ids(branches: tuple[BranchPlan, ...]) -> list[str]:
    """Named after the country that owns it; the shared one is called others."""
    ids = []
    for number, branch in enumerate(branches, start=1):
        own = next(iter(branch.countries)) if len(branch.countries) == 1 else ""
        slug = re.sub(r"[^a-z0-9]+", "-", own.lower()).strip("-")[:40]
        ids.append(slug if slug and slug not in ids else f"others-{number}")
    return ids


def _branch_name(branch: BranchPlan) -> str:
    return ", ".join(sorted(branch.countries)[:3]) + (" and others" if len(branch.countries) > 3 else "") or "Others"
