"""Coming in: passwords, sessions, what stops guessing and what stops other sites."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from cloud.access import repository
from cloud.access.dependencies import SESSION_COOKIE
from cloud.access.models import api_tokens, sessions, users
from cloud.access.rights import Preset
from cloud.access.signing_in import ADDRESS_FREE, LOGIN_FREE, take_back_attempt, wait_after
from cloud.database import Database
from tests.cloud.office import Office, opened

PASSWORD = "correct horse 12"
ANNA = {"login": "anna", "password": PASSWORD}


@pytest.fixture
async def anna(office: Office) -> Office:
    await office.add_user((Preset.MANAGER, "abovyan-12"), login="anna", name="Anna S.", password=PASSWORD)
    return office


async def test_right_password_opens_a_session_that_scripts_cannot_read(anna: Office) -> None:
    client = anna.client()
    answer = await client.post("/session", json={"login": " Anna ", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["rights"]["sell"] == ["abovyan-12"]
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert (await client.get("/session")).json()["name"] == "Anna S."


async def test_secrets_are_stored_as_hashes_only(anna: Office) -> None:
    client = anna.client()
    await client.post("/session", json=ANNA)
    token = client.cookies[SESSION_COOKIE]
    stored = str(await anna.contents())
    assert token not in stored
    assert PASSWORD not in stored


async def test_session_ends_when_its_time_is_over(anna: Office) -> None:
    client = anna.client()
    await client.post("/session", json=ANNA)
    anna.clock.pass_(hours=11, minutes=59)
    assert (await client.get("/session")).status_code == 200
    anna.clock.pass_(minutes=1)
    answer = await client.get("/session")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "USR-210")


async def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(anna: Office) -> None:
    client = anna.client(**{"X-Tradepost": "1"})
    await client.post("/session", json=ANNA)
    kept = client.cookies[SESSION_COOKIE]
    assert (await client.delete("/session")).status_code == 204
    thief = anna.client()
    thief.cookies.set(SESSION_COOKIE, kept)
    assert (await thief.get("/session")).status_code == 401


async def test_refusal_does_not_say_what_was_wrong(anna: Office) -> None:
    gor = await anna.add_user((Preset.OWNER, None), login="gor", password=PASSWORD)
    async with anna.database.transaction() as tx:
        await tx.execute(users.update().where(users.c.id == gor).values(is_active=False))
    client = anna.client()
    wrong = [("anna", "wrong horse 12"), ("nobody", PASSWORD), ("gor", PASSWORD), ("' OR 1=1 --", "x")]
    answers = [await client.post("/session", json={"login": login, "password": word}) for login, word in wrong]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(401, "USR-213")] * 4
    async with anna.database.transaction() as tx:
        assert (await tx.execute(select(sessions))).all() == []


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(failures, 5).total_seconds() for failures in (4, 5, 6, 7, 9, 10, 1_000)]
    assert waits == [0, 30, 60, 120, 480, 900, 900]


async def test_guessing_one_login_is_stopped_even_for_the_right_password(anna: Office) -> None:
    client = anna.client()
    for _ in range(LOGIN_FREE):
        assert (await client.post("/session", json=ANNA | {"password": "guess"})).status_code == 401
    locked = await client.post("/session", json=ANNA)
    assert (locked.status_code, locked.json()["error"]["code"]) == (429, "USR-310")
    assert locked.headers["Retry-After"] == "31"
    anna.clock.pass_(seconds=29)
    assert (await client.post("/session", json=ANNA)).status_code == 429
    anna.clock.pass_(seconds=1)
    assert (await client.post("/session", json=ANNA)).status_code == 200
    assert (await client.post("/session", json=ANNA | {"password": "guess"})).status_code == 401


async def test_guesses_at_once_are_counted_before_they_are_looked_at(anna: Office) -> None:
    client = anna.client()
    guesses = [client.post("/session", json=ANNA | {"password": f"guess {n}"}) for n in range(3 * LOGIN_FREE)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*guesses))
    assert statuses == [401] * LOGIN_FREE + [429] * 2 * LOGIN_FREE


async def test_a_clock_that_is_put_back_locks_nobody_out_until_what_it_had_said(small_office: Office) -> None:
    await small_office.add_user((Preset.OWNER, None), login="anna", password=PASSWORD)
    client = small_office.client()
    small_office.clock.pass_(days=300)
    assert (await client.post("/session", json=ANNA)).status_code == 200
    assert (await client.post("/session", json=ANNA | {"password": "guess"})).status_code == 401
    small_office.clock.pass_(days=-300)
    for _ in range(LOGIN_FREE - 1):
        assert (await client.post("/session", json=ANNA | {"password": "guess"})).status_code == 401
    assert (await client.post("/session", json=ANNA)).status_code == 429


async def test_guessing_many_logins_from_one_address_is_stopped(small_office: Office) -> None:
    client = small_office.client()
    for number in range(ADDRESS_FREE):
        answer = await client.post("/session", json={"login": f"user{number}", "password": "guess"})
        assert answer.status_code == 401
    assert (await client.post("/session", json={"login": "another", "password": "guess"})).status_code == 429


async def test_own_password_changes_and_other_sessions_end(anna: Office) -> None:
    here, there = (anna.client(**{"X-Tradepost": "1"}) for _ in range(2))
    for client in (here, there):
        await client.post("/session", json=ANNA)
    wrong = await here.put("/session/password", json={"old": "no", "new": "battery staple"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "USR-213")
    short = await here.put("/session/password", json={"old": PASSWORD, "new": "short"})
    assert (short.status_code, short.json()["error"]["code"]) == (422, "USR-410")
    done = await here.put("/session/password", json={"old": PASSWORD, "new": "battery staple"})
    assert done.status_code == 204
    assert [(await client.get("/session")).status_code for client in (here, there)] == [200, 401]
    assert (await there.post("/session", json=ANNA | {"password": "battery staple"})).status_code == 200


async def test_a_new_password_and_a_sign_in_of_the_same_person_do_not_wait_for_each_other(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    async with opened(database) as office:
        user = await office.add_user((Preset.OWNER, None), login="anna", password=PASSWORD)
        here = office.client(**{"X-Tradepost": "1"})
        here.cookies.set(SESSION_COOKIE, await office.open_session(user))
        now = office.clock.now()
        async with database.transaction() as tx:
            await take_back_attempt(tx, "anna", "10.0.0.8", now)
            change = asyncio.create_task(here.put("/session/password", json={"old": PASSWORD, "new": "battery staple"}))
            while not await tx.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                pass
            session = {"user_id": user, "created_at": now, "expires_at": now, "address": "10.0.0.8"}
            await repository.insert_session(tx, {**session, "token_hash": repository.hash_token("another")})
        assert (await change).status_code == 204
    await database.close()


OUR_PAGES = [{"Origin": "http://office.test"}, {"X-Tradepost": "1"}]
OTHERS = [
    {},
    {"Origin": "https://office.test"},
    {"Origin": "http://evil.test"},
    {"Origin": "http://office.test.evil.test"},
    {"Origin": "null"},
    {"Origin": "http://evil.test", "X-Tradepost": "1"},
]


async def test_writes_with_the_cookie_must_come_from_our_pages(small_office: Office) -> None:
    user = await small_office.add_user((Preset.OWNER, None))

    async def leave(headers: dict[str, str]) -> int:
        client = small_office.client(**headers)
        client.cookies.set(SESSION_COOKIE, await small_office.open_session(user))
        return (await client.delete("/session")).status_code

    assert [await leave(headers) for headers in OTHERS] == [403] * len(OTHERS)
    assert len((await small_office.contents())["sessions"]) == len(OTHERS)
    assert [await leave(headers) for headers in OUR_PAGES] == [204] * len(OUR_PAGES)
    assert len((await small_office.contents())["sessions"]) == len(OTHERS)


async def test_other_sites_cannot_sign_somebody_in(small_office: Office) -> None:
    await small_office.add_user((Preset.OWNER, None), login="anna", password=PASSWORD)
    answer = await small_office.client(Origin="http://evil.test").post("/session", json=ANNA)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "USR-212")


async def test_token_opens_what_it_was_given_for_until_it_is_withdrawn(office: Office) -> None:
    owner = await office.owner()
    draft = {"name": "Accounting", "rights": ["see_catalogue"], "expires_at": "2026-11-22T00:00:00Z"}
    made = (await owner.post("/tokens", json=draft)).raise_for_status().json()
    program = office.client(Authorization=f"Bearer {made['token']}")
    assert (await program.get("/session")).json()["is_program"] is True
    assert (await program.get("/products")).status_code == 200
    assert (await program.get("/customers")).status_code == 403
    listed = (await owner.get("/tokens")).json()["items"]
    assert [(row["name"], row["withdrawn_at"]) for row in listed] == [("Accounting", None)]
    async with office.database.transaction() as tx:
        assert made["token"] not in str((await tx.execute(select(api_tokens))).all())
    office.clock.pass_(hours=14)
    assert (await program.get("/products")).status_code == 401
    office.clock.at -= timedelta(hours=14)
    assert (await owner.delete(f"/tokens/{made['id']}")).status_code == 204
    assert (await program.get("/products")).status_code == 401
    assert (await owner.delete(f"/tokens/{made['id']}")).status_code == 404


async def test_nobody_gives_a_token_more_than_they_have(small_office: Office) -> None:
    head_office = await small_office.signed_in((Preset.HEAD_OFFICE, None))
    before = await small_office.contents()
    answer = await head_office.post("/tokens", json={"name": "Till robot", "rights": ["sell"]})
    assert (answer.status_code, answer.json()["error"]["parameters"]) == (403, {"right": "sell"})
    assert await small_office.contents() == before


async def test_other_credentials_open_nothing(small_office: Office) -> None:
    for credentials in ("Bearer ", "Bearer tpt_x", "Bearer \x7f", "Basic bm9kZTpzZWNyZXQ=", "x"):
        answer = await small_office.client(Authorization=credentials).get("/session")
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "USR-210"), credentials
