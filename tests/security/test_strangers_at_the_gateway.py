"""Somebody on the branch's network without a PIN: what answers, what is refused, and that nothing changes by it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.routing import Route, WebSocketRoute
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from edge.terminal.app import create_app
from edge.terminal.connection import SIGNED_OUT
from tests.edge.terminal.conftest import ANNA_PIN, Branch
from tests.edge.terminal.page import Page, open_page

UNKNOWN = "0197f3a0-0000-7000-8000-000000000000"

LOGIN, APPROVE, SESSION = "/api/till/login", "/api/till/approve", "/api/till/session"
SEARCH, CUSTOMERS, LINE = "/api/till/search", "/api/till/customers", "/api/till/ws"

REFUSED: dict[tuple[str, str], tuple[int, str]] = {
    ("POST", LOGIN): (401, "USR-401"),
    ("POST", APPROVE): (401, "USR-401"),
    ("GET", SESSION): (401, "USR-401"),
    ("GET", SEARCH): (401, "USR-401"),
    ("GET", CUSTOMERS): (401, "USR-401"),
}
OPEN = {
    ("DELETE", SESSION): "ends the session whose token it carries, and says the same without one",
    ("GET", "/healthz"): "lights of devices and of the gateway's parts",
    ("GET", "/metrics"): "figures of the link",
    ("GET", "/{path:path}"): "the page's own files",
}
"""What anybody on the network may ask. Each is a sentence of docs/security.md."""

BODY = {"pin": "999999", "request": UNKNOWN, "till": "till-1"}

OTHER_SITES = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Host": "evil.example"},
    {"Host": "evil.example", "Origin": "http://evil.example"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "["},
]
"""Other sites' pages, one that points its own name at the gateway (DNS rebinding), and headers that are none."""


