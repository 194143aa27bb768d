"""The stock matrix: what is where, what is old, and the same rows and order in its export."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from cloud.access.rights import Preset
from cloud.fleet.models import node_status
from cloud.stock.models import stock_balances, warehouses
from tests.cloud.deliveries import open_branch
from tests.cloud.office import START, Office, add_node, office

__all__ = ["office"]

NAMES = ("Coffee", "Milk", "Tea")


async def put(office: Office, table: Any, *rows: dict[str, Any]) -> None:
    async with office.database.transaction() as tx:
        for row in rows:
            await tx.execute(insert(table).values(row))


@pytest.fixture
async def company(office: Office) -> Office:
    """Two branches, one of them silent, and three products."""
    owner = await office.owner()
    for branch in ("abovyan", "gyumri"):
        await open_branch(office.database, branch, name=branch.title())
        await add_node(office, branch, f"{branch}-gw", "secret")
    told = {"since": START, "boot": 1, "version": "1", "replica": 0, "devices": {}, "heard_at": START}
    for branch in ("abovyan", "gyumri"):
        await put(office, node_status, {"node": f"{branch}-gw", "is_online": branch == "abovyan", **told})
    rows = [{"code": name[0], "name": name, "unit": "pcs", "tax_code": "A"} for name in NAMES]
    await owner.post("/products/import", json={"products": rows})
    ids = {row["name"]: UUID(row["id"]) for row in (await owner.get("/products")).json()["items"]}
    async with office.database.reading() as tx:
        at = {row.branch: row.id for row in await tx.execute(select(warehouses.c.branch, warehouses.c.id))}
    for branch, name, lot, condition, quantity in (
        ("abovyan", "Coffee", "", "sellable", 14_000),
        ("abovyan", "Coffee", "L1", "sellable", 1_000),
        ("abovyan", "Coffee", "", "problem", 9_000),
        ("gyumri", "Coffee", "", "sellable", 3_000),
        ("abovyan", "Milk", "", "sellable", 8_000),
        ("gyumri", "Milk", "", "sellable", -2_000),
        ("gyumri", "Tea", "", "sellable", 20_000),
    ):
        place = {"warehouse": at[branch], "product": ids[name], "lot": lot, "condition": condition}
        await put(office, stock_balances, {**place, "quantity_milli": quantity})
    return office


def cells(matrix: dict[str, Any]) -> list[tuple[str, list[int | None], int]]:
    return [(row["name"], row["cells"], row["total_milli"]) for row in matrix["items"]]


async def test_cells_stand_under_their_warehouses_and_old_ones_say_so(company: Office) -> None:
    matrix = (await (await company.owner()).get("/stock/matrix")).json()
    assert [(one["branch"], one["is_stale"], one["stale_since"]) for one in matrix["columns"]] == [
        ("abovyan", False, None),
        ("gyumri", True, "2026-11-21T10:00:00Z"),
    ]
    assert cells(matrix) == [
        ("Coffee", [15_000, 3_000], 18_000),
        ("Milk", [8_000, -2_000], 6_000),
        ("Tea", [None, 20_000], 20_000),
    ]


async def test_only_problems_is_what_has_run_out_somewhere(company: Office) -> None:
    matrix = (await (await company.owner()).get("/stock/matrix", params={"only": "problems"})).json()
    assert (cells(matrix), matrix["total"]) == ([("Milk", [8_000, -2_000], 6_000)], 1)


async def test_every_column_sorts_and_pages_are_stable(company: Office) -> None:
    owner = await company.owner()
    gyumri = (await owner.get("/stock/matrix")).json()["columns"][1]["id"].replace("-", "")
    for sort, expected in (
        (f"here_{gyumri}", ["Milk", "Coffee", "Tea"]),
        ("total_milli", ["Milk", "Coffee", "Tea"]),
        ("worst_milli", ["Milk", "Coffee", "Tea"]),
        ("product_code", ["Coffee", "Milk", "Tea"]),
    ):
        names: list[str] = []
        cursor: str | None = ""
        for _ in NAMES:
            query = {"sort": sort, "limit": "1"} | ({"cursor": cursor} if cursor else {})
            page = (await owner.get("/stock/matrix", params=query)).json()
            names += [row["name"] for row in page["items"]]
            cursor = page["next"]
        assert (names, cursor) == (expected, None)
    assert (await owner.get("/stock/matrix", params={"sort": "here_no"})).status_code == 422


async def test_a_reader_of_one_branch_sees_its_column_only(company: Office) -> None:
    manager = await company.signed_in((Preset.MANAGER, "abovyan"))
    matrix = (await manager.get("/stock/matrix", params={"branch": ["abovyan", "gyumri"]})).json()
    assert [one["branch"] for one in matrix["columns"]] == ["abovyan"]
    assert cells(matrix) == [("Coffee", [15_000], 15_000), ("Milk", [8_000], 8_000)]


async def test_the_export_has_a_column_for_each_warehouse(company: Office) -> None:
    owner = await company.owner()
    answer = await owner.get("/stock/matrix", params={"sort": "total_milli", "order": "desc", "format": "csv"})
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert [name.split(" ")[0] for name in head] == [
        "product_code",
        "name",
        "unit",
        "abovyan",
        "gyumri",
        "total_milli",
    ]
    assert rows == [
        ["T", "Tea", "pcs", "", "20000", "20000"],
        ["C", "Coffee", "pcs", "15000", "3000", "18000"],
        ["M", "Milk", "pcs", "8000", "-2000", "6000"],
    ]
    [entry] = (await owner.get("/audit", params={"action": "exported"})).json()["items"]
    assert (entry["record"], entry["new"]["rows"]) == ("stock-matrix", 3)
