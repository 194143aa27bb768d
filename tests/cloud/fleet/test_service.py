"""Branches and nodes: made once, with names that fit a topic; secrets that are shown once and checked by hash."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from cloud.database import Database
from cloud.fleet.models import branches, nodes
from cloud.fleet.service import (
    FleetError,
    add_branch,
    add_node,
    check_secret,
    choose_epoch,
    withdraw_node,
)
from cloud.stock.models import warehouses
from shared.topics import PARTITIONS
from tests.cloud.deliveries import NOON, open_branch, uid


async def count(database: Database) -> list[int]:
    async with database.transaction() as tx:
        tables = (branches, warehouses, nodes)
        return [(await tx.execute(select(func.count()).select_from(table))).scalar_one() for table in tables]


async def test_a_branch_comes_with_its_main_warehouse(database: Database) -> None:
    await open_branch(database)
    assert await count(database) == [1, 1, 0]


WRONG = [
    ({"id": "Abovyan 12"}, "DEV-411"),
    ({"id": "a/b"}, "DEV-411"),
    ({"id": ""}, "DEV-411"),
    ({"id": "x" * 65}, "DEV-411"),
    ({"currency": "XXX"}, "DEV-411"),
    ({"zone": "Mars/Olympus"}, "DEV-411"),
    ({"zone": "../../etc/passwd"}, "DEV-411"),
    ({"id": "abovyan"}, "DEV-410"),
]


@pytest.mark.parametrize(("changes", "code"), WRONG)
async def test_a_branch_that_cannot_be_is_refused(database: Database, changes: dict[str, Any], code: str) -> None:
    await open_branch(database)
    fields = {"id": "komitas", "name": "Komitas", "currency": "AMD", "zone": "Asia/Yerevan", **changes}
    with pytest.raises(FleetError) as refusal:
        async with database.transaction() as tx:
            await add_branch(tx, now=NOON, **fields)
    assert refusal.value.code == code
    assert await count(database) == [1, 1, 0]


async def test_a_taken_name_does_not_spoil_the_transaction(database: Database) -> None:
    await open_branch(database)
    async with database.transaction() as tx:
        with pytest.raises(FleetError, match="DEV-410"):
            await add_branch(tx, id="abovyan", name="Again", currency="AMD", zone="Asia/Yerevan", now=NOON)
        await add_branch(tx, id="komitas", name="Komitas", currency="AMD", zone="Asia/Yerevan", now=NOON)
    assert await count(database) == [2, 2, 0]


async def test_nodes_get_names_secrets_and_partitions_of_their_own(database: Database) -> None:
    await open_branch(database)
    async with database.transaction() as tx:
        made = [await add_node(tx, "abovyan", now=NOON) for _ in range(3)]
    assert [one.node for one in made] == ["abovyan-gw1", "abovyan-gw2", "abovyan-gw3"]
    assert [one.partition for one in made] == [0, 1, 2]
    assert len({one.secret for one in made}) == 3
    assert {len(one.secret) for one in made} == {43}  # 256 bits


async def test_partitions_fill_evenly(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    await open_branch(database)
    async with database.transaction() as tx:
        partitions = [(await add_node(tx, "abovyan", now=NOON)).partition for _ in range(PARTITIONS + 2)]
    assert partitions == [*range(PARTITIONS), 0, 1]
    await database.close()


@pytest.mark.parametrize(
    ("branch", "name", "code"),
    [("komitas", None, "DEV-412"), ("abovyan", "Gate Way", "DEV-411"), ("abovyan", "gw1", "DEV-410")],
)
async def test_a_node_that_cannot_be_is_refused(database: Database, branch: str, name: str | None, code: str) -> None:
    await open_branch(database)
    async with database.transaction() as tx:
        await add_node(tx, "abovyan", now=NOON, id="gw1")
        with pytest.raises(FleetError) as refusal:
            await add_node(tx, branch, now=NOON, id=name)
    assert refusal.value.code == code
    assert await count(database) == [1, 1, 1]


async def test_a_secret_opens_its_own_node_only(database: Database) -> None:
    await open_branch(database)
    async with database.transaction() as tx:
        one, two = [await add_node(tx, "abovyan", now=NOON) for _ in range(2)]
        assert await check_secret(tx, one.node, one.secret) == "abovyan"
        assert await check_secret(tx, one.node, two.secret) is None
        assert await check_secret(tx, one.node, "") is None
        assert await check_secret(tx, "nobody", one.secret) is None


async def test_the_database_does_not_know_the_secret(database: Database) -> None:
    await open_branch(database)
    async with database.transaction() as tx:
        made = await add_node(tx, "abovyan", now=NOON)
        row = (await tx.execute(select(nodes))).one()
    assert made.secret not in str(row)


async def test_a_withdrawn_node_stays_out(database: Database) -> None:
    await open_branch(database)
    async with database.transaction() as tx:
        made = await add_node(tx, "abovyan", now=NOON)
        for _ in range(2):
            await withdraw_node(tx, made.node, now=NOON)
        assert await check_secret(tx, made.node, made.secret) is None
        with pytest.raises(FleetError, match="DEV-412"):
            await withdraw_node(tx, "nobody", now=NOON)


async def test_an_epoch_that_is_not_there_cannot_be_chosen(database: Database) -> None:
    await open_branch(database)
    async with database.transaction() as tx:
        made = await add_node(tx, "abovyan", now=NOON)
        with pytest.raises(FleetError, match="DEV-412"):
            await choose_epoch(tx, made.node, uid("epoch"))
