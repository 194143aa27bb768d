"""`python -m bench.soak [--minutes 60]`: a company at twenty times its pace for an hour, and what it leaves behind.

Two branches sell the record's invoices, again and again, one every three seconds each: twenty times a till that serves
a customer a minute. Real Mosquitto and durable PostgreSQL. Every ten seconds each process is looked at from outside
(memory, open files, threads), the disk is measured, and a further till of each branch asks for prices. At the end the
run is reconciled like a demo, and each figure is judged by its trend after the first quarter: flat is less than 5 % an
hour of its own median. The ledgers grow with what is sold; they are judged by the sale.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.machine import family_of, memory_mb, name_machine
from bench.plot import Series, draw
from simulators.customers.retail import COLUMNS
from tests.edge.terminal.page import Page, open_page, sign_in
from tests.services import PostgresCluster
from tradepost.performances import CUT
from tradepost.play import Figures, Play
from tradepost.processes import Household
from tradepost.stage import CASHIER_PIN

__all__ = ["Soak", "Trend", "repeated", "trend"]

BRANCHES: Final = 2
EVERY_S: Final = 3.0
"""From one customer to the next: a twentieth of the minute that one takes in a shop."""
_VISIT_S: Final = 2.0
"""What a visit takes itself, as a rule: some twenty lines, payment and receipt. The pace that came of it is told."""
SAMPLE_S: Final = 10.0
PROBES: Final = 20
"""Price checks of one sample, in each branch."""
LEFT_OUT: Final = 0.25
"""Of the run: caches fill, and the first checkpoints are made."""
FLAT: Final = 0.05
_NO_MATTER: Final = 1.0
"""Of an hour's change, in the unit of the figure: a megabyte, an open file."""
Sample = dict[str, float]


@dataclass(frozen=True)
class Trend:
    """Least squares over what is left of the run. per_hour: the change in an hour."""

    median: float
    per_hour: float

    @property
    def is_flat(self) -> bool:
        return abs(self.per_hour) <= max(FLAT * abs(self.median), _NO_MATTER)


def trend(hours: Sequence[float], values: Sequence[float]) -> Trend:
    """Both of one length, two points at least."""
    middle = sum(hours) / len(hours)
    level = sum(values) / len(values)
    spread = sum((hour - middle) ** 2 for hour in hours)
    slope = sum((hour - middle) * (value - level) for hour, value in zip(hours, values, strict=True)) / spread
    return Trend(median(values), slope)


def repeated(record: Path, rounds: int, folder: Path) -> Path:
    """The record's invoices, so many times one after the other, each time under other numbers."""
    with gzip.open(record, "rt", newline="", encoding="utf-8") as stream:
        head, *rows = list(csv.reader(stream))
    number = head.index(COLUMNS[0])
    path = folder / "record.csv"
    with path.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(head)
        for round_ in range(rounds):
            for row in rows:
                invoice = row[number]
                # A return is told by its letter, which stays in front.
                letter, digits = (invoice[:1], invoice[1:]) if invoice[:1].isalpha() else ("", invoice)
                writer.writerow([*row[:number], f"{letter}{round_}{digits}", *row[number + 1 :]])
    return path


class _Prober:
    """A page of each branch's second till, which asks for prices."""

    def __init__(self, pages: Sequence[Page], code: str) -> None:
        self._pages = pages
        self._code = code

    @classmethod
    async def open(cls, play: Play) -> _Prober:
        pages = []
        for branch in play.branches:
            till = branch.till_url.partition("till=")[2] or "till-1"
            url = branch.till_url.partition("/?")[0].rstrip("/")
            signed_in = await sign_in(url, pin=CASHIER_PIN, till=till)
            pages.append(await open_page(url, signed_in.json()["token"], "soak", till=till))
        for page in pages:
            await page.do("price_check", on=True)
        return cls(pages, play.plan.articles[0].code)

    async def times(self) -> list[float]:
        """Seconds of each price check."""
        found = []
        for page in self._pages:
            for _ in range(PROBES):
                begun = time.perf_counter()
                await page.do("scan", raw=self._code)
                found.append(time.perf_counter() - begun)
            page.heard.clear()
        return found

    async def close(self) -> None:
        for page in self._pages:
            await page.close()


@dataclass
class Soak:
    """Looks at a running play; `samples` grows."""

    play: Play
    database: PostgresCluster
    database_pid: int
    samples: list[Sample] = field(default_factory=list)

    def watch(self, minutes: float, show: Callable[[Figures], None]) -> None:
        """From the first customer, so long."""
        asyncio.run(self._watch(minutes * 60, show))

    async def _watch(self, seconds: float, show: Callable[[Figures], None]) -> None:
        prober = await _Prober.open(self.play)
        begun, due = time.monotonic(), time.monotonic()
        while (now := time.monotonic()) - begun < seconds and not self.play.all_served:
            figures = self.play.figures()
            show(figures)
            sample = await asyncio.to_thread(self._look)
            checks = sorted(await prober.times())
            sample["price check, p50 (ms)"] = 1_000 * median(checks)
            sample["price check, p95 (ms)"] = 1_000 * checks[len(checks) * 95 // 100]
            sample |= {"hours": (now - begun) / 3_600, "sales": figures.sales, "facts to send": figures.unsynced}
            self.samples.append(sample)
            due += SAMPLE_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await prober.close()

    def _look(self) -> Sample:
        gateways = [branch.gateway.process.pid for branch in self.play.branches]
        office = self.play.stage.office_process.process.pid
        homes = [branch.home for branch in self.play.branches]
        families = {"gateways": gateways, "head office": [office]}
        sample: Sample = {}
        for name, pids in families.items():
            sample[f"{name}, memory (MB)"] = memory_mb(pids, "Rss")
            sample[f"{name}, open files"] = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids)
            sample[f"{name}, threads"] = sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in pids)
        sample["database, memory (MB)"] = memory_mb(family_of(self.database_pid), "Pss")
        sample["gateways, WAL (MB)"] = sum(_size(home / "journal.db-wal") for home in homes) / 1e6
        sample["gateways, replica (MB)"] = sum(_size(home / "replica.db") for home in homes) / 1e6
        sample["gateways, journal (MB)"] = sum(_size(home / "journal.db") for home in homes) / 1e6
        sample["logs (MB)"] = sum(_size(path) for path in self.play.stage.household.folder.glob("*.log")) / 1e6
        tables = self.database.folder / "data" / "base"
        sample["database, tables (MB)"] = sum(_size(path) for path in tables.rglob("*")) / 1e6
        return sample


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # a WAL comes and goes


