"""Customers over HTTP: found by any fragment, never twice, erased for good, read on record."""

from __future__ import annotations

from typing import Any

from cloud.access.rights import Preset
from tests.cloud.office import Office

LUSINE: dict[str, Any] = {"name": "Lusine Mkrtchyan", "phones": ["077 12 34 56"], "cards": ["2000000010236"]}


async def test_customer_is_found_by_any_fragment(office: Office) -> None:
    manager = await office.signed_in((Preset.MANAGER, "kentron"))
    made = (await manager.post("/customers", json=LUSINE)).raise_for_status().json()
    assert (made["number"], made["phones"]) == ("10001", ["+37477123456"])
    for q in ("lusi", "MKRT", "077 12 34", "+37477", "0001023", "10001", "mkrtchyan lusine"):
        page = (await manager.get("/customers", params={"q": q})).json()
        assert [row["id"] for row in page["items"]] == [made["id"]], q


TAKEN: list[tuple[dict[str, Any], int, str, dict[str, str]]] = [
    ({"cards": []}, 409, "CUS-411", {"phone": "+37477123456", "number": "10001"}),
    ({"phones": []}, 409, "CUS-412", {"card": "2000000010236", "number": "10001"}),
    ({"phones": [], "cards": [], "number": "10001"}, 409, "CUS-413", {"number": "10001"}),
    ({"phones": ["12 34 5"], "cards": []}, 422, "CUS-410", {"phone": "12 34 5"}),
]


async def test_phone_card_and_number_belong_to_one_customer(small_office: Office) -> None:
    owner = await small_office.owner()
    await owner.post("/customers", json=LUSINE)
    before = await small_office.contents()
    for change, status, code, parameters in TAKEN:
        answer = await owner.post("/customers", json=LUSINE | {"name": "Lusine M."} | change)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["parameters"]) == (status, code, parameters)
    assert await small_office.contents() == before


async def test_second_editor_is_shown_both_values(office: Office) -> None:
    owner = await office.owner()
    made = await owner.post("/customers", json=LUSINE)
    address, version = f"/customers/{made.json()['id']}", {"If-Match": made.headers["ETag"]}
    assert (await owner.put(address, json=LUSINE | {"name": "Lusine"}, headers=version)).status_code == 200
    stale = await owner.put(address, json=LUSINE | {"phones": ["+1 212 5550100"]}, headers=version)
    assert stale.json()["error"]["differences"] == {
        "name": {"yours": "Lusine Mkrtchyan", "theirs": "Lusine"},
        "phones": {"yours": ["+12125550100"], "theirs": ["+37477123456"]},
    }


async def test_erased_person_is_nowhere(office: Office) -> None:
    owner = await office.owner()
    made = (await owner.post("/customers", json=LUSINE)).json()
    consent = f"/customers/{made['id']}/consents"
    assert (await owner.post(consent, json={"purpose": "sms", "is_given": True})).status_code == 201
    assert (await owner.delete(f"/customers/{made['id']}")).status_code == 204
    assert (await owner.get(f"/customers/{made['id']}")).status_code == 404
    everything = str(await office.contents())
    for personal in ("Lusine", "lusine", "37477123456", "2000000010236"):
        assert personal not in everything
    again = (await owner.post("/customers", json=LUSINE)).json()
    assert again["number"] == "10002"


async def test_opening_a_card_is_on_record_and_the_record_holds_no_personal_data(office: Office) -> None:
    manager = await office.signed_in((Preset.MANAGER, "kentron"), name="Ani K.")
    made = (await manager.post("/customers", json=LUSINE)).json()
    await manager.get(f"/customers/{made['id']}")
    owner = await office.owner()
    page = (await owner.get("/audit", params={"record": made["id"]})).json()
    assert [(entry["who"], entry["action"]) for entry in page["items"]] == [("Ani K.", "read"), ("Ani K.", "created")]
    assert "Lusine" not in str(page)


async def test_newest_statement_of_consent_counts(office: Office) -> None:
    owner = await office.signed_in((Preset.OWNER, None), name="Anna K.")
    made = (await owner.post("/customers", json=LUSINE)).json()
    address = f"/customers/{made['id']}/consents"
    await owner.post(address, json={"purpose": "sms", "is_given": True})
    await owner.post(address, json={"purpose": "email", "is_given": True})
    office.clock.pass_(hours=1)
    shown = (await owner.post(address, json={"purpose": "sms", "is_given": False})).json()
    assert [(row["purpose"], row["is_given"], row["heard_by"]) for row in shown] == [
        ("email", True, "Anna K."),
        ("sms", False, "Anna K."),
    ]


async def test_import_is_by_number_and_all_or_none(office: Office) -> None:
    owner = await office.owner()
    people = [
        {"number": f"K{number}", "name": f"Customer {number}", "phones": [f"0{770000000 + number}"]}
        for number in range(50)
    ]
    first = await owner.post("/customers/import", json={"customers": people})
    assert first.json() == {"created": 50, "changed": 0, "unchanged": 0}
    people[3] = people[3] | {"name": "Changed"}
    second = await owner.post("/customers/import", json={"customers": people})
    assert second.json() == {"created": 0, "changed": 1, "unchanged": 49}
    before = await office.contents()
    people[4] = people[4] | {"phones": ["0770000005"]}
    people[5] = people[5] | {"name": "Also new"}
    people.append(people[6])
    refused = await owner.post("/customers/import", json={"customers": people})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["parameters"]) == (409, "IMP-410", {"count": 6})
    assert [(problem["index"], problem["code"]) for problem in error["problems"]] == [
        (6, "CUS-413"),
        (50, "CUS-413"),
        (4, "CUS-411"),
        (5, "CUS-411"),
        (6, "CUS-411"),
        (50, "CUS-411"),
    ]
    assert await office.contents() == before
