"""The counter of replicated changes and the company's settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_replication"
down_revision = "0006_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "company_settings",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_company_settings"),
    )
    op.create_table(
        "replica_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replica_counter"),
    )
    op.execute("INSERT INTO replica_counter (id, version) VALUES (1, 0)")
