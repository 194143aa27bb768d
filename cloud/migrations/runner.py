"""Bringing a database to the newest schema, from inside the program: no configuration file, no command line.

A step is all or nothing, and two processes that start at once do not migrate at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.database import Database

__all__ = ["applied_step", "is_current", "is_known_step", "migrate"]

LOCK_TIMEOUT_S: Final = 10
"""A step that cannot get its table lock in this time gives up; waiting longer would stop every sale behind it."""
ADVISORY_LOCK: Final = 0x7472_6164_6570_6F73
"""Our number among PostgreSQL's advisory locks ("tradepos")."""


async def migrate(database: Database, to: str = "head") -> None:
    """Run the steps that are missing, in one transaction."""
    async with database.transaction() as tx:
        if database.dialect == "postgresql":
            await tx.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'"))
            await tx.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
        await tx.run_sync(_upgrade, to)


async def is_current(tx: AsyncConnection) -> bool:
    """The database has exactly the newest step."""
    newest = set(ScriptDirectory.from_config(_config()).get_heads())
    return newest == await tx.run_sync(_applied)


async def applied_step(tx: AsyncConnection) -> str | None:
    """The newest step that this database has; None when it has none."""
    return next(iter(await tx.run_sync(_applied)), None)


def is_known_step(step: str) -> bool:
    """This program can go on from there: it is not a newer program's step."""
    return any(known.revision == step for known in ScriptDirectory.from_config(_config()).walk_revisions())


def _applied(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _upgrade(connection: Connection, to: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config
