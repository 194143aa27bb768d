"""Products over HTTP: what is saved comes back, what contradicts is refused whole, nobody overwrites silently."""

from __future__ import annotations

import json
from typing import Any

from cloud.access.rights import Preset
from tests.cloud.office import Office, add_branch

COFFEE: dict[str, Any] = {
    "code": "10482",
    "name": "Coffee beans 250 g",
    "unit": "pcs",
    "tax_code": "A",
    "barcodes": [{"barcode": "4850001234567", "quantity_milli": 1000}],
}


async def test_created_product_is_found_by_any_fragment(office: Office) -> None:
    owner = await office.owner()
    created = (await owner.post("/products", json=COFFEE)).raise_for_status().json()
    for q in ("coffee", "BEANS 250", "482", "0001234"):
        page = (await owner.get("/products", params={"q": q})).json()
        assert [item["id"] for item in page["items"]] == [created["id"]], q
        assert page["total"] == 1
    assert (await owner.get("/products", params={"q": "tea"})).json() == {"items": [], "next": None, "total": 0}


HOSTILE = [
    "'; DROP TABLE products; --",
    '<script>alert("x")</script>',
    "Սուրճ «Արաբիկա» 250 գ",
    "100 % _off_ \\ back",
    "=1+1",
]


async def test_hostile_names_are_kept_as_they_are(office: Office) -> None:
    owner = await office.owner()
    for number, name in enumerate(HOSTILE):
        draft = COFFEE | {"code": f"{number}", "name": name, "barcodes": []}
        created = (await owner.post("/products", json=draft)).raise_for_status().json()
        answer = await owner.get(f"/products/{created['id']}")
        assert answer.json()["name"] == name
        assert answer.headers["content-type"] == "application/json"
        found = (await owner.get("/products", params={"q": name})).json()["items"]
        assert [item["name"] for item in found] == [name]


async def test_names_that_no_label_could_print_are_refused(small_office: Office) -> None:
    owner = await small_office.owner()
    before = await small_office.contents()
    for name in ("two\nlines", "nul\0", "bell\a", "   ", "x" * 201, "\ud800"):
        body = json.dumps(COFFEE | {"name": name})
        answer = await owner.post("/products", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "SRV-422")
        assert answer.json()["error"]["problems"][0]["field"] == "name"
    assert await small_office.contents() == before


async def test_second_editor_is_shown_both_values(office: Office) -> None:
    owner = await office.owner()
    created = await owner.post("/products", json=COFFEE)
    address, version = f"/products/{created.json()['id']}", created.headers["ETag"]
    mine = await owner.put(address, json=COFFEE | {"name": "Coffee, ours"}, headers={"If-Match": version})
    assert mine.status_code == 200
    before = await office.contents()
    theirs = await owner.put(address, json=COFFEE | {"unit": "kg"}, headers={"If-Match": version})
    assert theirs.status_code == 409
    error = theirs.json()["error"]
    assert error["code"] == "SRV-409"
    assert error["version"] == mine.json()["version"]
    assert error["differences"] == {
        "name": {"yours": "Coffee beans 250 g", "theirs": "Coffee, ours"},
        "unit": {"yours": "kg", "theirs": "pcs"},
    }
    assert await office.contents() == before
    again = await owner.put(address, json=COFFEE | {"unit": "kg"}, headers={"If-Match": mine.headers["ETag"]})
    assert (again.status_code, again.json()["unit"]) == (200, "kg")


async def test_saving_without_the_version_is_refused(small_office: Office) -> None:
    owner = await small_office.owner()
    created = (await owner.post("/products", json=COFFEE)).json()
    answer = await owner.put(f"/products/{created['id']}", json=COFFEE)
    assert (answer.status_code, answer.json()["error"]["problems"][0]["field"]) == (422, "if-match")


async def test_bar_code_belongs_to_one_product(office: Office) -> None:
    owner = await office.owner()
    await owner.post("/products", json=COFFEE)
    before = await office.contents()
    answer = await owner.post("/products", json=COFFEE | {"code": "2"})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "STK-431"
    assert answer.json()["error"]["parameters"] == {"barcode": "4850001234567", "product": "10482"}
    assert await office.contents() == before


async def test_article_number_is_unique(office: Office) -> None:
    owner = await office.owner()
    await owner.post("/products", json=COFFEE)
    answer = await owner.post("/products", json=COFFEE | {"barcodes": []})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "STK-430")


