"""Quarantine is not the end: what is replayed is in the ledgers once, what is refused again says why and waits on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from cloud.audit.models import audit_entries
from cloud.database import Database
from cloud.fleet.models import exceptions
from cloud.ingest.applier import Applier
from cloud.ingest.models import facts, quarantine
from cloud.ingest.quarantine import Replay, dismiss, replay, replay_all
from cloud.sales.models import sales
from cloud.stock.service import verify
from tests.cloud.deliveries import NOON, FixedClock, Gateway, open_branch, open_gateway, sale, uid
from tests.cloud.office import Office

BOSS = uid("boss")


async def entries(database: Database) -> list[Any]:
    async with database.transaction() as tx:
        return list((await tx.execute(select(quarantine).order_by(quarantine.c.sequence))).all())


async def again(database: Database, *ids: UUID) -> list[Replay]:
    async with database.transaction() as tx:
        return await replay(tx, ids, by=BOSS, now=NOON)


async def counts(database: Database) -> tuple[int, int]:
    async with database.transaction() as tx:
        return tuple(  # type: ignore[return-value]
            [(await tx.execute(select(func.count()).select_from(table))).scalar_one() for table in (facts, sales)]
        )


async def open_exceptions(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return list(await tx.scalars(select(exceptions.c.code).where(exceptions.c.settled_at.is_(None))))


async def put_aside(database: Database, gateway: Gateway, applier: Applier) -> UUID:
    """A sale of a version that is not known yet; answers its quarantine entry."""
    gateway.write("sale.completed", sale(1))
    (value,) = gateway.values()
    await applier.apply([gateway.damaged([value | {"type": "tradepost.sale.completed.v2"}])])
    (entry,) = await entries(database)
    assert (entry.code, await counts(database)) == ("EVT-402", (0, 0))
    entry_id: UUID = entry.id
    return entry_id


async def upgrade(database: Database) -> None:
    """What an upgrade would do for the reader, done to the body: now the version is known."""
    async with database.transaction() as tx:
        body = func.replace(quarantine.c.body, "completed.v2", "completed.v1")
        await tx.execute(update(quarantine).values(body=body))


async def test_after_an_upgrade_the_fact_is_applied_once(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    entry_id = await put_aside(database, gateway, applier)
    assert await open_exceptions(database) == ["EVT-402"]
    await upgrade(database)
    assert [result.outcome for result in await again(database, entry_id)] == ["applied"]
    (entry,) = await entries(database)
    assert (entry.outcome, entry.settled_by, entry.settled_at) == ("applied", BOSS, NOON)
    assert await open_exceptions(database) == []
    assert await counts(database) == (1, 1)
    assert await again(database, entry_id) == []
    assert await counts(database) == (1, 1)
    async with database.transaction() as tx:
        assert await tx.scalar(select(facts.c.sequence)) == 1
        assert await verify(tx) == 0


async def test_a_replay_over_http_leaves_its_entry_in_the_audit_trail(office: Office) -> None:
    database, clock = office.database, FixedClock()
    await open_branch(database)
    entry_id = await put_aside(database, await open_gateway(database), Applier(database, clock))
    client = await office.owner()
    refused = await client.post(f"/quarantine/{entry_id}/replay")
    assert (refused.json()["outcome"], refused.json()["code"]) == ("refused", "EVT-402")
    await upgrade(database)
    assert (await client.post(f"/quarantine/{entry_id}/replay")).json()["outcome"] == "applied"
    assert (await client.post(f"/quarantine/{entry_id}/replay")).status_code == 404
    async with database.transaction() as tx:
        trail = audit_entries.c
        statement = select(trail.action, trail.record, trail.branch, trail.new).where(trail.kind == "quarantine")
        found = (await tx.execute(statement.order_by(trail.sequence))).all()
    assert [(action, record, branch) for action, record, branch, _ in found] == [
        ("replayed", str(entry_id), "abovyan")
    ] * 2
    assert [new for *_, new in found] == [{"outcome": "refused", "code": "EVT-402"}, {"outcome": "applied"}]


async def test_what_is_refused_again_waits_on_with_its_new_reason(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    entry_id = await put_aside(database, gateway, applier)
    async with database.transaction() as tx:
        body = func.replace(quarantine.c.body, "completed.v2", "unheard.v1")
        await tx.execute(update(quarantine).values(body=body))
    (result,) = await again(database, entry_id)
    assert (result.outcome, result.problem and result.problem.code) == ("refused", "EVT-401")
    (entry,) = await entries(database)
    assert (entry.code, entry.settled_at) == ("EVT-401", None)
    assert await open_exceptions(database) == ["EVT-402"]


async def test_a_fork_is_applied_without_the_number_that_is_taken(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("sale.completed", sale(1))
    await applier.apply([gateway.batch()])
    restored = Gateway(gateway.address)
    forked = restored.write("sale.completed", sale(2), event_id=uid("fork"))
    await applier.apply([restored.batch()])
    (entry,) = await entries(database)
    assert [result.outcome for result in await again(database, entry.id)] == ["applied"]
    assert await counts(database) == (2, 2)
    async with database.transaction() as tx:
        assert await tx.scalar(select(facts.c.sequence).where(facts.c.event_id == forked)) is None


async def test_what_came_another_way_meanwhile_is_known(database: Database, gateway: Gateway, applier: Applier) -> None:
    entry_id = await put_aside(database, gateway, applier)
    salvaged = Gateway(gateway.address, epoch=uid("epoch", 2))
    salvaged.write("sale.completed", sale(1), event_id=UUID(gateway.values()[0]["id"]))
    await applier.apply([salvaged.batch()])
    await upgrade(database)
    assert [result.outcome for result in await again(database, entry_id)] == ["known"]
    assert await counts(database) == (1, 1)
    assert await open_exceptions(database) == []


async def test_the_good_ones_of_many_are_applied(database: Database, gateway: Gateway, applier: Applier) -> None:
    for key in (1, 2, 3):
        gateway.write("sale.completed", sale(key))
    gateway.write("sale.completed", sale(4, sale_id=uid("sale", 1)))
    values = [value | {"type": "tradepost.sale.completed.v2"} for value in gateway.values()]
    await applier.apply([gateway.damaged(values)])
    await upgrade(database)
    async with database.transaction() as tx:
        results = await replay_all(tx, ["EVT-402"], after=None, now=NOON)
        assert await replay_all(tx, ["EVT-402"], after=results[-1].id, now=NOON) == []
    assert sorted(result.outcome for result in results) == ["applied", "applied", "applied", "refused"]
    assert await counts(database) == (3, 3)
    assert [entry.code for entry in await entries(database) if entry.settled_at is None] == ["EVT-404"]


async def test_a_dismissed_entry_keeps_its_body(database: Database, gateway: Gateway, applier: Applier) -> None:
    entry_id = await put_aside(database, gateway, applier)
    async with database.transaction() as tx:
        assert await dismiss(tx, entry_id, by=BOSS, now=NOON)
        assert not await dismiss(tx, entry_id, by=BOSS, now=NOON)
    (entry,) = await entries(database)
    assert (entry.outcome, entry.settled_by) == ("dismissed", BOSS)
    assert "abovyan-1-1-1" in entry.body
    assert await open_exceptions(database) == []
    assert await again(database, entry_id) == []
    assert await counts(database) == (0, 0)
