"""The worker at a real Mosquitto: batches in, acks out, whatever happens to broker, database or the worker itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from cloud.database import Database
from cloud.fleet.broker import BrokerUser, broker_hash, broker_users
from cloud.ingest import leases as leasing
from cloud.ingest import worker as worker_module
from cloud.ingest.applier import Applier
from cloud.ingest.intake import Incoming
from cloud.ingest.models import refused_messages
from cloud.ingest.worker import Worker
from cloud.sales.models import sales
from cloud.settings import Broker
from shared.clock import SystemClock
from shared.topics import Channel, NodeAddress
from tests.cloud.deliveries import Gateway, open_branch, open_gateway
from tests.conftest import StartMosquitto
from tests.services import MosquittoServer

WAIT_S = 20
OFFICE = "office"
SECRET = "a secret of the tests"


class Node:
    """A gateway at the broker: publishes, and collects its acks."""

    def __init__(self, client: aiomqtt.Client, gateway: Gateway) -> None:
        self._client = client
        self._gateway = gateway

    async def send(self, message: Incoming, *, retain: bool = False) -> None:
        await self._client.publish(message.topic, message.payload, qos=1, retain=retain)

    async def ack(self, upto: int) -> dict[str, Any]:
        """The next ack that says `upto`."""
        async with asyncio.timeout(WAIT_S):
            async for message in self._client.messages:
                said: dict[str, Any] = json.loads(bytes(message.payload))
                if said["upto"] == upto:
                    return said
        raise AssertionError("the broker went away")

    async def acks_before(self, word: str) -> list[int]:
        """What the acks up to this word, which somebody else put on their topic, said."""
        said: list[int] = []
        async with asyncio.timeout(WAIT_S):
            async for message in self._client.messages:
                upto = json.loads(bytes(message.payload))["upto"]
                if upto == word:
                    return said
                said.append(upto)
        raise AssertionError("the broker went away")


@asynccontextmanager
async def connected(broker: MosquittoServer, gateway: Gateway) -> AsyncIterator[Node]:
    name = gateway.address.node
    async with aiomqtt.Client("127.0.0.1", broker.port, identifier=name, username=name, password=name) as client:
        await client.subscribe(gateway.address.topic(Channel.ACK), qos=1)
        yield Node(client, gateway)


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - the worker has no event for each of its states
            await asyncio.sleep(0.01)


async def sold(database: Database) -> int:
    async with database.transaction() as tx:
        found: int = (await tx.execute(select(func.count()).select_from(sales))).scalar_one()
        return found


@pytest.fixture
async def gateways(database: Database) -> list[Gateway]:
    """Two gateways of one branch, each with three sales."""
    await open_branch(database)
    made = [await open_gateway(database) for _ in range(2)]
    for gateway in made:
        for number in range(3):
            gateway.sell(f"{gateway.address.node}-{number}")
    return made


@pytest.fixture
async def broker(database: Database, gateways: Sequence[Gateway], mosquitto: StartMosquitto) -> MosquittoServer:
    """A broker that knows head office and the gateways; each gateway's secret is its own name."""
    async with database.transaction() as tx:
        users = await broker_users(tx, OFFICE, SECRET)
    return mosquitto([BrokerUser(u.name, broker_hash(u.name) if u.address else u.stored, u.address) for u in users])


def a_worker(database: Database, broker: MosquittoServer, name: str = "one", lease_s: float = 15) -> Worker:
    address = Broker("127.0.0.1", broker.port, username=OFFICE, password=SECRET)
    return Worker(database, address, name=name, lease_s=lease_s)


async def test_a_batch_is_acked_when_it_is_in_the_database(
    database: Database, broker: MosquittoServer, gateways: list[Gateway]
) -> None:
    worker = a_worker(database, broker)
    async with running(worker), connected(broker, gateways[0]) as node:
        await until(lambda: worker.is_ready)
        await node.send(gateways[0].batch())
        ack = await node.ack(6)
        assert (ack["epoch"], await sold(database)) == (str(gateways[0].epoch), 3)


async def test_nodes_that_were_born_before_the_worker_are_acked_when_it_comes(
    database: Database, broker: MosquittoServer, gateways: list[Gateway]
) -> None:
    async with connected(broker, gateways[0]) as one, connected(broker, gateways[1]) as two:
        await one.send(gateways[0].birth(), retain=True)
        await two.send(gateways[1].birth(), retain=True)
        async with running(a_worker(database, broker)):
            for node in (one, two):
                assert (await node.ack(0))["upto"] == 0


