"""Rollups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_reporting"
down_revision = "0004_stock"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "products_by_day",
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("businessdate", sa.Date(), nullable=False),
        sa.Column("product", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("sold_milli", sa.BigInteger(), nullable=False),
        sa.Column("sold_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned_milli", sa.BigInteger(), nullable=False),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("branch", "businessdate", "product", "currency", name="pk_products_by_day"),
    )
    op.create_table(
        "sales_by_hour",
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("till", sa.String(length=64), nullable=False),
        sa.Column("businessdate", sa.Date(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("sales", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("returns", sa.BigInteger(), nullable=False),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned_tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned_rounding_minor", sa.BigInteger(), nullable=False),
        sa.Column("cancelled", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_minor", sa.BigInteger(), nullable=False),
        sa.Column("voided", sa.BigInteger(), nullable=False),
        sa.Column("voided_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("branch", "till", "businessdate", "hour", "currency", name="pk_sales_by_hour"),
    )
    op.create_index("ix_sales_by_hour_businessdate", "sales_by_hour", ["businessdate", "branch"])
    if op.get_bind().dialect.name == "postgresql":
        # Room in each page for the row's next version: updates then touch no index.
        op.execute("ALTER TABLE sales_by_hour SET (fillfactor = 70)")
        op.execute("ALTER TABLE products_by_day SET (fillfactor = 70)")
