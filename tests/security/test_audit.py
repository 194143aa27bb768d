"""The check of what we are built from: it can fail, and without internet it says what it could not look at."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.services import free_port

ROOT = Path(__file__).parents[2]


def _load() -> Any:
    spec = spec_from_file_location("tradepost_audit", ROOT / "scripts" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


audit = _load()


def package(name: str = "thing", version: str = "1.0", licence: str | None = "MIT", ecosystem: str = "PyPI") -> Any:
    return audit.Package(ecosystem, name, version, ("ab" * 32,), True, licence)


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("(MIT OR GPL-3.0-only)", True),
        ("MIT AND PSF-2.0", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("LGPL-2.1-or-later", False),
        ("MIT AND GPL-2.0-only", False),
        ("GPL-2.0-only OR AGPL-3.0-only", False),
        ("SSPL-1.0", False),
        ("Free for friends", False),
        ("", False),
    ],
)
def test_a_licence_is_allowed_by_the_list_only(expression: str, allowed: bool) -> None:
    assert audit.is_allowed(expression) is allowed


def test_a_licence_that_is_unknown_or_not_on_the_list_is_told() -> None:
    packages = [package(), package("gnu", licence="GPL-3.0-only"), package("silent", licence=None)]
    assert audit.licence_problems(packages) == [
        "PyPI gnu 1.0: licence GPL-3.0-only is not on the list",
        "PyPI silent 1.0: no licence found; look at it and put it into LISTED",
    ]


def test_a_requirement_without_pin_or_hash_is_told(tmp_path: Path) -> None:
    (tmp_path / "edge.txt").write_text(
        f"# a comment\npytest==9.2.0 \\\n    --hash=sha256:{'a' * 64}\nloose>=1\nhttps://x/y.whl\nbare==1.0\n"
        f"colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:{'b' * 64}\n"
    )
    packages, problems = audit.python_packages(tmp_path)
    assert [(each.name, each.version, each.hashes, each.ships, each.licence) for each in packages] == [
        ("pytest", "9.2.0", ("a" * 64,), True, "MIT"),
        ("colorama", "0.4.6", ("b" * 64,), True, audit.NOT_HERE),
    ]
    assert problems == [
        "edge.txt: not pinned: loose>=1",
        "edge.txt: not pinned: https://x/y.whl",
        "edge.txt: bare==1.0 has no hash",
    ]
    assert audit.licence_problems(packages) == []


def test_an_npm_package_without_hash_is_told_and_our_own_are_none(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    entry = {"version": "2.0.0", "integrity": "sha512-q6s=", "license": "ISC"}
    places = {
        "": {"name": "web"},
        "till": {"version": "0"},
        "node_modules/till": {"link": True},
        "node_modules/a": entry,
        "node_modules/b/node_modules/@s/c": {**entry, "dev": True},
        "node_modules/d": {"version": "1.0.0", "integrity": "sha1-x"},
    }
    lock.write_text(json.dumps({"packages": places}))
    packages, problems = audit.npm_packages(lock)
    told = [(each.name, each.hashes, each.ships) for each in packages]
    assert told == [("a", ("abab",), True), ("@s/c", ("abab",), False)]
    assert problems == ["package-lock.json: d has no SHA-512"]


def test_withdrawn_releases_are_told() -> None:
    packages = [
        package("debug", "4.4.2", ecosystem="npm"),
        package("debug", "4.4.1", ecosystem="npm"),
        package("ctx", "0.2.2"),
    ]
    assert [problem.partition(":")[0] for problem in audit.withdrawn(packages, ROOT / audit.KNOWN_BAD)] == [
        "npm debug 4.4.2",
        "PyPI ctx 0.2.2",
    ]


# -- advisories -------------------------------------------------------------------------------------------------------


class _Service(BaseHTTPRequestHandler):
    answer = b""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        vulnerable = {("PyPI", "bad", "1.0"): {"vulns": [{"id": "GHSA-1"}, {"id": "GHSA-2"}]}}
        results = [
            vulnerable.get((each["package"]["ecosystem"], each["package"]["name"], each["version"]), {})
            for each in asked
        ]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer or json.dumps({"results": results}).encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def service() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_advisories_that_nobody_accepted_are_told(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "AT_ONCE", 2)
    monkeypatch.setattr(audit, "ACCEPTED", {"GHSA-2": "we never call it"})
    packages = [package(), package("bad", ecosystem="npm"), package("fine"), package("bad")]
    assert audit.advisories(packages, service) == ["PyPI bad 1.0: GHSA-1"]


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"results": []}', b'{"results": [null]}', b'{"results": 7}'])
def test_an_answer_that_is_none_counts_as_not_asked(
    service: str, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Service, "answer", answer)
    assert audit.advisories([package()], service) is None


def test_without_internet_it_says_that_advisories_were_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(audit, "SBOM", tmp_path / "sbom.json")
    assert audit.main(ROOT, f"http://127.0.0.1:{free_port()}/") == 0
    assert "advisories NOT looked at" in capsys.readouterr().out
    bill = (tmp_path / "sbom.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    names = {component["purl"] for component in json.loads(bill)["components"]}
    pinned = {line.split("==")[0] for line in (ROOT / "requirements/edge.txt").read_text().splitlines() if "==" in line}
    assert {f"pkg:pypi/{name}" for name in pinned} <= {purl.partition("@")[0] for purl in names}
