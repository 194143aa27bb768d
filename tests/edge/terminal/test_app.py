from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge.terminal.guards import is_own_page
from edge.terminal.sessions import Sessions
from shared.errors import NeedsPerson, TransientError
from tests.edge.checkout.shop import ANNA, Shop
from tests.edge.terminal.conftest import ANNA_PIN, Branch, _with_pins
from tests.edge.terminal.page import sign_in


class SetClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


def client(branch: Branch, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=branch.url, headers=headers, trust_env=False)


# -- signing in -------------------------------------------------------------------------------------------------------


async def test_a_pin_opens_a_session_that_a_page_cannot_read(branch: Branch) -> None:
    response = await sign_in(branch.url, pin=ANNA_PIN, till="till-1")
    assert response.status_code == 200
    assert response.json()["operator"] == {"id": str(ANNA.operator_id), "name": "Anna S."}
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    async with client(branch, Cookie=f"tradepost_till={response.json()['token']}") as http:
        assert (await http.get("/api/till/session")).json()["rights"] == sorted(ANNA.rights)


async def test_a_badge_signs_in_too(branch: Branch) -> None:
    assert (await sign_in(branch.url, badge="BADGE-00480")).json()["operator"]["name"] == "Anna S."


@pytest.mark.parametrize("credential", [{"pin": "999999"}, {"pin": "12"}, {"badge": "no badge"}])
async def test_whom_nobody_knows_is_not_signed_in(branch: Branch, credential: dict[str, str]) -> None:
    response = await sign_in(branch.url, **credential)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "USR-401")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"not json", "application/json"),
        (b"[]", "application/json"),
        (b'{"pin": 204816}', "application/json"),
        (b'{"pin": "204816", "badge": "x"}', "application/json"),
        (b"{}", "application/json"),
        (b'{"pin": "204816"}', "text/plain"),
        (b'{"pin": "' + b"1" * 20_000 + b'"}', "application/json"),
    ],
)
async def test_a_sign_in_of_another_shape_is_refused(branch: Branch, body: bytes, content_type: str) -> None:
    async with client(branch) as http:
        response = await http.post("/api/till/login", content=body, headers={"Content-Type": content_type})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "SAL-401")


async def test_wrong_pins_lock_the_place_for_longer_each_time_and_a_restart_changes_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, None)
    _with_pins(shop)
    clock = SetClock()
    sessions = Sessions(shop.journal, shop.replica, clock)
    for _ in range(6):
        with pytest.raises(NeedsPerson):
            await sessions.log_in("till-1", pin="999999")
    with pytest.raises(TransientError) as locked:
        await sessions.log_in("till-1", pin=ANNA_PIN)
    assert (locked.value.code, locked.value.parameters["seconds"]) == ("USR-402", 31)
    await shop.stop()
    shop._open()
    sessions = Sessions(shop.journal, shop.replica, clock)
    with pytest.raises(TransientError):
        await sessions.log_in("till-1", pin=ANNA_PIN)
    clock.time += timedelta(seconds=31)
    _, operator = await sessions.log_in("till-1", pin=ANNA_PIN)
    assert operator.name == "Anna S."
    with pytest.raises(NeedsPerson):
        await sessions.log_in("till-1", pin="999999")
    await shop.stop()
    shop.close()


async def test_a_locked_place_answers_423(branch: Branch) -> None:
    for _ in range(6):
        await sign_in(branch.url, pin="999999", till="till-1")
    response = await sign_in(branch.url, pin=ANNA_PIN, till="till-1")
    assert (response.status_code, response.json()["error"]["code"]) == (423, "USR-402")
    assert (await sign_in(branch.url, pin=ANNA_PIN)).status_code == 200


async def test_a_session_ends_with_its_time_or_when_signed_out(tmp_path: Path) -> None:
    shop = Shop(tmp_path, None)
    _with_pins(shop)
    clock = SetClock()
    sessions = Sessions(shop.journal, shop.replica, clock)
    token, _ = await sessions.log_in("-", badge="BADGE-00480")
    other, _ = await sessions.log_in("-", badge="BADGE-00480")
    await sessions.sign_out(other)
    assert (sessions.find(token) is not None, sessions.find(other)) == (True, None)
    clock.time += timedelta(days=2)
    assert sessions.find(token) is None
    stored = shop.journal.read("SELECT token_hash FROM sessions")
    assert token.encode() not in [row["token_hash"] for row in stored]
    await shop.stop()
    shop.close()


# -- looking up -------------------------------------------------------------------------------------------------------


