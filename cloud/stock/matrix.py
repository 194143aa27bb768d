"""HTTP of the stock matrix: products down, warehouses across, in each cell what is there for sale (STK-12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field, create_model
from sqlalchemy import BigInteger, RowMapping, Select, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from cloud.access.dependencies import Caller, CurrentClock, CurrentDatabase, Transaction, require
from cloud.audit.listing import answer
from cloud.catalogue.models import products
from cloud.fleet.models import branches
from cloud.paging import Listing, Nullable, Page, PageRequest
from cloud.panel.repository import node_counts
from cloud.stock.models import stock_balances, warehouses
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter(tags=["stock"], prefix="/stock")

Reader = Annotated[Caller, Depends(require("see_stock"))]
_HERE = "here_"
"""Sorting by one warehouse: this and its id, as hex."""


class MatrixColumn(BaseModel):
    """One warehouse. A stale one belongs to a branch that cannot be heard: its cells are as of `stale_since`."""

    id: UUID
    branch: str
    name: str
    is_stale: bool
    stale_since: AwareDatetime | None


class MatrixRow(BaseModel):
    """cells: thousandths in the order of `columns`; null where the product has never been."""

    product: UUID
    product_code: str
    name: str
    unit: str
    cells: list[int | None]
    total_milli: int


class Matrix(Page[MatrixRow]):
    columns: list[MatrixColumn]


@router.get("/matrix", operation_id="get_stock_matrix", response_model=Matrix)
async def get_matrix(
    caller: Reader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    branch: Annotated[list[Name] | None, Query(description="Only these branches.")] = None,
    only: Annotated[
        Literal["all", "problems"], Query(description="problems: products with none left, or less, somewhere.")
    ] = "all",
) -> Matrix | Response:
    """Balances for sale by product and warehouse. Sort by `name`, `product_code`, `total_milli`, `worst_milli`, or
    `here_` and a warehouse's id as hex."""
    columns = await _columns(tx, caller, branch)
    listing = _listing(columns, only, query.sort)
    if query.format == "csv":
        listing = _flat(listing, columns)
    page = await answer(tx, database, listing, query, actor=caller, at=clock.now())
    return Matrix(**dict(page), columns=columns) if isinstance(page, Page) else page


async def _columns(tx: AsyncConnection, caller: Caller, wanted: list[str] | None) -> list[MatrixColumn]:
    statement = (
        select(warehouses.c.id, warehouses.c.branch, warehouses.c.name)
        .join(branches, branches.c.id == warehouses.c.branch)
        .where(caller.within(warehouses.c.branch), branches.c.is_active)
        .order_by(branches.c.name, warehouses.c.is_main.desc(), warehouses.c.name, warehouses.c.id)
    )
    if wanted is not None:
        statement = statement.where(warehouses.c.branch.in_(wanted))
    links = await node_counts(tx)
    shown = []
    for row in (await tx.execute(statement)).mappings():
        link = links.get(row["branch"])
        is_stale = link is not None and not link["online"]
        since = link["offline_since"] if link and is_stale else None
        shown.append(MatrixColumn(**row, is_stale=is_stale, stale_since=since))
    return shown


def _listing(columns: Sequence[MatrixColumn], only: str, sort: str | None) -> Listing[MatrixRow]:
    held = stock_balances.c
    here = (
        select(held.warehouse, held.product, cast(func.sum(held.quantity_milli), BigInteger).label("quantity_milli"))
        .where(held.condition == "sellable", held.warehouse.in_([column.id for column in columns]))
        .group_by(held.warehouse, held.product)
        .subquery()
    )
    total = cast(func.sum(here.c.quantity_milli), BigInteger)
    chosen = [column.id for column in columns if sort == _HERE + column.id.hex]
    added = [func.max(here.c.quantity_milli).filter(here.c.warehouse == id).label("chosen_milli") for id in chosen]
    goods = (
        select(here.c.product, total.label("total_milli"), func.min(here.c.quantity_milli).label("worst_milli"), *added)
        .group_by(here.c.product)
        .subquery()
    )
    statement: Select[Any] = select(
        goods,
        func.coalesce(products.c.code, literal("?")).label("product_code"),
        func.coalesce(products.c.name, literal("?")).label("name"),
        func.coalesce(products.c.unit, literal("")).label("unit"),
    ).outerjoin(products, products.c.id == goods.c.product)
    if only == "problems":
        statement = statement.where(goods.c.worst_milli <= 0)
    sortable: dict[str, Any] = {
        "name": Nullable(products.c.name),
        "product_code": Nullable(products.c.code),
        "total_milli": goods.c.total_milli,
        "worst_milli": goods.c.worst_milli,
    }
    sortable |= {_HERE + id.hex: Nullable(goods.c.chosen_milli) for id in chosen}

    async def present(tx: AsyncConnection, rows: Sequence[RowMapping]) -> list[MatrixRow]:
        cells = await _cells(tx, [row["product"] for row in rows], columns)
        return [
            MatrixRow.model_validate({**row, "cells": [cells[row["product"]].get(one.id) for one in columns]})
            for row in rows
        ]

    return Listing(
        name="stock-matrix",
        statement=statement,
        key=goods.c.product,
        sortable=sortable,
        default="name",
        item=MatrixRow,
        present=present,
        search=[products.c.search],
        fragments="products",
    )


async def _cells(
    tx: AsyncConnection, goods: Sequence[UUID], columns: Sequence[MatrixColumn]
) -> dict[UUID, dict[UUID, int]]:
    held = stock_balances.c
    wanted = (
        held.product.in_(goods),
        held.warehouse.in_([column.id for column in columns]),
        held.condition == "sellable",
    )
    quantity = cast(func.sum(held.quantity_milli), BigInteger).label("quantity_milli")
    found: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    statement = select(held.product, held.warehouse, quantity).where(*wanted).group_by(held.product, held.warehouse)
    for row in await tx.execute(statement):
        found[row.product][row.warehouse] = row.quantity_milli
    return found


def _flat(listing: Listing[MatrixRow], columns: Sequence[MatrixColumn]) -> Listing[Any]:
    """The same rows with a column for each warehouse, for a spreadsheet."""
    heads = [f"{column.branch} {column.name} {column.id.hex[:4]}" for column in columns]
    fields: dict[str, Any] = {"product_code": (str, ...), "name": (str, ...), "unit": (str, ...)}
    fields |= dict.fromkeys(heads, (int | None, Field(default=None)))
    row_model = create_model("MatrixLine", **fields, total_milli=(int, ...))

    async def present(tx: AsyncConnection, rows: Sequence[RowMapping]) -> list[Any]:
        return [
            row_model(**row.model_dump(exclude={"cells"}), **dict(zip(heads, row.cells, strict=True)))
            for row in await listing.present(tx, rows)
        ]

    return Listing(
        name=listing.name,
        statement=listing.statement,
        key=listing.key,
        sortable=listing.sortable,
        default=listing.default,
        item=row_model,
        present=present,
        search=listing.search,
        fragments=listing.fragments,
    )
