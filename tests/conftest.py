"""Servers and databases that any test may ask for. Started on first use, stopped at the end of the run."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cloud.database import Database
from cloud.migrations.runner import migrate
from tests.services import PostgresCluster

_numbers = itertools.count(1)


async def _migrate(url: str) -> None:
    database = Database.open(url)
    try:
        await migrate(database)
    finally:
        await database.close()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    cluster = PostgresCluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
async def postgres_template(postgres_cluster: PostgresCluster) -> str:
    """Name of a migrated, empty database to copy."""
    await _migrate(postgres_cluster.create("template_tradepost"))
    return "template_tradepost"


@pytest.fixture
def postgres_url(postgres_cluster: PostgresCluster, postgres_template: str) -> Iterator[str]:
    """A fresh, migrated, empty PostgreSQL database of this test."""
    name = f"test_{next(_numbers)}"
    yield postgres_cluster.create(name, postgres_template)
    postgres_cluster.drop(name)


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    await _migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated, empty SQLite database of this test."""
    return f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'cloud.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of a fresh, migrated database; the test runs once with each dialect."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh, migrated, open database; the test runs once with each dialect."""
    database = Database.open(database_url)
    yield database
    await database.close()
