"""One backup a night in each place, whoever makes it and whatever was missed; head office sees how it stands."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloud.access.rights import Preset
from cloud.app import create_app
from cloud.backup import repository, service
from cloud.backup.manifest import Manifest
from cloud.backup.nightly import Nightly, last_due
from cloud.backup.places import Folder
from cloud.database import Database
from cloud.settings import Settings
from tests.cloud.backup.conftest import ON_SQLITE
from tests.cloud.office import HandClock, Office

AT = time(22)
OWNER = "somebody else"


@pytest.fixture
def clock() -> HandClock:
    """10:00, twelve hours before the next night."""
    return HandClock()


def nightly(database: Database, places: list[str], clock: HandClock) -> Nightly:
    return Nightly(database, places, AT, clock=clock)


def made(place: str) -> list[datetime]:
    return [manifest.made_at for manifest in Folder(Path(place)).whole()]


def mount(place: str) -> None:
    Path(place).mkdir()


def unmount(place: str) -> None:
    Path(place).rmdir()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-21T10:00", "2026-11-20T22:00"),
        ("2026-11-21T21:59:59", "2026-11-20T22:00"),
        ("2026-11-21T22:00", "2026-11-21T22:00"),
        ("2026-11-22T00:00", "2026-11-21T22:00"),
    ],
)
def test_the_last_night_is_found(now: str, due: str) -> None:
    assert last_due(datetime.fromisoformat(now).replace(tzinfo=UTC), AT) == datetime.fromisoformat(due + "+00:00")


async def test_what_was_missed_is_made_up_at_once_and_then_once_a_night(
    database: Database, places: list[str], clock: HandClock
) -> None:
    office = nightly(database, places, clock)
    assert await office.look() == places
    assert await office.look() == []
    clock.pass_(hours=11, minutes=59)
    assert await office.look() == []
    clock.pass_(minutes=1)
    assert await office.look() == places
    clock.pass_(days=3)  # it was off
    assert await nightly(database, places, clock).look() == places
    assert [len(made(place)) for place in places] == [3, 3]


async def test_several_processes_make_one(database: Database, places: list[str], clock: HandClock) -> None:
    took = await asyncio.gather(*(nightly(database, places, clock).look() for _ in range(3)))
    assert sorted(took) == [[], [], places]
    assert [len(made(place)) for place in places] == [1, 1]


@ON_SQLITE
async def test_what_a_dead_process_began_is_taken_over(database: Database, places: list[str], clock: HandClock) -> None:
    async with database.transaction() as tx:
        due = last_due(clock.now(), AT)
        assert await repository.claim(tx, places, owner=OWNER, due=due, now=clock.now()) == places
    assert await nightly(database, places, clock).look() == []
    clock.pass_(minutes=2)
    async with database.transaction() as tx:
        await repository.renew(tx, OWNER, clock.now())
    clock.pass_(minutes=2)
    assert await nightly(database, places, clock).look() == []
    clock.pass_(minutes=1)
    assert await nightly(database, places, clock).look() == places


@ON_SQLITE
async def test_work_that_is_cut_short_may_be_begun_again_at_once(
    database: Database, places: list[str], clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def never(*_: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "put", never)
        looking = asyncio.create_task(nightly(database, places, clock).look())
        await begun.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
    assert await nightly(database, places, clock).look() == places


@ON_SQLITE
async def test_a_place_that_failed_is_tried_again_after_an_hour_and_alone(
    database: Database, places: list[str], clock: HandClock
) -> None:
    unmount(places[0])
    assert await nightly(database, places, clock).look() == places
    mount(places[0])
    clock.pass_(minutes=59)
    assert await nightly(database, places, clock).look() == []
    clock.pass_(minutes=1)
    assert await nightly(database, places, clock).look() == places[:1]
    assert [len(made(place)) for place in places] == [1, 1]


@ON_SQLITE
async def test_one_made_by_hand_counts_for_the_night(database: Database, places: list[str], clock: HandClock) -> None:
    await service.back_up(database, places[:1], clock=clock)
    assert await nightly(database, places, clock).look() == places[1:]


async def test_head_office_sees_how_it_stands(
    small_office: Office, places: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings("sqlite+aiosqlite:///", backup_to=tuple(places), backup_keep=3)
    monkeypatch.setattr(small_office.app.state, "settings", settings)
    clock, owner = small_office.clock, await small_office.owner()
    never = dict.fromkeys(("good_at", "good_name", "good_bytes", "tried_at", "problem")) | {"is_behind": True}
    assert (await owner.get("/backups")).json() == {
        "places": [{"place": place, **never} for place in places],
        "next_at": "2026-11-21T22:00:00Z",
        "keep": 3,
    }
    unmount(places[0])
    await nightly(small_office.database, places, clock).look()
    clock.pass_(hours=12)
    owner = await small_office.owner()  # the day's session is over
    [manifest] = Folder(Path(places[1])).whole()
    assert isinstance(manifest, Manifest)
    north, south = (await owner.get("/backups")).json()["places"]
    missing = never | {"place": places[0], "problem": "No such file or directory"}
    assert north == missing | {"tried_at": "2026-11-21T10:00:00Z"}
    assert south == {
        "place": places[1],
        "good_at": "2026-11-21T10:00:00Z",
        "good_name": manifest.name,
        "good_bytes": manifest.size,
        "tried_at": "2026-11-21T10:00:00Z",
        "problem": None,
        "is_behind": True,
    }
    [listed] = (await owner.get("/exceptions")).json()["items"]
    assert (listed["code"], listed["branch"], listed["subject"]) == ("SRV-320", "", places[0])
    await nightly(small_office.database, places, clock).look()
    assert [place["is_behind"] for place in (await owner.get("/backups")).json()["places"]] == [True, False]


async def test_who_sees_one_branch_only_sees_nothing_of_it(small_office: Office, places: list[str]) -> None:
    unmount(places[0])
    await nightly(small_office.database, places, small_office.clock).look()
    manager = await small_office.signed_in((Preset.MANAGER, "gyumri-1"))
    assert (await manager.get("/backups")).status_code == 403
    assert (await manager.get("/exceptions")).json()["items"] == []


async def test_it_stops_at_whatever_moment(sqlite_url: str, places: list[str], clock: HandClock) -> None:
    database = Database.open(sqlite_url)
    for moment in range(20):
        clock.pass_(days=1)
        running = asyncio.create_task(nightly(database, places, clock).run())
        await asyncio.sleep(moment * 0.003)
        running.cancel()
        await asyncio.wait([running], timeout=20)
        assert running.cancelled()
    await database.close()


async def test_what_nobody_foresaw_ends_no_later_backup(
    sqlite_url: str, places: list[str], clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(sqlite_url)
    looks = iter([RuntimeError("a mistake of ours")])
    claim = repository.claim

    async def claim_at_the_second_look(*given: Any, **more: Any) -> list[str]:
        for mistake in looks:
            raise mistake
        return await claim(*given, **more)

    monkeypatch.setattr(repository, "claim", claim_at_the_second_look)
    monkeypatch.setattr("cloud.backup.nightly.LOOK_EVERY_S", 0.01)
    running = asyncio.create_task(nightly(database, places, clock).run())
    async with asyncio.timeout(20):
        while not running.done() and [len(made(place)) for place in places] != [1, 1]:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()
    await database.close()


async def test_the_service_makes_them_by_itself(sqlite_url: str, places: list[str]) -> None:
    database = Database.open(sqlite_url)
    app = create_app(Settings(sqlite_url, backup_to=tuple(places)), database)
    async with app.router.lifespan_context(app), asyncio.timeout(20):
        while [len(made(place)) for place in places] != [1, 1]:  # noqa: ASYNC110 - a folder has no event
            await asyncio.sleep(0.02)
    await database.close()
    assert timedelta(0) <= datetime.now(UTC) - made(places[0])[0] < timedelta(minutes=1)
