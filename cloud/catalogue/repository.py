"""All SQL of the catalogue. Reads are set-based: what hangs on many products is one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, String, and_, cast, false, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud import bulk
from cloud.catalogue.models import barcodes, branch_price_lists, prices, products, taxes
from cloud.catalogue.planning import FIELDS, PriceKey, Stored, StoredProduct
from cloud.fleet.models import branches

__all__ = [
    "USUAL_LIST",
    "barcodes_of",
    "currency_of_branch",
    "deleted_with",
    "find_deleted",
    "find_product",
    "list_of_branch",
    "load",
    "plain_uuid",
    "prices_of",
    "product_ids",
    "product_list",
    "put_barcodes",
    "put_branch_list",
    "put_prices",
    "put_products",
    "put_taxes",
    "tax_key",
    "tax_list",
    "tax_rates",
]

USUAL_LIST = "retail"
"""The price list of a branch that has chosen no other."""


def plain_uuid(value: UUID) -> UUID:
    """asyncpg answers a subclass that the JSON writer of `cloud.bulk` does not know."""
    return UUID(int=value.int)


def product_list(
    price_list: str, currency: str, on: date, *, by_price: bool = False
) -> tuple[Select[Any], ColumnElement[Any]]:
    """Live products with the price in force (NULL where there is none), and that price's column for sorting.

    by_price: all prices are needed to put them in order, so they are worked out together; otherwise each is looked up
    for the rows that are shown.
    """
    in_force = (
        prices.c.list == price_list,
        prices.c.currency == currency,
        prices.c.valid_from <= on,
        prices.c.is_deleted == false(),
    )
    live = select(products).where(products.c.is_deleted == false())
    if by_price:
        newest = (
            select(prices.c.product_id, func.max(prices.c.valid_from).label("valid_from"))
            .where(*in_force)
            .group_by(prices.c.product_id)
            .subquery()
        )
        mine = prices.c.product_id == products.c.id
        statement = (
            live.add_columns(prices.c.unit_price)
            .outerjoin(newest, newest.c.product_id == products.c.id)
            .outerjoin(prices, and_(mine, prices.c.valid_from == newest.c.valid_from, *in_force[:2]))
        )
        return statement, prices.c.unit_price
    price = (
        select(prices.c.unit_price)
        .where(prices.c.product_id == products.c.id, *in_force)
        .order_by(prices.c.valid_from.desc())
        .limit(1)
        .correlate(products)
        .scalar_subquery()
    )
    return live.add_columns(price.label("unit_price")), price


async def find_product(tx: AsyncConnection, product_id: UUID) -> RowMapping | None:
    statement = select(products).where(products.c.id == product_id, products.c.is_deleted == false())
    return (await tx.execute(statement)).mappings().first()


async def find_deleted(tx: AsyncConnection, product_id: UUID) -> RowMapping | None:
    statement = select(products).where(products.c.id == product_id, products.c.is_deleted)
    return (await tx.execute(statement)).mappings().first()


async def deleted_with(
    tx: AsyncConnection, product_id: UUID, version: int
) -> tuple[dict[str, int], dict[PriceKey, int]]:
    """Bar codes and prices that went with a product whose deletion has this version: what is deleted after it."""
    codes = select(barcodes).where(
        barcodes.c.product_id == product_id, barcodes.c.is_deleted, barcodes.c.version > version
    )
    dated = select(prices).where(prices.c.product_id == product_id, prices.c.is_deleted, prices.c.version > version)
    return (
        {row["barcode"]: row["quantity_milli"] for row in (await tx.execute(codes)).mappings()},
        {_price_key(row): row["unit_price"] for row in (await tx.execute(dated)).mappings()},
    )


async def product_ids(tx: AsyncConnection, codes: Iterable[str]) -> dict[str, UUID]:
    """Of these article numbers, also of deleted products."""
    rows = await tx.execute(select(products.c.code, products.c.id).where(products.c.code.in_(list(codes))))
    return {row.code: plain_uuid(row.id) for row in rows}


async def barcodes_of(tx: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """Live bar codes of each product, in order, with what a scan sells."""
    found: dict[UUID, dict[str, int]] = {product_id: {} for product_id in ids}
    rows = await tx.execute(
        select(barcodes)
        .where(barcodes.c.product_id.in_(list(found)), barcodes.c.is_deleted == false())
        .order_by(barcodes.c.barcode)
    )
    for row in rows:
        found[row.product_id][row.barcode] = row.quantity_milli
    return found


async def prices_of(tx: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, list[RowMapping]]:
    """Live prices of each product, newest first within list and currency."""
    found: dict[UUID, list[RowMapping]] = {product_id: [] for product_id in ids}
    rows = await tx.execute(
        select(prices)
        .where(prices.c.product_id.in_(list(found)), prices.c.is_deleted == false())
        .order_by(prices.c.list, prices.c.currency, prices.c.valid_from.desc())
    )
    for row in rows.mappings():
        found[row["product_id"]].append(row)
    return found


async def load(tx: AsyncConnection, ids: Sequence[UUID], codes: Sequence[str], scanned: Sequence[str]) -> Stored:
    """Everything that a save of these products, article numbers and bar codes touches: four queries, however many."""
    rows = (await tx.execute(select(products).where(products.c.id.in_(ids)))).mappings().all()
    codes_of, prices_by_id = await barcodes_of(tx, ids), await prices_of(tx, ids)
    owners = await tx.execute(
        select(barcodes.c.barcode, barcodes.c.product_id, products.c.code)
        .join(products, products.c.id == barcodes.c.product_id)
        .where(barcodes.c.barcode.in_(scanned), barcodes.c.is_deleted == false())
    )
    return Stored(
        products={
            plain_uuid(row["id"]): StoredProduct(
                {name: row[name] for name in FIELDS},
                row["is_deleted"],
                codes_of[row["id"]],
                {_price_key(price): price["unit_price"] for price in prices_by_id[row["id"]]},
            )
            for row in rows
        },
        code_owner=await product_ids(tx, codes),
        barcode_owner={row.barcode: (plain_uuid(row.product_id), row.code) for row in owners},
    )


def _price_key(row: RowMapping) -> PriceKey:
    return row["list"], row["currency"], row["valid_from"]


async def put_products(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    overwrite = ("code", "name", "search", "unit", "tax_code", "minimum_age", "is_deleted", "changed_at", "version")
    await bulk.put(tx, products, rows, ["id"], overwrite)


async def put_barcodes(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await bulk.put(tx, barcodes, rows, ["barcode"], ["product_id", "quantity_milli", "is_deleted", "version"])


async def put_prices(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    keys = ["product_id", "list", "currency", "valid_from"]
    await bulk.put(tx, prices, rows, keys, ["unit_price", "is_deleted", "version"])


# --- taxes and price lists


def tax_list() -> Select[Any]:
    return select(taxes)


def tax_key() -> ColumnElement[str]:
    """One unique text for each row of the tax table."""
    return taxes.c.country + taxes.c.code + cast(taxes.c.valid_from, String)


async def tax_rates(tx: AsyncConnection, country: str, code: str) -> dict[date, RowMapping]:
    """The dated rows of one letter."""
    rows = await tx.execute(select(taxes).where(taxes.c.country == country, taxes.c.code == code))
    return {row["valid_from"]: row for row in rows.mappings()}


async def put_taxes(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await bulk.put(tx, taxes, rows, ["country", "code", "valid_from"], ["rate", "inclusive", "version"])


async def currency_of_branch(tx: AsyncConnection, branch: str) -> str | None:
    """None when there is no such branch."""
    return await tx.scalar(select(branches.c.currency).where(branches.c.id == branch))


async def list_of_branch(tx: AsyncConnection, branch: str) -> tuple[str, int]:
    """The branch's price list, and how often it was chosen."""
    row = (await tx.execute(select(branch_price_lists).where(branch_price_lists.c.branch == branch))).first()
    return (USUAL_LIST, 0) if row is None else (row.list, row.generation)


async def put_branch_list(tx: AsyncConnection, branch: str, price_list: str, generation: int) -> None:
    row = {"branch": branch, "list": price_list, "generation": generation}
    await bulk.put(tx, branch_price_lists, [row], ["branch"], ["list", "generation"])
