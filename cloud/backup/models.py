"""The one table of backups: how it stands with each place. The backups themselves say what they are (manifest.py)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from cloud.database import METADATA, Timestamp
from cloud.settings import LONGEST_PLACE

__all__ = ["backup_places"]

backup_places = Table(
    "backup_places",
    METADATA,
    Column("place", String(LONGEST_PLACE), primary_key=True),
    Column("claimed_by", String(64)),
    Column("claimed_until", Timestamp),
    Column("tried_at", Timestamp),
    Column("problem", String(200)),
    Column("good_at", Timestamp),
    Column("good_name", String(120)),
    Column("good_bytes", BigInteger),
)
"""good_at: the moment whose data the last good backup holds. problem: of the last try, NULL when that was good.

claimed_until: a process is writing there, or died doing so; nobody else begins before.
"""
