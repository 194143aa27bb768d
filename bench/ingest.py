"""Sales stored and applied by one ingest worker on PostgreSQL, beside a durable COPY of the very rows it wrote.

Workload: 10 nodes, 100 batches of 50 four-line sales, each batch one transaction, `synchronous_commit` on; everything
but the broker (validation, dedupe, sale, lines, payments, stock, rollups, feed). Ceiling: every table the run filled,
copied into tables of the same schema and indexes in transactions of 500 rows.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from typing import Any

import asyncpg

from cloud.database import METADATA, Database
from cloud.ingest.applier import Applier
from cloud.ingest.intake import Incoming
from cloud.migrations.runner import migrate
from tests.cloud.deliveries import FixedClock, open_branch, open_gateway, sale
from tests.services import PostgresCluster

_NODES = 10
_BATCHES_A_NODE = 10
_SALES_A_BATCH = 50
_COPY_ROWS = 500


async def _deliveries(database: Database) -> list[Incoming]:
    await open_branch(database)
    per_node = []
    for node in range(_NODES):
        gateway = await open_gateway(database)
        for number in range(_BATCHES_A_NODE * _SALES_A_BATCH):
            gateway.write("sale.completed", sale(f"{node}-{number}", lines=4))
        per_node.append(gateway.batches(_SALES_A_BATCH))
    return [batch for together in zip(*per_node, strict=True) for batch in together]


async def _rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    connection = await _connect(database)
    found = {}
    for table in METADATA.sorted_tables:
        records = await connection.fetch(f'SELECT * FROM "{table.name}"')
        if len(records) >= _SALES_A_BATCH:
            found[table.name] = [tuple(record.values()) for record in records]
    await connection.close()
    return found


async def _connect(database: Database) -> asyncpg.Connection:
    url = database.engine.url
    return await asyncpg.connect(host=url.query["host"], user=url.username, database=url.database)


async def _copy(database: Database, rows: dict[str, list[tuple[Any, ...]]]) -> float:
    connection = await _connect(database)
    for name in rows:
        await connection.execute(f'CREATE TABLE "copy_{name}" (LIKE "{name}" INCLUDING ALL)')
    begun = time.perf_counter()
    for name, records in rows.items():
        for start in range(0, len(records), _COPY_ROWS):
            await connection.copy_records_to_table(f"copy_{name}", records=records[start : start + _COPY_ROWS])
    spent = time.perf_counter() - begun
    await connection.close()
    return spent


async def _run(url: str) -> dict[str, float]:
    database = Database.open(url)
    await migrate(database)
    deliveries: Sequence[Incoming] = await _deliveries(database)
    applier = Applier(database, FixedClock())
    cpu, begun = os.times(), time.perf_counter()
    for batch in deliveries:
        await applier.apply([batch])
    spent, after = time.perf_counter() - begun, os.times()
    begun = time.perf_counter()
    for batch in deliveries:
        await applier.apply([batch])
    again = time.perf_counter() - begun
    rows = await _rows(database)
    copied = await _copy(database, rows)
    await database.close()
    sales = _NODES * _BATCHES_A_NODE * _SALES_A_BATCH
    assert len(rows["sales"]) == sales
    return {
        "sales_per_s": sales / spent,
        "copy_of_its_rows_in_sales_per_s": sales / copied,
        "over_copy": copied / spent,
        "ingest_cpu_ms_per_1000_sales": (after.user + after.system - cpu.user - cpu.system) * 1e6 / sales,
        "replay_over_ingest": spent / again,
    }


def measure() -> dict[str, float]:
    cluster = PostgresCluster(durable=True)
    try:
        return asyncio.run(_run(cluster.url("bench") if cluster.create("bench") else ""))
    finally:
        cluster.stop()
