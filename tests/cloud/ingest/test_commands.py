"""A command is asked until it is answered, its first answer stands, and the gateway carries it out once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from cloud.access.rights import Preset
from cloud.audit.models import audit_entries
from cloud.database import Database
from cloud.fleet.broker import BrokerUser, broker_hash, broker_users
from cloud.fleet.service import FleetError, withdraw_node
from cloud.ingest import commands as asking
from cloud.ingest import worker as worker_module
from cloud.ingest.applier import Applier
from cloud.ingest.commands import due_commands, expire_commands, mark_asked, send_command
from cloud.ingest.models import commands
from cloud.ingest.worker import Worker
from cloud.settings import Broker
from edge.journal import Journal, NodeIdentity
from edge.uplink import BrokerSettings, CommandHandler, NodeNews, Uplink
from shared.clock import SystemClock
from shared.delivery import Command, Reply
from shared.errors import NeedsPerson
from shared.ids import uuid7
from shared.topics import PARTITIONS, Channel
from tests.cloud.deliveries import NOON, FixedClock, Gateway, open_branch, open_gateway, uid
from tests.cloud.office import Office
from tests.conftest import StartMosquitto
from tests.edge.uplink.conftest import running
from tests.services import MosquittoServer

ALL = range(PARTITIONS)
BOSS = uid("boss")
WAIT_S = 20
OFFICE = "office"


async def ask(database: Database, gateway: Gateway, name: str = "open_drawer", minutes: int = 5) -> UUID:
    command_id = uuid7()
    async with database.transaction() as tx:
        assert await send_command(
            tx,
            id=command_id,
            node=gateway.address.node,
            name=name,
            arguments={"drawer": 1},
            now=NOON,
            expires_at=NOON + timedelta(minutes=minutes),
            by=BOSS,
        )
    return command_id


async def due(database: Database, after_s: float = 0, partitions: Any = ALL) -> list[Command]:
    """What goes out at this moment, marked as asked."""
    now = NOON + timedelta(seconds=after_s)
    async with database.transaction() as tx:
        found = await due_commands(tx, partitions, now)
        await mark_asked(tx, [command.command_id for _, command in found], now)
        await expire_commands(tx, now)
    return [command for _, command in found]


async def row(database: Database, command_id: UUID) -> Any:
    async with database.transaction() as tx:
        return (await tx.execute(select(commands).where(commands.c.id == command_id))).one()


async def reply(applier: Applier, gateway: Gateway, command_id: UUID, **said: Any) -> None:
    body = Reply(command_id=command_id, **{"outcome": "done", **said}).model_dump_json().encode()
    await applier.apply([gateway.message(Channel.REPLIES, body)])


@pytest.fixture
async def online(gateway: Gateway, applier: Applier) -> Gateway:
    await applier.apply([gateway.birth()])
    return gateway


async def test_a_command_goes_out_once_a_minute_until_it_is_answered(
    database: Database, online: Gateway, applier: Applier
) -> None:
    command_id = await ask(database, online)
    assert (await row(database, command_id)).status == "queued"
    [sent] = await due(database)
    assert (sent.command_id, sent.name, sent.arguments) == (command_id, "open_drawer", {"drawer": 1})
    assert sent.expires_at == NOON + timedelta(minutes=5)
    assert (await row(database, command_id)).status == "sent"
    assert await due(database, 59) == []
    assert [again.command_id for again in await due(database, 60)] == [command_id]
    await reply(applier, online, command_id)
    assert await due(database, 120) == []


async def test_an_outcome_is_stored_and_a_repeat_of_the_reply_changes_nothing(
    database: Database, online: Gateway, applier: Applier, clock: FixedClock
) -> None:
    command_id = await ask(database, online)
    await due(database)
    await reply(applier, online, command_id, outcome="failed", code="DRW-241", result={"drawer": 1})
    answered = await row(database, command_id)
    assert (answered.status, answered.code, answered.result) == ("failed", "DRW-241", {"drawer": 1})
    assert answered.answered_at == NOON
    clock.time += timedelta(minutes=1)
    await reply(applier, online, command_id, outcome="done")
    assert await row(database, command_id) == answered


async def test_a_gateway_cannot_answer_for_another(database: Database, online: Gateway, applier: Applier) -> None:
    command_id = await ask(database, online)
    other = await open_gateway(database)
    await reply(applier, other, command_id)
    await reply(applier, online, uuid7())
    assert (await row(database, command_id)).status == "queued"


async def test_a_command_waits_for_its_gateway_to_connect(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    await ask(database, gateway)
    assert await due(database) == []
    await applier.apply([gateway.birth()])
    assert len(await due(database)) == 1


async def test_a_worker_asks_only_in_its_own_partitions(database: Database, online: Gateway) -> None:
    await ask(database, online)
    assert await due(database, partitions={online.address.partition + 1}) == []
    assert await due(database, partitions=set()) == []
    assert len(await due(database, partitions={online.address.partition})) == 1


async def test_what_never_left_in_time_is_expired_for_certain(database: Database, gateway: Gateway) -> None:
    command_id = await ask(database, gateway)
    await due(database, 301)
    expired = await row(database, command_id)
    assert (expired.status, expired.asked_at, expired.answered_at) == ("expired", None, None)


async def test_what_may_have_been_heard_is_asked_about_for_a_day_after_its_end(
    database: Database, online: Gateway
) -> None:
    command_id = await ask(database, online)
    await due(database)
    day = 24 * 3_600
    assert [again.command_id for again in await due(database, 299 + day)] == [command_id]
    assert await due(database, 300 + 2 * day) == []
    assert (await row(database, command_id)).status == "sent"


async def test_a_withdrawn_gateway_is_asked_nothing(database: Database, online: Gateway) -> None:
    async with database.transaction() as tx:
        await withdraw_node(tx, online.address.node, now=NOON)
    with pytest.raises(FleetError) as refusal:
        await ask(database, online)
    assert refusal.value.code == "DEV-412"


# -- over HTTP --------------------------------------------------------------------------------------------------------


def key(command_id: UUID | None = None) -> dict[str, str]:
    return {"Idempotency-Key": str(command_id or uuid7())}


DRAWER = {"name": "open_drawer", "arguments": {"drawer": 1}}


async def test_a_repeated_request_asks_once_and_hears_what_became_of_the_first(office: Office) -> None:
    await open_branch(office.database)
    gateway = await open_gateway(office.database)
    client, address = await office.owner(), f"/nodes/{gateway.address.node}/commands"
    own = key()
    first = (await client.post(address, json=DRAWER, headers=own)).json()
    await reply(Applier(office.database, office.clock), gateway, UUID(first["id"]))
    before = await office.contents()
    office.clock.pass_(minutes=10)
    repeats = await asyncio.gather(*(client.post(address, json=DRAWER, headers=own) for _ in range(3)))
    assert {(answer.status_code, answer.json()["id"], answer.json()["status"]) for answer in repeats} == {
        (201, own["Idempotency-Key"], "done")
    }
    assert await office.contents() == before


async def test_two_requests_at_once_with_one_key_are_one_command(office: Office) -> None:
    await open_branch(office.database)
    gateway = await open_gateway(office.database)
    client, own = await office.owner(), key()
    asked = (client.post(f"/nodes/{gateway.address.node}/commands", json=DRAWER, headers=own) for _ in range(4))
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [201] * 4
    assert len((await office.contents())["commands"]) == 1


async def test_a_key_belongs_to_one_command_and_one_asker(office: Office) -> None:
    await open_branch(office.database)
    gateway, other = await open_gateway(office.database), await open_gateway(office.database)
    client, stranger, own = await office.owner(), await office.owner(), key()
    address = f"/nodes/{gateway.address.node}/commands"
    assert (await client.post(address, json=DRAWER, headers=own)).status_code == 201
    before = await office.contents()
    differing = [
        await client.post(address, json=DRAWER | {"arguments": {"drawer": 2}}, headers=own),
        await client.post(address, json=DRAWER | {"name": "reboot"}, headers=own),
        await client.post(address, json=DRAWER | {"expires_in_s": 10}, headers=own),
        await client.post(f"/nodes/{other.address.node}/commands", json=DRAWER, headers=own),
        await stranger.post(address, json=DRAWER, headers=own),
        await client.post(address, json=DRAWER, headers={"Idempotency-Key": "again"}),
        await client.post(address, json=DRAWER),
    ]
    assert [answer.status_code for answer in differing] == [422] * 7
    assert await office.contents() == before


async def test_a_command_is_asked_by_a_person_and_shown_with_its_outcome(office: Office) -> None:
    await open_branch(office.database)
    gateway = await open_gateway(office.database)
    node = gateway.address.node
    client = await office.owner()
    draft = {"name": "open_drawer", "arguments": {"drawer": 1}}
    answer = await client.post(f"/nodes/{node}/commands", json=draft, headers=key())
    made = answer.json()
    assert (answer.status_code, made["status"], made["node"], made["branch"]) == (201, "queued", node, "abovyan")
    await reply(Applier(office.database, office.clock), gateway, UUID(made["id"]), result={"was": "open"})
    [listed] = (await client.get("/commands", params={"branch": "abovyan", "state": "answered"})).json()["items"]
    assert (listed["id"], listed["status"], listed["result"]) == (made["id"], "done", {"was": "open"})
    assert (await client.get("/commands", params={"state": "open"})).json()["items"] == []
    async with office.database.transaction() as tx:
        entry = (await tx.execute(select(audit_entries).where(audit_entries.c.kind == "command"))).one()
    assert (entry.action, entry.record, entry.branch) == ("asked", made["id"], "abovyan")


@pytest.mark.parametrize(
    ("node", "body", "status"),
    [
        ("abovyan-gw1", {"name": "Open Drawer"}, 422),
        ("abovyan-gw1", {"name": "open_drawer", "expires_in_s": 0}, 422),
        ("abovyan-gw1", {"name": "open_drawer", "arguments": {"a": {"b": 1}}}, 422),
        ("abovyan-gw1", {"name": "open_drawer", "arguments": {"a": "x" * 501}}, 422),
        ("nobody-gw1", {"name": "open_drawer"}, 404),
    ],
)
async def test_a_command_that_cannot_be_changes_nothing(
    office: Office, node: str, body: dict[str, Any], status: int
) -> None:
    await open_branch(office.database)
    await open_gateway(office.database)
    client = await office.owner()
    before = await office.contents()
    assert (await client.post(f"/nodes/{node}/commands", json=body, headers=key())).status_code == status
    assert await office.contents() == before


async def test_the_manager_of_another_branch_neither_asks_nor_sees(office: Office) -> None:
    await open_branch(office.database)
    gateway = await open_gateway(office.database)
    await ask(office.database, gateway)
    client = await office.signed_in((Preset.MANAGER, "kentron"))
    answer = await client.post(f"/nodes/{gateway.address.node}/commands", json={"name": "open_drawer"}, headers=key())
    assert answer.status_code == 403
    assert (await client.get("/commands")).json()["items"] == []


# -- over the broker --------------------------------------------------------------------------------------------------


@pytest.fixture
async def broker(database: Database, gateway: Gateway, mosquitto: StartMosquitto) -> MosquittoServer:
    async with database.transaction() as tx:
        users = await broker_users(tx, OFFICE, OFFICE)
    return mosquitto([BrokerUser(user.name, broker_hash(user.name), user.address) for user in users])


@pytest.fixture
async def worker(database: Database, broker: MosquittoServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    monkeypatch.setattr(worker_module, "ASK_EVERY_S", 0.02)
    monkeypatch.setattr(asking, "ASK_AGAIN", timedelta(seconds=0.1))
    worker = Worker(database, Broker("127.0.0.1", broker.port, username=OFFICE, password=OFFICE))
    task = asyncio.create_task(worker.run())
    yield worker
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


GatewayRuns = Callable[..., Any]


@pytest.fixture
async def gateway_runs(gateway: Gateway, broker: MosquittoServer, tmp_path: Path) -> GatewayRuns:
    """A real gateway that knows these commands, on a journal that outlives it."""
    name = gateway.address.node

    @asynccontextmanager
    async def run(handlers: dict[str, CommandHandler]) -> AsyncIterator[None]:
        identity = NodeIdentity(gateway.address.branch, name)
        journal = Journal.open(tmp_path / "journal.db", node=identity, clock=SystemClock())
        uplink = Uplink(
            journal=journal,
            address=gateway.address,
            broker=BrokerSettings("127.0.0.1", broker.port, username=name, password=name, tls=False),
            news=lambda: NodeNews(version="1"),
            clock=SystemClock(),
            commands=handlers,
        )
        async with running(uplink):
            yield
        journal.close()

    return run


async def ask_now(database: Database, gateway: Gateway, name: str, seconds: float = 60) -> UUID:
    now, command_id = SystemClock().now(), uuid7()
    expires_at = now + timedelta(seconds=seconds)
    node = gateway.address.node
    async with database.transaction() as tx:
        assert await send_command(
            tx, id=command_id, node=node, name=name, arguments={"n": 7}, now=now, expires_at=expires_at, by=BOSS
        )
    return command_id


async def answered(database: Database, command_id: UUID) -> Any:
    async with asyncio.timeout(WAIT_S):
        while (found := await row(database, command_id)).answered_at is None:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)
    return found


async def test_outcomes_come_back_over_the_broker_and_each_command_is_carried_out_once(
    database: Database, gateway: Gateway, worker: Worker, gateway_runs: GatewayRuns
) -> None:
    done: list[dict[str, Any]] = []
    may_end = asyncio.Event()

    async def slow(arguments: dict[str, Any]) -> dict[str, Any]:
        done.append(arguments)
        await may_end.wait()
        return {"doubled": 2 * arguments["n"]}

    async def stuck(arguments: dict[str, Any]) -> dict[str, Any]:
        raise NeedsPerson("DRW-241", drawer="drawer-1")

    async with gateway_runs({"slow": slow, "stuck": stuck}):
        one = await ask_now(database, gateway, "slow")
        two = await ask_now(database, gateway, "stuck")
        three = await ask_now(database, gateway, "unheard_of")
        failed, unknown_name = await answered(database, two), await answered(database, three)
        asked_at = (await row(database, one)).asked_at
        async with asyncio.timeout(WAIT_S):
            while (await row(database, one)).asked_at == asked_at:  # noqa: ASYNC110 - until it was asked again
                await asyncio.sleep(0.02)
        may_end.set()
        ended = await answered(database, one)
    assert (ended.status, ended.result, done) == ("done", {"doubled": 14}, [{"n": 7}])
    assert (failed.status, failed.code, failed.result) == ("failed", "DRW-241", {"drawer": "drawer-1"})
    assert (unknown_name.status, unknown_name.code) == ("failed", "SRV-411")


async def test_a_command_that_was_cut_short_is_told_as_unknown_and_not_begun_again(
    database: Database, gateway: Gateway, worker: Worker, gateway_runs: GatewayRuns
) -> None:
    begun = asyncio.Event()
    times = 0

    async def never_ends(arguments: dict[str, Any]) -> dict[str, Any]:
        nonlocal times
        times += 1
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with gateway_runs({"count": never_ends}):
        command_id = await ask_now(database, gateway, "count")
        await asyncio.wait_for(begun.wait(), WAIT_S)
    async with gateway_runs({"count": never_ends}):
        found = await answered(database, command_id)
    assert (found.status, found.code, times) == ("unknown", "SRV-503", 1)
