"""Users: who may make whom, what a till gets, and leaving at once."""

from __future__ import annotations

from typing import Any

from cloud.access.passwords import hash_pin
from cloud.access.rights import Preset
from cloud.replication.versions import pin_salt
from tests.cloud.office import Office, add_branch

ANNA: dict[str, Any] = {
    "login": "anna",
    "name": "Anna Sargsyan",
    "roles": [{"role": "cashier", "branch": "abovyan-12"}],
    "pin": "274915",
    "badges": ["0004711"],
}


async def test_user_is_shown_without_secrets(office: Office) -> None:
    owner = await office.owner()
    await add_branch(office, "abovyan-12")
    made = await owner.post("/users", json=ANNA | {"password": "correct horse 12"})
    assert made.status_code == 201
    shown = made.json()
    assert (shown["has_password"], shown["has_pin"], shown["badges"]) == (True, True, 1)
    assert shown["roles"] == [{"role": "cashier", "branch": "abovyan-12"}]
    everything = made.text + (await owner.get("/users")).text + (await owner.get("/audit")).text
    for secret in ("274915", "0004711", "correct horse", "argon2"):
        assert secret not in everything


async def test_pin_is_stored_as_branches_compute_it(office: Office) -> None:
    owner = await office.owner()
    await add_branch(office, "abovyan-12")
    made = (await owner.post("/users", json=ANNA)).json()
    async with office.database.transaction() as tx:
        expected = hash_pin("274915", await pin_salt(tx))
    rows = [row for row in (await office.contents())["users"] if str(made["id"]) in str(row)]
    assert expected in rows[0]


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"login": "ANNA", "pin": None, "badges": []}, 409, "USR-411"),
    ({"login": "gor", "badges": []}, 409, "USR-413"),
    ({"login": "gor", "pin": None}, 409, "USR-414"),
    ({"login": "gor b", "pin": None, "badges": []}, 422, "USR-417"),
    ({"login": "gor", "pin": "12345", "badges": []}, 422, "SRV-422"),
    ({"login": "gor", "pin": None, "badges": [], "password": "Gor"}, 422, "USR-410"),
    ({"login": "gor", "pin": None, "badges": [], "roles": [{"role": "god", "branch": None}]}, 422, "SRV-422"),
    ({"login": "gor", "pin": None, "badges": [], "is_admin": True}, 422, "SRV-422"),
    ({"login": "gor", "pin": None, "badges": [], "roles": [{"role": "cashier", "branch": "x"}]}, 404, "SRV-404"),
]


async def test_refused_user_changes_nothing(small_office: Office) -> None:
    owner = await small_office.owner()
    await add_branch(small_office, "abovyan-12")
    assert (await owner.post("/users", json=ANNA)).status_code == 201
    before = await small_office.contents()
    for change, status, code in REFUSED:
        answer = await owner.post("/users", json=ANNA | change)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), change
    assert await small_office.contents() == before


async def test_leaving_is_at_once(office: Office) -> None:
    owner, gor = await office.owner(), await office.signed_in((Preset.HEAD_OFFICE, None))
    gor_id = (await gor.get("/session")).json()["id"]
    assert (await owner.post(f"/users/{gor_id}/shut-out")).json()["is_active"] is False
    assert (await gor.get("/session")).status_code == 401


async def test_rights_are_those_of_now(office: Office) -> None:
    owner, gor = await office.owner(), await office.signed_in((Preset.HEAD_OFFICE, None), name="Gor")
    await add_branch(office, "kentron")
    address = f"/users/{(await gor.get('/session')).json()['id']}"
    assert (await gor.get("/users")).status_code == 200
    shown = await owner.get(address)
    change = {"name": "Gor", "language": "hy", "is_active": True, "roles": [{"role": "security", "branch": "kentron"}]}
    changed = await owner.put(address, json=change, headers={"If-Match": shown.headers["ETag"]})
    assert changed.json()["version"] > shown.json()["version"]
    assert (await gor.get("/users")).status_code == 403
    stale = await owner.put(address, json=change | {"name": "G."}, headers={"If-Match": shown.headers["ETag"]})
    assert stale.json()["error"]["code"] == "SRV-409"
    assert stale.json()["error"]["differences"]["name"] == {"yours": "G.", "theirs": "Gor"}


TAKEOVERS: list[tuple[str, str, Any]] = [
    ("POST", "/users", {"login": "me2", "name": "Me", "roles": [{"role": "owner", "branch": None}]}),
    ("PUT", "/users/{owner}/password", {"password": "mine now, yes"}),
    ("PUT", "/users/{owner}/pin", {"pin": "111111"}),
    ("PUT", "/users/{owner}/badges", {"badges": ["1"]}),
    ("POST", "/users/{owner}/shut-out", None),
]


async def test_managing_users_is_no_way_to_become_owner(small_office: Office) -> None:
    owner_id = await small_office.add_user((Preset.OWNER, None))
    head_office = await small_office.signed_in((Preset.HEAD_OFFICE, None))
    before = await small_office.contents()
    for method, path, body in TAKEOVERS:
        answer = await head_office.request(method, path.format(owner=owner_id), json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "USR-218"), path
    assert await small_office.contents() == before


async def test_last_owner_stays(small_office: Office) -> None:
    owner = await small_office.owner()
    owner_id = (await owner.get("/session")).json()["id"]
    before = await small_office.contents()
    answer = await owner.post(f"/users/{owner_id}/shut-out")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "USR-416")
    assert await small_office.contents() == before


async def test_new_password_ends_sessions_and_pin_and_badges_are_replaced(office: Office) -> None:
    owner = await office.owner()
    await add_branch(office, "abovyan-12")
    made = (await owner.post("/users", json=ANNA)).json()
    address = f"/users/{made['id']}"
    anna = await office.signed_in((Preset.CASHIER, "kentron"))
    anna_address = f"/users/{(await anna.get('/session')).json()['id']}"
    assert (await owner.put(f"{anna_address}/password", json={"password": "new one for her"})).status_code == 204
    assert (await anna.get("/session")).status_code == 401
    assert (await owner.put(f"{address}/pin", json={"pin": None})).status_code == 204
    assert (await owner.put(f"{address}/badges", json={"badges": ["7", "8"]})).status_code == 204
    shown = (await owner.get(address)).json()
    assert (shown["has_pin"], shown["badges"]) == (False, 2)
    assert (await owner.put(f"{anna_address}/pin", json={"pin": "274915"})).status_code == 204
    taken = await owner.put(f"{anna_address}/badges", json={"badges": ["8"]})
    assert (taken.status_code, taken.json()["error"]["parameters"]) == (409, {"badge": "8"})


async def test_users_are_found_and_sorted(small_office: Office) -> None:
    owner = await small_office.owner()
    for login, name in (("b", "Արամ Եւա"), ("c", "Anna"), ("d", "Zoë")):
        await owner.post("/users", json={"login": login, "name": name})
    for q, expected in (("արամ", ["b"]), ("ևա", ["b"]), ("zoe", ["d"])):
        found = (await owner.get("/users", params={"q": q})).json()["items"]
        assert [row["login"] for row in found] == expected
