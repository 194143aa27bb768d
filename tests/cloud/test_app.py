"""The application as a whole: guards, refusals, screens, health."""

from __future__ import annotations

import json
from datetime import time
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from cloud.access.rights import Preset
from cloud.app import create_app
from cloud.database import Database
from cloud.migrations.runner import migrate
from cloud.settings import Broker, Settings, WrongSetting
from tests.cloud.office import Office, office, opened, small_office

__all__ = ["office", "small_office"]

PRODUCT = {"code": "1", "name": "Milk", "unit": "pcs", "tax_code": "A"}


def _outside(app: FastAPI, host: str = "127.0.0.1") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(host, 50000)), base_url="http://office.test")


async def test_every_answer_carries_the_security_headers(small_office: Office) -> None:
    async with _outside(small_office.app) as client:
        answers = [await client.get(path) for path in ("/healthz", "/api/v1/session", "/nothing", "/api/v1/nothing")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert len(answer.headers["X-Request-ID"]) == 16
    assert [answer.headers.get("Cache-Control") for answer in answers[1:4:2]] == ["no-store", "no-store"]


async def test_tls_is_asked_for_again_only_where_it_is(small_office: Office, sqlite_url: str) -> None:
    app = create_app(Settings(sqlite_url, public_url="https://office.test"), small_office.database)
    async with _outside(app) as secure, _outside(small_office.app) as plain:
        assert (await secure.get("/healthz")).headers[
            "Strict-Transport-Security"
        ] == "max-age=31536000; includeSubDomains"
        assert "Strict-Transport-Security" not in (await plain.get("/healthz")).headers


async def test_cookie_is_for_tls_only_where_the_office_is(database: Database) -> None:
    async with opened(database, public_url="https://office.test") as office:
        await office.add_user((Preset.OWNER, None), login="anna", password="correct horse 12")
        answer = await office.client().post("/session", json={"login": "anna", "password": "correct horse 12"})
        assert "Secure" in answer.headers["set-cookie"]


async def test_request_id_is_taken_over_when_it_is_one(small_office: Office) -> None:
    for sent, is_taken in (("till-7.20261121", True), ("x" * 65, False), ("a b c d e", False)):
        answer = await small_office.client(**{"X-Request-ID": sent}).get("/session")
        assert (answer.headers["X-Request-ID"] == sent) is is_taken


async def test_refusals_speak_the_readers_language(small_office: Office) -> None:
    client = small_office.client(**{"Accept-Language": "xx, ru;q=0.8, en;q=0.5"})
    error = (await client.get("/session")).json()["error"]
    assert set(error) == {"code", "parameters", "what", "kept", "do"}
    assert error["code"] == "USR-210"


NOWHERE = [
    ("GET", "/nothing", 404, "SRV-404"),
    ("PATCH", "/products", 405, "SRV-405"),
    ("GET", "/products/no-uuid", 422, "SRV-422"),
    ("GET", "/products/0197f3a0-0000-7000-8000-000000000000", 404, "SRV-404"),
]


async def test_addresses_that_are_none(small_office: Office) -> None:
    owner = await small_office.owner()
    for method, path, status, code in NOWHERE:
        answer = await owner.request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), path


NO_BODIES = {
    "empty": b"",
    "cut": b"{",
    "array": b"[]",
    "null": b"null",
    "not utf-8": b"\xff",
    "nan": b'{"code": NaN}',
    "deep": b"[" * 100_000,
    "number": b'{"code": 1}',
    "deep objects": b'{"a":' * 5_000,
}


async def test_bodies_that_are_none_change_nothing(small_office: Office) -> None:
    owner = await small_office.owner()
    before = await small_office.contents()
    for name, body in NO_BODIES.items():
        answer = await owner.post("/products", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "SRV-422"), name
    assert await small_office.contents() == before


async def test_bodies_are_limited_stated_or_not(small_office: Office) -> None:
    owner = await small_office.owner()
    large = json.dumps(PRODUCT | {"name": "x" * 300_000}).encode()

    async def in_parts():  # type: ignore[no-untyped-def]
        for start in range(0, len(large), 50_000):
            yield large[start : start + 50_000]

    before = await small_office.contents()
    stated = await owner.post("/products", content=large, headers={"Content-Type": "application/json"})
    unstated = await owner.post("/products", content=in_parts(), headers={"Content-Type": "application/json"})
    for answer in (stated, unstated):
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "SRV-413")
        assert answer.json()["error"]["parameters"] == {"limit": 262_144}
    imported = await owner.post("/products/import", content=b"x" * 9_000_000)
    assert imported.json()["error"]["parameters"] == {"limit": 8_388_608}
    assert await small_office.contents() == before


