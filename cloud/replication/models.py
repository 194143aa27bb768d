"""The company's one counter of replicated changes, and settings that travel to branches."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Column, Connection, Integer, String, Table, event

from cloud.database import METADATA

__all__ = ["FIRST_COUNTER", "company_settings", "replica_counter"]

replica_counter = Table(
    "replica_counter",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
"""One row. Its lock is held until commit, so versions become visible in their own order."""

company_settings = Table(
    "company_settings",
    METADATA,
    Column("name", String(60), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("version", BigInteger, nullable=False),
)

FIRST_COUNTER: Final = "INSERT INTO replica_counter (id, version) VALUES (1, 0)"


@event.listens_for(replica_counter, "after_create")
def _write_counter(_table: Table, connection: Connection, **_: Any) -> None:
    connection.exec_driver_sql(FIRST_COUNTER)
