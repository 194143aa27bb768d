"""Commands to gateways and their outcomes; refused messages by age, for pruning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cloud.database import Timestamp

revision = "0012_commands"
down_revision = "0011_live"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commands",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("issued_at", Timestamp(), nullable=False),
        sa.Column("issued_by", sa.Uuid()),
        sa.Column("expires_at", Timestamp(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("asked_at", Timestamp()),
        sa.Column("answered_at", Timestamp()),
        sa.Column("code", sa.String(length=7)),
        sa.Column("result", sa.JSON()),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_commands_node"),
        sa.PrimaryKeyConstraint("id", name="pk_commands"),
    )
    op.create_index("ix_commands_status_node", "commands", ["status", "node"])
    op.create_index("ix_commands_branch_issued", "commands", ["branch", "issued_at", "id"])
    op.create_index("ix_refused_messages_first_at", "refused_messages", ["first_at"])
