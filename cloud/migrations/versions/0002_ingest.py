"""Facts, quarantine, refused messages, leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cloud.database import Timestamp

revision = "0002_ingest"
down_revision = "0001_fleet"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer()),
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("time", Timestamp(), nullable=False),
        sa.Column("received_at", Timestamp(), nullable=False),
        sa.Column("businessdate", sa.Date()),
        sa.Column("till", sa.String(length=64)),
        sa.Column("operator", sa.Uuid()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_facts"),
        sa.UniqueConstraint("node", "epoch", "sequence", name="uq_facts_node_epoch_sequence"),
    )
    op.create_table(
        "ingest_leases",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=64)),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", Timestamp()),
        sa.PrimaryKeyConstraint("partition", name="pk_ingest_leases"),
    )
    op.create_table(
        "ingest_workers",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("seen_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_ingest_workers"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Uuid()),
        sa.Column("sequence", sa.Integer()),
        sa.Column("code", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", Timestamp(), nullable=False),
        sa.Column("settled_at", Timestamp()),
        sa.Column("settled_by", sa.Uuid()),
        sa.Column("outcome", sa.String(length=12)),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
    )
    op.create_index("ix_quarantine_branch_received", "quarantine", ["branch", "received_at", "id"])
    op.create_index("ix_quarantine_event_id", "quarantine", ["event_id"])
    op.create_index("ix_quarantine_node_epoch_sequence", "quarantine", ["node", "epoch", "sequence"])
    op.create_table(
        "refused_messages",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=7), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("parameters", sa.String(length=500), nullable=False),
        sa.Column("first_at", Timestamp(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "node", name="pk_refused_messages"),
    )
    leases = sa.table("ingest_leases", sa.column("partition", sa.SmallInteger), sa.column("fence", sa.BigInteger))
    op.bulk_insert(leases, [{"partition": partition, "fence": 0} for partition in range(64)])
    if op.get_bind().dialect.name == "postgresql":
        # Bodies are just long enough to be compressed, and the default method takes longer than the insert.
        op.execute("ALTER TABLE facts ALTER COLUMN body SET COMPRESSION lz4")
