"""All SQL of replication: what changed in a span of versions, as one branch may have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Table, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access.models import users
from cloud.catalogue.models import barcodes, branch_price_lists, prices, products, taxes
from cloud.customers.models import customers
from cloud.fleet.models import branches, nodes
from cloud.replication.models import company_settings

__all__ = ["BranchView", "branch_view", "changed", "cutoff", "generations", "live_nodes"]


@dataclass(frozen=True)
class BranchView:
    """What makes one branch's replica differ from another's."""

    branch: str
    country: str
    currency: str
    price_list: str
    generation: int


async def branch_view(tx: AsyncConnection, branch: str, price_list: str, generation: int) -> BranchView:
    row = (await tx.execute(select(branches.c.country, branches.c.currency).where(branches.c.id == branch))).one()
    return BranchView(branch, row.country, row.currency, price_list, generation)


def _limits(view: BranchView) -> dict[Table, Sequence[ColumnElement[bool]]]:
    """Every replicated table, with the rows of it that this branch gets."""
    return {
        products: (),
        barcodes: (),
        prices: (prices.c.list == view.price_list, prices.c.currency == view.currency),
        customers: (),
        users: (),
        taxes: (taxes.c.country == view.country,),
        company_settings: (),
    }


async def cutoff(tx: AsyncConnection, view: BranchView, since: int, upto: int, rows: int) -> int | None:
    """The version at which a page of so many rows ends; None when all of them fit. Reads indexes only."""
    parts: list[Select[Any]] = []
    for table, conditions in _limits(view).items():
        version = table.c.version
        first = select(version).where(version > since, version <= upto, *conditions).order_by(version).limit(rows + 1)
        part = first.subquery()
        parts.append(select(part.c.version))
    found = union_all(*parts).subquery()
    ordered = select(found.c.version).order_by(found.c.version)
    if await tx.scalar(ordered.offset(rows).limit(1)) is None:
        return None
    last: int | None = await tx.scalar(ordered.offset(rows - 1).limit(1))
    return last


async def changed(tx: AsyncConnection, view: BranchView, since: int, upto: int) -> dict[Table, Sequence[RowMapping]]:
    """Rows of every table with a version in (since, upto], oldest change first."""
    found = {}
    for table, conditions in _limits(view).items():
        version = table.c.version
        statement = select(table).where(version > since, version <= upto, *conditions).order_by(version)
        found[table] = (await tx.execute(statement)).mappings().all()
    return found


async def generations(tx: AsyncConnection) -> dict[str, int]:
    """Of branches that have chosen their price list."""
    rows = await tx.execute(select(branch_price_lists.c.branch, branch_price_lists.c.generation))
    return {row.branch: row.generation for row in rows}


async def live_nodes(tx: AsyncConnection) -> Sequence[RowMapping]:
    """Every node that has not been withdrawn."""
    statement = select(nodes.c.id, nodes.c.branch, nodes.c.partition).where(nodes.c.withdrawn_at.is_(None))
    return (await tx.execute(statement)).mappings().all()
