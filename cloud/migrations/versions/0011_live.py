"""The feed of what happens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_live"
down_revision = "0010_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_feed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_live_feed"),
    )
    op.create_index("ix_live_feed_xid", "live_feed", ["xid", "id"])
