"""The numbered steps end in exactly the tables that the code declares, on both dialects."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from cloud.database import METADATA, Database
from cloud.migrations.runner import is_current, migrate


def _is_declared(_: object, name: str | None, *__: object) -> bool:
    # The indexes of fragments are each database's own kind, and known to the migration only.
    return "fragments" not in (name or "")


def _differences(connection: Connection) -> list[object]:
    options = {"compare_server_default": True, "include_object": _is_declared}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, METADATA))


async def test_migrated_database_has_the_declared_tables(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.run_sync(_differences) == []


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await migrate(database)
    async with database.transaction() as tx:
        assert await is_current(tx)
        assert (await tx.execute(text("SELECT count(*) FROM ingest_leases"))).scalar_one() == 64


async def test_an_older_database_is_told_apart(tmp_path: Path) -> None:
    database = Database.open(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    await migrate(database, to="0001_fleet")
    async with database.transaction() as tx:
        assert not await is_current(tx)
    await migrate(database)
    async with database.transaction() as tx:
        assert await is_current(tx)
    await database.close()
