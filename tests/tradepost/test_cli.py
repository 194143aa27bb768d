"""The administrator's commands on a real head office in SQLite: what is made works, what is refused changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cloud.access.passwords import is_password
from cloud.access.rights import Preset
from cloud.database import Database
from cloud.fleet.service import check_secret
from edge.config import read_node
from shared.words import text
from tradepost.cli import main
from tradepost.office_home import OfficeHome

BRANCH = ("--name", "North", "--currency", "AMD", "--zone", "Asia/Yerevan", "--country", "AM")
LINKS = ("--cloud-url", "https://office.example/", "--broker", "mqtts://broker.example:8884")
PIN = "204816"
PASSWORD = "doors-open-at-nine"


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """One head office with the branch `north`, and an administrator at its keyboard."""

    home: Path
    run: Callable[..., Ended]

    def rows(self, statement: str) -> list[Any]:
        return _rows(self.home, statement)

    def counts(self) -> list[Any]:
        tables = ("branches", "nodes", "users", "api_tokens", "taxes", "audit_entries")
        return [self.rows(f"SELECT count(*) FROM {table}") for table in tables]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("office")
    made = OfficeHome(home)
    made.prepare()
    made.add_branch("north", "North", currency="AMD", zone="Asia/Yerevan", country="AM")
    return home


@pytest.fixture
def shell(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    home = tmp_path / "office"
    shutil.copytree(office, home)

    def run(*arguments: str, stdin: str = "") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as end:
            main([*arguments, "--home", str(home)])
        said = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Ended(end.value.code, said.out, said.err)

    return Shell(home, run)


def test_a_branch_is_made_with_its_warehouse(shell: Shell) -> None:
    assert shell.run("branch", "add", "south", *BRANCH, "--language", "hy") == Ended(0, "branch south\n", "")
    found = shell.rows("SELECT name, currency, zone, country, language FROM branches WHERE id = 'south'")
    assert found == [("North", "AMD", "Asia/Yerevan", "AM", "hy")]
    assert shell.rows("SELECT count(*) FROM warehouses WHERE branch = 'south'") == [(1,)]


def test_the_first_command_in_an_empty_folder_makes_head_office(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as end:
        main(["branch", "add", "north", *BRANCH, "--home", str(tmp_path)])
    assert (end.value.code, _rows(tmp_path, "SELECT id FROM branches")) == (0, [("north",)])


def test_a_gateway_gets_an_identity_that_head_office_and_broker_know(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "gateway"
    assert shell.run("node", "add", "north", "--out", str(out), *LINKS).out.splitlines()[0] == "node north-gw1"
    node = read_node(out)
    assert (node.node, node.branch, node.cloud_url) == ("north-gw1", "north", "https://office.example")
    assert (node.mqtt.host, node.mqtt.port, node.mqtt.tls) == ("broker.example", 8884, True)
    assert stat.S_IMODE((out / "node.json").stat().st_mode) == 0o600
    assert asyncio.run(_branch_of(shell.home, node.node, node.secret)) == "north"
    assert "north-gw1:$7$" in (shell.home / "broker" / "passwords").read_text()


def test_a_gateway_that_is_withdrawn_is_known_to_nobody(shell: Shell, tmp_path: Path) -> None:
    shell.run("node", "add", "north", "--out", str(tmp_path / "gateway"), *LINKS)
    node = read_node(tmp_path / "gateway")
    assert shell.run("node", "withdraw", "north-gw1") == Ended(0, "node north-gw1 is shut out\n", "")
    assert asyncio.run(_branch_of(shell.home, node.node, node.secret)) is None
    assert "north-gw1" not in (shell.home / "broker" / "passwords").read_text()


def test_a_person_with_password_and_pin_gives_them_line_by_line(shell: Shell) -> None:
    given = ("--name", "Mariam H.", "--role", "manager", "--branch", "north", "--pin-stdin", "--password-stdin")
    ended = shell.run("user", "add", "mariam", *given, stdin=f"{PASSWORD}\n{PIN}\n")
    assert ended == Ended(0, "user mariam\n", "")
    [(name, password_hash, pin_hash)] = shell.rows("SELECT name, password_hash, pin_hash FROM users")
    assert (name, is_password(PASSWORD, password_hash), len(pin_hash)) == ("Mariam H.", True, 64)
    assert shell.rows("SELECT role, branch FROM role_grants") == [("manager", "north")]


@pytest.mark.parametrize(
    ("option", "secret", "has"), [("--pin-stdin", PIN, (0, 1)), ("--password-stdin", PASSWORD, (1, 0))]
)
def test_a_person_may_have_one_of_the_two(shell: Shell, option: str, secret: str, has: tuple[int, int]) -> None:
    shell.run("user", "add", "anna", "--name", "Anna", "--role", "cashier", option, stdin=f"{secret}\r\n")
    found = shell.rows("SELECT password_hash IS NOT NULL, pin_hash IS NOT NULL FROM users")
    assert found == [has]


def test_who_has_forgotten_gets_a_new_password_and_pin(shell: Shell) -> None:
    given = ("--password-stdin", "--pin-stdin")
    shell.run("user", "add", "anna", "--name", "Anna", "--role", "cashier", *given, stdin=f"{PASSWORD}\n{PIN}\n")
    [(pin_before,)] = shell.rows("SELECT pin_hash FROM users")
    ended = shell.run("user", "change", "anna", *given, stdin="another-long-password\n778231\n")
    assert ended == Ended(0, "user anna\n", "")
    [(password_hash, pin_hash)] = shell.rows("SELECT password_hash, pin_hash FROM users")
    assert is_password("another-long-password", password_hash)
    assert not is_password(PASSWORD, password_hash)
    assert pin_hash != pin_before


def test_a_token_is_printed_alone_and_kept_as_a_hash(shell: Shell) -> None:
    ended = shell.run("token", "add", "ledger", "--right", "see_sales", "--right", "see_stock")
    token = ended.out.removesuffix("\n")
    [(name, rights, token_hash)] = shell.rows("SELECT name, rights, token_hash FROM api_tokens")
    assert (ended.status, name, json.loads(rights)) == (0, "ledger", ["see_sales", "see_stock"])
    assert token_hash == hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.parametrize(("rate", "share"), [("20", 2_000), ("16.67", 1_667), ("0", 0), ("100", 10_000)])
def test_a_tax_rate_is_exact(shell: Shell, rate: str, share: int) -> None:
    assert shell.run("tax", "set", "AM", "A", "--rate", rate, "--from", "2026-01-31").status == 0
    found = shell.rows("SELECT country, code, rate, valid_from, inclusive FROM taxes")
    assert found == [("AM", "A", share, "2026-01-31", 1)]


def test_a_tax_may_come_on_top_of_prices(shell: Shell) -> None:
    shell.run("tax", "set", "AM", "A", "--rate", "20", "--from", "2026-01-31", "--exclusive")
    assert shell.rows("SELECT inclusive FROM taxes") == [(0,)]


def test_broker_files_are_written_and_a_running_broker_is_told(shell: Shell) -> None:
    waits = "import signal; signal.signal(1, lambda *_: exit(7)); print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", waits], stdout=subprocess.PIPE) as broker:
        assert broker.stdout is not None
        broker.stdout.readline()
        ended = shell.run("broker", "files", "--pid", str(broker.pid), "--listen", "127.0.0.1:1884")
        assert broker.wait(20) == 7
    folder = shell.home / "broker"
    assert ended.out == f"{folder / 'mosquitto.conf'}\n{folder}\n"
    assert "listener 1884 127.0.0.1\n" in (folder / "mosquitto.conf").read_text()
    assert (folder / "passwords").read_text().startswith("head-office:$7$")


OUT = ("--out", "never")
PERSON = ("--name", "Anna", "--role", "cashier", "--pin-stdin")
FROM = ("--from", "2026-01-31")


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("branch", "add", "north", *BRANCH), "", "DEV-410"),
        (("branch", "add", "North!", *BRANCH), "", "DEV-411"),
        (("branch", "add", "south", *BRANCH, "--currency", "QQQ"), "", "DEV-411"),
        (("branch", "add", "south", *BRANCH, "--zone", "Mars/Olympus"), "", "DEV-411"),
        (("branch", "add", "south", *BRANCH, "--country", "Armenia"), "", "SRV-422"),
        (("branch", "add", "south", *BRANCH, "--language", "tlh"), "", "SRV-422"),
        (("branch", "add", "south", *BRANCH, "--name", " "), "", "SRV-422"),
        (("node", "add", "west", *OUT, *LINKS), "", "DEV-412"),
        (("node", "withdraw", "north-gw9"), "", "DEV-412"),
        (("user", "add", "anna", *PERSON), "12345\n", "USR-412"),
        (("user", "add", "anna", *PERSON), "", "USR-412"),
        (("user", "add", "an na", *PERSON), PIN, "USR-417"),
        (("user", "add", "anna", *PERSON, "--branch", "west"), PIN, "SRV-404"),
        (("user", "add", "anna", "--name", "Anna", "--role", "owner", "--password-stdin"), "short\n", "USR-410"),
        (("user", "change", "nobody", "--pin-stdin"), PIN, "SRV-404"),
        (("token", "add", "\n", "--right", "sell"), "", "SRV-422"),
        (("tax", "set", "AM", "AA", "--rate", "20", *FROM), "", "SRV-422"),
        (("tax", "set", "Armenia", "A", "--rate", "20", *FROM), "", "SRV-422"),
        (("broker", "files", "--pid", "4194305"), "", "SRV-422"),
        (("broker", "files", "--listen", "0.0.0.0:1883"), "", "SRV-422"),
        (("broker", "files", "--database", "nonsense"), "", "SRV-422"),
        (("broker", "files", "--database", "postgresql+asyncpg://127.0.0.1:1/office"), "", "SRV-301"),
    ],
)
def test_a_refusal_is_a_code_with_its_words_and_changes_nothing(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], stdin: str, code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = shell.counts()
    ended = shell.run(*arguments, stdin=stdin)
    assert (ended.status, ended.out, ended.err.partition(" ")[0]) == (2, "", code)
    assert text("en", f"{code}.kept") in ended.err
    assert shell.counts() == before


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("node", "add", "north", *OUT, *LINKS, "--cloud-url", "http://office.example"), "on this machine only"),
        (("node", "add", "north", *OUT, *LINKS, "--cloud-url", "https://"), "https://HOST"),
        (("node", "add", "north", *OUT, *LINKS, "--cloud-url", "https://a:b@office.example"), "https://HOST"),
        (("node", "add", "north", *OUT, *LINKS, "--broker", "mqtt://broker.example:1883"), "mqtts://HOST:PORT"),
        (("node", "add", "north", *OUT, *LINKS, "--broker", "mqtts://broker.example:many"), "mqtts://HOST:PORT"),
        (("user", "add", "anna", "--name", "Anna", "--role", "cashier"), "--pin-stdin"),
        (("user", "add", "anna", *PERSON, "--role", "chief"), "security"),
        (("user", "change", "anna"), "--pin-stdin"),
        (("token", "add", "ledger", "--right", "everything"), "see_sales"),
        (("token", "add", "ledger"), "--right"),
        (("tax", "set", "AM", "A", "--rate", "16.675", *FROM), "16.675"),
        (("tax", "set", "AM", "A", "--rate", "101", *FROM), "101"),
        (("tax", "set", "AM", "A", "--rate", "-1", *FROM), "-1"),
        (("tax", "set", "AM", "A", "--rate", "NaN", *FROM), "NaN"),
        (("tax", "set", "AM", "A", "--rate", "20", "--from", "31.01.2026"), "31.01.2026"),
        (("broker", "files", "--listen", "1883"), "HOST:PORT"),
    ],
)
def test_a_wrong_argument_is_named_and_changes_nothing(shell: Shell, arguments: tuple[str, ...], hint: str) -> None:
    before = shell.counts()
    ended = shell.run(*arguments, stdin=f"{PIN}\n")
    assert (ended.status, ended.out) == (2, "")
    assert hint in " ".join(ended.err.replace("│", " ").split())
    assert shell.counts() == before


def test_plain_links_are_for_this_machine(shell: Shell, tmp_path: Path) -> None:
    links = ("--cloud-url", "http://127.0.0.1:8000", "--broker", "mqtt://localhost")
    assert shell.run("node", "add", "north", "--out", str(tmp_path / "gateway"), *links).status == 0
    node = read_node(tmp_path / "gateway")
    assert (node.cloud_url, node.mqtt.port, node.mqtt.tls) == ("http://127.0.0.1:8000", 1883, False)


def test_the_identity_of_another_gateway_is_not_written_over(shell: Shell, tmp_path: Path) -> None:
    shell.run("node", "add", "north", "--out", str(tmp_path / "gateway"), *LINKS)
    identity = (tmp_path / "gateway" / "node.json").read_bytes()
    ended = shell.run("node", "add", "north", "--out", str(tmp_path / "gateway"), *LINKS)
    assert (ended.status, ended.err[:7]) == (2, "SRV-422")
    assert (tmp_path / "gateway" / "node.json").read_bytes() == identity
    assert shell.rows("SELECT id FROM nodes") == [("north-gw1",)]


def test_a_folder_that_cannot_be_is_told(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = shell.run("node", "add", "north", "--out", str(tmp_path / "file" / "gateway"), *LINKS)
    assert (ended.status, ended.err[:7]) == (2, "SRV-412")
    assert f"{tmp_path / 'file' / 'gateway'} cannot be used: Not a directory." in ended.err
    assert shell.rows("SELECT id FROM nodes") == []


def test_help_names_every_role(capsys: pytest.CaptureFixture[str]) -> None:
    told = _help(capsys, "user", "add")
    assert [preset for preset in Preset if preset not in told] == []


@pytest.mark.parametrize(
    "command",
    ["branch add", "node add", "node withdraw", "user add", "user change", "token add", "tax set", "broker files"],
)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = _help(capsys, *command.split())
    assert f" {command} [OPTIONS]" in told
    assert "--home" in told


def test_an_error_is_words_without_a_trace(shell: Shell) -> None:
    arguments = ["branch", "add", "south", *BRANCH, "--country", "Armenia", "--home", str(shell.home)]
    ended = subprocess.run([sys.executable, "-m", "tradepost", *arguments], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "SRV-422 A value does not fit. country: String should match pattern '^[A-Z]{2}$'. Nothing was saved."
        " What was there before is unchanged. Correct it and save again.\n"
    )


@pytest.mark.parametrize(
    ("till", "code", "told"),
    [
        ({"number": 0}, "SRV-412", "tills.0.number"),
        ({"scanners": [{"id": "scanner-1", "profile": "acme/none", "address": "/dev/null"}]}, "DEV-404", "acme/none"),
        ({"register": {"id": "fp", "profile": "generic/pos80", "address": "/dev/null"}}, "DEV-404", "category"),
        ({"printer": {"id": "printer", "profile": "datecs/dp-25", "address": "/dev/null"}}, "DEV-404", "category"),
    ],
)
def test_a_gateway_that_cannot_start_says_why(
    shell: Shell, tmp_path: Path, till: dict[str, object], code: str, told: str
) -> None:
    out = tmp_path / "gateway"
    shell.run("node", "add", "north", "--out", str(out), *LINKS)
    tills = [{"id": "till-1", "number": 1, **till}]
    branch = {"name": "North", "currency": "AMD", "zone": "Asia/Yerevan", "listen": "127.0.0.1:0", "tills": tills}
    (out / "branch.json").write_text(json.dumps(branch))
    command = [sys.executable, "-m", "tradepost", "edge", "--home", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr[:7]) == (2, "", code)
    assert told in ended.stderr


def test_a_gateway_loads_nothing_of_head_office() -> None:
    program = "import sys, tradepost.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"cloud", "edge", "simulators", "sqlalchemy", "asyncio"} & set(ended.stdout.split()) == set()


def _help(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit) as end:
        main([*command, "--help"])
    assert end.value.code == 0
    return capsys.readouterr().out


def _rows(home: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(home / "office.db")) as database:
        return database.execute(statement).fetchall()


async def _branch_of(home: Path, node: str, secret: str) -> str | None:
    database = Database.open(f"sqlite+aiosqlite:///{home / 'office.db'}")
    try:
        async with database.transaction() as tx:
            return await check_secret(tx, node, secret)
    finally:
        await database.close()