_GROWING: Final = ("gateways, journal (MB)", "database, tables (MB)")
_TOLD_APART: Final = ("hours", "sales")
_STEPS: Final = ("price check, p50 (ms)", "price check, p95 (ms)", "facts to send", "gateways, WAL (MB)")
"""Figures that jump about: judged by their level in the last quarter against that in the second, at most doubled."""


def judged(samples: Sequence[Sample]) -> Mapping[str, Mapping[str, Any]]:
    """name -> what it was, and whether it stayed. Raises ValueError for a run of fewer than eight samples."""
    if len(samples) < 8:
        raise ValueError("too short to judge a trend")
    rest = samples[int(len(samples) * LEFT_OUT) :]
    hours = [one["hours"] for one in rest]
    verdicts: dict[str, Mapping[str, Any]] = {}
    for name in rest[0]:
        if name in _TOLD_APART:
            continue
        values = [one[name] for one in rest]
        if name in _GROWING:
            sold = rest[-1]["sales"] - rest[0]["sales"]
            half = len(rest) // 2
            first = (values[half] - values[0]) / max(1, rest[half]["sales"] - rest[0]["sales"])
            second = (values[-1] - values[half]) / max(1, rest[-1]["sales"] - rest[half]["sales"])
            kilobytes = 1_000 * (values[-1] - values[0]) / max(1, sold)
            verdicts[name] = {
                "kB_a_sale": round(kilobytes, 2),
                "first_half": round(1_000 * first, 2),
                "second_half": round(1_000 * second, 2),
                "flat": second <= 1.5 * first or kilobytes < 1,
            }
        elif name in _STEPS:
            third = max(1, len(rest) // 3)
            before, after = median(values[:third]), median(values[-third:])
            verdicts[name] = {"at_first": round(before, 2), "at_last": round(after, 2), "flat": after <= 2 * before + 1}
        else:
            found = trend(hours, values)
            verdicts[name] = {
                "median": round(found.median, 2),
                "per_hour": round(found.per_hour, 2),
                "flat": found.is_flat,
            }
    return verdicts


def plotted(samples: Sequence[Sample], title: str) -> str:
    """The run as one picture, SVG."""
    minutes = [60 * one["hours"] for one in samples]

    def series(*names: str) -> list[Series]:
        return [Series(name, minutes, [one[name] for one in samples]) for name in names]

    panels = {
        "memory (MB)": series("gateways, memory (MB)", "head office, memory (MB)", "database, memory (MB)"),
        "open files": series("gateways, open files", "head office, open files"),
        "disk (MB)": series("gateways, journal (MB)", "database, tables (MB)", "gateways, WAL (MB)", "logs (MB)"),
        "price check (ms)": series("price check, p50 (ms)", "price check, p95 (ms)"),
        "sales": series("sales"),
    }
    return draw(title, "minutes", panels)


@contextmanager
def _company(minutes: float) -> Iterator[tuple[Play, PostgresCluster]]:
    cluster = PostgresCluster(durable=True)
    try:
        with tempfile.TemporaryDirectory(prefix="tp-soak-") as folder, Household(Path(folder) / "play") as household:
            url = cluster.create("soak")
            rounds = 2 + int(minutes * 60 / EVERY_S * BRANCHES / 200)
            record = repeated(CUT, rounds, Path(folder))
            yield (
                Play(
                    household,
                    record,
                    branches=BRANCHES,
                    pause_s=max(0.0, EVERY_S - _VISIT_S),
                    database_url=url,
                    has_visitors=True,
                ),
                cluster,
            )
    finally:
        cluster.stop()


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--write", type=Path, help="a name without ending, for .json and .svg")
    given = parser.parse_args(arguments)
    machine = name_machine()
    with _company(given.minutes) as (play, cluster):
        play.open(_say)
        pid = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
        soak = Soak(play, cluster, pid)
        play.admit()
        soak.watch(given.minutes, lambda figures: _say(f"{figures.wall_s:.0f} s, {figures.sales} sales"))
        play.close_doors(lambda _: None)
        found, _ = play.report()
    hours = soak.samples[-1]["hours"]
    pace = soak.samples[-1]["sales"] / BRANCHES / (hours * 60)
    whole = {
        "machine": machine,
        "minutes": round(hours * 60, 1),
        "customers_a_minute_and_till": round(pace, 1),
        "reconciled": found.as_dict(),
        "judged": judged(soak.samples),
    }
    json.dump(whole, sys.stdout, indent=1)
    print()
    if given.write is not None:
        given.write.with_suffix(".json").write_text(json.dumps({**whole, "samples": soak.samples}, indent=1) + "\n")
        title = f"{whole['minutes']} minutes, {BRANCHES} branches, {pace:.0f} customers a minute at each till"
        given.write.with_suffix(".svg").write_text(plotted(soak.samples, title))
    if not found.is_clean:
        sys.exit(1)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
