"""The ledger proved, and its balances rebuilt from nothing but its moves."""

from __future__ import annotations

from sqlalchemy import BigInteger, cast, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.stock.models import BALANCE_KEY, stock_balances, stock_moves
from cloud.stock.repository import balances_that_differ

__all__ = ["rebuild", "verify"]


async def verify(tx: AsyncConnection) -> int:
    """How many balances are not the sum of their moves. Anything but 0 is a mistake of ours."""
    return len(await balances_that_differ(tx))


async def rebuild(tx: AsyncConnection) -> int:
    """Make every balance the sum of its moves again; answers how many had differed.

    Locks the balances against ingest until the end of the transaction on PostgreSQL; on SQLite every transaction does.
    """
    if tx.dialect.name == "postgresql":
        await tx.exec_driver_sql("LOCK TABLE stock_balances IN EXCLUSIVE MODE")
    wrong = await verify(tx)
    if wrong:
        keys = [stock_moves.c[name] for name in BALANCE_KEY]
        sums = select(*keys, cast(func.sum(stock_moves.c.quantity_milli), BigInteger)).group_by(*keys)
        await tx.execute(delete(stock_balances))
        await tx.execute(insert(stock_balances).from_select([*BALANCE_KEY, "quantity_milli"], sums))
    return wrong
