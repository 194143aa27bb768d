"""HTTP of the stock ledger. Reading only: moves are born from facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping, String, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from cloud.access.dependencies import Caller, CurrentClock, CurrentDatabase, Transaction, require
from cloud.audit.listing import answer
from cloud.catalogue.models import products
from cloud.paging import Listing, Nullable, Page, PageRequest
from cloud.stock.models import stock_balances, stock_moves, warehouses
from cloud.stock.schemas import BalanceShown, MoveShown
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter(tags=["stock"], prefix="/stock")

Reader = Annotated[Caller, Depends(require("see_stock"))]

_CODE = func.coalesce(products.c.code, literal("?")).label("product_code")
"""A product that head office has never had is shown all the same: its moves are real."""
_NAME = func.coalesce(products.c.name, literal("?")).label("name")
_UNIT = func.coalesce(products.c.unit, literal("")).label("unit")


@router.get("/balances", operation_id="list_stock_balances", response_model=Page[BalanceShown])
async def list_balances(
    caller: Reader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    branch: Name | None = None,
    product: UUID | None = None,
    negative: Annotated[bool, Query(description="Only balances below zero.")] = False,
) -> Page[BalanceShown] | Response:
    """What lies where, by warehouse, product, lot and condition."""
    held = stock_balances.c
    key = (
        cast(held.warehouse, String) + "/" + cast(held.product, String) + "/" + held.condition + "/" + held.lot
    ).label("balance_key")
    statement = (
        select(
            warehouses.c.branch,
            warehouses.c.name.label("warehouse"),
            held.warehouse.label("warehouse_id"),
            held.product,
            _CODE,
            _NAME,
            _UNIT,
            held.lot,
            held.condition,
            held.quantity_milli,
        )
        .join(warehouses, warehouses.c.id == held.warehouse)
        .outerjoin(products, products.c.id == held.product)
        .where(caller.within(warehouses.c.branch))
    )
    if branch is not None:
        statement = statement.where(warehouses.c.branch == branch)
    if product is not None:
        statement = statement.where(held.product == product)
    if negative:
        statement = statement.where(held.quantity_milli < 0)
    listing = Listing(
        name="stock-balances",
        statement=statement,
        key=key,
        sortable={
            "name": Nullable(products.c.name),
            "product_code": Nullable(products.c.code),
            "branch": warehouses.c.branch,
            "warehouse": warehouses.c.name,
            "condition": held.condition,
            "quantity_milli": held.quantity_milli,
        },
        default="name",
        item=BalanceShown,
        present=_present_balances,
        search=[products.c.search],
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


@router.get("/moves", operation_id="list_stock_moves", response_model=Page[MoveShown])
async def list_moves(
    caller: Reader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    branch: Name | None = None,
    product: UUID | None = None,
    of: Annotated[UUID | None, Query(description="The document that moved the goods.")] = None,
) -> Page[MoveShown] | Response:
    """The ledger itself, the newest first."""
    moves = stock_moves.c
    statement = (
        select(stock_moves, warehouses.c.branch, warehouses.c.name.label("warehouse_name"), _CODE)
        .join(warehouses, warehouses.c.id == moves.warehouse)
        .outerjoin(products, products.c.id == moves.product)
        .where(caller.within(warehouses.c.branch))
    )
    for column, value in ((warehouses.c.branch, branch), (moves.product, product), (moves.of_id, of)):
        if value is not None:
            statement = statement.where(column == value)
    listing = Listing(
        name="stock-moves",
        statement=statement,
        key=moves.id,
        sortable={"at": moves.at, "kind": moves.kind, "quantity_milli": moves.quantity_milli},
        default="-at",
        item=MoveShown,
        present=_present_moves,
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


async def _present_balances(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[BalanceShown]:
    return [BalanceShown.model_validate(dict(row)) for row in rows]


async def _present_moves(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[MoveShown]:
    return [MoveShown.model_validate({**row, "warehouse": row["warehouse_name"]}) for row in rows]