def contents(branch: Branch, *but: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the journal's tables, to show that nothing has changed."""
    read = branch.shop.journal.read
    names = [row["name"] for row in read("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: sorted((tuple(row) for row in read(f'SELECT * FROM "{name}"')), key=str)
        for name in names
        if name not in but
    }


def stranger(branch: Branch, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=branch.url, headers=headers, trust_env=False)


async def test_every_address_of_the_gateway_is_in_these_tables(branch: Branch) -> None:
    routes = create_app(branch.gateway).routes
    told = {
        (method, route.path)
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or ()) - {"HEAD"}
    }
    assert told == set(REFUSED) | set(OPEN)
    assert [route.path for route in routes if isinstance(route, WebSocketRoute)] == [LINE]
    assert len(routes) == 8 + 1 + 1


@pytest.mark.parametrize("token", [None, "", "no token", "é", "0" * 5_000])
async def test_nobody_gets_anything_and_changes_nothing(branch: Branch, token: str | None) -> None:
    headers = {} if token is None else {"Cookie": b"tradepost_till=" + token.encode()}
    before = contents(branch, "lockouts")
    async with stranger(branch, **headers) as http:  # type: ignore[arg-type]
        answers = {}
        for method, path in REFUSED:
            answer = await http.request(method, path, json=BODY if method == "POST" else None, params={"q": "a"})
            answers[method, path] = (answer.status_code, answer.json()["error"]["code"])
    assert answers == REFUSED
    assert contents(branch, "lockouts") == before


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
async def test_other_sites_are_refused_everything_also_with_a_session(branch: Branch, headers: dict[str, str]) -> None:
    before = contents(branch)
    with_session = {**headers, "Authorization": f"Bearer {branch.token}"}
    async with stranger(branch, **with_session) as http:
        for method, path in [*REFUSED, ("DELETE", SESSION)]:
            body = BODY | {"pin": ANNA_PIN} if method == "POST" else None
            answer = await http.request(method, path, json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "USR-405"), path
    assert contents(branch) == before


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
async def test_other_sites_do_not_open_the_line(branch: Branch, headers: dict[str, str]) -> None:
    with_session = {**UPGRADE, **headers, "Authorization": f"Bearer {branch.token}"}
    async with stranger(branch, **with_session) as http:
        assert (await http.get(LINE, params={"till": "till-1"})).status_code == 403
    assert branch.room.lookers == []


async def line(branch: Branch, token: str, till: str = "till-1") -> Any:
    address = branch.url.replace("http", "ws", 1) + f"{LINE}?till={till}&tab=t"
    return await connect(address, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None)


async def test_the_line_says_nothing_to_whoever_is_not_signed_in(branch: Branch) -> None:
    before = contents(branch)
    opened = await line(branch, "no token")
    with pytest.raises(ConnectionClosed) as closed:
        await opened.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == SIGNED_OUT
    assert contents(branch) == before


async def test_a_till_that_there_is_not_has_no_line(branch: Branch) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await line(branch, branch.token, "till-9")
    assert refused.value.response.status_code == 403


async def test_what_is_open_tells_of_no_person_no_sum_and_no_goods(branch: Branch, page: Page) -> None:
    await page.do("scan", raw="4850001000013")
    async with stranger(branch) as http:
        told = [(await http.request(method, path.replace("{path:path}", "x.js"))).text for method, path in OPEN]
    assert [word for word in ("Anna", "Gor", "Milk", "620", "Lusine", branch.token) if word in str(told)] == []


HALF = b'"\\ud800"'
NO_BODIES = [
    b'{"pin": %s}' % HALF,
    b'{"badge": %s}' % HALF,
    b'{"badge": "\\u0000"}',
    b'{"pin": "1", "till": %s}' % HALF,
    b'{"pin": 1e400}',
    b'{"pin": "' + b"\xff" * 6 + b'"}',
    b"[" * 16_000,
    b'{"pin": ' + b"9" * 10_000 + b"}",
]


@pytest.mark.parametrize("body", NO_BODIES, ids=lambda body: repr(body[:24]))
async def test_bodies_that_are_none_are_refused_by_their_code(branch: Branch, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {branch.token}"}
    before = contents(branch, "lockouts")
    async with stranger(branch, **headers) as http:
        for path in (LOGIN, APPROVE):
            answer = await http.post(path, content=body)
            assert answer.status_code in (400, 401), path
            assert answer.json()["error"]["code"] in ("SAL-401", "USR-401")
    assert contents(branch, "lockouts") == before


@pytest.mark.parametrize(
    "path", ["/%00", "/" + "a" * 5_000, "/%ff.js", "/..%2f..%2fetc/passwd", "//etc/passwd", "/a/%2e%2e/"]
)
async def test_strange_paths_are_answered_with_the_page_or_not_at_all(branch: Branch, path: str) -> None:
    branch.gateway.screens._folder.mkdir()
    (branch.gateway.screens._folder / "index.html").write_text("the till")
    async with stranger(branch) as http:
        answer = await http.get(path)
    assert (answer.status_code, answer.text) in {(200, "the till"), (404, "")}


async def test_a_message_with_half_a_letter_is_refused_and_the_line_stays(branch: Branch, page: Page) -> None:
    for message in ('{"op": "\\ud800", "id": "x"}', '{"op": "ping", "id": "\\ud800"}', '{"op": NaN}', "\x00"):
        await page.line.send(message)
    await page.until(lambda page: sum("re" in message for message in page.heard) == 4)
    answers = [message for message in page.heard if "re" in message]
    assert [(answer["ok"], answer["error"]["code"]) for answer in answers] == [(False, "SAL-401")] * 4
    assert (await page.ask("ping"))["ok"]


async def test_whoever_signed_out_elsewhere_may_do_nothing_more(branch: Branch) -> None:
    left_open = await open_page(branch.url, branch.token)
    async with stranger(branch, Authorization=f"Bearer {branch.token}") as http:
        await http.delete(SESSION)
    answer = await left_open.ask("scan", raw="4850001000013")
    assert (answer["ok"], answer["error"]["code"]) == (False, "USR-401")
    await left_open.close()


@pytest.mark.parametrize(
    ("forwarded", "marks", "strict"),
    [
        ({}, {"tradepost_till", "httponly", "max-age", "path", "samesite"}, None),
        (
            {"X-Forwarded-Proto": "https"},
            {"tradepost_till", "httponly", "max-age", "path", "samesite", "secure"},
            "max-age=31536000",
        ),
    ],
)
async def test_behind_a_proxy_with_tls_the_cookie_and_the_page_are_for_tls_only(
    branch: Branch, forwarded: dict[str, str], marks: set[str], strict: str | None
) -> None:
    async with stranger(branch, **forwarded) as http:
        answer = await http.post(LOGIN, json={"badge": "BADGE-00480", "till": "till-1"})
    told = {part.strip().partition("=")[0].lower() for part in answer.headers["set-cookie"].split(";")}
    assert (told, answer.headers.get("strict-transport-security")) == (marks, strict)
