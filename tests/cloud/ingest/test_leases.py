"""Leases: partitions are shared out, taken over when they run out, and a late owner is stopped by the fence."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select

from cloud.database import Database
from cloud.ingest.applier import Applier
from cloud.ingest.leases import Leases, confirm, release_all, renew
from cloud.ingest.models import facts, ingest_leases
from shared.topics import PARTITIONS
from tests.cloud.deliveries import NOON, FixedClock, Gateway

EVERY = list(range(PARTITIONS))


async def take(database: Database, owner: str, after_s: float = 0) -> Leases:
    async with database.transaction() as tx:
        return await renew(tx, owner, NOON + timedelta(seconds=after_s), lease_s=15)


async def test_one_worker_takes_everything(database: Database) -> None:
    first = await take(database, "one")
    assert list(first.fences) == EVERY
    assert (await take(database, "one", 5)).fences == first.fences


async def test_a_second_worker_gets_its_half(database: Database) -> None:
    await take(database, "one")
    assert (await take(database, "two", 1)).fences == {}
    kept = await take(database, "one", 5)
    won = await take(database, "two", 6)
    assert (len(kept.fences), len(won.fences)) == (32, 32)
    assert sorted([*kept.fences, *won.fences]) == EVERY


async def test_a_worker_that_leaves_gives_back_at_once(database: Database) -> None:
    await take(database, "one")
    async with database.transaction() as tx:
        await release_all(tx, "one")
    assert list((await take(database, "two", 1)).fences) == EVERY


async def test_a_dead_worker_is_replaced_when_its_leases_have_run_out(database: Database) -> None:
    await take(database, "dead")
    assert (await take(database, "two", 14)).fences == {}
    assert list((await take(database, "two", 16)).fences) == EVERY


async def test_a_worker_that_is_known_to_be_dead_is_replaced_at_once(database: Database) -> None:
    await take(database, "dead")
    async with database.transaction() as tx:
        won = await renew(tx, "two", NOON + timedelta(seconds=1), lease_s=15, is_dead=lambda owner: owner == "dead")
    assert list(won.fences) == EVERY
    assert set(won.fences.values()) == {2}
    assert (await take(database, "two", 2)).fences == won.fences


async def test_every_change_of_hands_raises_the_fence(database: Database) -> None:
    first = await take(database, "one")
    second = await take(database, "two", 20)
    again = await take(database, "one", 40)
    assert [leases.fences[7] for leases in (first, second, again)] == [1, 2, 3]


async def test_three_workers_that_start_together_share_everything(database: Database) -> None:
    for after_s in (0, 5, 10):
        for owner in ("one", "two", "three"):
            await take(database, owner, after_s)
    held = [await take(database, owner, 11) for owner in ("one", "two", "three")]
    assert sorted(partition for leases in held for partition in leases.fences) == EVERY
    assert sorted(len(leases.fences) for leases in held) == [20, 22, 22]


async def test_workers_that_renew_at_once_never_hold_the_same(database: Database) -> None:
    held = await asyncio.gather(*(take(database, f"worker-{number}") for number in range(6)))
    partitions = [partition for leases in held for partition in leases.fences]
    assert len(partitions) == len(set(partitions))


async def test_confirm_answers_what_is_still_held(database: Database) -> None:
    leases = await take(database, "one")
    async with database.transaction() as tx:
        assert await confirm(tx, leases, {3, 9}) == {3, 9}
    await take(database, "two", 20)
    async with database.transaction() as tx:
        assert await confirm(tx, leases, {3, 9}) == set()


async def test_an_old_fence_does_not_confirm_what_was_taken_back(database: Database) -> None:
    old = await take(database, "one")
    await take(database, "two", 20)
    new = await take(database, "one", 40)
    async with database.transaction() as tx:
        assert await confirm(tx, old, {3}) == set()
        assert await confirm(tx, new, {3}) == {3}


async def test_a_worker_that_lost_its_lease_applies_nothing(
    database: Database, gateway: Gateway, clock: FixedClock
) -> None:
    gateway.sell()
    applier = Applier(database, clock)
    late = await take(database, "one")
    new = await take(database, "two", 20)
    outcome = await applier.apply([gateway.batch(), gateway.birth()], late)
    assert (outcome.acks, outcome.applied, outcome.not_ours) == ([], 0, 2)
    async with database.transaction() as tx:
        assert (await tx.execute(select(facts))).all() == []
    assert (await applier.apply([gateway.batch()], new)).applied == 2


async def test_partitions_cannot_change_hands_while_a_batch_is_applied(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    leases = await take(database, "one")
    async with database.transaction() as tx:
        await confirm(tx, leases, {3})
        taking = asyncio.create_task(take(database, "two", 20))
        done, _ = await asyncio.wait([taking], timeout=0.2)
        assert not done
    assert 3 in (await taking).fences
    await database.close()


async def test_there_is_one_row_for_each_partition(database: Database) -> None:
    async with database.transaction() as tx:
        found = await tx.scalars(select(ingest_leases.c.partition).order_by(ingest_leases.c.partition))
        assert list(found) == EVERY
