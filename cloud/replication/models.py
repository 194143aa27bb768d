"""The company's one counter of replicated changes, and settings that travel to branches."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table

from cloud.database import METADATA

__all__ = ["company_settings", "replica_counter"]

replica_counter = Table(
    "replica_counter",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
"""One row, made by the migration. Its lock is held until commit, so versions become visible in their own order."""

company_settings = Table(
    "company_settings",
    METADATA,
    Column("name", String(60), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("version", BigInteger, nullable=False),
)
