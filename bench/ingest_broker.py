"""Ingest as a company meets it: through real Mosquitto into real PostgreSQL, everything on, one worker and two.

Workload: four-line sales, 50 a message, at most four messages unacked a node, each node with credentials and access
rules of its own; the rate counts from the first publication to the ack of the last message. Ceiling: a durable COPY of
the very rows that the run wrote. CPU is that of workers and database together, with all that lived or died in between.
Every node's first message is sent before the clock starts: connections and plans of a running company are warm.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from bench.copying import copy_s
from bench.figures import Plan, Ratio, Round, at_least, at_most
from bench.machine import cpu_s
from bench.office import SALES_A_BATCH, Company, HeadOffice, count_sales
from bench.publishers import Publishers
from cloud.database import Database


@dataclass(frozen=True)
class Size:
    nodes: int
    batches_a_node: int

    @property
    def sales_each(self) -> int:
        """Of one node, the first message included."""
        return (self.batches_a_node + 1) * SALES_A_BATCH


SIZES: Final = {"full": Size(24, 12), "quick": Size(20, 3), "tiny": Size(2, 1)}
PLAN: Final = Plan(
    ratios=(
        Ratio("one_worker_over_copy", "one_worker_sales_per_s", "copy_of_its_rows_in_sales_per_s"),
        Ratio("two_workers_over_copy", "two_workers_sales_per_s", "copy_of_its_rows_in_sales_per_s"),
    ),
    bounds={
        "one_worker_over_copy": at_least(0.50, 0.65),
        "two_workers_over_copy": at_least(0.80, 1.0),
        "cpu_ms_per_1000_sales": at_most(120, 90),
        "replay_over_ingest": at_least(4.0),
    },
)
_REPEATS_TOGETHER: Final = 3
"""Old messages in front of a new sale: with it they are the four that a node may have out."""


def measure(size: Size) -> Round:
    office = HeadOffice()
    try:
        company = asyncio.run(office.found(size.nodes))
        company.sell(size.sales_each + size.batches_a_node)
        one = _run(office, company, size, workers=1)
        two = _run(office, company, size, workers=2)
    finally:
        office.close()
    return {
        "one_worker_sales_per_s": one["sales_per_s"],
        "two_workers_sales_per_s": two["sales_per_s"],
        "copy_of_its_rows_in_sales_per_s": max(one["copied_per_s"], two["copied_per_s"]),
        "cpu_ms_per_1000_sales": one["workers_cpu"] + one["database_cpu"],
        "workers_cpu_ms_per_1000_sales": one["workers_cpu"],
        "database_cpu_ms_per_1000_sales": one["database_cpu"],
        "broker_cpu_ms_per_1000_sales": one["broker_cpu"],
        "two_workers_cpu_ms_per_1000_sales": two["workers_cpu"] + two["database_cpu"],
        "replay_over_ingest": one["replayed_per_s"] / one["sales_per_s"],
    }


def _run(office: HeadOffice, company: Company, size: Size, *, workers: int) -> dict[str, float]:
    url = office.new_database()
    phases = {
        "warm": company.messages(1, SALES_A_BATCH, SALES_A_BATCH),
        "new": company.messages(SALES_A_BATCH + 1, size.sales_each, SALES_A_BATCH),
        "again": company.repeats(size.sales_each, SALES_A_BATCH, _REPEATS_TOGETHER),
    }
    with (
        office.workers(url, workers) as pids,
        Publishers(office.broker.folder, office.broker.port, company.nodes(), phases) as publishers,
    ):
        families = {"workers": pids, "database": [office.database_pid], "broker": [office.broker.pid]}
        publishers.send("warm")
        before = {name: sum(map(cpu_s, family)) for name, family in families.items()}
        new = publishers.send("new")
        spent = {name: sum(map(cpu_s, family)) - before[name] for name, family in families.items()}
        again = publishers.send("again")
    sales, all_sales = new.messages * SALES_A_BATCH, size.nodes * size.sales_each
    old_messages = all_sales // SALES_A_BATCH
    fresh = again.messages - old_messages
    copied = asyncio.run(_check_and_copy(url, all_sales + fresh))
    return {
        "sales_per_s": sales / new.seconds,
        "copied_per_s": (all_sales + fresh) / copied,
        "replayed_per_s": old_messages * SALES_A_BATCH / again.seconds,
        **{f"{name}_cpu": seconds * 1e6 / sales for name, seconds in spent.items()},
    }


async def _check_and_copy(url: str, expected: int) -> float:
    database = Database.open(url)
    try:
        found = await count_sales(database)
        if found != expected:
            raise AssertionError(f"{found} sales of {expected} are in the database")
        return await copy_s(database)
    finally:
        await database.close()
