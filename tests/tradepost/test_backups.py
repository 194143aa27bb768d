"""The administrator's two commands: a head office in SQLite backed up, lost, and put back in another folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tradepost.cli import main
from tradepost.office_home import OfficeHome

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return end.value.code, said.out, said.err

    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    office = OfficeHome(tmp_path / "office")
    office.prepare()
    office.add_branch("north", "North", currency="AMD", zone="Asia/Yerevan", country="AM")
    return office.folder


@pytest.fixture
def server(tmp_path: Path) -> Path:
    (tmp_path / "server").mkdir()
    return tmp_path / "server"


def branches(home: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(home / "office.db")) as connection:
        return connection.execute("SELECT id FROM branches").fetchall()


def test_a_head_office_is_backed_up_and_put_back_elsewhere(run: Run, home: Path, server: Path, tmp_path: Path) -> None:
    status, out, err = run("backup", "--home", home, "--to", server)
    [data] = server.glob("*.sqlite.zst")
    assert (status, out, err) == (0, f"{data}\t{data.stat().st_size} bytes\t0 facts\n", "")
    status, out, err = run("restore", server, "--home", tmp_path / "new")
    assert (status, out.startswith(f"restored {data.name}: 0 facts, as of "), err) == (0, True, "")
    assert branches(tmp_path / "new") == [("north",)]
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"broker", "office.db"}


def test_the_environment_names_the_places(run: Run, home: Path, server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEPOST_BACKUP_TO", f"{server}, {server}/")
    status, out, _ = run("backup", "--home", home)
    assert (status, len(out.splitlines())) == (0, 1)
    monkeypatch.delenv("TRADEPOST_BACKUP_TO")
    status, _, err = run("backup", "--home", home)
    assert (status, "TRADEPOST_BACKUP_TO" in err) == (2, True)


def test_one_place_that_fails_is_said_and_the_other_has_its_backup(run: Run, home: Path, server: Path) -> None:
    status, _, err = run("backup", "--home", home, "--to", server / "away", "--to", server)
    assert status == 2
    assert err.startswith(f"SRV-320 No backup could be written to {server / 'away'}: No such file or directory.")
    assert len(list(server.glob("*.sqlite.zst"))) == 1


def test_a_database_that_is_in_use_is_not_restored_over(run: Run, home: Path, server: Path) -> None:
    run("backup", "--home", home, "--to", server)
    before = branches(home)
    status, _, err = run("restore", server, "--home", home)
    assert (status, err.partition(" ")[0]) == (2, "SRV-420")
    assert branches(home) == before
