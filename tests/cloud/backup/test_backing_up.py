"""A backup lies in each place whole or not at all; a place that fails stops no other and is on head office's list."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from cloud.backup import postgres, service, sqlite
from cloud.backup.manifest import Manifest
from cloud.backup.places import Folder, digest
from cloud.backup.postgres import ProgramFailed, environment_of
from cloud.backup.service import BackupFailed, back_up
from cloud.database import Database
from cloud.fleet.models import exceptions
from cloud.migrations.runner import migrate
from shared.errors import PermanentError
from tests.cloud.deliveries import NOON, FixedClock, open_branch


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def small(sqlite_url: str) -> Database:
    return Database.open(sqlite_url)


async def listed(database: Database) -> list[tuple[str, str, bool]]:
    """Code, subject, still open."""
    async with database.reading() as tx:
        rows = await tx.execute(select(exceptions).order_by(exceptions.c.raised_at, exceptions.c.id))
        return [(row.code, row.subject, row.settled_at is None) for row in rows]


def files(place: str) -> set[str]:
    return {path.name for path in Path(place).iterdir()}


def mount(place: str) -> None:
    Path(place).mkdir()


def unmount(place: str) -> None:
    Path(place).rename(f"{place}-elsewhere")


async def test_each_place_has_the_same_backup_and_nothing_else(
    database: Database, places: list[str], clock: FixedClock
) -> None:
    outcomes = await back_up(database, places, clock=clock)
    manifest, same = outcomes.values()
    assert isinstance(manifest, Manifest)
    assert manifest == same
    assert [files(place) for place in places] == [{manifest.name, manifest.file_name}] * 2
    assert [await digest(Path(place, manifest.name)) for place in places] == [manifest.sha256] * 2
    assert await listed(database) == []


async def test_a_place_that_fails_stops_no_other_and_stays_on_the_list_until_it_works(
    database: Database, places: list[str], clock: FixedClock
) -> None:
    away = [f"{places[0]}/not-mounted", *places]
    for _ in range(2):
        outcomes = await back_up(database, away, clock=clock)
        clock.time += timedelta(hours=1)
        assert [isinstance(outcome, Manifest) for outcome in outcomes.values()] == [False, True, True]
    assert await listed(database) == [("SRV-320", away[0], True)]
    failed = outcomes[away[0]]
    assert isinstance(failed, BackupFailed)
    assert failed.parameters == {"place": away[0], "problem": "No such file or directory"}
    mount(away[0])
    await back_up(database, away, clock=clock)
    assert await listed(database) == [("SRV-320", away[0], False)]
    unmount(away[0])
    clock.time += timedelta(hours=1)
    await back_up(database, away, clock=clock)
    assert await listed(database) == [("SRV-320", away[0], False), ("SRV-320", away[0], True)]


async def test_a_disk_that_fills_up_leaves_nothing_that_looks_like_a_backup(
    small: Database, places: list[str], clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcomes = await back_up(small, places, clock=clock)
    assert [str(outcome) for outcome in outcomes.values()] == [
        f"SRV-320 place={place}, problem=No space left on device" for place in places
    ]
    assert [files(place) for place in places] == [set(), set()]
    await small.close()


async def test_what_reads_back_differently_is_not_kept(
    small: Database, places: list[str], clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Folder.put

    async def put(self: Folder, file: Path, manifest: Manifest) -> None:
        await written(self, file, manifest.model_copy(update={"sha256": "0" * 64}))

    monkeypatch.setattr(Folder, "put", put)
    [outcome] = (await back_up(small, places[:1], clock=clock)).values()
    assert isinstance(outcome, BackupFailed)
    assert files(places[0]) == set()
    await small.close()


@pytest.mark.parametrize(
    "trouble",
    [ProgramFailed("server version mismatch"), PermanentError("SRV-412", file="pg_dump", what="not installed")],
)
async def test_without_a_backup_every_place_is_told(
    small: Database, places: list[str], clock: FixedClock, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def taken(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(service, "taken", taken)
    outcomes = await back_up(small, places, clock=clock)
    assert [type(outcome) for outcome in outcomes.values()] == [BackupFailed] * 2
    assert [subject for _, subject, _ in await listed(small)] == sorted(places)
    await small.close()


async def test_the_newest_are_kept_and_the_last_good_one_always(
    small: Database, places: list[str], clock: FixedClock
) -> None:
    made = []
    for _ in range(4):
        clock.time += timedelta(days=1)
        made += (await back_up(small, places[:1], clock=clock, keep=2)).values()
    folder = Folder(Path(places[0]))
    assert folder.whole() == [made[3], made[2]]
    (folder.path / made[3].name).unlink()  # half of it is gone: it does not count any more
    folder.keep(0)
    assert folder.whole() == [made[2]]
    await small.close()


async def test_only_what_was_abandoned_long_ago_is_cleared_away(
    small: Database, places: list[str], clock: FixedClock
) -> None:
    fresh, old = Path(places[0], "tradepost-1.part"), Path(places[0], "tradepost-2.part")
    foreign = Path(places[0], "accounts.part")
    for path in (fresh, old, foreign):
        path.touch()
    for path in (old, foreign):
        os.utime(path, (0, 0))
    await back_up(small, places[:1], clock=clock)
    assert [path.exists() for path in (fresh, old, foreign)] == [True, False, True]
    await small.close()


async def test_writers_go_on_while_it_is_taken(database: Database, places: list[str], clock: FixedClock) -> None:
    """The backup is of one moment, and nobody waits for it."""
    async with database.transaction():  # a writer in the middle of its work
        outcomes = await _without_notes(database, places, clock)
    assert [outcome.contents.facts for outcome in outcomes] == [0, 0]


async def _without_notes(database: Database, places: list[str], clock: FixedClock) -> list[Manifest]:
    made = []
    async with service.taken(database, clock.now()) as (file, manifest):
        for place in places:
            await Folder(Path(place)).put(file, manifest)
            made.append(manifest)
    return made


def test_a_damaged_database_is_no_good_backup(tmp_path: Path, sqlite_url: str) -> None:
    file = Path(sqlite_url.partition("///")[2])
    content = bytearray(file.read_bytes())
    content[-8192:] = b"\xff" * 8192
    file.write_bytes(content)
    with pytest.raises(sqlite.Unsound):
        sqlite.copy(file, tmp_path / "copy")


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        (
            "postgresql+asyncpg://anna:p%40ss@db.example:5433/office?ssl=verify-full",
            {
                "PGHOST": "db.example",
                "PGPORT": "5433",
                "PGUSER": "anna",
                "PGPASSWORD": "p@ss",
                "PGDATABASE": "office",
                "PGSSLMODE": "verify-full",
            },
        ),
        ("postgresql+asyncpg://u@/office?host=/run/pg", {"PGHOST": "/run/pg", "PGUSER": "u", "PGDATABASE": "office"}),
    ],
)
def test_where_the_database_is_goes_to_the_program_beside_its_command_line(
    url: str, environment: dict[str, str]
) -> None:
    assert environment_of(url) == environment


async def test_a_password_is_on_no_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    witness = tmp_path / "pg_dump"
    witness.write_text(f'#!/bin/sh\necho "$0 $@" > {tmp_path}/arguments\necho "$PGPASSWORD" > {tmp_path}/password\n')
    witness.chmod(witness.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(postgres, "find_program", lambda name: str(tmp_path / name))
    await postgres.dump("postgresql+asyncpg://u:geheim@db/office", tmp_path / "file", snapshot="00000003-1")
    assert (tmp_path / "password").read_text() == "geheim\n"
    assert "geheim" not in (tmp_path / "arguments").read_text()


def test_the_program_is_found_off_the_path_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert postgres.find_program("pg_dump").startswith("/usr/lib/postgresql/")
    with pytest.raises(PermanentError, match="SRV-412 file=pg_undump"):
        postgres.find_program("pg_undump")


async def test_an_older_database_is_backed_up_before_an_upgrade(
    tmp_path: Path, places: list[str], clock: FixedClock
) -> None:
    database = Database.open(f"sqlite+aiosqlite:///{tmp_path / 'older.db'}")
    await migrate(database, to="0017_saved_views")
    await open_branch(database)
    [outcome] = (await back_up(database, places[:1], clock=clock)).values()
    assert isinstance(outcome, Manifest)
    assert (outcome.contents.migration, outcome.made_at) == ("0017_saved_views", NOON)
    await database.close()
