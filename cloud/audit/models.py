"""The audit chain's tables. The database itself refuses to change or delete an entry."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table, Uuid

from cloud.database import METADATA, Timestamp

__all__ = ["GENESIS", "audit_entries", "audit_head"]

audit_entries = Table(
    "audit_entries",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Timestamp, nullable=False, index=True),
    Column("who_id", Uuid),
    Column("who", String(200), nullable=False),
    Column("branch", String(64), index=True),
    Column("action", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("record", String(120), nullable=False, index=True),
    Column("old", JSON(none_as_null=True)),
    Column("new", JSON(none_as_null=True)),
    Column("hash", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: the newest entry's number and hash. Its row lock puts writers in order."""

GENESIS: Final = "0" * 64
"""What the first entry chains to. The migration writes the head's row and the triggers that refuse changes."""
