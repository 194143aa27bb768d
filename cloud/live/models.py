"""The feed: one row for each transaction that had something to say to head office's screens. Ids only."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Table

from cloud.database import METADATA

__all__ = ["live_feed"]

live_feed = Table(
    "live_feed",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("xid", BigInteger, nullable=False),
    Column("said", JSON, nullable=False),
    Index("ix_live_feed_xid", "xid", "id"),
)
"""said: kind -> ids, see cloud.live.feed.KINDS.

xid: PostgreSQL's transaction. Ids are given before commit, so only the order (xid, id) below every running transaction
is one into which nothing is put later. 0 on SQLite, which has one writer.
"""
