"""Tables of customers. Personal data stand only here; the audit names which field changed, never its value."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from cloud.database import METADATA, Timestamp

__all__ = ["customer_cards", "customer_consents", "customer_counter", "customer_phones", "customers"]

customers = Table(
    "customers",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("search", Text, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
    Column("version", BigInteger, nullable=False, index=True),
    Index("ix_customers_name", "name", "id"),
)
"""number: the company's own, shown and printed. An erased customer keeps id and number, and nothing else."""

customer_phones = Table(
    "customer_phones",
    METADATA,
    Column("phone", String(16), primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
)
"""phone: E.164. It can be the customer's card, so it belongs to one customer. position 0 is the one to call."""

customer_cards = Table(
    "customer_cards",
    METADATA,
    Column("card", String(60), primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False, index=True),
)

customer_consents = Table(
    "customer_consents",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False, index=True),
    Column("purpose", String(20), nullable=False),
    Column("is_given", Boolean, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("heard_by", String(200), nullable=False),
)
"""Statements of the customer, one after the other; the newest of a purpose counts."""

customer_counter = Table(
    "customer_counter",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("next", BigInteger, nullable=False),
)
"""One row, made by the migration: the next number to give."""
