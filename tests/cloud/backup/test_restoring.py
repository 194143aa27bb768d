"""A backup put back is the same head office; whatever is not whole, or not empty, is refused and nothing is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from cloud.audit.service import verify
from cloud.backup.manifest import Manifest
from cloud.backup.places import Folder
from cloud.backup.restoring import RestoreRefused, restore
from cloud.backup.service import back_up
from cloud.database import METADATA, Database
from cloud.fleet.models import branches
from cloud.ingest.applier import Applier
from cloud.migrations.runner import is_current
from tests.cloud.backup.conftest import NEW_TO_IT, ON_SQLITE
from tests.cloud.deliveries import FixedClock, Gateway, open_branch, open_gateway


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def gateway(database: Database, clock: FixedClock) -> Gateway:
    """Its first twenty sales are at head office."""
    await open_branch(database)
    gateway = await open_gateway(database)
    for _ in range(20):
        gateway.sell()
    await Applier(database, clock).apply([gateway.birth(), gateway.batch()])
    return gateway


@pytest.fixture
async def backup(database: Database, gateway: Gateway, places: list[str], clock: FixedClock) -> Path:
    """The manifest of one."""
    outcomes = await back_up(database, places[:1], clock=clock)
    manifest = outcomes[places[0]]
    assert isinstance(manifest, Manifest)
    return Path(places[0]) / manifest.file_name


async def contents(database: Database) -> dict[str, Any]:
    """Every row of every table."""
    async with database.reading() as tx:
        return {
            name: sorted((tuple(row) for row in await tx.execute(select(table))), key=str)
            for name, table in METADATA.tables.items()
        }


async def tables(database: Database) -> int:
    """How many there are, whoever made them."""
    catalogue = {
        "sqlite": "SELECT count(*) FROM sqlite_master",
        "postgresql": "SELECT count(*) FROM pg_class WHERE relnamespace = CAST('public' AS regnamespace)",
    }
    async with database.reading() as tx:
        return int((await tx.execute(text(catalogue[database.dialect]))).scalar_one())


async def test_what_is_restored_is_what_was_there(
    database: Database, restored: Database, empty_url: str, backup: Path, gateway: Gateway, clock: FixedClock
) -> None:
    manifest = await restore(backup, empty_url, clock=clock)
    before, after = await contents(database), await contents(restored)
    assert manifest.contents.facts == 40
    assert manifest.contents.cursors == {gateway.address.node: {gateway.epoch: 40}}
    assert {name for name in METADATA.tables if before[name] != after[name]} == NEW_TO_IT
    async with restored.transaction() as tx:
        assert await is_current(tx)
        assert await verify(tx) is None
        await tx.execute(insert(branches).values({**_branch(before), "id": "south"}))  # it takes new rows


def _branch(rows: dict[str, Any]) -> dict[str, Any]:
    return dict(zip([column.name for column in branches.c], rows["branches"][0], strict=True))


async def test_the_newest_of_a_folder_is_restored(
    database: Database, restored: Database, empty_url: str, backup: Path, gateway: Gateway, clock: FixedClock
) -> None:
    gateway.sell()
    await Applier(database, clock).apply([gateway.batch(41)])
    clock.time = clock.time.replace(hour=13)
    [newest] = (await back_up(database, [str(backup.parent)], clock=clock)).values()
    assert await restore(backup.parent, empty_url, clock=clock) == newest
    assert len((await contents(restored))["facts"]) == 42


async def test_a_database_with_anything_in_it_is_not_touched(
    database: Database, database_url: str, backup: Path, clock: FixedClock
) -> None:
    before = await contents(database)
    with pytest.raises(RestoreRefused) as refused:
        await restore(backup, database_url, clock=clock)
    assert refused.value.code == "SRV-420"
    assert await contents(database) == before


def cut_short(data: Path, beside: Path) -> None:
    data.write_bytes(data.read_bytes()[:-1])


def one_byte_changed(data: Path, beside: Path) -> None:
    damaged = bytearray(data.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    data.write_bytes(damaged)


def without_its_data(data: Path, beside: Path) -> None:
    data.unlink()


def without_its_manifest(data: Path, beside: Path) -> None:
    beside.unlink()


def manifest_of_another(data: Path, beside: Path) -> None:
    beside.write_text(beside.read_text().replace(data.name, data.name.replace("tradepost-20", "tradepost-19")))


def other_contents(data: Path, beside: Path) -> None:
    beside.write_text(beside.read_text().replace('"facts": 40', '"facts": 41'))


def newer_program(data: Path, beside: Path) -> None:
    migration = Manifest.model_validate_json(beside.read_text()).contents.migration
    beside.write_text(beside.read_text().replace(migration, "9999_from_the_future"))


def another_database(data: Path, beside: Path) -> None:
    here, there = ("sqlite", "postgresql") if "sqlite" in data.name else ("postgresql", "sqlite")
    beside.write_text(beside.read_text().replace(f'"dialect": "{here}"', f'"dialect": "{there}"'))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (cut_short, "SRV-421"),
        (one_byte_changed, "SRV-421"),
        (without_its_data, "SRV-421"),
        (without_its_manifest, "SRV-421"),
        (manifest_of_another, "SRV-421"),
        (newer_program, "SRV-423"),
        (another_database, "SRV-424"),
    ],
)
@ON_SQLITE
async def test_what_is_not_whole_or_does_not_fit_is_refused_and_leaves_the_database_empty(
    restored: Database, empty_url: str, backup: Path, clock: FixedClock, spoil: Any, code: str
) -> None:
    [data] = {manifest.name for manifest in Folder(backup.parent).whole()}
    spoil(backup.with_name(data), backup)
    with pytest.raises(RestoreRefused) as refused:
        await restore(backup, empty_url, clock=clock)
    assert refused.value.code == code
    assert await tables(restored) == 0


async def test_what_holds_something_else_than_it_says_is_refused_and_cleared_away(
    restored: Database, empty_url: str, backup: Path, clock: FixedClock
) -> None:
    other_contents(backup, backup)
    with pytest.raises(RestoreRefused, match="something else"):
        await restore(backup, empty_url, clock=clock)
    assert await tables(restored) == 0


@ON_SQLITE
async def test_a_folder_without_backups_is_said_to_be_one(tmp_path: Path, empty_url: str, clock: FixedClock) -> None:
    with pytest.raises(RestoreRefused, match="no backup in this folder"):
        await restore(tmp_path, empty_url, clock=clock)
