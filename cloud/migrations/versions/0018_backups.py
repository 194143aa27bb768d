"""How it stands with each place that backups go to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cloud.database import Timestamp

revision = "0018_backups"
down_revision = "0017_saved_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup_places",
        sa.Column("place", sa.String(length=150), nullable=False),
        sa.Column("claimed_by", sa.String(length=64)),
        sa.Column("claimed_until", Timestamp()),
        sa.Column("tried_at", Timestamp()),
        sa.Column("problem", sa.String(length=200)),
        sa.Column("good_at", Timestamp()),
        sa.Column("good_name", sa.String(length=120)),
        sa.Column("good_bytes", sa.BigInteger()),
        sa.PrimaryKeyConstraint("place", name="pk_backup_places"),
    )
