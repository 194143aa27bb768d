"""Views of lists that people have saved for themselves; a customer's returns are found by the customer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cloud.database import Timestamp

revision = "0017_saved_views"
down_revision = "0016_fragments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("question", sa.String(length=2000), nullable=False),
        sa.Column("saved_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sa.UniqueConstraint("user_id", "list", "name", name="uq_saved_views_user_id_list_name"),
    )
    is_set = sa.text("customer_id IS NOT NULL")
    op.create_index("ix_returns_customer_id", "returns", ["customer_id"], postgresql_where=is_set, sqlite_where=is_set)
