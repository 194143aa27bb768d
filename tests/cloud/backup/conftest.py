"""Head office with a branch that sells, folders that backups go to, and empty databases to restore into."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from cloud.database import Database
from tests.cloud.office import office, small_office
from tests.services import PostgresCluster

__all__ = ["office", "small_office"]


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    """Two servers."""
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
    return [str(tmp_path / "north"), str(tmp_path / "south")]


@pytest.fixture
async def empty_url(
    database_url: str,
    tmp_path: Path,
    postgres_cluster: PostgresCluster,
    postgres_administrator: asyncpg.Connection,
) -> AsyncIterator[str]:
    """Address of a database without tables, of the same dialect as this test's."""
    name = f"empty_{tmp_path.name}".replace("-", "_").lower()[:60]
    await postgres_administrator.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    file = f"sqlite+aiosqlite:///{tmp_path / 'restored.db'}"
    yield file if database_url.startswith("sqlite") else postgres_cluster.url(name)
    await postgres_administrator.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def restored(empty_url: str) -> AsyncIterator[Database]:
    """The database that a test restores into, opened on first use."""
    database = Database.open(empty_url)
    yield database
    await database.close()


NEW_TO_IT = {
    "audit_entries",
    "audit_head",
    "backup_places",
    "branch_price_lists",
    "exceptions",
    "ingest_leases",
    "live_feed",
}
"""Tables that a restored head office does not hold as the backup did: it has written down what happened to it."""

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is decided before the database's own ways matter."""
