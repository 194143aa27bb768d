"""HTTP of what one customer has bought and brought back: figures and a timeline, of the branches the reader sees.

Sums are those of the reports: before cash rounding, returns apart. Currencies are never added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import BigInteger, RowMapping, Table, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from cloud.access.dependencies import Caller, CurrentClock, CurrentDatabase, Transaction, require
from cloud.audit.listing import answer
from cloud.customers import repository
from cloud.errors import NotFound
from cloud.paging import Listing, Page, PageRequest
from cloud.sales.models import returns, sales
from shared.money import CURRENCIES, divide_half_away

__all__ = ["router"]

router = APIRouter(tags=["customers"], prefix="/customers/{customer_id}")

Reader = Annotated[Caller, Depends(require("see_customers"))]
SalesReader = Annotated[Caller, Depends(require("see_sales"))]


class CustomerFigures(BaseModel):
    """One currency. average_minor is of a sale before returns, to the step the currency shows; null without a sale."""

    currency: str
    sales: int
    total_minor: int
    average_minor: int | None
    returns: int
    returned_minor: int
    net_minor: int
    first_at: AwareDatetime
    last_at: AwareDatetime


class HistoryEntry(BaseModel):
    """A sale or a return; amounts are positive."""

    kind: Literal["sale", "return"]
    id: UUID
    number: str
    branch: str
    at: AwareDatetime
    currency: str
    total_minor: int
    line_count: int


@router.get("/figures", operation_id="get_customer_figures")
async def get_figures(customer_id: UUID, _: Reader, caller: SalesReader, tx: Transaction) -> list[CustomerFigures]:
    """What the customer has bought in the reader's branches, by currency."""
    await _must_exist(tx, customer_id)
    found: dict[str, dict[str, RowMapping]] = defaultdict(dict)
    for name, table in (("sales", sales), ("returns", returns)):
        statement = select(
            table.c.currency,
            func.count().label("count"),
            cast(func.sum(table.c.total_minor), BigInteger).label("total_minor"),
            func.min(table.c.at).label("first_at"),
            func.max(table.c.at).label("last_at"),
        )
        mine = table.c.customer_id == customer_id, caller.within(table.c.branch)
        for row in (await tx.execute(statement.where(*mine).group_by(table.c.currency))).mappings():
            found[row["currency"]][name] = row
    return [_figures(currency, **rows) for currency, rows in sorted(found.items())]


def _figures(currency: str, sales: RowMapping | None = None, returns: RowMapping | None = None) -> CustomerFigures:
    told = [row for row in (sales, returns) if row is not None]
    count, total = (sales["count"], sales["total_minor"]) if sales else (0, 0)
    back, returned = (returns["count"], returns["total_minor"]) if returns else (0, 0)
    step = CURRENCIES[currency].line_step
    return CustomerFigures(
        currency=currency,
        sales=count,
        total_minor=total,
        average_minor=divide_half_away(total, count * step) * step if count else None,
        returns=back,
        returned_minor=returned,
        net_minor=total - returned,
        first_at=min(row["first_at"] for row in told),
        last_at=max(row["last_at"] for row in told),
    )


@router.get("/history", operation_id="list_customer_history", response_model=Page[HistoryEntry])
async def list_history(
    customer_id: UUID,
    _: Reader,
    caller: SalesReader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    kind: Literal["sale", "return"] | None = None,
) -> Page[HistoryEntry] | Response:
    """Purchases and returns in the reader's branches, the newest first."""
    await _must_exist(tx, customer_id)
    parts = [_part(name, table, customer_id, caller) for name, table in (("sale", sales), ("return", returns))]
    entries = union_all(*parts).subquery()
    statement = select(entries)
    if kind is not None:
        statement = statement.where(entries.c.kind == kind)
    listing = Listing(
        name="customer-history",
        statement=statement,
        key=entries.c.id,
        sortable={name: entries.c[name] for name in ("at", "kind", "number", "branch", "total_minor", "line_count")},
        default="-at",
        item=HistoryEntry,
        present=_present,
        search=[entries.c.number],
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


def _part(kind: str, table: Table, customer_id: UUID, caller: Caller) -> Any:
    columns = (table.c[name] for name in ("id", "number", "branch", "at", "currency", "total_minor", "line_count"))
    mine = table.c.customer_id == customer_id, caller.within(table.c.branch)
    return select(literal(kind).label("kind"), *columns).where(*mine)


async def _must_exist(tx: AsyncConnection, customer_id: UUID) -> None:
    if await repository.find_customer(tx, customer_id) is None:
        raise NotFound("customer", customer_id)


async def _present(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[HistoryEntry]:
    return [HistoryEntry.model_validate(dict(row)) for row in rows]
