"""Tables of the catalogue. Every row that travels to branches carries its own version; a deleted row stays as a mark.

Prices and taxes are dated: a new one is a new row, and what has been in force is never overwritten.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
)

from cloud.database import METADATA, Timestamp

__all__ = ["barcodes", "branch_price_lists", "prices", "products", "taxes"]

products = Table(
    "products",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("code", String(60), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("search", Text, nullable=False),
    Column("unit", String(12), nullable=False),
    Column("tax_code", String(1), nullable=False),
    Column("minimum_age", SmallInteger),
    Column("is_deleted", Boolean, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
    Column("version", BigInteger, nullable=False, index=True),
    Index("ix_products_name", "name", "id"),
)
"""code: the article number. search: `fold`ed name, code and bar codes. minimum_age: years."""

barcodes = Table(
    "barcodes",
    METADATA,
    Column("barcode", String(60), primary_key=True),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False, index=True),
    Column("quantity_milli", BigInteger, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False, index=True),
)
"""quantity_milli: how much one scan sells, for the code on a box of six."""

prices = Table(
    "prices",
    METADATA,
    Column("product_id", Uuid, ForeignKey("products.id"), primary_key=True),
    Column("list", String(64), primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("unit_price", BigInteger, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("ix_prices_list_currency_version", "list", "currency", "version"),
)
"""unit_price: in 1/10,000 minor units of the currency."""

taxes = Table(
    "taxes",
    METADATA,
    Column("country", String(2), primary_key=True),
    Column("code", String(1), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("rate", Integer, nullable=False),
    Column("inclusive", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False, index=True),
)
"""rate: in 1/10,000. inclusive: shelf prices contain the tax."""

branch_price_lists = Table(
    "branch_price_lists",
    METADATA,
    Column("branch", String(64), ForeignKey("branches.id"), primary_key=True),
    Column("list", String(64), nullable=False),
    Column("generation", Integer, nullable=False),
)
"""Branches that have chosen their price list. generation: how often; a replica of an earlier one begins anew."""
