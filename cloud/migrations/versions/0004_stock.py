"""The stock ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cloud.database import Timestamp

revision = "0004_stock"
down_revision = "0003_sales"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_balances",
        sa.Column("warehouse", sa.Uuid(), nullable=False),
        sa.Column("product", sa.Uuid(), nullable=False),
        sa.Column("lot", sa.String(length=200), nullable=False),
        sa.Column("condition", sa.String(length=10), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("warehouse", "product", "lot", "condition", name="pk_stock_balances"),
    )
    op.create_table(
        "stock_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("warehouse", sa.Uuid(), nullable=False),
        sa.Column("product", sa.Uuid(), nullable=False),
        sa.Column("lot", sa.String(length=200), nullable=False),
        sa.Column("condition", sa.String(length=10), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("of_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stock_moves"),
    )
    op.create_index("ix_stock_moves_product", "stock_moves", ["product", "warehouse", "at"])
    op.create_table(
        "warehouses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["branch"], ["branches.id"], name="fk_warehouses_branch"),
        sa.PrimaryKeyConstraint("id", name="pk_warehouses"),
    )
    op.create_index("ix_warehouses_branch", "warehouses", ["branch"])
    op.create_index(
        "uq_warehouses_main",
        "warehouses",
        ["branch"],
        unique=True,
        postgresql_where=sa.text("is_main"),
        sqlite_where=sa.text("is_main"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Room in each page for the row's next version: updates then touch no index.
        op.execute("ALTER TABLE stock_balances SET (fillfactor = 70)")
