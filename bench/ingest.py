"""Sales stored and applied by one applier on PostgreSQL, without the broker, beside a durable COPY of its rows.

Workload: batches of 50 four-line sales of 10 nodes, each batch one transaction, `synchronous_commit` on; everything but
the broker (validation, dedupe, sale, lines, payments, stock, rollups, feed). With the broker: `ingest_broker`.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import Final

from bench.copying import copy_s
from bench.figures import Plan, Ratio, Round, at_least
from bench.office import SALES_A_BATCH, count_sales
from cloud.database import Database
from cloud.ingest.applier import Applier
from cloud.ingest.intake import Incoming
from cloud.migrations.runner import migrate
from tests.cloud.deliveries import FixedClock, open_branch, open_gateway, sale
from tests.services import PostgresCluster


@dataclass(frozen=True)
class Size:
    nodes: int
    batches_a_node: int


SIZES: Final = {"full": Size(10, 10), "quick": Size(10, 4), "tiny": Size(2, 1)}
PLAN: Final = Plan(
    ratios=(Ratio("over_copy", "sales_per_s", "copy_of_its_rows_in_sales_per_s"),),
    bounds={"replay_over_ingest": at_least(4.0)},
)


async def _deliveries(database: Database, size: Size) -> list[Incoming]:
    await open_branch(database)
    per_node = []
    for node in range(size.nodes):
        gateway = await open_gateway(database)
        for number in range(size.batches_a_node * SALES_A_BATCH):
            gateway.write("sale.completed", sale(f"{node}-{number}", lines=4))
        per_node.append(gateway.batches(SALES_A_BATCH))
    return [batch for together in zip(*per_node, strict=True) for batch in together]


async def _run(url: str, size: Size) -> dict[str, float]:
    database = Database.open(url)
    await migrate(database)
    deliveries = await _deliveries(database, size)
    applier = Applier(database, FixedClock())
    cpu, begun = os.times(), time.perf_counter()
    for batch in deliveries:
        await applier.apply([batch])
    spent, after = time.perf_counter() - begun, os.times()
    begun = time.perf_counter()
    for batch in deliveries:
        await applier.apply([batch])
    again = time.perf_counter() - begun
    sales = await count_sales(database)
    copied = await copy_s(database)
    await database.close()
    if sales != len(deliveries) * SALES_A_BATCH:
        raise AssertionError(f"{sales} sales of {len(deliveries) * SALES_A_BATCH} are in the database")
    return {
        "sales_per_s": sales / spent,
        "copy_of_its_rows_in_sales_per_s": sales / copied,
        "ingest_cpu_ms_per_1000_sales": (after.user + after.system - cpu.user - cpu.system) * 1e6 / sales,
        "replay_over_ingest": spent / again,
    }


def measure(size: Size) -> Round:
    cluster = PostgresCluster(durable=True)
    try:
        return asyncio.run(_run(cluster.create("bench"), size))
    finally:
        cluster.stop()
