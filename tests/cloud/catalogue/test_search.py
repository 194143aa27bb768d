"""Any fragment finds a product or a customer; what was renamed or taken away is not found by what it was."""

from __future__ import annotations

import pytest

from tests.cloud.office import Office

NAMES = ("Coffee beans 250 g", "Կաթ 3.2 %", "Crème brûlée", '7" lamp AND shade', "Ice-cream OR sorbet*")


@pytest.fixture
async def stocked(office: Office) -> Office:
    rows = [
        {"code": f"A-{n}", "name": name, "unit": "pcs", "tax_code": "A", "barcodes": [{"barcode": f"48500012345{n}"}]}
        for n, name in enumerate(NAMES)
    ]
    (await (await office.owner()).post("/products/import", json={"products": rows})).raise_for_status()
    return office


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("offee", [0]),
        ("COFFEE 250", [0]),
        ("0123453", [3]),
        ("կաթ", [1]),
        ("creme", [2]),
        ('7" lamp', [3]),
        ("AND shade", [3]),
        ("OR sorbet*", [4]),
        ("beans lamp", []),
        ("g", [0]),
        ("-2", [2]),
        ("48500012345", [0, 1, 2, 3, 4]),
        ('" OR "', []),
        ("%%%", []),
    ],
)
async def test_every_word_of_a_search_is_a_fragment(stocked: Office, q: str, found: list[int]) -> None:
    answer = await (await stocked.owner()).get("/products", params={"q": q, "sort": "code"})
    assert [int(row["code"][2:]) for row in answer.json()["items"]] == found
    assert answer.json()["total"] == len(found)


async def test_a_renamed_product_is_found_by_its_new_name_only(stocked: Office) -> None:
    owner = await stocked.owner()
    [row] = (await owner.get("/products", params={"q": "coffee"})).json()["items"]
    draft = {"code": row["code"], "name": "Cocoa", "unit": "pcs", "tax_code": "A", "barcodes": []}
    changed = await owner.put(f"/products/{row['id']}", json=draft, headers={"If-Match": str(row["version"])})
    changed.raise_for_status()
    totals = [
        (await owner.get("/products", params={"q": q})).json()["total"] for q in ("coffee", "485000123450", "cocoa")
    ]
    assert totals == [0, 0, 1]


async def test_a_customer_is_found_by_any_fragment_until_erased(office: Office) -> None:
    owner = await office.owner()
    draft = {"name": "Lusine Mkrtchyan", "phones": ["+37477123456"], "cards": ["2000000010236"]}
    id = (await owner.post("/customers", json=draft)).json()["id"]
    await owner.post("/customers", json={"name": "Levon Mkhitaryan"})
    searches = ("usin", "712345", "0010236", "mk")
    assert [(await owner.get("/customers", params={"q": q})).json()["total"] for q in searches] == [1, 1, 1, 2]
    assert (await owner.delete(f"/customers/{id}")).status_code == 204
    assert [(await owner.get("/customers", params={"q": q})).json()["total"] for q in searches] == [0, 0, 0, 1]