async def test_what_nobody_expected_is_told_without_our_inside(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr("cloud.catalogue.service.repository.put_products", broken)
    owner = await small_office.owner()
    before = await small_office.contents()
    with structlog.testing.capture_logs() as lines:
        answer = await owner.post("/products", json=PRODUCT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "SRV-501")
    assert "inside" not in answer.text
    assert await small_office.contents() == before
    [failed] = [line for line in lines if line["log_level"] == "error"]
    assert failed["trace"][0] == "ZeroDivisionError: secret inside"
    assert "test_app.py" in failed["trace"][-1]


async def test_what_a_database_says_of_its_rows_is_not_logged(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: object) -> dict[str, object]:
        return {}

    owner = await office.owner()
    person = {"name": "Lusine", "phones": ["077123456"], "number": "K1"}
    await owner.post("/customers", json=person)
    monkeypatch.setattr("cloud.customers.service.repository.by_number", nobody)
    monkeypatch.setattr("cloud.customers.service.repository.holders_of", nobody)
    before = await office.contents()
    with structlog.testing.capture_logs() as lines:
        answer = await owner.post("/customers", json=person)
    assert answer.status_code == 500
    assert "IntegrityError" in str(lines)
    assert [word for word in ("Lusine", "77123456", "K1") if word in str(lines) + answer.text] == []
    assert await office.contents() == before


async def test_database_that_is_away_is_a_pause(small_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("gone"))

    owner = await small_office.owner()
    monkeypatch.setattr("cloud.access.repository.find_session", away)
    answer = await owner.get("/products")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SRV-301")
    assert answer.headers["Retry-After"] == "5"
    assert "secret" not in answer.text


@pytest.fixture
def screens(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Head office</title>")
    (folder / "assets" / "app-1a2b.js").write_text("plain")
    (folder / "assets" / "app-1a2b.js.br").write_text("packed")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


async def test_screens_are_served_packed_and_for_ever(small_office: Office, screens: Path) -> None:
    app = create_app(small_office.app.state.settings, small_office.database, screens=screens)
    async with _outside(app) as client:
        script = await client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip"})
        assert (script.text, script.headers["content-type"]) == ("plain", "text/javascript; charset=utf-8")
        assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        async with client.stream("GET", "/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip, br"}) as packed:
            assert b"".join([part async for part in packed.aiter_raw()]) == b"packed"
            assert packed.headers["Content-Encoding"] == "br"
            assert packed.headers["content-type"] == "text/javascript; charset=utf-8"
        for address, accept in (("/", "*/*"), ("/", "text/html"), ("/sales/4711?from=today", "text/html")):
            page = await client.get(address, headers={"Accept": accept})
            assert (page.text, page.headers["Cache-Control"]) == ("<title>Head office</title>", "no-cache")
        for address in ("/assets/none.js", "/../secret.txt", "/%2e%2e/secret.txt", "/assets/app-1a2b.js.br", "/assets"):
            assert (await client.get(address)).status_code == 404, address
        assert (await client.get("/api/v1/none", headers={"Accept": "text/html"})).status_code == 404
        assert (await client.post("/", headers={"Accept": "text/html"})).status_code == 404


async def test_office_without_screens_says_so(small_office: Office, tmp_path: Path) -> None:
    app = create_app(small_office.app.state.settings, small_office.database, screens=tmp_path / "not built")
    async with _outside(app) as client:
        answer = await client.get("/", headers={"Accept": "text/html"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SRV-404")


async def test_ready_means_database_tables_and_parts(office: Office, tmp_path: Path) -> None:
    async with _outside(office.app) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"database": "ok", "migrations": "ok", "parts": {}})
        office.app.state.readiness["ingest"] = lambda: False
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["parts"]) == (503, {"ingest": "not ready"})


