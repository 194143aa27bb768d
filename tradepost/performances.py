"""`tradepost demo` and `tradepost replay`: what they show and write. The work is done by `tradepost.play`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

import simulators.customers
from shared.money import money_text
from tradepost.play import Figures, Play, PlayFailed
from tradepost.processes import ChildFailed, Household, ending_like_ctrl_c
from tradepost.reconciliation import Report
from tradepost.stage import CASHIER_PIN, HEAD_OFFICE, MANAGER, MANAGER_PIN

__all__ = ["perform_demo", "perform_replay"]

CUT: Final = Path(simulators.customers.__file__).parent / "data" / "online_retail_cut.csv.gz"

console = Console(stderr=True)


def perform_demo(
    *,
    branches: int,
    duration_s: float | None,
    report: Path | None,
    info: Path | None,
    home: Path | None,
    record: Path | None,
    pause_s: float,
    database_url: str | None = None,
    has_embedded_broker: bool = False,
) -> None:
    with _household(home) as household, _failures_shown():
        play = Play(
            household,
            record or CUT,
            branches=branches,
            pause_s=pause_s,
            database_url=database_url,
            has_embedded_broker=has_embedded_broker,
            has_visitors=True,
        )
        play.open(_say)
        addresses = _addresses(play)
        _show_addresses(play, addresses)
        if info is not None:
            info.write_text(json.dumps(addresses, indent=1) + "\n")
        with _live() as show:
            play.run(duration_s=duration_s, show=show)
        found, _ = play.report()
        _conclude(found, found.as_dict(), report)
        if duration_s is None and not play.was_interrupted:
            console.print("All customers have been served. The shop stays open until Ctrl-C.")
            _wait_for_ctrl_c()


def perform_replay(
    file: Path,
    *,
    branches: int,
    limit: int | None,
    report: Path | None,
    home: Path | None,
    database_url: str | None = None,
) -> None:
    with _household(home) as household, _failures_shown():
        try:
            play = Play(household, file, branches=branches, limit=limit, database_url=database_url)
        except ValueError as error:
            raise SystemExit(str(error)) from error
        play.open(_say)
        with _live() as show:
            play.run(duration_s=None, show=show)
        found, log = play.report()
        plan = play.plan
        whole: dict[str, Any] = {
            **found.as_dict(),
            "lines": plan.lines,
            "sold": plan.sold,
            "returned": plan.returned,
            "refused": {str(reason): count for reason, count in sorted(plan.refused.items())},
            "money_sold_minor": log.money_sold_minor,
            "money_returned_minor": log.money_returned_minor,
            "return_price_difference_minor": plan.return_price_difference_minor,
        }
        _conclude(found, whole, report)


def _addresses(play: Play) -> dict[str, Any]:
    return {
        "till_urls": [branch.till_url for branch in play.branches],
        "office_url": play.stage.office_url,
        "api_url": play.stage.office_url + "/api/v1",
        "cashier": {"name": "Anna S.", "pin": CASHIER_PIN},
        "manager": {"login": MANAGER[0], "password": MANAGER[1], "pin": MANAGER_PIN},
        "head_office": {"login": HEAD_OFFICE[0], "password": HEAD_OFFICE[1]},
    }


def _show_addresses(play: Play, addresses: dict[str, Any]) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2))
    for branch in play.branches:
        table.add_row(f"till of {branch.id}", branch.till_url)
    table.add_row("head office", addresses["office_url"])
    table.add_row("API's description", addresses["api_url"] + "/openapi.json")
    table.add_row("cashier's PIN", CASHIER_PIN)
    table.add_row("manager", f"{MANAGER[0]} / {MANAGER[1]}   PIN {MANAGER_PIN}")
    table.add_row("head office login", f"{HEAD_OFFICE[0]} / {HEAD_OFFICE[1]}")
    table.add_row("broker", play.stage.broker_name)
    console.print(table)


def _say(text: str) -> None:
    console.print(f"[dim]{text}[/dim]")


@contextmanager
def _household(home: Path | None) -> Iterator[Household]:
    folder = home or Path(tempfile.mkdtemp(prefix="tradepost-"))
    if home is not None and home.exists() and any(home.iterdir()):
        raise SystemExit(f"{home} is not empty: a run begins in a folder of its own")
    try:
        with ending_like_ctrl_c(), Household(folder) as household:
            yield household
    finally:
        if home is None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _failures_shown() -> Iterator[None]:
    try:
        yield
    except (ChildFailed, PlayFailed) as failure:
        console.print(f"[bold]stopped:[/bold] {failure}", markup=True, highlight=False)
        raise SystemExit(1) from failure


@contextmanager
def _live() -> Iterator[Any]:
    """Figures that change in place on a terminal, and a line every five seconds elsewhere."""
    if not console.is_terminal:
        yield _Lines()
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        yield lambda figures: live.update(_table(figures))


class _Lines:
    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, figures: Figures) -> None:
        if figures.wall_s >= self._next:
            self._next = figures.wall_s + 5
            console.print(
                f"{figures.wall_s:6.0f} s  {figures.visits_done:,} of {figures.visits:,} customers,"
                f" {money_text(figures.money_minor, 'GBP')} GBP, at head office {figures.in_cloud:,},"
                f" to send {figures.unsynced:,}",
                highlight=False,
            )


def _table(figures: Figures) -> Table:
    table = Table(title=f"{figures.wall_s:.0f} s", box=None)
    for head in ("customers", "sales", "returns", "GBP at the tills", "at head office", "to send"):
        table.add_column(head, justify="right")
    table.add_row(
        f"{figures.visits_done:,} of {figures.visits:,}",
        f"{figures.sales:,}",
        f"{figures.returns:,}",
        money_text(figures.money_minor, "GBP"),
        f"{figures.in_cloud:,}",
        f"{figures.unsynced:,}",
    )
    return table


def _conclude(found: Report, whole: dict[str, Any], report: Path | None) -> None:
    table = Table(title="Reconciliation", box=None, show_header=False)
    for name, value in whole.items():
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    console.print(table)
    console.print("[bold]Every sale arrived once.[/bold]" if found.is_clean else "[bold]NOT CLEAN: see above.[/bold]")
    if report is not None:
        report.write_text(json.dumps(whole, indent=1) + "\n")
    if not found.is_clean:
        sys.exit(1)


def _wait_for_ctrl_c() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return
