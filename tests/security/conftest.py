"""A gateway on the network and head office's application, as their own tests have them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from tests.cloud.office import office, small_office
from tests.edge.terminal.conftest import branch, page
from tests.services import PostgresCluster

__all__ = ["branch", "office", "page", "small_office"]


@pytest.fixture(scope="module")
def sqlite_module_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated, empty database for all tests of a file."""
    copied = shutil.copy(sqlite_template, tmp_path_factory.mktemp("office") / "cloud.db")
    return f"sqlite+aiosqlite:///{copied}"


@pytest.fixture(scope="module")
async def postgresql_module_url(
    postgres_cluster: PostgresCluster, postgres_template: str, postgres_administrator: asyncpg.Connection
) -> AsyncIterator[str]:
    """The same on PostgreSQL."""
    await postgres_administrator.execute(f"CREATE DATABASE office_of_a_file TEMPLATE {postgres_template}")
    yield postgres_cluster.url("office_of_a_file")
    await postgres_administrator.execute("DROP DATABASE office_of_a_file WITH (FORCE)")
