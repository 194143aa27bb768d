"""Taking a backup: one file that holds the whole database as of one moment, and the manifest that says so."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from cloud.backup import postgres, sqlite
from cloud.backup.manifest import Contents, Manifest, data_name
from cloud.backup.places import digest
from cloud.database import Database
from cloud.fleet.models import node_epochs
from cloud.ingest.models import facts
from cloud.migrations.runner import applied_step

__all__ = ["contents_of", "taken"]

_MARK_BYTES: Final = 2


@asynccontextmanager
async def taken(database: Database, now: datetime) -> AsyncIterator[tuple[Path, Manifest]]:
    """A backup in a folder that only we read (TMPDIR names another disk); gone when the block ends.

    Raises OSError, sqlite.Unsound, sqlite3.Error, postgres.ProgramFailed, PermanentError SRV-412.
    """
    with TemporaryDirectory(prefix="tradepost-backup-") as folder:
        file = Path(folder) / data_name(database.dialect, now, secrets.token_hex(_MARK_BYTES))
        write = _write_postgresql if database.dialect == "postgresql" else _write_sqlite
        contents = await write(database, file)
        yield (
            file,
            Manifest(
                name=file.name,
                dialect="postgresql" if database.dialect == "postgresql" else "sqlite",
                made_at=now,
                size=file.stat().st_size,
                sha256=await digest(file),
                contents=contents,
            ),
        )


async def contents_of(tx: AsyncConnection) -> Contents:
    """What is in the database that this transaction sees."""
    rows = node_epochs.c
    cursors: dict[str, dict[UUID, int]] = {}
    for row in await tx.execute(select(rows.node, rows.epoch, rows.upto).order_by(rows.node, rows.epoch)):
        cursors.setdefault(row.node, {})[row.epoch] = row.upto
    return Contents(
        migration=await applied_step(tx) or "none",
        facts=await tx.scalar(select(func.count()).select_from(facts)) or 0,
        cursors=cursors,
    )


async def _write_postgresql(database: Database, file: Path) -> Contents:
    # The transaction stays open while pg_dump works: its snapshot is the one that both see.
    async with database.reading() as tx:
        snapshot = (await tx.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
        contents = await contents_of(tx)
        await postgres.dump(database.engine.url.render_as_string(hide_password=False), file, snapshot=snapshot)
    return contents


async def _write_sqlite(database: Database, file: Path) -> Contents:
    copied = file.with_suffix(".copy")
    await asyncio.to_thread(sqlite.copy, Path(make_url(database.engine.url).database or ""), copied)
    engine = create_async_engine(f"sqlite+aiosqlite:///{copied}")
    try:
        async with engine.connect() as tx:
            contents = await contents_of(tx)
    finally:
        await engine.dispose()
    await asyncio.to_thread(sqlite.pack, copied, file)
    copied.unlink()
    return contents
