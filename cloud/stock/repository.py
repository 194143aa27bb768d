"""The ledger's own proof in SQL: balances beside the sums of their moves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.stock.models import BALANCE_KEY, stock_balances, stock_moves

__all__ = ["balances_that_differ"]


async def balances_that_differ(tx: AsyncConnection) -> list[tuple[dict[str, Any], int, int]]:
    """Every balance that is not the sum of its moves: its key, what is stored, what the moves say."""
    keys = [stock_moves.c[name] for name in BALANCE_KEY]
    total = cast(func.sum(stock_moves.c.quantity_milli), BigInteger).label("total")
    sums = select(*keys, total).group_by(*keys).subquery()
    same = and_(*(stock_balances.c[name] == sums.c[name] for name in BALANCE_KEY))
    said = func.coalesce(stock_balances.c.quantity_milli, 0)
    moved = func.coalesce(sums.c.total, 0)
    statement = (
        select(
            *(func.coalesce(stock_balances.c[name], sums.c[name]).label(name) for name in BALANCE_KEY),
            said.label("said"),
            moved.label("moved"),
        )
        .select_from(stock_balances)
        .join(sums, same, full=True)
        .where(said != moved)
    )
    return [
        ({name: row[name] for name in BALANCE_KEY}, row["said"], row["moved"])
        for row in (await tx.execute(statement)).mappings()
    ]