async def test_an_ack_says_whether_we_have_only_just_begun_to_listen(
    database: Database, broker: MosquittoServer, gateways: list[Gateway]
) -> None:
    async with connected(broker, gateways[0]) as node:
        await node.send(gateways[0].birth(), retain=True)
        async with running(a_worker(database, broker)):
            first = await node.ack(0)
            await node.send(gateways[0].birth(), retain=True)
            live = await node.ack(0)
            await node.send(gateways[0].batch(1, 2))
            of_batch = await node.ack(2)
        async with running(a_worker(database, broker)):
            second = await node.ack(2)
    assert [set(said) & {"began"} for said in (first, live, of_batch, second)] == [{"began"}, set(), set(), {"began"}]
    assert first["began"] != second["began"]


async def test_a_message_above_the_limit_stops_nobody(
    database: Database, broker: MosquittoServer, gateways: list[Gateway]
) -> None:
    worker = a_worker(database, broker)
    async with running(worker), connected(broker, gateways[0]) as node:
        await until(lambda: worker.is_ready)
        await node.send(gateways[0].message(Channel.EVENTS, b" " * 10_000_000))
        await node.send(gateways[0].message(Channel.EVENTS, b" " * 2_000_000))
        await node.send(gateways[0].batch())
        await node.ack(6)
    async with database.transaction() as tx:
        found = (await tx.execute(select(refused_messages.c.code, refused_messages.c.size))).all()
    assert found == [("EVT-431", 2_000_000)]


