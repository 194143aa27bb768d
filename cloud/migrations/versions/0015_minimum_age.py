"""Products that are sold from an age on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_minimum_age"
down_revision = "0012_commands"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("products", sa.Column("minimum_age", sa.SmallInteger(), nullable=True))
