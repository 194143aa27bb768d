"""Guessing PINs and passwords: the count is stored before the answer, and no door, place or own secret resets it.

That a restart keeps the count is in tests/edge/terminal/test_app.py, guessing a login in tests/cloud/access.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from cloud.access import passwords
from cloud.access.dependencies import SESSION_COOKIE
from cloud.access.rights import Preset
from cloud.access.signing_in import LOGIN_FREE
from edge.replica import BRANCH_FREE_TRIES, FREE_TRIES, hash_pin
from tests.cloud.office import Office
from tests.edge.checkout.shop import MILK
from tests.edge.terminal.conftest import ANNA_PIN, GOR_PIN, Branch
from tests.edge.terminal.page import open_page, sign_in

WRONG = "999999"
PASSWORD = "correct horse 12"


async def guess(branch: Branch, till: str = "till-1", pin: str = WRONG) -> int:
    return (await sign_in(branch.url, pin=pin, till=till)).status_code


async def approve(branch: Branch, pin: str, request: str) -> int:
    headers = {"Authorization": f"Bearer {branch.token}"}
    async with httpx.AsyncClient(base_url=branch.url, headers=headers, trust_env=False) as http:
        return (
            await http.post("/api/till/approve", json={"till": "till-1", "pin": pin, "request": request})
        ).status_code


async def asked_approval(branch: Branch) -> str:
    """Gor, who may only sell, wants a line voided; what a second person is to allow."""
    branch.token = (await sign_in(branch.url, pin=GOR_PIN, till="till-1")).json()["token"]
    page = await open_page(branch.url, branch.token)
    await page.do("claim")
    await page.do("scan", raw=MILK)
    refused = await page.ask("void_line", line_id=page.state["basket"]["lines"][0]["id"])
    await page.close()
    return str(refused["error"]["parameters"]["request"])


# -- PINs at the till -------------------------------------------------------------------------------------------------


async def test_ones_own_pin_does_not_reset_the_count_of_wrong_ones(branch: Branch) -> None:
    assert [await guess(branch) for _ in range(FREE_TRIES)] == [401] * FREE_TRIES
    assert await guess(branch, pin=GOR_PIN) == 200
    assert [await guess(branch), await guess(branch)] == [401, 423]


async def test_the_approval_door_counts_with_the_sign_in(branch: Branch) -> None:
    request = await asked_approval(branch)
    assert [await approve(branch, WRONG, request) for _ in range(FREE_TRIES)] == [401] * FREE_TRIES
    assert await guess(branch, pin=GOR_PIN) == 200
    assert await approve(branch, GOR_PIN, request) == 403
    assert [await approve(branch, WRONG, request), await approve(branch, ANNA_PIN, request)] == [401, 423]


async def test_naming_other_tills_is_no_new_beginning(branch: Branch) -> None:
    branch.gateway.rooms = {f"till-{number}": branch.room for number in range(1, 10)}
    tills = [f"till-{1 + number % 9}" for number in range(BRANCH_FREE_TRIES)]
    assert [await guess(branch, till) for till in tills] == [401] * BRANCH_FREE_TRIES
    assert [await guess(branch, "till-4"), await guess(branch, "till-5", ANNA_PIN)] == [401, 423]


async def test_tills_that_there_are_not_share_one_count(branch: Branch) -> None:
    answers = [await guess(branch, f"till-{number}") for number in range(100, 107)]
    assert answers == [401] * (FREE_TRIES + 1) + [423]


async def test_guesses_at_once_are_counted_one_by_one(branch: Branch) -> None:
    statuses = await asyncio.gather(*(guess(branch) for _ in range(20)))
    assert sorted(statuses) == [401] * (FREE_TRIES + 1) + [423] * (19 - FREE_TRIES)


async def test_a_wrong_pin_costs_as_much_work_as_a_right_one(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []

    def counted(pin: str, salt: bytes) -> bytes:
        worked.append(pin)
        return hash_pin(pin, salt)

    monkeypatch.setattr("edge.replica.replica.hash_pin", counted)
    assert [await guess(branch), await guess(branch, pin=ANNA_PIN)] == [401, 200]
    assert worked == [WRONG, ANNA_PIN]


async def test_an_approval_that_nobody_asked_for_is_refused(branch: Branch) -> None:
    assert await approve(branch, ANNA_PIN, str(uuid4())) == 409


# -- passwords at head office -----------------------------------------------------------------------------------------


async def _anna(office: Office) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """Her page, left open, and somebody at the sign-in."""
    user_id = await office.add_user((Preset.OWNER, None), login="anna", password=PASSWORD)
    client = office.client(Origin="http://office.test")
    client.cookies.set(SESSION_COOKIE, await office.open_session(user_id))
    return client, office.client()


async def change(client: httpx.AsyncClient, old: str) -> int:
    return (await client.put("/session/password", json={"old": old, "new": "battery staple"})).status_code


async def test_a_page_left_open_is_no_door_to_guess_the_password_by(office: Office) -> None:
    page, stranger = await _anna(office)
    assert [await change(page, f"guess {number}") for number in range(LOGIN_FREE)] == [401] * LOGIN_FREE
    assert await change(page, PASSWORD) == 429
    assert (await stranger.post("/session", json={"login": "anna", "password": PASSWORD})).status_code == 429
    office.clock.pass_(seconds=30)
    assert await change(page, PASSWORD) == 204
    assert (await stranger.post("/session", json={"login": "anna", "password": "battery staple"})).status_code == 200


async def test_guesses_at_once_by_an_open_page_are_counted_one_by_one(office: Office) -> None:
    page, _ = await _anna(office)
    statuses = await asyncio.gather(*(change(page, f"guess {number}") for number in range(2 * LOGIN_FREE)))
    assert sorted(statuses) == [401] * LOGIN_FREE + [429] * LOGIN_FREE


async def test_a_login_that_is_none_costs_as_much_work_as_one_that_is(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_office.add_user((Preset.OWNER, None), login="anna", password=PASSWORD)
    await small_office.add_user((Preset.CASHIER, None), login="gor")
    verified: list[Any] = []
    verify = passwords._HASHER.verify

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            verified.append(stored.rpartition("$")[0].split("$")[:4])
            return verify(stored, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    client = small_office.client()
    for login in ("anna", "gor", "nobody"):
        answer = await client.post("/session", json={"login": login, "password": "wrong horse 12"})
        assert answer.status_code == 401
    assert verified == [["", "argon2id", "v=19", "m=19456,t=2,p=1"]] * 3
