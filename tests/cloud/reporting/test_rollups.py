"""Rollups say what the documents say, by the hour on the branch's own clock, one currency at a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, select

from cloud.database import Database
from cloud.ingest.applier import Applier
from cloud.reporting.models import products_by_day, sales_by_hour
from cloud.sales.models import return_lines, returns, sale_lines, sales
from shared.events import SaleCancelled
from tests.cloud.deliveries import NOON, Gateway, open_branch, open_gateway, returned, sale, uid
from tests.shared.samples import SALE, SAMPLES


async def rows_of(database: Database, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    async with database.transaction() as tx:
        chosen = select(*(table.c[name] for name in columns)).order_by(*table.primary_key.columns)
        return [tuple(row) for row in await tx.execute(chosen)]


async def test_a_day_of_a_till(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("sale.completed", SALE)
    gateway.write("sale.completed", sale(2, lines=3))
    gateway.write("sale.returned", returned("a", 2))
    dropped = SAMPLES["sale.cancelled"][1]
    assert isinstance(dropped, SaleCancelled)
    gateway.write("sale.cancelled", dropped)
    gateway.write("sale.line_voided", SAMPLES["sale.line_voided"][1])
    await applier.apply(gateway.batches(2))
    assert await rows_of(database, sales_by_hour, "branch", "till", "businessdate", "hour", "currency") == [
        ("abovyan", "till-1", date(2026, 11, 21), 16, "AMD")
    ]
    sums = ("sales", "lines", "total_minor", "discount_minor", "tax_minor", "rounding_minor")
    assert await rows_of(database, sales_by_hour, *sums) == [(2, 5, 866_500, 19_500, 142_417, 500)]
    more = ("returns", "returned_minor", "returned_tax_minor", "cancelled", "cancelled_minor", "voided", "voided_minor")
    assert await rows_of(database, sales_by_hour, *more) == [(1, 62_000, 10_000, 1, 65_000, 1, 65_000)]


async def test_hours_are_the_branchs_own(database: Database, gateway: Gateway, applier: Applier) -> None:
    await open_branch(database, "lagos", zone="Africa/Lagos", currency="NGN")
    other = await open_gateway(database, "lagos")
    night = datetime(2026, 11, 21, 20, 30, tzinfo=NOON.tzinfo)
    gateway.write("sale.completed", sale("a"), time=night)
    other.write("sale.completed", sale("b"), time=night)
    await applier.apply([gateway.batch(), other.batch()])
    assert await rows_of(database, sales_by_hour, "branch", "hour") == [("abovyan", 0), ("lagos", 21)]


async def test_currencies_are_never_added(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("sale.completed", sale("a"))
    gateway.write("sale.completed", sale("b", currency="EUR"))
    await applier.apply([gateway.batch()])
    assert await rows_of(database, sales_by_hour, "currency", "total_minor") == [("AMD", 248_000), ("EUR", 248_000)]


async def test_a_till_that_is_not_named_counts_too(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("sale.completed", sale("a"), till=None)
    await applier.apply([gateway.batch()])
    assert await rows_of(database, sales_by_hour, "till", "sales") == [("", 1)]


async def test_products_by_day(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("sale.completed", sale(1, lines=1))
    gateway.write("sale.completed", sale(2, lines=1))
    gateway.write("sale.returned", returned("a", 2))
    gateway.write("sale.completed", sale(3, lines=1), businessdate=date(2026, 11, 22))
    await applier.apply(gateway.batches(1))
    sums = ("businessdate", "product", "sold_milli", "sold_minor", "returned_milli", "returned_minor")
    assert await rows_of(database, products_by_day, *sums) == [
        (date(2026, 11, 21), uid("product", 1), 4_000, 248_000, 1_000, 62_000),
        (date(2026, 11, 22), uid("product", 1), 2_000, 124_000, 0, 0),
    ]


async def test_rollups_equal_the_documents(database: Database, gateway: Gateway, applier: Applier) -> None:
    for number in range(40):
        moment = NOON + timedelta(minutes=37 * number)
        gateway.write("sale.completed", sale(number, lines=1 + number % 5), time=moment)
        gateway.write("sale.returned", returned(number, number), time=moment)
    await applier.apply(gateway.batches(7))
    async with database.transaction() as tx:

        async def total(column: Any) -> int:
            return int(await tx.scalar(select(func.sum(column))) or 0)

        hours, days = sales_by_hour.c, products_by_day.c
        assert await total(hours.total_minor) == await total(sales.c.total_minor)
        assert await total(hours.lines) == await total(sales.c.line_count)
        assert await total(hours.returned_minor) == await total(returns.c.total_minor)
        assert await total(days.sold_milli) == await total(sale_lines.c.quantity_milli)
        assert await total(days.sold_minor) == await total(sale_lines.c.amount_minor)
        assert await total(days.returned_milli) == await total(return_lines.c.quantity_milli)
