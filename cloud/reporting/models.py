"""Rollups that ingest keeps in the transaction of the facts. Each can be rebuilt from the sales tables.

Currencies are never added together: the currency is part of every key.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Date, Index, SmallInteger, String, Table
from sqlalchemy import Uuid as Id

from cloud.database import METADATA

__all__ = ["PRODUCTS_KEY", "PRODUCTS_SUMS", "SALES_KEY", "SALES_SUMS", "products_by_day", "sales_by_hour"]

SALES_KEY: Final = ("branch", "till", "businessdate", "hour", "currency")
SALES_SUMS: Final = (
    "sales",
    "lines",
    "total_minor",
    "discount_minor",
    "tax_minor",
    "rounding_minor",
    "returns",
    "returned_minor",
    "returned_tax_minor",
    "returned_rounding_minor",
    "cancelled",
    "cancelled_minor",
    "voided",
    "voided_minor",
)

sales_by_hour = Table(
    "sales_by_hour",
    METADATA,
    Column("branch", String(64), primary_key=True),
    Column("till", String(64), primary_key=True),
    Column("businessdate", Date, primary_key=True),
    Column("hour", SmallInteger, primary_key=True, autoincrement=False),
    Column("currency", String(3), primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in SALES_SUMS),
    Index("ix_sales_by_hour_businessdate", "businessdate", "branch"),
)
"""hour: 0..23 in the branch's zone. till is empty for facts that name none. total_minor is before cash rounding."""

PRODUCTS_KEY: Final = ("branch", "businessdate", "product", "currency")
PRODUCTS_SUMS: Final = ("sold_milli", "sold_minor", "discount_minor", "returned_milli", "returned_minor")

products_by_day = Table(
    "products_by_day",
    METADATA,
    Column("branch", String(64), primary_key=True),
    Column("businessdate", Date, primary_key=True),
    Column("product", Id, primary_key=True),
    Column("currency", String(3), primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in PRODUCTS_SUMS),
)
