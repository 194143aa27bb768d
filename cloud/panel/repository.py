"""All SQL of the panel: a handful of statements over the rollups, however many branches there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, case, false, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.fleet.models import branches, devices, exceptions, node_epochs, node_status, nodes
from cloud.ingest.models import facts
from cloud.reporting.models import sales_by_hour

__all__ = [
    "SUMS",
    "active_branches",
    "by_branch",
    "by_hour",
    "device_counts",
    "exception_counts",
    "last_facts",
    "node_counts",
    "unsynced",
]

SUMS = ("sales", "total_minor", "discount_minor", "returns", "returned_minor", "cancelled", "voided")

Within = ColumnElement[bool]


async def active_branches(tx: AsyncConnection, within: Within) -> Sequence[RowMapping]:
    statement = select(branches.c.id, branches.c.name, branches.c.zone, branches.c.currency)
    return (
        (await tx.execute(statement.where(branches.c.is_active, within).order_by(branches.c.name, branches.c.id)))
        .mappings()
        .all()
    )


def _sum(name: str) -> ColumnElement[Any]:
    # PostgreSQL adds bigints up to numeric, which JSON would carry as text.
    column = sales_by_hour.c[name]
    return func.sum(column).cast(column.type).label(name)


async def by_branch(tx: AsyncConnection, days: Iterable[date]) -> Sequence[RowMapping]:
    """Sums by branch, day and currency."""
    keys = (sales_by_hour.c.branch, sales_by_hour.c.businessdate, sales_by_hour.c.currency)
    statement = (
        select(*keys, *(_sum(name) for name in SUMS))
        .where(sales_by_hour.c.businessdate.in_(list(days)))
        .group_by(*keys)
        .order_by(*keys)
    )
    return (await tx.execute(statement)).mappings().all()


async def by_hour(tx: AsyncConnection, days: Iterable[date]) -> Sequence[RowMapping]:
    """Sums by branch, day, currency and hour."""
    keys = (
        sales_by_hour.c.branch,
        sales_by_hour.c.businessdate,
        sales_by_hour.c.currency,
        sales_by_hour.c.hour,
    )
    statement = (
        select(*keys, *(_sum(name) for name in ("sales", "total_minor", "returned_minor")))
        .where(sales_by_hour.c.businessdate.in_(list(days)))
        .group_by(*keys)
        .order_by(*keys)
    )
    return (await tx.execute(statement)).mappings().all()


async def node_counts(tx: AsyncConnection) -> dict[str, RowMapping]:
    """By branch: nodes, how many are online, since when not, and the oldest replica that is confirmed."""
    is_online = func.coalesce(node_status.c.is_online, false())
    statement = (
        select(
            nodes.c.branch,
            func.count().label("nodes"),
            func.sum(case((is_online, 1), else_=0)).label("online"),
            func.max(case((is_online, None), else_=node_status.c.since)).label("offline_since"),
            func.min(func.coalesce(node_status.c.replica, 0)).label("replica"),
        )
        .outerjoin(node_status, node_status.c.node == nodes.c.id)
        .where(nodes.c.withdrawn_at.is_(None))
        .group_by(nodes.c.branch)
    )
    return {row["branch"]: row for row in (await tx.execute(statement)).mappings()}


async def unsynced(tx: AsyncConnection) -> dict[str, int]:
    """By branch: facts that its journals are known to hold above the cursors."""
    above = case((node_epochs.c.held_last > node_epochs.c.upto, node_epochs.c.held_last - node_epochs.c.upto), else_=0)
    statement = (
        select(nodes.c.branch, func.sum(above))
        .join(node_epochs, node_epochs.c.node == nodes.c.id)
        .where(nodes.c.withdrawn_at.is_(None))
        .group_by(nodes.c.branch)
    )
    return {branch: int(count) for branch, count in (await tx.execute(statement)).all()}


async def last_facts(tx: AsyncConnection) -> dict[str, datetime]:
    """By branch: when its newest fact came in."""
    at_cursor = and_(
        facts.c.node == node_epochs.c.node,
        facts.c.epoch == node_epochs.c.epoch,
        facts.c.sequence == node_epochs.c.upto,
    )
    statement = (
        select(facts.c.branch, func.max(facts.c.received_at))
        .select_from(node_epochs.join(facts, at_cursor))
        .group_by(facts.c.branch)
    )
    return {row[0]: row[1] for row in await tx.execute(statement)}


async def device_counts(tx: AsyncConnection) -> dict[tuple[str, str], int]:
    """By branch and health: devices."""
    statement = select(devices.c.branch, devices.c.health, func.count()).group_by(devices.c.branch, devices.c.health)
    return {(branch, health): count for branch, health, count in (await tx.execute(statement)).all()}


async def exception_counts(tx: AsyncConnection) -> dict[str, int]:
    """By branch: exceptions that nobody has settled."""
    statement = (
        select(exceptions.c.branch, func.count()).where(exceptions.c.settled_at.is_(None)).group_by(exceptions.c.branch)
    )
    return {row[0]: row[1] for row in await tx.execute(statement)}
