"""Customers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cloud.database import Timestamp

revision = "0010_customers"
down_revision = "0009_catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer_counter"),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("changed_at", Timestamp(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.UniqueConstraint("number", name="uq_customers_number"),
    )
    op.create_index("ix_customers_version", "customers", ["version"])
    op.create_index("ix_customers_name", "customers", ["name", "id"])
    op.create_table(
        "customer_cards",
        sa.Column("card", sa.String(length=60), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_customer_cards_customer_id"),
        sa.PrimaryKeyConstraint("card", name="pk_customer_cards"),
    )
    op.create_index("ix_customer_cards_customer_id", "customer_cards", ["customer_id"])
    op.create_table(
        "customer_consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("heard_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_customer_consents_customer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_customer_consents"),
    )
    op.create_index("ix_customer_consents_customer_id", "customer_consents", ["customer_id"])
    op.create_table(
        "customer_phones",
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_customer_phones_customer_id"),
        sa.PrimaryKeyConstraint("phone", name="pk_customer_phones"),
    )
    op.create_index("ix_customer_phones_customer_id", "customer_phones", ["customer_id"])
    op.execute("INSERT INTO customer_counter (id, next) VALUES (1, 10001)")
