"""All reading SQL of sales, returns, receipts and shifts. What hangs on a page of documents is one query each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access.models import users
from cloud.sales.models import (
    receipts,
    refunds,
    return_lines,
    return_taxes,
    returns,
    sale_lines,
    sale_payments,
    sale_taxes,
)

__all__ = ["DocumentFilter", "find", "hanging_on", "list_of", "operator_names", "receipt_states"]

WORST_FIRST: Final = ("unknown", "refused", "fiscalised")


@dataclass(frozen=True)
class DocumentFilter:
    """What narrows a list of sales or returns; None leaves it as wide as it is. Dates are business dates."""

    branch: str | None = None
    till: str | None = None
    since: date | None = None
    until: date | None = None
    number: str | None = None
    reference: str | None = None
    customer_id: UUID | None = None
    has: str | None = None


def list_of(table: Table, within: ColumnElement[bool], wanted: DocumentFilter) -> Select[Any]:
    """Documents of the caller's branches that match. table: sales or returns."""
    columns = table.c
    conditions: list[ColumnElement[bool]] = [within]
    for column, value in (
        (columns.branch, wanted.branch),
        (columns.till, wanted.till),
        (columns.number, wanted.number),
        (columns.reference_number, wanted.reference),
        (columns.customer_id, wanted.customer_id),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.since is not None:
        conditions.append(columns.businessdate >= wanted.since)
    if wanted.until is not None:
        conditions.append(columns.businessdate <= wanted.until)
    if wanted.has is not None:
        conditions.append(_has(table, wanted.has))
    return select(table).where(and_(*conditions))


def _has(table: Table, what: str) -> ColumnElement[bool]:
    if what == "return":
        return exists(select(returns.c.id).where(returns.c.sale_id == table.c.id))
    if what == "discount":
        return table.c.discount_minor > 0 if "discount_minor" in table.c else table.c.id.is_(None)
    return exists(select(receipts.c.id).where(receipts.c.of_id == table.c.id, receipts.c.state == what))


async def find(tx: AsyncConnection, table: Table, id: UUID) -> RowMapping | None:
    return (await tx.execute(select(table).where(table.c.id == id))).mappings().one_or_none()


async def receipt_states(tx: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The worst state among the receipts of each document."""
    found = await tx.execute(select(receipts.c.of_id, receipts.c.state).where(receipts.c.of_id.in_(ids)))
    worst: dict[UUID, str] = {}
    for of_id, state in found:
        known = worst.get(of_id, state)
        worst[of_id] = min(known, state, key=WORST_FIRST.index)
    return worst


async def operator_names(tx: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, str]:
    found = await tx.execute(select(users.c.id, users.c.name).where(users.c.id.in_(ids)))
    return {row.id: row.name for row in found}


_HANGING: Final[dict[str, tuple[Table, str, tuple[str, ...]]]] = {
    "sale_lines": (sale_lines, "sale_id", ("line_no",)),
    "sale_taxes": (sale_taxes, "sale_id", ("position",)),
    "sale_payments": (sale_payments, "sale_id", ("position",)),
    "return_lines": (return_lines, "return_id", ("position",)),
    "return_taxes": (return_taxes, "return_id", ("position",)),
    "refunds": (refunds, "return_id", ("position",)),
    "receipts": (receipts, "of_id", ("part", "at")),
    "returns": (returns, "sale_id", ("at", "id")),
}


async def hanging_on(tx: AsyncConnection, what: str, id: UUID) -> Sequence[RowMapping]:
    """Rows of one kind that belong to one sale or return, in their order."""
    table, owner, order = _HANGING[what]
    statement = select(table).where(table.c[owner] == id).order_by(*(table.c[name] for name in order))
    return (await tx.execute(statement)).mappings().all()
