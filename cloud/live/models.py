"""The feed: one row for each statement that wrote facts, exceptions or node states, in the same transaction.

Triggers of the migration write it, so whatever code adds a fact, the feed has it. It holds ids only, and for a day.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table

from cloud.database import METADATA

__all__ = ["live_feed"]

live_feed = Table(
    "live_feed",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("xid", BigInteger, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("ids", JSON, nullable=False),
)
"""kind: facts, exceptions, nodes. ids: keys of the rows written.

xid: PostgreSQL's transaction; ids are given before commit, so only (xid, id) below every running transaction is an
order to which nothing is added later. 0 on SQLite, which has one writer.
"""
