"""Schema versions: applied in order, copied before each, a newer file refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.journal import Journal, NewerJournal
from edge.journal.database import connect, migrate, newest_version
from tests.edge.journal.conftest import NODE, StandingClock, drawer


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def test_a_new_file_gets_every_migration_and_no_copies(path: Path, clock: StandingClock) -> None:
    Journal.open(path, node=NODE, clock=clock).close()
    assert version_of(path) == newest_version()
    assert list(path.parent.glob("*.before-*")) == []


async def test_an_older_file_is_copied_before_each_step_and_keeps_its_facts(path: Path, clock: StandingClock) -> None:
    with closing(connect(path)) as connection:
        migrate(connection, copies_beside=None, upto=1)
        connection.execute("INSERT INTO epochs VALUES (1, '01936b2e-0000-7000-8000-000000000001', 't', 'new', 8, 3)")
    journal = Journal.open(path, node=NODE, clock=clock)
    assert (await journal.write(drawer())).sequence == 8
    journal.close()
    steps = range(2, newest_version() + 1)
    copies = sorted(path.parent.glob("*.before-*"))
    assert [copy.name for copy in copies] == [f"journal.db.before-{step:04d}" for step in steps]
    assert [version_of(copy) for copy in copies] == [step - 1 for step in steps]


def test_a_newer_file_is_refused_untouched(path: Path, clock: StandingClock) -> None:
    Journal.open(path, node=NODE, clock=clock).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=900")
    before = path.read_bytes()
    with pytest.raises(NewerJournal, match=f"SRV-401 found=900, known={newest_version()}"):
        Journal.open(path, node=NODE, clock=clock)
    assert path.read_bytes() == before


def test_a_step_that_fails_leaves_the_version_before_it(path: Path, clock: StandingClock) -> None:
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE facts (in_the_way INTEGER)")
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, copies_beside=path)
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    assert tables == ["facts"]
    assert version_of(path) == 0
