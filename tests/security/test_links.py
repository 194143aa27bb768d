"""TLS of every link and the headers of every answer: what is asked for, and that nothing can switch it off.

That a certificate nobody trusts is refused by the uplink is in tests/edge/uplink; that a plain link beyond loopback is
refused, in tests/edge/uplink, tests/cloud/test_app.py and tests/cloud/fleet/test_broker.py.
"""

from __future__ import annotations

import ast
import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud.access.dependencies import SESSION_COOKIE
from cloud.access.rights import Preset
from cloud.app import _client, create_app
from cloud.database import Database
from cloud.serving import make_server
from cloud.settings import Broker, Settings
from edge.replica import Replica, ReplicaSync
from edge.uplink import BrokerSettings, Timings
from edge.uplink.mqtt import MqttLink
from shared.clock import SystemClock
from tests.cloud.office import Office, opened

ROOT = Path(__file__).parents[2]
SECRET = "s" * 43


def _is_strict(context: ssl.SSLContext) -> bool:
    return (
        context.verify_mode is ssl.CERT_REQUIRED
        and context.check_hostname
        and context.minimum_version >= ssl.TLSVersion.TLSv1_2
    )


async def test_the_uplink_and_head_offices_own_clients_verify_and_take_tls_1_2_at_least() -> None:
    link = MqttLink(BrokerSettings("broker.test", 8883, "node", SECRET, tls=True), Timings(), "node")
    assert _is_strict(link._client._ssl_context)
    office = _client(Broker("broker.test", 8883, tls=True, username="office", password=SECRET))
    assert _is_strict(office._client._ssl_context)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of localhost, signed by nobody whom anybody trusts."""
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(made), *names], check=True, capture_output=True)
    return made, key


@pytest.fixture
async def office_url(sqlite_url: str, certificate: tuple[Path, Path]) -> Any:
    """Head office on TLS, as it serves."""
    database = Database.open(sqlite_url)
    settings = Settings(sqlite_url, port=0, tls_certificate=certificate[0], tls_key=certificate[1])
    server = make_server(settings, create_app(settings, database))
    task = asyncio.create_task(server.serve())
    await server.ready.wait()
    yield server.address.replace("127.0.0.1", "localhost")
    server.leave()
    await task
    await database.close()


async def test_head_office_speaks_tls_1_2_and_newer_only(office_url: str, certificate: tuple[Path, Path]) -> None:
    port = int(office_url.rpartition(":")[2])

    async def shake(version: ssl.TLSVersion) -> str | None:
        context = ssl.create_default_context(cafile=str(certificate[0]))
        context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
        _, writer = await asyncio.open_connection("localhost", port, ssl=context)
        spoken = writer.get_extra_info("ssl_object").version()
        writer.close()
        return str(spoken)

    assert await shake(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert await shake(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.warns(DeprecationWarning, match="is deprecated"), pytest.raises((ssl.SSLError, ConnectionError)):
            await shake(old)


@pytest.mark.parametrize(
    ("is_trusted", "said"),
    [(False, "NET-301 what=[SSL: CERTIFICATE_VERIFY_FAILED]"), (True, "NET-402 status=401")],
)
async def test_the_replica_is_fetched_only_from_whom_the_broker_would_be_believed(
    office_url: str,
    certificate: tuple[Path, Path],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    is_trusted: bool,
    said: str,
) -> None:
    replica = Replica.open(tmp_path / "replica.db", secret=SECRET, currency="AMD")
    sync = ReplicaSync(
        replica,
        cloud_url=office_url,
        node="n",
        secret=SECRET,
        clock=SystemClock(),
        on_version=lambda _: None,
        ca_file={True: certificate[0], False: None}[is_trusted],
    )
    tried = asyncio.Event()
    sync.on_tried = tried.set
    task = asyncio.create_task(sync.run())
    async with asyncio.timeout(10):
        await tried.wait()
    task.cancel()
    await asyncio.wait([task])
    [told] = [record.getMessage() for record in caplog.records if record.name == "edge.replica.sync"]
    assert told.startswith(f"head office's data cannot be fetched: {said}")
    replica.close()


SWITCHES = {"CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context", "tls_insecure_set", "PROTOCOL_TLSv1"}
ARGUMENTS = {"verify", "check_hostname", "tls_insecure", "verify_mode", "cert_reqs", "minimum_version"}


def _sources() -> Iterator[Path]:
    for package in ("edge", "cloud", "shared", "tradepost", "simulators", "scripts"):
        yield from (ROOT / package).rglob("*.py")


def _verifies(argument: ast.keyword) -> bool:
    """verify=ssl.create_default_context(…): what comes out of it verifies, unless a switch above is thrown."""
    made = argument.value
    is_default = isinstance(made, ast.Call) and ast.unparse(made.func) == "ssl.create_default_context"
    return argument.arg == "verify" and is_default


def test_no_line_of_ours_switches_verification_off() -> None:
    found = []
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_switch = isinstance(node, ast.Attribute) and node.attr in SWITCHES | (ARGUMENTS - {"verify"})
            is_argument = isinstance(node, ast.keyword) and node.arg in ARGUMENTS and not _verifies(node)
            found += [f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"] * (is_switch or is_argument)
    assert found == []


# -- head office's answers --------------------------------------------------------------------------------------------

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


async def test_behind_tls_every_kind_of_answer_carries_every_header(database: Database) -> None:
    async with opened(database, public_url="https://office.test") as office:
        client = office.client()
        answers = [
            await client.get("/session"),
            await client.get("/nothing"),
            await client.request("PATCH", "/products"),
            await client.post("/session", content=b"x" * 300_000),
            await client.get("/products?q=%00"),
            await client.get("https://office.test/"),
            await client.get("https://office.test/healthz"),
        ]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, answer.url
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert {name: policy[name] for name in POLICY} == POLICY
        assert "server" not in answer.headers


async def test_the_sessions_cookie_is_for_our_pages_over_tls_and_no_script(database: Database) -> None:
    async with opened(database, public_url="https://office.test") as office:
        await office.add_user((Preset.OWNER, None), login="anna", password="correct horse 12")
        answer = await office.client().post("/session", json={"login": "anna", "password": "correct horse 12"})
    marks = {part.strip().partition("=")[0].lower() for part in answer.headers["set-cookie"].split(";")}
    assert marks == {SESSION_COOKIE, "httponly", "max-age", "path", "samesite", "secure"}


async def test_another_site_signs_nobody_in_and_is_given_no_leave_to_read(small_office: Office) -> None:
    await small_office.add_user((Preset.OWNER, None), login="anna", password="correct horse 12")
    evil = small_office.client(Origin="https://evil.example")
    signing_in = await evil.post("/session", json={"login": "anna", "password": "correct horse 12"})
    asking = await evil.options("/products", headers={"Access-Control-Request-Method": "POST"})
    reading = await evil.get("/session")
    assert (signing_in.status_code, "set-cookie" in signing_in.headers) == (403, False)
    assert asking.status_code == 405
    for answer in (signing_in, asking, reading):
        assert [name for name in answer.headers if name.startswith("access-control")] == []
