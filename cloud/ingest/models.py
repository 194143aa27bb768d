"""Tables of ingest: the facts as they came, what could not be applied, what was refused, and who reads which partition.

Facts and quarantined bodies are never edited; a quarantined one is only ever settled.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import Uuid as Id

from cloud.database import METADATA, Timestamp

__all__ = ["commands", "facts", "ingest_leases", "ingest_workers", "quarantine", "refused_messages"]

facts = Table(
    "facts",
    METADATA,
    Column("event_id", Id, primary_key=True),
    Column("node", String(64), nullable=False),
    Column("epoch", Id, nullable=False),
    Column("sequence", Integer),
    Column("branch", String(64), nullable=False),
    Column("type", String(80), nullable=False),
    Column("time", Timestamp, nullable=False),
    Column("received_at", Timestamp, nullable=False),
    Column("businessdate", Date),
    Column("till", String(64)),
    Column("operator", Id),
    Column("body", Text, nullable=False),
    UniqueConstraint("node", "epoch", "sequence", name="uq_facts_node_epoch_sequence"),
)
"""sequence is NULL for a fact that was replayed from quarantine after its number had gone to another one (a fork)."""

quarantine = Table(
    "quarantine",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("event_id", Id, nullable=False, index=True),
    Column("branch", String(64), nullable=False),
    Column("node", String(64), nullable=False),
    Column("epoch", Id),
    Column("sequence", Integer),
    Column("code", String(7), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", Timestamp, nullable=False),
    Column("settled_at", Timestamp),
    Column("settled_by", Id),
    Column("outcome", String(12)),
    Index("ix_quarantine_node_epoch_sequence", "node", "epoch", "sequence"),
    Index("ix_quarantine_branch_received", "branch", "received_at", "id"),
)
"""event_id: the fact's own, or one derived from the body when it names none. outcome: applied, known, dismissed.

epoch and sequence are NULL when the body did not say them and its place in the batch did not show them.
"""

refused_messages = Table(
    "refused_messages",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("node", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("code", String(7), nullable=False),
    Column("topic", String(200), nullable=False),
    Column("parameters", String(500), nullable=False),
    Column("first_at", Timestamp, nullable=False, index=True),
    Column("count", BigInteger, nullable=False),
)
"""Messages that were refused whole (C5): SHA-256, size and reason of each, once; count says how often it came."""

commands = Table(
    "commands",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("node", String(64), ForeignKey("nodes.id"), nullable=False),
    Column("branch", String(64), nullable=False),
    Column("name", String(60), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("issued_at", Timestamp, nullable=False),
    Column("issued_by", Id),
    Column("expires_at", Timestamp, nullable=False),
    Column("status", String(8), nullable=False),
    Column("asked_at", Timestamp),
    Column("answered_at", Timestamp),
    Column("code", String(7)),
    Column("result", JSON(none_as_null=True)),
    Index("ix_commands_status_node", "status", "node"),
    Index("ix_commands_branch_issued", "branch", "issued_at", "id"),
)
"""What head office has asked of gateways. status: queued, sent, done, failed, unknown, expired.

The last four are the gateway's own word, or `expired` of one that was never sent. asked_at: when it was last published;
branch: the gateway's own.
"""

ingest_leases = Table(
    "ingest_leases",
    METADATA,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column("owner", String(64)),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", Timestamp),
)
"""One row per partition, made by the migration. fence grows with every change of owner."""

ingest_workers = Table(
    "ingest_workers",
    METADATA,
    Column("owner", String(64), primary_key=True),
    Column("seen_at", Timestamp, nullable=False),
)
"""Workers that are alive, so that each can work out its fair share."""
