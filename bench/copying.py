"""The ceiling of ingest: the very rows that a run wrote, copied durably into tables of the same schema and indexes."""

from __future__ import annotations

import time
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]

from cloud.database import METADATA, Database

__all__ = ["COPY_ROWS", "connect", "copy_s"]

COPY_ROWS: Final = 500
"""Rows of one COPY, which is one transaction: the issue's own number."""
_FEWEST: Final = 50
"""Tables with fewer rows were there before the run, or are no matter."""


async def connect(database: Database) -> asyncpg.Connection:
    url = database.engine.url
    return await asyncpg.connect(host=url.query["host"], user=url.username, database=url.database)


async def copy_s(database: Database) -> float:
    """Seconds for all of them, in one session. The copies are dropped afterwards."""
    connection = await connect(database)
    try:
        rows = await _rows(connection)
        for name in rows:
            await connection.execute(f'CREATE TABLE "copy_{name}" (LIKE "{name}" INCLUDING ALL)')
        await connection.execute("CHECKPOINT")
        begun = time.perf_counter()
        for name, records in rows.items():
            for start in range(0, len(records), COPY_ROWS):
                await connection.copy_records_to_table(f"copy_{name}", records=records[start : start + COPY_ROWS])
        spent = time.perf_counter() - begun
        for name in rows:
            await connection.execute(f'DROP TABLE "copy_{name}"')
    finally:
        await connection.close()
    return spent


async def _rows(connection: asyncpg.Connection) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for table in METADATA.sorted_tables:
        records = await connection.fetch(f'SELECT * FROM "{table.name}"')
        if len(records) >= _FEWEST:
            found[table.name] = [tuple(record.values()) for record in records]
    return found