async def test_products_are_found_by_the_beginning_of_any_word(branch: Branch) -> None:
    async with client(branch, Authorization=f"Bearer {branch.token}") as http:
        items = (await http.get("/api/till/search", params={"q": "cof"})).json()["items"]
    assert [(item["name"], item["price_minor"], item["price_text"]) for item in items] == [
        ("Coffee beans 250 g", 390_000, "3,900.00")
    ]


async def test_customers_are_found_and_nothing_is_found_without_a_session(branch: Branch) -> None:
    async with client(branch, Authorization=f"Bearer {branch.token}") as http:
        items = (await http.get("/api/till/customers", params={"q": "Lus"})).json()["items"]
    assert [item["name"] for item in items] == ["Lusine M."]
    async with client(branch) as http:
        for path in ("search", "customers", "session"):
            assert (await http.get(f"/api/till/{path}", params={"q": "a"})).status_code == 401


# -- strangers, health and the page -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("10.0.0.5:8080", None, True),
        ("10.0.0.5:8080", "http://10.0.0.5:8080", True),
        ("localhost:8080", "http://localhost:8080", True),
        ("[::1]:8080", "http://[::1]:8080", True),
        ("gateway.shop:8080", "http://gateway.shop:8080", True),
        ("10.0.0.5:8080", "http://10.0.0.6:8080", False),
        ("10.0.0.5:8080", "http://10.0.0.5:9090", False),
        ("10.0.0.5:8080", "null", False),
        ("evil.example:8080", "http://evil.example:8080", False),
        ("evil.example", None, False),
        (None, None, False),
    ],
)
def test_only_the_gateways_own_page_is_let_in(host: str | None, origin: str | None, own: bool) -> None:
    assert is_own_page(host, origin, frozenset({"localhost", "gateway.shop"})) is own


async def test_a_strangers_page_cannot_try_pins(branch: Branch) -> None:
    async with client(branch, Origin="https://evil.example") as http:
        response = await http.post("/api/till/login", json={"pin": ANNA_PIN})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "USR-405")


async def test_a_strangers_name_pointed_at_the_gateway_is_not_its_own(branch: Branch) -> None:
    async with client(branch, Host="evil.example", Authorization=f"Bearer {branch.token}") as http:
        response = await http.get("/api/till/session")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "USR-405")


async def test_every_answer_carries_the_headers_that_keep_strangers_out(branch: Branch) -> None:
    async with client(branch) as http:
        for path in ("/", "/healthz", "/api/till/session", "/nowhere.js"):
            headers = (await http.get(path)).headers
            assert "default-src 'self'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert "server" not in headers


async def test_health_and_figures_are_there_for_whoever_watches(branch: Branch) -> None:
    async with client(branch) as http:
        assert (await http.get("/healthz")).json() == {"status": "ok"}
        assert "tradepost_unsent_facts" in (await http.get("/metrics")).text


async def test_without_a_built_page_it_says_how_to_build_one(branch: Branch) -> None:
    async with client(branch) as http:
        response = await http.get("/")
    assert response.status_code == 503
    assert "npm run build" in response.text


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<html>the till</html>")
    (folder / "assets" / "main-Ab3dEf9h.js").write_text("plain()")
    (folder / "assets" / "main-Ab3dEf9h.js.br").write_bytes(b"packed")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.mark.parametrize(
    ("path", "accepts", "status", "body", "encoding"),
    [
        ("/", "gzip", 200, b"<html>the till</html>", None),
        ("/pay", "gzip", 200, b"<html>the till</html>", None),
        ("/assets/main-Ab3dEf9h.js", "gzip", 200, b"plain()", None),
        ("/assets/main-Ab3dEf9h.js", "gzip, br;q=0", 200, b"plain()", None),
        ("/assets/none.js", "gzip", 404, b"", None),
        ("/..%2fsecret.txt", "gzip", 404, b"", None),
        ("/assets/main-Ab3dEf9h.js.br", "gzip", 404, b"", None),
    ],
)
async def test_the_page_is_served(
    built: Path, branch: Branch, path: str, accepts: str, status: int, body: bytes, encoding: Any
) -> None:
    async with client(branch, **{"Accept-Encoding": accepts}) as http:
        response = await http.get(path)
    assert (response.status_code, response.content) == (status, body)
    assert response.headers.get("content-encoding") == encoding


async def test_browsers_that_take_brotli_get_it_and_keep_it(built: Path, branch: Branch) -> None:
    async with (
        client(branch, **{"Accept-Encoding": "gzip, br"}) as http,
        http.stream("GET", "/assets/main-Ab3dEf9h.js") as response,
    ):
        assert response.headers["content-encoding"] == "br"
        assert "immutable" in response.headers["cache-control"]
        assert b"".join([part async for part in response.aiter_raw()]) == b"packed"
