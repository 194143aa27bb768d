"""Tables of the branches, their gateways (nodes) and devices, and what head office has to look at.

What a node says of itself (status, devices) is overwritten; exceptions and loss cases are only ever settled.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, SmallInteger, String, Table
from sqlalchemy import Uuid as Id

from cloud.database import METADATA, Timestamp

__all__ = [
    "branches",
    "devices",
    "exceptions",
    "loss_cases",
    "node_epochs",
    "node_status",
    "nodes",
    "tills",
]

branches = Table(
    "branches",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("country", String(2), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", Timestamp, nullable=False),
)
"""A place of business: shop, warehouse. currency: the one it sells in; zone: IANA, decides business date and hour."""

tills = Table(
    "tills",
    METADATA,
    Column("branch", String(64), ForeignKey("branches.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("node", String(64), nullable=False),
    Column("first_seen", Timestamp, nullable=False),
)
"""Tills that have been heard of: a till becomes known by its first fact."""

nodes = Table(
    "nodes",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("branch", String(64), ForeignKey("branches.id"), nullable=False, index=True),
    Column("partition", SmallInteger, nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("broker_hash", String(200), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("withdrawn_at", Timestamp),
    Column("flagged_at", Timestamp),
)
"""secret_hash: SHA-256 of the 256-bit secret, for HTTP. broker_hash: the same secret, for Mosquitto's file.

flagged_at: a fork or two live epochs were seen; a person has to look.
"""

node_epochs = Table(
    "node_epochs",
    METADATA,
    Column("node", String(64), ForeignKey("nodes.id"), primary_key=True),
    Column("epoch", Id, primary_key=True),
    Column("upto", Integer, nullable=False),
    Column("held_last", Integer, nullable=False),
    Column("first_seen", Timestamp, nullable=False),
    Column("last_birth", Timestamp),
    Column("last_fact", Timestamp),
    Column("boot", Integer, nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("is_held", Boolean, nullable=False),
    Column("is_flagged", Boolean, nullable=False),
    Column("is_forked", Boolean, nullable=False),
)
"""The cursors. upto: the highest sequence such that it and everything before it is settled.

held_last: the highest sequence this epoch is known to have. is_live: its last birth was `online` with a boot that has
not ended. is_held: its facts go to quarantine until head office chooses (EVT-422). is_flagged: it was part of such a
conflict. is_forked: other facts were seen under numbers already given; every ack asks for a new epoch.
"""

node_status = Table(
    "node_status",
    METADATA,
    Column("node", String(64), ForeignKey("nodes.id"), primary_key=True),
    Column("is_online", Boolean, nullable=False),
    Column("since", Timestamp, nullable=False),
    Column("epoch", Id),
    Column("boot", Integer, nullable=False),
    Column("version", String(60), nullable=False),
    Column("replica", BigInteger, nullable=False),
    Column("devices", JSON, nullable=False),
    Column("heard_at", Timestamp, nullable=False),
)
"""What the newest birth or death said. devices: id -> health, as the birth names them."""

devices = Table(
    "devices",
    METADATA,
    Column("branch", String(64), ForeignKey("branches.id"), primary_key=True),
    Column("node", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("category", String(200), nullable=False),
    Column("health", String(12), nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("model", String(200)),
    Column("serial", String(200)),
    Column("firmware", String(200)),
    Column("last_event_at", Timestamp, nullable=False),
    Column("event_id", Id, nullable=False),
)
"""The newest state of each device; the history is in the facts."""

exceptions = Table(
    "exceptions",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("about", String(200), nullable=False, index=True),
    Column("code", String(7), nullable=False),
    Column("branch", String(64), nullable=False),
    Column("node", String(64)),
    Column("at", Timestamp, nullable=False),
    Column("raised_at", Timestamp, nullable=False),
    Column("subject", String(120), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("settled_at", Timestamp),
    Column("settled_by", Id),
    Column("reason", String(500)),
    Index("ix_exceptions_branch_raised", "branch", "raised_at", "id"),
)
"""What a person at head office should look at. key: the same thing is raised once. about: what a later fact may settle.

at: when it happened, raised_at: when head office learnt of it. settled_by is NULL when the facts settled it themselves.
"""

loss_cases = Table(
    "loss_cases",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("branch", String(64), nullable=False),
    Column("node", String(64), nullable=False),
    Column("epoch", Id, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("told_at", Timestamp, nullable=False),
)
"""Ranges that a journal could not give any more (docs/delivery.md, C7). Each has an EVT-421 among the exceptions."""