async def test_deleted_product_is_gone_and_its_bar_code_free(office: Office) -> None:
    owner = await office.owner()
    created = await owner.post("/products", json=COFFEE)
    address = f"/products/{created.json()['id']}"
    gone = await owner.delete(address, headers={"If-Match": created.headers["ETag"]})
    assert gone.status_code == 204
    assert (await owner.get(address)).status_code == 404
    assert (await owner.get("/products")).json()["total"] == 0
    other = await owner.post("/products", json=COFFEE | {"code": "2"})
    assert other.status_code == 201
    back = await owner.post("/products", json=COFFEE | {"barcodes": []})
    assert (back.status_code, back.json()["id"]) == (201, created.json()["id"])


async def test_prices_are_dated_and_history_is_never_overwritten(office: Office) -> None:
    owner = await office.owner()
    created = (await owner.post("/products", json=COFFEE)).json()
    prices = f"/products/{created['id']}/prices"
    price = {"list": "retail", "currency": "AMD", "unit_price": 39_000_000, "valid_from": "2026-11-01"}
    assert (await owner.post(prices, json=price)).status_code == 201
    planned = price | {"unit_price": 41_000_000, "valid_from": "2026-12-01"}
    assert (await owner.post(prices, json=planned)).status_code == 201

    async def shown(on: str) -> int:
        answer = await owner.get("/products", params={"currency": "AMD", "on": on})
        return answer.json()["items"][0]["unit_price"]

    assert [await shown(day) for day in ("2026-10-31", "2026-11-21", "2026-12-01")] == [None, 39_000_000, 41_000_000]
    rewritten = await owner.post(prices, json=price | {"unit_price": 1})
    assert (rewritten.status_code, rewritten.json()["error"]["code"]) == (409, "STK-432")
    assert (await owner.delete(f"{prices}/retail/AMD/2026-11-01")).json()["error"]["code"] == "STK-432"
    assert (await owner.delete(f"{prices}/retail/AMD/2026-12-01")).status_code == 204
    assert (await owner.delete(f"{prices}/retail/AMD/2026-12-01")).status_code == 404
    assert [row["valid_from"] for row in (await owner.get(prices)).json()] == ["2026-11-01"]


async def test_prices_of_a_branch_follow_its_list_and_currency(office: Office) -> None:
    owner = await office.owner()
    await add_branch(office, "london", currency="GBP")
    created = (await owner.post("/products", json=COFFEE)).json()
    for name, amount in (("retail", 100), ("members", 90)):
        price = {"list": name, "currency": "GBP", "unit_price": amount, "valid_from": "2026-11-01"}
        await owner.post(f"/products/{created['id']}/prices", json=price)

    async def shown() -> int:
        return (await owner.get("/products", params={"branch": "london"})).json()["items"][0]["unit_price"]

    assert await shown() == 100
    chosen = await owner.put("/branches/london/price-list", json={"list": "members"})
    assert chosen.json() == (await owner.get("/branches/london/price-list")).json() == {"list": "members"}
    assert await shown() == 90
    assert (await owner.get("/products", params={"branch": "paris"})).status_code == 404


async def test_taxes_are_dated(office: Office) -> None:
    owner = await office.owner()
    tax = {"country": "AM", "code": "A", "rate": 2000, "valid_from": "2026-01-01", "inclusive": True}
    assert (await owner.post("/taxes", json=tax)).status_code == 201
    assert (await owner.post("/taxes", json=tax)).status_code == 201
    rewritten = await owner.post("/taxes", json=tax | {"rate": 1800})
    assert (rewritten.status_code, rewritten.json()["error"]["code"]) == (409, "STK-433")
    assert (await owner.post("/taxes", json=tax | {"rate": 1800, "valid_from": "2027-01-01"})).status_code == 201
    page = (await owner.get("/taxes", params={"sort": "valid_from", "order": "desc"})).json()
    assert [(row["valid_from"], row["rate"]) for row in page["items"]] == [("2027-01-01", 1800), ("2026-01-01", 2000)]


async def test_every_change_leaves_who_when_old_and_new(office: Office) -> None:
    owner = await office.signed_in((Preset.OWNER, None), name="Anna K.")
    created = await owner.post("/products", json=COFFEE)
    address = f"/products/{created.json()['id']}"
    await owner.put(address, json=COFFEE | {"name": "New"}, headers={"If-Match": created.headers["ETag"]})
    page = (await owner.get("/audit", params={"record": created.json()["id"]})).json()
    changed, made = page["items"]
    assert (changed["who"], changed["action"], changed["at"]) == ("Anna K.", "changed", "2026-11-21T10:00:00Z")
    assert (changed["old"], changed["new"]) == ({"name": "Coffee beans 250 g"}, {"name": "New"})
    assert made["action"] == "created"
    assert made["new"]["barcodes"] == {"4850001234567": 1000}
    assert (await owner.get("/audit/chain")).json()["broken_at"] is None