async def test_a_new_worker_takes_over_from_a_dead_one(
    database: Database, broker: MosquittoServer, gateways: list[Gateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_goodbye(*_: object) -> None:
        """A dead worker gives nothing back."""

    first, second = a_worker(database, broker, "first", 0.6), a_worker(database, broker, "second", 0.6)
    async with connected(broker, gateways[0]) as node:
        async with running(first):
            await until(lambda: len(first.leases.fences) == 64)
            await node.send(gateways[0].batch(1, 2))
            await node.ack(2)
            monkeypatch.setattr(leasing, "release_all", no_goodbye)
        await node.send(gateways[0].batch(3, 4))  # nobody listens
        async with running(second):
            await until(lambda: len(second.leases.fences) == 64)
            await node.send(gateways[0].batch(3, 6))
            await node.ack(6)
    assert await sold(database) == 3
    assert second.leases.fences[0] == first.leases.fences[0] + 1


async def test_two_workers_share_the_partitions_and_every_node_is_served(
    database: Database, broker: MosquittoServer, gateways: list[Gateway]
) -> None:
    one, two = a_worker(database, broker, "one", 0.6), a_worker(database, broker, "two", 0.6)
    async with running(one), running(two):
        await until(lambda: (len(one.leases.fences), len(two.leases.fences)) == (32, 32))
        for gateway in gateways:
            async with connected(broker, gateway) as node:
                await node.send(gateway.batch())
                await node.ack(6)
    assert await sold(database) == 6


async def test_a_broker_that_comes_back_finds_the_worker(
    database: Database, broker: MosquittoServer, gateways: list[Gateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "RETRY_S", 0.05)
    worker = a_worker(database, broker)
    async with running(worker):
        await until(lambda: worker.is_ready)
        broker.kill()
        await until(lambda: not worker.is_ready)
        broker.start()
        await until(lambda: worker.is_ready)
        async with connected(broker, gateways[0]) as node:
            await node.send(gateways[0].batch())
            await node.ack(6)


async def test_a_batch_waits_for_the_database(
    database: Database, broker: MosquittoServer, gateways: list[Gateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "RETRY_S", 0.05)
    apply, refusals = Applier.apply, iter([OSError("away"), OSError("still away")])

    async def away_twice(self: Applier, *arguments: Any) -> Any:
        refusal = next(refusals, None)
        if refusal is not None:
            raise refusal
        return await apply(self, *arguments)

    worker = a_worker(database, broker)
    async with running(worker), connected(broker, gateways[0]) as node:
        await until(lambda: worker.is_ready)
        monkeypatch.setattr(Applier, "apply", away_twice)
        await node.send(gateways[0].batch())
        await node.ack(6)
    assert next(refusals, None) is None


COMMIT_FAILS = {
    "sqlite": (
        "CREATE TABLE whole (id INTEGER PRIMARY KEY)",
        "CREATE TABLE torn (id INTEGER REFERENCES whole DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER tear AFTER INSERT ON facts BEGIN INSERT INTO torn VALUES (1); END",
    ),
    "postgresql": (
        "CREATE FUNCTION tear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'torn'; END $$",
        "CREATE CONSTRAINT TRIGGER tear AFTER INSERT ON facts DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION tear()",
    ),
}
"""A database that takes every statement of a batch and refuses its COMMIT."""
COMMIT_WORKS = {"sqlite": "DROP TRIGGER tear", "postgresql": "DROP TRIGGER tear ON facts"}


async def test_what_the_database_did_not_commit_is_not_acked(
    database: Database, broker: MosquittoServer, gateways: list[Gateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "RETRY_S", 0.05)
    apply, failed = Applier.apply, []

    async def watched(self: Applier, *arguments: Any) -> Any:
        try:
            return await apply(self, *arguments)
        except DBAPIError as error:
            failed.append(error)
            raise

    monkeypatch.setattr(Applier, "apply", watched)
    async with database.transaction() as tx:
        for statement in COMMIT_FAILS[database.dialect]:
            await tx.exec_driver_sql(statement)
    office = aiomqtt.Client("127.0.0.1", broker.port, username=OFFICE, password=SECRET)
    worker = a_worker(database, broker)
    async with running(worker), connected(broker, gateways[0]) as node, office:
        await until(lambda: worker.is_ready)
        await node.send(gateways[0].batch())
        await until(lambda: len(failed) == 2)
        assert await sold(database) == 0
        # The broker has confirmed whatever was sent before, so this comes behind it.
        await office.publish(gateways[0].address.topic(Channel.ACK), b'{"upto": "so far"}', qos=1)
        assert await node.acks_before("so far") == []
        async with database.transaction() as tx:
            await tx.exec_driver_sql(COMMIT_WORKS[database.dialect])
        await node.ack(6)
        assert await sold(database) == 3


async def test_a_message_that_we_stumble_over_stops_nobody_else(
    database: Database, broker: MosquittoServer, gateways: list[Gateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    apply, stumbling = Applier.apply, gateways[0].address.topic(Channel.EVENTS)

    async def stumble(self: Applier, messages: Sequence[Incoming], *arguments: Any) -> Any:
        if any(message.topic == stumbling for message in messages):
            raise KeyError("a mistake of ours")
        return await apply(self, messages, *arguments)

    monkeypatch.setattr(Applier, "apply", stumble)
    worker = a_worker(database, broker)
    async with running(worker), connected(broker, gateways[0]) as one, connected(broker, gateways[1]) as two:
        await until(lambda: worker.is_ready)
        await one.send(gateways[0].batch())
        await two.send(gateways[1].batch())
        await two.ack(6)
    assert await sold(database) == 3


async def test_a_worker_that_stops_gives_its_partitions_back(database: Database, broker: MosquittoServer) -> None:
    worker = a_worker(database, broker)
    async with running(worker):
        await until(lambda: len(worker.leases.fences) == 64)
    async with database.transaction() as tx:
        assert len((await leasing.renew(tx, "next", SystemClock().now())).fences) == 64


async def test_a_worker_stops_at_whatever_moment_it_is_told_to(database: Database, broker: MosquittoServer) -> None:
    # Each of the moments was seen to be forgotten: while connecting, subscribing, renewing.
    for moment in range(25):
        worker = a_worker(database, broker, lease_s=0.05)
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(moment * 0.003)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=WAIT_S)
        assert done == {task}
        assert task.cancelled()


def test_all_that_a_branch_says_goes_one_way() -> None:
    lanes = [
        {
            worker_module._lane_of(NodeAddress(partition, f"branch-{branch}", f"node-{partition}").topic(channel), 2)
            for partition in (1, 2)
            for channel in (Channel.EVENTS, Channel.STATUS, Channel.REPLIES)
        }
        for branch in range(20)
    ]
    assert {len(lane) for lane in lanes} == {1}
    assert set().union(*lanes) == {0, 1}


def test_a_strange_topic_has_a_lane_too() -> None:
    assert worker_module._lane_of("somebody/else", 2) == 0
