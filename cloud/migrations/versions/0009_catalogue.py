"""Products, bar codes, prices, taxes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cloud.database import Timestamp

revision = "0009_catalogue"
down_revision = "0008_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("tax_code", sa.String(length=1), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Timestamp(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.UniqueConstraint("code", name="uq_products_code"),
    )
    op.create_index("ix_products_version", "products", ["version"])
    op.create_index("ix_products_name", "products", ["name", "id"])
    op.create_table(
        "taxes",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=1), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("inclusive", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("country", "code", "valid_from", name="pk_taxes"),
    )
    op.create_index("ix_taxes_version", "taxes", ["version"])
    op.create_table(
        "barcodes",
        sa.Column("barcode", sa.String(length=60), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_barcodes_product_id"),
        sa.PrimaryKeyConstraint("barcode", name="pk_barcodes"),
    )
    op.create_index("ix_barcodes_product_id", "barcodes", ["product_id"])
    op.create_index("ix_barcodes_version", "barcodes", ["version"])
    op.create_table(
        "branch_price_lists",
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch"], ["branches.id"], name="fk_branch_price_lists_branch"),
        sa.PrimaryKeyConstraint("branch", name="pk_branch_price_lists"),
    )
    op.create_table(
        "prices",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_prices_product_id"),
        sa.PrimaryKeyConstraint("product_id", "list", "currency", "valid_from", name="pk_prices"),
    )
    op.create_index("ix_prices_list_currency_version", "prices", ["list", "currency", "version"])
