"""Imports: by article number, all or none, with an audit entry for each product that changed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cloud.replication.service import delta
from tests.cloud.office import Office, add_branch


def _rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "code": f"A{number}",
            "name": f"Product {number}",
            "unit": "pcs",
            "tax_code": "A",
            "barcodes": [{"barcode": f"{48500000000 + number}"}],
            "prices": [{"currency": "AMD", "unit_price": 1_000_000 + number, "valid_from": "2026-01-01"}],
        }
        for number in range(count)
    ]


async def test_second_import_changes_what_differs(office: Office) -> None:
    owner = await office.owner()
    rows = _rows(40)
    first = await owner.post("/products/import", json={"products": rows})
    assert first.json() == {"created": 40, "changed": 0, "unchanged": 0}
    rows[0] |= {"name": "Renamed"}
    rows[1] |= {"barcodes": [{"barcode": "1"}, {"barcode": "2", "quantity_milli": 6000}]}
    rows[2] |= {"barcodes": None}
    rows[3] |= {"prices": [{"currency": "AMD", "unit_price": 7, "valid_from": "2026-12-01"}]}
    second = await owner.post("/products/import", json={"products": rows})
    assert second.json() == {"created": 0, "changed": 3, "unchanged": 37}
    codes = {row["code"]: row for row in (await owner.get("/products", params={"limit": 500})).json()["items"]}
    assert codes["A1"]["barcodes"] == ["1", "2"]
    assert codes["A2"]["barcodes"] == ["48500000002"]
    entries = (await owner.get("/audit", params={"kind": "product", "action": "changed"})).json()["items"]
    assert sorted((str(entry["old"]), str(entry["new"])) for entry in entries) == [
        ("{'barcodes': {'48500000001': 1000}}", "{'barcodes': {'1': 1000, '2': 6000}}"),
        ("{'name': 'Product 0'}", "{'name': 'Renamed'}"),
        ("{'prices': {'retail AMD 2026-12-01': None}}", "{'prices': {'retail AMD 2026-12-01': 7}}"),
    ]


async def test_one_problem_refuses_all_and_every_problem_is_named(office: Office) -> None:
    owner = await office.owner()
    await owner.post("/products/import", json={"products": _rows(3)})
    before = await office.contents()
    rows = _rows(6)
    rows[1] |= {"prices": [{"currency": "AMD", "unit_price": 1, "valid_from": "2026-01-01"}]}
    rows[3] |= {"barcodes": [{"barcode": "48500000000"}]}
    rows[4] |= {"code": "A5"}
    answer = await owner.post("/products/import", json={"products": rows})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "IMP-410")
    assert [(problem["index"], problem["code"]) for problem in error["problems"]] == [
        (0, "STK-431"),
        (1, "STK-432"),
        (3, "STK-431"),
        (4, "STK-430"),
        (5, "STK-430"),
    ]
    assert await office.contents() == before


async def test_malformed_rows_are_named_by_their_place(small_office: Office) -> None:
    owner = await small_office.owner()
    before = await small_office.contents()
    rows = _rows(3)
    rows[1] |= {"tax_code": "AA"}
    rows[2]["prices"][0] |= {"unit_price": -1, "currency": "XXX"}
    answer = await owner.post("/products/import", json={"products": rows})
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["error"]["problems"]] == [
        "products.1.tax_code",
        "products.2.prices.0.currency",
        "products.2.prices.0.unit_price",
    ]
    too_many = await owner.post("/products/import", json={"products": _rows(5_001)})
    assert too_many.status_code == 422
    assert await small_office.contents() == before


async def test_five_thousand_at_once(office: Office) -> None:
    owner = await office.owner()
    started = time.perf_counter()
    answer = await owner.post("/products/import", json={"products": _rows(5_000)}, timeout=60)
    assert answer.json() == {"created": 5_000, "changed": 0, "unchanged": 0}
    print(f"5,000 products in {time.perf_counter() - started:.2f} s on {office.database.dialect}")
    assert (await owner.get("/audit/chain")).json() == {"entries": 5_001, "broken_at": None}


async def test_the_age_from_which_a_product_is_sold_reaches_lists_audit_and_branches(office: Office) -> None:
    await add_branch(office, "kentron")
    owner = await office.owner()
    rows = _rows(2)
    rows[1] |= {"minimum_age": 18}
    await owner.post("/products/import", json={"products": rows})
    listed = (await owner.get("/products", params={"sort": "minimum_age"})).json()["items"]
    assert [(row["code"], row["minimum_age"]) for row in listed] == [("A1", 18), ("A0", None)]
    async with office.database.reading() as tx:
        changes = (await delta(tx, "kentron", 0))["changes"]
    assert [row.get("minimum_age", "absent") for row in changes["products"]] == ["absent", 18]
    rows[1] |= {"minimum_age": 21}
    assert (await owner.post("/products/import", json={"products": rows})).json()["changed"] == 1
    [entry] = (await owner.get("/audit", params={"kind": "product", "action": "changed"})).json()["items"]
    assert (entry["old"], entry["new"]) == ({"minimum_age": 18}, {"minimum_age": 21})
    detail = (await owner.get(f"/products/{listed[0]['id']}")).json()
    assert detail["minimum_age"] == 21


@pytest.mark.parametrize("age", [0, 100, "18", 18.5])
async def test_an_age_that_is_none_is_refused(small_office: Office, age: Any) -> None:
    owner = await small_office.owner()
    rows = _rows(1)
    rows[0] |= {"minimum_age": age}
    assert (await owner.post("/products/import", json={"products": rows})).status_code == 422
    assert (await owner.get("/products")).json()["total"] == 0
