"""The rules C1 to C10 of docs/delivery.md, one by one, on both dialects, without a broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, func, select

from cloud.database import Database
from cloud.fleet.models import exceptions, loss_cases, node_epochs, node_status, nodes
from cloud.fleet.service import choose_epoch, withdraw_node
from cloud.ingest import applier as applier_module
from cloud.ingest.applier import Applier, Outcome
from cloud.ingest.intake import Incoming
from cloud.ingest.models import facts, quarantine, refused_messages
from cloud.ingest.quarantine import replay_held
from cloud.sales.models import returns, sales
from cloud.stock.models import stock_moves
from shared.delivery import Ack, EpochHeld, Read, Span
from shared.topics import Channel, NodeAddress
from tests.cloud.deliveries import NOON, FixedClock, Gateway, open_branch, open_gateway, printed, returned, sale, uid


async def count(database: Database, table: Table) -> int:
    async with database.transaction() as tx:
        found: int = (await tx.execute(select(func.count()).select_from(table))).scalar_one()
        return found


async def column(database: Database, table: Table, name: str, *order: str) -> list[Any]:
    async with database.transaction() as tx:
        return list(await tx.scalars(select(table.c[name]).order_by(*(table.c[each] for each in order or (name,)))))


async def cursor(database: Database, gateway: Gateway) -> int:
    async with database.transaction() as tx:
        rows = node_epochs.c
        own = rows.node == gateway.address.node, rows.epoch == gateway.epoch
        found: int = (await tx.execute(select(rows.upto).where(*own))).scalar_one()
        return found


def ack(outcome: Outcome) -> Ack:
    """The one that was sent; which batches it answers has tests of its own."""
    ((_, one),) = outcome.acks
    return one.model_copy(update={"read": None})


def read(gateway: Gateway, first: int, last: int) -> Read:
    return Read(first=first, last=last, last_id=UUID(gateway.values()[last - 1]["id"]))


async def test_c1_facts_effects_and_cursor_are_one(database: Database, gateway: Gateway, applier: Applier) -> None:
    for _ in range(3):
        gateway.sell()
    outcome = await applier.apply([gateway.batch()])
    assert outcome.acks == [(gateway.address, Ack(epoch=gateway.epoch, upto=6, read=(read(gateway, 1, 6),)))]
    assert (outcome.applied, outcome.summary.facts) == (6, 6)
    counts = [await count(database, table) for table in (facts, sales, stock_moves)]
    assert counts == [6, 3, 6]
    assert await cursor(database, gateway) == 6


async def test_c1_what_stops_before_the_commit_leaves_nothing(
    database: Database, gateway: Gateway, applier: Applier, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.sell()

    def power_cut(point: str) -> None:
        if point == "ingest.before_commit":
            raise KeyboardInterrupt

    monkeypatch.setattr(applier_module, "reach", power_cut)
    with pytest.raises(KeyboardInterrupt):
        await applier.apply([gateway.batch()])
    assert [await count(database, table) for table in (facts, sales, stock_moves, node_epochs)] == [0, 0, 0, 0]
    monkeypatch.undo()
    assert ack(await applier.apply([gateway.batch()])).upto == 2


async def test_c2_a_repeat_changes_nothing_and_is_acked_again(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.sell()
    first = await applier.apply([gateway.batch()])
    again = await applier.apply([gateway.batch()])
    assert again.acks == first.acks
    assert (again.applied, again.repeats) == (0, 2)
    assert [await count(database, table) for table in (facts, sales, stock_moves, exceptions)] == [2, 1, 2, 0]


async def test_c2_a_restored_card_sends_again_under_a_new_epoch(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    event_id = gateway.sell()
    await applier.apply([gateway.batch()])
    restored = Gateway(gateway.address, epoch=uid("epoch", 2))
    restored.write("sale.completed", sale(1), event_id=event_id)
    restored.sell("new")
    for _ in range(2):
        assert ack(await applier.apply([restored.batch()])).upto == 3
    assert [await count(database, table) for table in (facts, sales, quarantine)] == [4, 2, 0]


async def test_c2_one_id_twice_in_a_batch_counts_once(database: Database, gateway: Gateway, applier: Applier) -> None:
    event_id = gateway.write("sale.completed", sale(1))
    gateway.write("sale.completed", sale(1), event_id=event_id)
    assert ack(await applier.apply([gateway.batch()])).upto == 2
    assert [await count(database, table) for table in (facts, sales, quarantine)] == [1, 1, 0]


async def test_c2_two_processes_at_once_count_once(database: Database, gateway: Gateway, clock: FixedClock) -> None:
    for _ in range(5):
        gateway.sell()
    outcomes = await asyncio.gather(*(Applier(database, clock).apply([gateway.batch()]) for _ in range(4)))
    assert {ack(outcome).upto for outcome in outcomes} == {10}
    assert sum(outcome.applied for outcome in outcomes) == 10
    assert [await count(database, table) for table in (facts, sales, stock_moves)] == [10, 5, 10]


async def test_c3_another_fact_under_a_number_already_given_is_a_fork(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.sell(1)
    await applier.apply([gateway.batch()])
    restored = Gateway(gateway.address)
    forked = restored.write("sale.completed", sale("other"), event_id=uid("fork"))
    outcome = await applier.apply([restored.batch()])
    assert ack(outcome) == Ack(epoch=gateway.epoch, upto=2, quarantined=(forked,), fork=True)
    assert await column(database, quarantine, "code") == ["EVT-420"]
    assert await column(database, exceptions, "code") == ["EVT-420"]
    assert await column(database, nodes, "flagged_at") == [NOON]
    assert await count(database, sales) == 1


async def test_c3_every_later_ack_asks_for_the_new_epoch(gateway: Gateway, applier: Applier) -> None:
    gateway.sell(1)
    await applier.apply([gateway.batch()])
    restored = Gateway(gateway.address)
    restored.write("sale.completed", sale("other"), event_id=uid("fork"))
    await applier.apply([restored.batch()])
    again = ack(await applier.apply([restored.batch()]))
    assert (again.fork, again.quarantined) == (True, ())
    assert ack(await applier.apply([gateway.birth()])).fork


async def test_c3_a_fork_inside_one_batch_is_seen(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.sell(1)
    restored = Gateway(gateway.address)
    restored.write("sale.completed", sale("other"), event_id=uid("fork"))
    outcome = await applier.apply([gateway.batch(), restored.batch()])
    assert (ack(outcome).upto, ack(outcome).quarantined) == (2, (uid("fork"),))
    assert await count(database, sales) == 1


def damaged(gateway: Gateway, place: int, **fields: Any) -> Incoming:
    values = gateway.values()
    values[place] |= fields
    return gateway.damaged(values)


POISON = [
    ({"type": "tradepost.moon.landed.v1"}, "EVT-401"),
    ({"type": "tradepost.sale.completed.v2"}, "EVT-402"),
    ({"data": {}}, "EVT-403"),
    ({"data": 5}, "EVT-403"),
    ({"time": "yesterday"}, "EVT-403"),
    ({"time": "0001-01-01T00:00:00Z"}, "EVT-403"),
]


@pytest.mark.parametrize(("damage", "code"), POISON)
async def test_c4_poison_is_put_aside_and_the_rest_flows(
    database: Database, gateway: Gateway, applier: Applier, damage: dict[str, Any], code: str
) -> None:
    for _ in range(3):
        gateway.sell()
    outcome = await applier.apply([damaged(gateway, 2, **damage)])
    poisoned = UUID(gateway.values()[2]["id"])
    assert ack(outcome) == Ack(epoch=gateway.epoch, upto=6, quarantined=(poisoned,))
    assert await column(database, quarantine, "code") == [code]
    assert await column(database, quarantine, "sequence") == [3]
    assert await column(database, exceptions, "code") == [code]
    assert await column(database, exceptions, "subject") == [str(poisoned)]
    assert [await count(database, table) for table in (facts, sales)] == [5, 2]


async def test_c4_negative_money_is_put_aside(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("sale.completed", sale(1))
    values = gateway.values()
    values[0]["data"]["payments"][0]["amount_minor"] = -1
    await applier.apply([gateway.damaged(values)])
    assert await column(database, quarantine, "code") == ["EVT-403"]
    assert await count(database, sales) == 0


async def test_c4_the_same_poison_again_is_the_same_entry(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.sell()
    for _ in range(2):
        assert ack(await applier.apply([damaged(gateway, 0, data={})])).upto == 2
    assert [await count(database, table) for table in (quarantine, exceptions)] == [1, 1]


async def test_c4_what_has_no_place_is_kept_and_moves_nothing(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.sell()
    one, two = gateway.values()
    for _ in range(2):
        assert ack(await applier.apply([gateway.damaged([one, "??", two])])).upto == 2
    assert await column(database, quarantine, "sequence") == [None]
    assert await count(database, facts) == 2


REFUSED = [
    ("sale with an id that is taken", sale(2, sale_id=uid("sale", 1))),
    ("zero byte in a name", sale(2, number="zero\0byte")),
]


@pytest.mark.parametrize("payload", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
async def test_c4_what_the_database_refuses_is_found_and_put_aside(
    postgres_url: str, clock: FixedClock, payload: Any
) -> None:
    database = Database.open(postgres_url)
    await open_branch(database)
    gateway = await open_gateway(database)
    for number in range(20):
        gateway.sell(f"before-{number}" if number else 1)
    culprit = gateway.write("sale.completed", payload)
    for number in range(20):
        gateway.sell(f"after-{number}")
    outcome = await Applier(database, clock).apply(gateway.batches(50))
    assert ack(outcome) == Ack(epoch=gateway.epoch, upto=81, quarantined=(culprit,))
    assert await column(database, quarantine, "code") == ["EVT-404"]
    assert await column(database, quarantine, "event_id") == [culprit]
    assert [await count(database, table) for table in (facts, sales, stock_moves)] == [80, 40, 80]
    await database.close()


async def test_c4b_a_sale_under_a_number_that_is_taken_is_booked_under_another(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.sell(1)
    again = [gateway.write("sale.completed", sale(key, number="abovyan-1-1-1")) for key in (2, 3)]
    gateway.sell(4)
    delivery = gateway.batch()
    outcome = await applier.apply([delivery])
    assert (ack(outcome).upto, ack(outcome).quarantined) == (6, ())
    assert await column(database, exceptions, "code") == ["SAL-246", "SAL-246"]
    others = sorted(f"abovyan-1-1-1/{event_id.hex[-6:]}" for event_id in again)
    assert await column(database, sales, "number") == ["abovyan-1-1-1", *others, "abovyan-1-1-4"]
    assert await count(database, stock_moves) == 8
    assert (await applier.apply([delivery])).repeats == 6
    assert [await count(database, table) for table in (sales, exceptions)] == [4, 2]


async def test_c4b_a_return_under_a_number_that_is_taken_is_booked_under_another(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    one, another = (returned(key, key).model_copy(update={"number": "abovyan-1-1-9"}) for key in (1, 2))
    gateway.write("sale.returned", one)
    second = gateway.write("sale.returned", another)
    await applier.apply([gateway.batch()])
    assert await column(database, returns, "number") == ["abovyan-1-1-9", f"abovyan-1-1-9/{second.hex[-6:]}"]


async def test_c4_a_sale_that_has_more_wrong_than_its_number_is_put_aside(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.sell(1)
    gateway.sell(2)
    culprit = gateway.write("sale.completed", sale(3, number="abovyan-1-1-1", sale_id=uid("sale", 2)))
    assert ack(await applier.apply([gateway.batch()])).quarantined == (culprit,)
    assert await column(database, exceptions, "code") == ["EVT-404"]
    assert await count(database, sales) == 2


async def test_c4_a_batch_of_nothing_but_refused_facts_ends(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.sell(1)
    for key in range(2, 30):
        gateway.write("sale.completed", sale(key, sale_id=uid("sale", 1)))
    assert ack(await applier.apply([gateway.batch()])).upto == 30
    assert [await count(database, table) for table in (quarantine, sales)] == [28, 1]


async def test_c5_a_refused_message_is_recorded_once_and_moves_nothing(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.sell()
    await applier.apply([gateway.batch()])
    garbage = gateway.message(Channel.EVENTS, b"{not json")
    for _ in range(3):
        assert (await applier.apply([garbage])).acks == []
    assert await column(database, refused_messages, "code") == ["EVT-430"]
    assert await column(database, refused_messages, "count") == [3]
    assert await column(database, refused_messages, "size") == [9]
    assert await column(database, exceptions, "code") == ["EVT-430"]
    assert await cursor(database, gateway) == 2


async def test_c5_a_good_message_beside_a_refused_one_is_taken(gateway: Gateway, applier: Applier) -> None:
    gateway.sell()
    outcome = await applier.apply([gateway.message(Channel.EVENTS, b"?"), gateway.batch()])
    assert (ack(outcome).upto, outcome.refused) == (2, 1)


async def test_c5_facts_of_another_node_are_refused_whole(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    thief = await open_gateway(database)
    gateway.sell()
    stolen = Incoming(thief.address.topic(Channel.EVENTS), gateway.batch().payload)
    assert (await applier.apply([stolen])).acks == []
    assert await column(database, refused_messages, "code") == ["EVT-432"]
    assert [await count(database, table) for table in (facts, quarantine, node_epochs)] == [0, 0, 0]


@pytest.mark.parametrize(
    "address",
    [
        NodeAddress(0, "abovyan", "nobody"),
        NodeAddress(0, "komitas", "abovyan-gw1"),
        NodeAddress(63, "abovyan", "abovyan-gw1"),
    ],
    ids=["unknown node", "another branch", "another partition"],
)
async def test_c5_a_node_speaks_only_at_its_own_address(
    database: Database, gateway: Gateway, applier: Applier, address: NodeAddress
) -> None:
    stranger = Gateway(address)
    stranger.sell()
    assert (await applier.apply([stranger.batch()])).acks == []
    assert await column(database, refused_messages, "code") == ["EVT-432"]
    assert await count(database, facts) == 0


async def test_c5_a_withdrawn_node_is_refused(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.sell()
    async with database.transaction() as tx:
        await withdraw_node(tx, gateway.address.node, now=NOON)
    assert (await applier.apply([gateway.birth(), gateway.batch()])).acks == []
    assert [await count(database, table) for table in (facts, node_status)] == [0, 0]


async def test_c6_a_gap_is_asked_for_and_nothing_behind_it_is_taken(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    for _ in range(5):
        gateway.sell()
    await applier.apply([gateway.batch(1, 2)])
    outcome = await applier.apply([gateway.batch(5, 8)])
    assert ack(outcome) == Ack(epoch=gateway.epoch, upto=2, gap=Span(first=3, last=4))
    assert await count(database, facts) == 2
    closed = await applier.apply([gateway.batch(3, 10)])
    assert ack(closed) == Ack(epoch=gateway.epoch, upto=10)
    assert [await count(database, table) for table in (facts, sales)] == [10, 5]


async def test_c6_messages_that_come_together_in_the_wrong_order_have_no_gap(
    gateway: Gateway, applier: Applier
) -> None:
    for _ in range(6):
        gateway.sell()
    third, second, first = reversed(gateway.batches(4))
    assert ack(await applier.apply([third, first, second])) == Ack(epoch=gateway.epoch, upto=12)


async def test_c9c_an_ack_names_the_batches_that_were_read_as_far_as_they_were_next_in_line(
    gateway: Gateway, applier: Applier
) -> None:
    for _ in range(5):
        gateway.sell()
    ((_, of_three),) = (await applier.apply([gateway.batch(1, 2), gateway.batch(3, 4), gateway.batch(7, 8)])).acks
    assert of_three.read == (read(gateway, 1, 2), read(gateway, 3, 4))
    ((_, of_repeat),) = (await applier.apply([gateway.batch(3, 6)])).acks
    assert of_repeat.read == (read(gateway, 3, 6),)
    ((_, of_birth),) = (await applier.apply([gateway.birth()])).acks
    assert of_birth.read == ()


async def test_c9c_a_batch_that_is_quarantined_was_read(gateway: Gateway, applier: Applier) -> None:
    gateway.sell(1)
    await applier.apply([gateway.batch()])
    restored = Gateway(gateway.address)
    restored.write("sale.completed", sale("other"), event_id=uid("fork"))
    ((_, of_fork),) = (await applier.apply([restored.batch()])).acks
    assert of_fork.read == (Read(first=1, last=1, last_id=uid("fork")),)


async def test_c7_gone_is_a_loss_case_that_a_person_sees(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    for _ in range(5):
        gateway.sell()
    await applier.apply([gateway.batch(1, 2)])
    await applier.apply([gateway.batch(7, 10)])
    outcome = await applier.apply([gateway.gone(3, 6)])
    assert ack(outcome) == Ack(epoch=gateway.epoch, upto=6)
    async with database.transaction() as tx:
        (case,) = (await tx.execute(select(loss_cases))).all()
    assert (case.node, case.epoch, case.first, case.last) == (gateway.address.node, gateway.epoch, 3, 6)
    async with database.transaction() as tx:
        (seen,) = (await tx.execute(select(exceptions))).all()
    assert (seen.code, seen.parameters) == ("EVT-421", {"first": 3, "last": 6})
    assert ack(await applier.apply([gateway.batch(7, 10)])).upto == 10


async def test_c7_gone_again_is_no_second_case(database: Database, gateway: Gateway, applier: Applier) -> None:
    for _ in range(3):
        gateway.sell()
    await applier.apply([gateway.batch(5, 6)])
    for _ in range(2):
        await applier.apply([gateway.gone(1, 4)])
    assert [await count(database, table) for table in (loss_cases, exceptions)] == [1, 1]


async def test_c7_a_node_cannot_write_off_what_it_never_wrote(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.sell()
    await applier.apply([gateway.birth(), gateway.gone(1, 2**31 - 1)])
    assert await cursor(database, gateway) == 2
    assert await column(database, loss_cases, "last") == [2]


async def test_c7_a_fact_that_turns_up_after_all_is_kept_for_a_person(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    for _ in range(2):
        gateway.sell()
    await applier.apply([gateway.batch(3, 4)])
    await applier.apply([gateway.gone(1, 2)])
    found = [UUID(value["id"]) for value in gateway.values()[:2]]
    for quarantined in (tuple(found), ()):
        outcome = await applier.apply([gateway.batch(1, 2)])
        assert ack(outcome) == Ack(epoch=gateway.epoch, upto=2, quarantined=quarantined)
    assert await column(database, quarantine, "code") == ["EVT-423", "EVT-423"]


async def test_c8_the_newer_of_two_live_epochs_goes_to_quarantine(
    database: Database, gateway: Gateway, applier: Applier, clock: FixedClock
) -> None:
    gateway.sell(1)
    clone = Gateway(gateway.address, epoch=uid("epoch", 2))
    clone.sell(2)
    await applier.apply([gateway.birth(), gateway.batch()])
    clock.time += timedelta(minutes=1)
    outcome = await applier.apply([clone.birth(), clone.batch()])
    assert {one.upto for _, one in outcome.acks} == {2}
    assert await column(database, quarantine, "code") == ["EVT-422", "EVT-422"]
    assert await column(database, exceptions, "code") == ["EVT-422"]
    assert await column(database, nodes, "flagged_at") == [clock.time]
    assert await column(database, node_epochs, "is_flagged") == [True, True]
    gateway.sell(3)
    await applier.apply([gateway.batch()])
    assert await column(database, sales, "number") == ["abovyan-1-1-1", "abovyan-1-1-3"]


async def test_c8_head_office_chooses_and_nothing_of_the_chosen_is_lost(
    database: Database, gateway: Gateway, applier: Applier, clock: FixedClock
) -> None:
    gateway.sell(1)
    replacement = Gateway(gateway.address, epoch=uid("epoch", 2))
    replacement.sell(2)
    await applier.apply([gateway.birth(), gateway.batch()])
    clock.time += timedelta(minutes=1)
    await applier.apply([replacement.birth(), replacement.batch()])
    async with database.transaction() as tx:
        await choose_epoch(tx, gateway.address.node, replacement.epoch)
        replayed = await replay_held(tx, gateway.address.node, replacement.epoch, by=uid("boss"), now=clock.time)
    assert [one.outcome for one in replayed] == ["applied", "applied"]
    replacement.sell(3)
    await applier.apply([gateway.birth(), replacement.birth(), replacement.batch()])
    gateway.sell(4)
    await applier.apply([gateway.batch()])
    assert await column(database, sales, "number") == ["abovyan-1-1-1", "abovyan-1-1-2", "abovyan-1-1-3"]
    assert await count(database, facts) == 6


async def test_c8_a_journal_that_was_salvaged_goes_on(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.sell(1)
    await applier.apply([gateway.birth(), gateway.batch()])
    salvaged = Gateway(gateway.address, epoch=uid("epoch", 2))
    salvaged.sell(2)
    both = [EpochHeld(epoch=gateway.epoch, first=1, last=2), EpochHeld(epoch=salvaged.epoch, first=1, last=2)]
    outcome = await applier.apply([salvaged.birth(epochs=both), salvaged.batch()])
    assert {(one.epoch, one.upto) for _, one in outcome.acks} == {(gateway.epoch, 2), (salvaged.epoch, 2)}
    assert [await count(database, table) for table in (sales, quarantine)] == [2, 0]


async def test_c9_a_birth_is_answered_for_every_epoch_it_names(gateway: Gateway, applier: Applier) -> None:
    gateway.sell()
    await applier.apply([gateway.batch()])
    unknown = uid("epoch", 0)
    held = [EpochHeld(epoch=unknown, first=4, last=9), EpochHeld(epoch=gateway.epoch, first=1, last=2)]
    outcome = await applier.apply([gateway.birth(epochs=held)])
    assert {one.epoch: (one.upto, one.gap) for _, one in outcome.acks} == {
        unknown: (0, Span(first=1, last=3)),
        gateway.epoch: (2, None),
    }


async def test_c9_births_and_deaths_are_the_status_of_the_node(
    database: Database, gateway: Gateway, applier: Applier, clock: FixedClock
) -> None:
    gateway.sell()
    await applier.apply([gateway.birth(devices={"register-1": "ok"})])
    async with database.transaction() as tx:
        online = (await tx.execute(select(node_status))).one()
    assert (online.is_online, online.since, online.epoch, online.replica) == (True, NOON, gateway.epoch, 7)
    assert (online.version, online.devices) == ("0.1.0", {"register-1": "ok"})
    clock.time += timedelta(hours=1)
    outcome = await applier.apply([gateway.death()])
    assert (outcome.acks, outcome.summary.nodes) == ([], (gateway.address.node,))
    async with database.transaction() as tx:
        offline = (await tx.execute(select(node_status))).one()
        behind = (await tx.execute(select(node_epochs.c.held_last - node_epochs.c.upto))).scalar_one()
    assert (offline.is_online, offline.since, behind) == (False, clock.time, 2)


CLOCKS = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC), NOON + timedelta(days=1, seconds=1)]


@pytest.mark.parametrize("time", CLOCKS)
async def test_c10_a_clock_far_off_is_applied_and_said_once_a_boot(
    database: Database, gateway: Gateway, applier: Applier, time: datetime
) -> None:
    gateway.time = time
    gateway.sell(1)
    gateway.sell(2)
    await applier.apply([gateway.batch()])
    gateway.sell(3)
    gateway.boot = 2
    gateway.sell(4)
    await applier.apply([gateway.batch(5)])
    assert await column(database, sales, "at") == [time] * 4
    assert await column(database, facts, "received_at") == [NOON] * 8
    assert await column(database, exceptions, "code") == ["EVT-110", "EVT-110"]


@pytest.mark.parametrize("time", [datetime(2020, 1, 1, tzinfo=UTC), NOON + timedelta(days=1)])
async def test_c10_a_clock_a_little_off_is_nothing(
    database: Database, gateway: Gateway, applier: Applier, time: datetime
) -> None:
    gateway.time = time
    gateway.sell(1)
    await applier.apply([gateway.batch()])
    assert await count(database, exceptions) == 0


async def test_bodies_are_kept_as_they_were_said(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("sale.completed", sale(1))
    (value,) = gateway.values()
    value["unheard_of"] = {"deep": [1, "Հայերեն <b>'; DROP TABLE sales; --"]}
    value["data"]["more"] = 1.5
    await applier.apply([gateway.damaged([value])])
    assert [json.loads(body) for body in await column(database, facts, "body")] == [value]


async def test_strange_text_is_only_text(database: Database, gateway: Gateway, applier: Applier) -> None:
    strange = "'); DROP TABLE sales; --<script>\\ \" £ Ծ 👍🏽"
    gateway.write("sale.completed", sale(1, number=strange))
    await applier.apply([gateway.batch()])
    assert await column(database, sales, "number") == [strange]


async def test_nodes_that_speak_together_are_acked_apart(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    second = await open_gateway(database)
    second.epoch = uid("epoch", "second")
    gateway.sell("a")
    second.sell("b")
    second.write("receipt.fiscalised", printed("c", "c"))
    outcome = await applier.apply([gateway.batch(), second.batch()])
    assert {address.node: one.upto for address, one in outcome.acks} == {
        gateway.address.node: 2,
        second.address.node: 3,
    }


async def test_nothing_to_apply_is_nothing(applier: Applier, database: Database) -> None:
    empty: Sequence[Incoming] = []
    assert (await applier.apply(empty)).acks == []
    assert await count(database, facts) == 0
