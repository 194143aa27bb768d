"""Branches, nodes with their cursors, devices, exceptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cloud.database import Timestamp

revision = "0001_fleet"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "branches",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_branches"),
    )
    op.create_table(
        "exceptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=7), nullable=False),
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64)),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("raised_at", Timestamp(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("settled_at", Timestamp()),
        sa.Column("settled_by", sa.Uuid()),
        sa.Column("reason", sa.String(length=500)),
        sa.PrimaryKeyConstraint("id", name="pk_exceptions"),
        sa.UniqueConstraint("key", name="uq_exceptions_key"),
    )
    op.create_index("ix_exceptions_about", "exceptions", ["about"])
    op.create_index("ix_exceptions_branch_raised", "exceptions", ["branch", "raised_at", "id"])
    op.create_table(
        "loss_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("told_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_loss_cases"),
    )
    op.create_table(
        "devices",
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("health", sa.String(length=12), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("model", sa.String(length=200)),
        sa.Column("serial", sa.String(length=200)),
        sa.Column("firmware", sa.String(length=200)),
        sa.Column("last_event_at", Timestamp(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["branch"], ["branches.id"], name="fk_devices_branch"),
        sa.PrimaryKeyConstraint("branch", "node", "id", name="pk_devices"),
    )
    op.create_table(
        "nodes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("broker_hash", sa.String(length=200), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("withdrawn_at", Timestamp()),
        sa.Column("flagged_at", Timestamp()),
        sa.ForeignKeyConstraint(["branch"], ["branches.id"], name="fk_nodes_branch"),
        sa.PrimaryKeyConstraint("id", name="pk_nodes"),
    )
    op.create_index("ix_nodes_branch", "nodes", ["branch"])
    op.create_table(
        "tills",
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("first_seen", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["branch"], ["branches.id"], name="fk_tills_branch"),
        sa.PrimaryKeyConstraint("branch", "id", name="pk_tills"),
    )
    op.create_table(
        "node_epochs",
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("held_last", sa.Integer(), nullable=False),
        sa.Column("first_seen", Timestamp(), nullable=False),
        sa.Column("last_birth", Timestamp()),
        sa.Column("last_fact", Timestamp()),
        sa.Column("boot", sa.Integer(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.Column("is_forked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_node_epochs_node"),
        sa.PrimaryKeyConstraint("node", "epoch", name="pk_node_epochs"),
    )
    op.create_table(
        "node_status",
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("is_online", sa.Boolean(), nullable=False),
        sa.Column("since", Timestamp(), nullable=False),
        sa.Column("epoch", sa.Uuid()),
        sa.Column("boot", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("replica", sa.BigInteger(), nullable=False),
        sa.Column("devices", sa.JSON(), nullable=False),
        sa.Column("heard_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_node_status_node"),
        sa.PrimaryKeyConstraint("node", name="pk_node_status"),
    )
