"""Every named fault point, hit again and again in a running shop: nothing lost, nothing doubled."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from shared.faults import POINTS
from simulators.customers.retail import COLUMNS, InvoiceLine, read_lines
from tests.faults.nursery import ForkingHousehold
from tests.faults.storm import GATEWAY_POINTS, OFFICE_POINTS, keep_gateway, keep_head_office
from tradepost.performances import CUT
from tradepost.play import Play
from tradepost.reconciliation import CustomersLog, Report

pytestmark = pytest.mark.faults

HITS = int(os.environ.get("STORM_HITS", "10"))
"""How often each point is hit while the whole shop runs; `make faults` asks for 20. Each part's own tests hit its
points 20 times in any case (docs/delivery.md, Fault points).
"""
PATIENCE_S = 1.0
LONGEST_S = 1_200
SEED = 20261121
ROUNDS = 20


def short_visits(path: Path) -> Path:
    """The cut's invoices with two lines each, several times over: many receipts pass every point often."""
    shortened: list[list[str]] = []
    for round_ in range(ROUNDS):
        lines_of: Counter[str] = Counter()
        for line in read_lines(CUT):
            if isinstance(line, InvoiceLine) and line.invoice.isdigit() and lines_of[line.invoice] < 2:
                lines_of[line.invoice] += 1
                quantity, price = Decimal(line.quantity_milli) / 1_000, Decimal(line.unit_price) / 1_000_000
                invoice = f"{round_}{line.invoice}"
                shortened.append(
                    [invoice, line.code, line.description, str(quantity), line.date, str(price), "", line.country]
                )
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([COLUMNS, *shortened])
    return path


@dataclass(frozen=True)
class Day:
    hits: Counter[str]
    report: Report
    log: CustomersLog


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """One stormy day in two branches."""
    folder: Path = tmp_path_factory.mktemp("storm")
    with ForkingHousehold(folder) as household:
        play = Play(household, short_visits(folder / "record.csv"), branches=2)
        play.open(lambda _: None)
        play.admit(patience_s=PATIENCE_S)
        keepers = [
            keep_gateway(play, branch, wanted=HITS // 2, seed=SEED + index)
            for index, branch in enumerate(play.branches)
        ]
        keepers.append(keep_head_office(play, wanted=HITS, seed=SEED))
        # One after the other: while head office dies, gateways wait for acks, and their own points are passed rarely.
        *of_gateways, of_office = keepers
        for together in ([of_office], of_gateways):
            for keeper in together:
                keeper.start()
            for keeper in together:
                keeper.join(LONGEST_S)
                keeper.give_up()
        play.close_doors(lambda _: None)
        failures = [keeper.failure for keeper in keepers if keeper.failure]
        assert not failures
        report, log = play.report()
        yield Day(sum((keeper.hits for keeper in keepers), Counter()), report, log)


def test_the_storm_knows_every_point() -> None:
    assert set(GATEWAY_POINTS) | set(OFFICE_POINTS) == POINTS


@pytest.mark.parametrize("point", sorted(POINTS))
def test_the_point_was_hit_often_enough(day: Day, point: str) -> None:
    assert day.hits[point] >= HITS


def test_nothing_was_lost_nothing_doubled_and_every_receipt_printed_once(day: Day) -> None:
    assert (day.report.lost, day.report.doubled, day.report.fiscal_doubled) == (0, 0, 0)


def test_money_and_stock_are_right_to_the_unit(day: Day) -> None:
    report = day.report
    assert report.money_on_registers_minor == report.money_at_tills_minor
    assert report.money_in_cloud_minor == report.money_at_tills_minor
    assert (report.stock_mismatches, report.unsynced) == (0, 0)


def test_the_shop_went_on_selling(day: Day) -> None:
    assert len(day.log.sales) > HITS
