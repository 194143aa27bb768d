"""Tables of the stock ledger. Moves are appended; balances are their totals, kept in the same transaction.

Quantities are signed thousandths of the product's unit. lot is empty, not NULL, for goods without one: NULL is no key.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, text
from sqlalchemy import Uuid as Id

from cloud.database import METADATA, Timestamp

__all__ = ["BALANCE_KEY", "stock_balances", "stock_moves", "warehouses"]

BALANCE_KEY = ("warehouse", "product", "lot", "condition")

warehouses = Table(
    "warehouses",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("branch", String(64), ForeignKey("branches.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("is_main", Boolean, nullable=False),
    Index("uq_warehouses_main", "branch", unique=True, postgresql_where=text("is_main"), sqlite_where=text("is_main")),
)
"""Each branch has one main warehouse, made with it: what its tills sell comes from there."""

stock_moves = Table(
    "stock_moves",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("warehouse", Id, nullable=False),
    Column("product", Id, nullable=False),
    Column("lot", String(200), nullable=False),
    Column("condition", String(10), nullable=False),
    Column("quantity_milli", BigInteger, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("of_id", Id, nullable=False),
    Column("line_no", Integer, nullable=False),
    Index("ix_stock_moves_product", "product", "warehouse", "at"),
)
"""kind: sale, return, problem, adjustment, delivery. of_id, line_no: the document that moved the goods.

condition: sellable, or problem for goods put aside. id is derived from fact and line, so that a move exists once.
"""

stock_balances = Table(
    "stock_balances",
    METADATA,
    Column("warehouse", Id, primary_key=True),
    Column("product", Id, primary_key=True),
    Column("lot", String(200), primary_key=True),
    Column("condition", String(10), primary_key=True),
    Column("quantity_milli", BigInteger, nullable=False),
)
"""May be negative: goods were sold before their delivery was entered."""
