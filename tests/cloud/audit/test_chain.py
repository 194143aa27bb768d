"""The audit chain: what was written cannot be changed, and what was changed anyway is found."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from cloud.access.rights import Preset
from cloud.audit.models import audit_entries, audit_head
from cloud.audit.service import COMMAND_LINE, Entry, changes, length, record, verify
from cloud.database import Database
from tests.cloud.office import START, opened

OFF = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
    "postgresql": ["ALTER TABLE audit_entries DISABLE TRIGGER ALL"],
}


@pytest.fixture
async def chain(database: Database) -> Database:
    async with database.transaction() as tx:
        for number in range(3):
            entries = [Entry("changed", "price", f"{number}", {"price": 1}, {"price": None, "имя": "é"}, "kentron")] * 2
            await record(tx, COMMAND_LINE, START, entries)
    return database


async def test_whole_chain_is_found_whole(chain: Database) -> None:
    async with chain.transaction() as tx:
        assert (await verify(tx), await length(tx)) == (None, 6)


@pytest.mark.parametrize("change", [update(audit_entries).values(who="nobody"), delete(audit_entries)], ids=str)
async def test_database_refuses_to_change_an_entry(chain: Database, change: object) -> None:
    with pytest.raises(DBAPIError, match="audit entries are not"):
        async with chain.transaction() as tx:
            await tx.execute(change)  # type: ignore[call-overload]
    async with chain.transaction() as tx:
        assert await verify(tx) is None


@pytest.mark.parametrize(
    ("forgery", "broken_at"),
    [
        (update(audit_entries).where(audit_entries.c.sequence == 4).values(new={"price": 2}), 4),
        (update(audit_entries).where(audit_entries.c.sequence == 2).values(who="nobody"), 2),
        (update(audit_entries).where(audit_entries.c.sequence == 2).values(hash="0" * 64), 2),
        (delete(audit_entries).where(audit_entries.c.sequence == 3), 3),
        (delete(audit_entries).where(audit_entries.c.sequence == 6), 6),
        (delete(audit_entries), 1),
    ],
    ids=["new value", "who", "hash", "taken out", "cut off", "all"],
)
async def test_forgery_is_found_at_its_place(chain: Database, forgery: object, broken_at: int) -> None:
    async with chain.transaction() as tx:
        for statement in OFF[chain.dialect]:
            await tx.execute(text(statement))
        await tx.execute(forgery)  # type: ignore[call-overload]
        assert await verify(tx) == broken_at


async def test_entry_put_in_between_is_found(chain: Database) -> None:
    async with chain.transaction() as tx:
        row = {
            "sequence": 7,
            "at": START,
            "who": "x",
            "action": "changed",
            "kind": "price",
            "record": "1",
            "hash": "1" * 64,
        }
        await tx.execute(insert(audit_entries).values(row))
        await tx.execute(update(audit_head).values(sequence=7, hash="1" * 64))
        assert await verify(tx) == 7


def test_only_what_differs_is_kept() -> None:
    assert changes({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": None}) == ({"b": 2}, {"b": 3})


async def test_branch_readers_see_their_branches_entries(chain: Database) -> None:
    async with opened(chain) as office:
        owner = await office.signed_in((Preset.OWNER, "gyumri-1"))
        assert (await owner.get("/audit")).json()["total"] == 0
        owner = await office.signed_in((Preset.OWNER, "kentron"))
        page = (await owner.get("/audit", params={"kind": "price", "record": "1"})).json()
        assert [entry["sequence"] for entry in page["items"]] == [4, 3]
        assert page["items"][0]["new"] == {"price": None, "имя": "é"}
        times = {"from": "2026-11-21T10:00:00Z", "to": "2026-11-21T10:00:01Z"}
        assert (await owner.get("/audit", params=times)).json()["total"] == 6
        assert (await owner.get("/audit", params=times | {"to": times["from"]})).json()["total"] == 0
