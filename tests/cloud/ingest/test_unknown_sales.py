"""A return of a sale that head office does not know is told to a person until the sale comes in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from cloud.database import Database
from cloud.fleet.models import exceptions
from cloud.ingest.applier import Applier
from cloud.sales.models import returns
from tests.cloud.deliveries import Gateway, open_branch, open_gateway, returned, sale, uid


async def told(database: Database) -> list[Any]:
    async with database.transaction() as tx:
        rows = exceptions.c
        found = await tx.execute(select(rows.subject, rows.parameters, rows.settled_at).where(rows.code == "EVT-210"))
        return sorted((row.subject, row.parameters, row.settled_at is not None) for row in found)


async def test_each_return_of_an_unknown_sale_is_raised_once(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("sale.returned", returned(1, "nowhere", quantity_milli=500))
    gateway.write("sale.returned", returned(2, "nowhere", quantity_milli=500))
    for _ in range(2):
        await applier.apply([gateway.batch()])
    facts = {"original": "abovyan-1-1-nowhere"}
    assert await told(database) == sorted(
        (str(uid("return", key)), {"number": f"abovyan-1-1-R{key}", **facts}, False) for key in (1, 2)
    )
    async with database.transaction() as tx:
        assert await tx.scalar(select(func.count()).select_from(returns)) == 2


async def test_a_return_of_a_known_sale_is_nothing_to_tell(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("sale.completed", sale(1))
    gateway.write("sale.returned", returned(1, 1))
    gateway.write("sale.completed", sale(2))
    await applier.apply([gateway.batch()])
    gateway.write("sale.returned", returned(2, 2))
    await applier.apply([gateway.batch(4)])
    assert await told(database) == []


async def test_the_sale_of_another_branch_settles_it_when_it_comes(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    await open_branch(database, "komitas")
    other = await open_gateway(database, "komitas")
    gateway.write("sale.returned", returned(1, "far"))
    gateway.write("sale.returned", returned(2, "further"))
    await applier.apply([gateway.batch()])
    assert [settled for *_, settled in await told(database)] == [False, False]
    other.write("sale.completed", sale("far"))
    await applier.apply([other.batch()])
    assert {subject: settled for subject, _, settled in await told(database)} == {
        str(uid("return", 1)): True,
        str(uid("return", 2)): False,
    }


async def test_return_and_sale_in_one_batch_of_two_branches_are_nothing_to_tell(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    await open_branch(database, "komitas")
    other = await open_gateway(database, "komitas")
    gateway.write("sale.returned", returned(1, "far"))
    other.write("sale.completed", sale("far"))
    await applier.apply([gateway.batch(), other.batch()])
    assert await told(database) == []