async def test_old_tables_and_no_database_are_not_ready(small_office: Office, tmp_path: Path) -> None:
    old = Database.open(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    await migrate(old, to="0005_reporting")
    none = Database.open(f"sqlite+aiosqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'x.db'}")
    for database, expected in (
        (old, {"database": "ok", "migrations": "not applied"}),
        (none, {"database": "does not answer", "migrations": "unknown"}),
    ):
        async with _outside(create_app(small_office.app.state.settings, database)) as client:
            answer = await client.get("/readyz")
            assert (answer.status_code, answer.json()) == (503, expected | {"parts": {}})
        await database.close()


async def test_metrics_are_for_this_machine_and_for_tokens_that_may(office: Office) -> None:
    owner = await office.owner()
    made = (await owner.post("/tokens", json={"name": "prometheus", "rights": ["see_devices"]})).json()
    app = create_app(office.app.state.settings, office.database, clock=office.clock)
    async with _outside(app) as here, _outside(app, host="10.0.0.9") as there:
        assert (await here.get("/api/v1/products")).status_code == 401
        figures = (await here.get("/metrics")).text
        assert 'tradepost_http_answers_total{endpoint="/products",method="GET",status="401"} 1.0' in figures
        assert "tradepost_unsynced_facts 0.0" in figures
        assert "tradepost_ingest_facts" in figures
        assert (await there.get("/metrics")).status_code == 401
        allowed = await there.get("/metrics", headers={"Authorization": f"Bearer {made['token']}"})
        assert allowed.status_code == 200


DATABASE = {"TRADEPOST_DATABASE_URL": "sqlite+aiosqlite:///x.db"}


def test_settings_from_the_environment(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("secret\n")
    settings = Settings.from_environment(
        DATABASE
        | {
            "TRADEPOST_LISTEN": "127.0.0.1:8800",
            "TRADEPOST_MQTT_URL": "mqtts://cloud@broker.example",
            "TRADEPOST_MQTT_PASSWORD_FILE": str(password),
            "TRADEPOST_CALLING_CODE": "994",
            "TRADEPOST_BACKUP_TO": "/mnt/north/, /mnt/south,/mnt/north",
            "TRADEPOST_BACKUP_AT": "23:30",
            "TRADEPOST_BACKUP_KEEP": "30",
        }
    )
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8800, "http://127.0.0.1:8800")
    assert settings.broker == Broker("broker.example", 8883, tls=True, username="cloud", password="secret")
    assert settings.calling_code == "994"
    backup = (settings.backup_to, settings.backup_at, settings.backup_keep)
    assert backup == (("/mnt/north", "/mnt/south"), time(23, 30), 30)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"TRADEPOST_DATABASE_URL": ""}, "TRADEPOST_DATABASE_URL"),
        ({"TRADEPOST_LISTEN": "0.0.0.0:80"}, "TRADEPOST_TLS_"),
        ({"TRADEPOST_LISTEN": "8000"}, "TRADEPOST_LISTEN"),
        ({"TRADEPOST_LISTEN": "127.0.0.1:http"}, "TRADEPOST_LISTEN"),
        ({"TRADEPOST_MQTT_URL": "mqtt://broker.example"}, "mqtts"),
        ({"TRADEPOST_MQTT_URL": "http://localhost"}, "TRADEPOST_MQTT_URL"),
        ({"TRADEPOST_TLS_KEY": "key.pem"}, "TRADEPOST_TLS_CERTIFICATE"),
        ({"TRADEPOST_SESSION_HOURS": "a day"}, "TRADEPOST_SESSION_HOURS"),
        ({"TRADEPOST_CALLING_CODE": "+374"}, "TRADEPOST_CALLING_CODE"),
        ({"TRADEPOST_PUBLIC_URL": "office.example"}, "TRADEPOST_PUBLIC_URL"),
        ({"TRADEPOST_BACKUP_TO": "backups"}, "TRADEPOST_BACKUP_TO"),
        ({"TRADEPOST_BACKUP_TO": "/" + "b" * 150}, "TRADEPOST_BACKUP_TO"),
        ({"TRADEPOST_BACKUP_AT": "24:00"}, "TRADEPOST_BACKUP_AT"),
        ({"TRADEPOST_BACKUP_KEEP": "0"}, "TRADEPOST_BACKUP_KEEP"),
    ],
)
def test_wrong_settings_are_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(WrongSetting, match=named):
        Settings.from_environment(DATABASE | environment)


@pytest.mark.parametrize(
    ("language", "what"),
    [("en", "This needs the right: see the catalogue."), ("ru", "Для этого нужно право: видеть каталог.")],
)
async def test_a_missing_right_is_named_in_the_readers_language(small_office: Office, language: str, what: str) -> None:
    cashier = await small_office.signed_in((Preset.CASHIER, "kentron"))
    error = (await cashier.get("/products", headers={"Accept-Language": language})).json()["error"]
    assert (error["what"], error["parameters"]) == (what, {"right": "see_catalogue"})
