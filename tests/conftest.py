"""Servers and databases that any test may ask for. Started on first use, stopped at the end of the run."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from cloud.database import Database
from cloud.fleet.broker import (
    ACL_FILE,
    PASSWORD_FILE,
    BrokerSettings,
    BrokerUser,
    access_rules,
    mosquitto_conf,
    password_file,
)
from cloud.migrations.runner import migrate
from tests.services import MosquittoServer, PostgresCluster, free_port

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


@pytest.fixture(scope="session")
async def postgres_administrator(postgres_cluster: PostgresCluster) -> AsyncIterator[asyncpg.Connection]:
    """One connection that makes and drops databases: starting psql for each would take as long as the copying."""
    connection = await asyncpg.connect(host=str(postgres_cluster.folder), user="tradepost", database="postgres")
    yield connection
    await connection.close()


@pytest.fixture
async def postgres_url(
    postgres_cluster: PostgresCluster, postgres_template: str, postgres_administrator: asyncpg.Connection
) -> AsyncIterator[str]:
    """A fresh, migrated, empty PostgreSQL database of this test."""
    name = f"test_{next(_numbers)}"
    await postgres_administrator.execute(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield postgres_cluster.url(name)
    await postgres_administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


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


StartMosquitto = Callable[[Sequence[BrokerUser]], MosquittoServer]


@pytest.fixture
def mosquitto() -> Iterator[StartMosquitto]:
    """Starts a private broker that admits the given users under their own rules, by the files of a real one."""
    started = []

    def start(users: Sequence[BrokerUser]) -> MosquittoServer:
        port = free_port()
        files = [(PASSWORD_FILE, password_file(users)), (ACL_FILE, access_rules(users))]
        started.append(MosquittoServer(mosquitto_conf(BrokerSettings("{folder}", port)), port, files))
        return started[-1]

    yield start
    for server in started:
        server.stop()
