"""The stock ledger: what is sold leaves, what comes back returns, and a balance is the sum of its moves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from cloud.database import Database
from cloud.fleet.models import node_epochs
from cloud.ingest.applier import Applier
from cloud.ingest.models import facts
from cloud.reporting.models import products_by_day, sales_by_hour
from cloud.sales import models as selling
from cloud.stock.models import stock_balances, stock_moves, warehouses
from cloud.stock.projection import move_id
from cloud.stock.service import rebuild, verify
from tests.cloud.deliveries import FixedClock, Gateway, open_branch, open_gateway, returned, sale, uid


async def balances(database: Database) -> dict[tuple[UUID, str, str], int]:
    async with database.transaction() as tx:
        held = stock_balances.c
        found = await tx.execute(select(held.product, held.lot, held.condition, held.quantity_milli))
        return {(row.product, row.lot, row.condition): row.quantity_milli for row in found}


async def moves(database: Database) -> list[Any]:
    async with database.transaction() as tx:
        moved = stock_moves.c
        statement = select(moved.kind, moved.condition, moved.quantity_milli, moved.of_id, moved.line_no)
        return [tuple(row) for row in await tx.execute(statement.order_by(moved.id))]


MILK = uid("product", 1)


async def test_what_is_sold_leaves_the_branchs_main_warehouse(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("sale.completed", sale(1, lines=2, quantity_milli=1_500))
    await applier.apply([gateway.batch()])
    assert await balances(database) == {(MILK, "", "sellable"): -1_500, (uid("product", 2), "", "sellable"): -1_500}
    of_id = uid("sale", 1)
    assert sorted(await moves(database)) == [
        ("sale", "sellable", -1_500, of_id, 1),
        ("sale", "sellable", -1_500, of_id, 2),
    ]
    async with database.transaction() as tx:
        main = await tx.scalar(select(warehouses.c.id).where(warehouses.c.branch == "abovyan", warehouses.c.is_main))
        assert list(await tx.scalars(select(stock_moves.c.warehouse).distinct())) == [main]


async def test_goods_that_cannot_be_sold_are_put_aside(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("sale.completed", sale(1, lines=1))
    gateway.write("sale.returned", returned("good", 1))
    gateway.write("sale.returned", returned("sour", 1, sellable=False))
    await applier.apply([gateway.batch()])
    assert await balances(database) == {(MILK, "", "sellable"): -1_000, (MILK, "", "problem"): 1_000}
    assert [kind for kind, *_ in await moves(database)] == ["sale", "return", "problem"]


async def test_lots_are_kept_apart(database: Database, gateway: Gateway, applier: Applier) -> None:
    plain = sale(1, lines=2)
    first, second = plain.lines
    same_product = second.model_copy(update={"product_id": MILK, "lot": "L2417"})
    gateway.write("sale.completed", plain.model_copy(update={"lines": (first, same_product)}))
    await applier.apply([gateway.batch()])
    assert await balances(database) == {(MILK, "", "sellable"): -2_000, (MILK, "L2417", "sellable"): -2_000}


async def test_a_product_on_two_lines_is_two_moves_and_one_balance(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    plain = sale(1, lines=2)
    first, second = plain.lines
    lines = (first, second.model_copy(update={"product_id": MILK}))
    gateway.write("sale.completed", plain.model_copy(update={"lines": lines}))
    await applier.apply([gateway.batch()])
    assert await balances(database) == {(MILK, "", "sellable"): -4_000}
    assert len(await moves(database)) == 2


async def test_each_branch_has_its_own_balance(database: Database, gateway: Gateway, applier: Applier) -> None:
    await open_branch(database, "komitas")
    other = await open_gateway(database, "komitas")
    gateway.write("sale.completed", sale("a", lines=1))
    other.write("sale.completed", sale("b", lines=1))
    await applier.apply([gateway.batch(), other.batch()])
    async with database.transaction() as tx:
        held = select(warehouses.c.branch, stock_balances.c.quantity_milli).join(
            stock_balances, stock_balances.c.warehouse == warehouses.c.id
        )
        assert sorted(tuple(row) for row in await tx.execute(held)) == [("abovyan", -2_000), ("komitas", -2_000)]


async def test_a_balance_that_was_touched_is_found_and_rebuilt_from_the_moves(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    for number in range(3):
        gateway.write("sale.completed", sale(number))
    await applier.apply([gateway.batch()])
    right = await balances(database)
    async with database.transaction() as tx:
        assert await verify(tx) == 0
        await tx.execute(update(stock_balances).where(stock_balances.c.product == MILK).values(quantity_milli=7))
        await tx.execute(delete(stock_balances).where(stock_balances.c.product == uid("product", 2)))
        assert await verify(tx) == 2
        assert await rebuild(tx) == 2
        assert await verify(tx) == 0
        assert await rebuild(tx) == 0
    assert await balances(database) == right


def test_ids_of_moves_are_their_own_and_in_the_order_of_time() -> None:
    first, second = UUID("0199f0de-0000-7000-8000-000000000001"), UUID("0199f0df-0000-7000-8000-000000000001")
    ids = [move_id(fact, line) for fact in (first, second) for line in (1, 2, 9_999)]
    assert len({*ids, first, second}) == 8
    assert max(ids[:3]) < min(ids[3:])
    assert {each.version for each in ids} == {8}


documents = st.lists(
    st.tuples(st.booleans(), st.integers(0, 3), st.integers(1, 100).map(lambda n: 50 * n), st.booleans()),
    min_size=1,
    max_size=12,
)
FILLED = [
    facts,
    node_epochs,
    stock_moves,
    stock_balances,
    products_by_day,
    sales_by_hour,
    *(getattr(selling, name) for name in selling.__all__),
]


@given(days=st.lists(documents, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_balances_are_the_sums_of_moves_whatever_is_sold_and_returned(
    database: Database, gateway: Gateway, days: list[list[tuple[bool, int, int, bool]]]
) -> None:
    async with database.transaction() as tx:
        for table in FILLED:
            await tx.execute(delete(table))
    gateway.bodies.clear()
    applier, expected = Applier(database, FixedClock()), {"sellable": 0, "problem": 0}
    for day in days:
        begin = len(gateway.bodies) + 1
        for is_sale, lines, quantity, sellable in day:
            key = len(gateway.bodies)
            if is_sale:
                gateway.write("sale.completed", sale(key, lines=1 + lines, quantity_milli=quantity))
                expected["sellable"] -= (1 + lines) * quantity
            else:
                back = returned(key, "any", quantity_milli=quantity, sellable=sellable, line=1 + lines)
                gateway.write("sale.returned", back)
                expected["sellable" if sellable else "problem"] += quantity
        await applier.apply([gateway.batch(begin)])
    held = await balances(database)
    got = {name: sum(amount for (_, _, condition), amount in held.items() if condition == name) for name in expected}
    assert got == expected
    async with database.transaction() as tx:
        assert await verify(tx) == 0


async def test_a_branch_has_exactly_one_main_warehouse(database: Database, gateway: Gateway) -> None:
    async with database.transaction() as tx:
        main = await tx.scalars(select(warehouses.c.name).where(warehouses.c.branch == "abovyan", warehouses.c.is_main))
        assert list(main) == ["Abovyan 12"]
