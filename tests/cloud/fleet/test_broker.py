"""Mosquitto's files, proved against Mosquitto: who gets in, and that nobody speaks or listens for another."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiomqtt
import pytest

from cloud.database import Database
from cloud.fleet.broker import (
    ACL_FILE,
    PASSWORD_FILE,
    BrokerSettings,
    BrokerUser,
    access_rules,
    broker_hash,
    broker_users,
    mosquitto_conf,
    password_file,
    write_broker_files,
)
from cloud.fleet.service import add_node, withdraw_node
from shared.topics import Channel, NodeAddress
from tests.cloud.deliveries import NOON, open_branch
from tests.conftest import StartMosquitto
from tests.services import MosquittoServer

WAIT_S = 20
ONE, TWO = NodeAddress(3, "abovyan", "gw1"), NodeAddress(3, "abovyan", "gw2")


def user(address: NodeAddress) -> BrokerUser:
    return BrokerUser(address.node, broker_hash(address.node), address)


OFFICE = BrokerUser("office", broker_hash("office"))


@pytest.fixture
def broker(mosquitto: StartMosquitto) -> MosquittoServer:
    return mosquitto([OFFICE, user(ONE), user(TWO)])


def client(broker: MosquittoServer, name: str, secret: str | None = None) -> aiomqtt.Client:
    password = name if secret is None else secret
    return aiomqtt.Client("127.0.0.1", broker.port, username=name, password=password, timeout=WAIT_S)


async def heard(client: aiomqtt.Client, until: str) -> list[str]:
    """Topics of what is delivered, up to and including `until`."""
    topics = []
    async with asyncio.timeout(WAIT_S):
        async for message in client.messages:
            topics.append(message.topic.value)
            if message.topic.value == until:
                return topics
    raise AssertionError("the broker went away")


@pytest.mark.parametrize("name", ["office", "gw1", "gw2"])
async def test_the_right_secret_opens(broker: MosquittoServer, name: str) -> None:
    async with client(broker, name) as connection:
        await connection.publish("anything", qos=1)


@pytest.mark.parametrize(("name", "secret"), [("gw1", "gw2"), ("gw1", ""), ("nobody", "nobody"), ("office", "gw1")])
async def test_a_wrong_secret_does_not(broker: MosquittoServer, name: str, secret: str) -> None:
    with pytest.raises(aiomqtt.MqttError, match=r"[Nn]ot authori"):
        async with client(broker, name, secret):
            pass


async def test_head_office_hears_a_node_only_under_its_own_prefix(broker: MosquittoServer) -> None:
    async with client(broker, "office") as office, client(broker, "gw1") as node:
        await office.subscribe("tradepost/v1/#", qos=1)
        allowed = [ONE.topic(channel) for channel in (Channel.STATUS, Channel.REPLIES, Channel.EVENTS)]
        forbidden = [
            TWO.topic(Channel.EVENTS),
            TWO.topic(Channel.STATUS),
            ONE.topic(Channel.ACK),
            NodeAddress(4, "abovyan", "gw1").topic(Channel.EVENTS),
            "tradepost/v1/03/abovyan/gw1/other",
        ]
        for topic in [*forbidden, *allowed]:
            await node.publish(topic, b"x", qos=1)
        assert await heard(office, until=allowed[-1]) == allowed


async def test_a_node_hears_only_what_is_meant_for_it(broker: MosquittoServer) -> None:
    async with client(broker, "office") as office, client(broker, "gw1") as node:
        await node.subscribe("#", qos=1)
        await node.subscribe("tradepost/v1/03/abovyan/gw2/ack", qos=1)
        meant = [ONE.topic(channel) for channel in (Channel.COMMANDS, Channel.CONFIG, Channel.ACK)]
        for topic in [TWO.topic(Channel.ACK), TWO.topic(Channel.COMMANDS), *meant]:
            await office.publish(topic, b"x", qos=1)
        assert await heard(node, until=meant[-1]) == meant


async def test_head_office_cannot_speak_as_a_node(broker: MosquittoServer) -> None:
    async with client(broker, "office") as office:
        await office.subscribe("tradepost/v1/#", qos=1)
        await office.publish(ONE.topic(Channel.EVENTS), b"x", qos=1)
        async with client(broker, "gw2") as node:
            await node.publish(TWO.topic(Channel.EVENTS), b"x", qos=1)
        assert await heard(office, until=TWO.topic(Channel.EVENTS)) == [TWO.topic(Channel.EVENTS)]


async def test_a_new_node_comes_in_after_the_broker_has_read_its_files_again(mosquitto: StartMosquitto) -> None:
    broker = mosquitto([OFFICE])
    with pytest.raises(aiomqtt.MqttError):
        async with client(broker, "gw1"):
            pass
    users = [OFFICE, user(ONE)]
    broker.write(PASSWORD_FILE, password_file(users))
    broker.write(ACL_FILE, access_rules(users))
    broker.reload()
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                async with client(broker, "gw1"):
                    break
            except aiomqtt.MqttError:
                await asyncio.sleep(0.02)


async def test_users_are_head_office_and_every_node_that_was_not_withdrawn(database: Database) -> None:
    await open_branch(database)
    async with database.transaction() as tx:
        first, second = [await add_node(tx, "abovyan", now=NOON) for _ in range(2)]
        await withdraw_node(tx, first.node, now=NOON)
        users = await broker_users(tx, "office", "secret")
    assert [(each.name, each.address) for each in users] == [
        ("office", None),
        (second.node, NodeAddress(second.partition, "abovyan", second.node)),
    ]


async def test_a_nodes_secret_opens_the_broker(database: Database, mosquitto: StartMosquitto) -> None:
    await open_branch(database)
    async with database.transaction() as tx:
        made = await add_node(tx, "abovyan", now=NOON)
        users = await broker_users(tx, "office", "secret")
    broker = mosquitto(users)
    async with client(broker, made.node, made.secret), client(broker, "office", "secret"):
        pass


def test_the_files_are_written_whole_and_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / PASSWORD_FILE).write_text("old")
    write_broker_files(tmp_path, [OFFICE, user(ONE)])
    assert sorted(path.name for path in tmp_path.iterdir()) == [ACL_FILE, PASSWORD_FILE]
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in (ACL_FILE, PASSWORD_FILE)] == [0o600, 0o600]
    assert (tmp_path / PASSWORD_FILE).read_text().splitlines()[0].startswith("office:$7$101$")


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::", "mqtt.example"])
def test_a_plain_listener_is_for_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="needs a certificate"):
        mosquitto_conf(BrokerSettings("/mosquitto", 1883, host))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_plain_listener_on_loopback_is_written(host: str) -> None:
    assert f"listener 1883 {host}\n" in mosquitto_conf(BrokerSettings("/mosquitto", 1883, host))


def test_the_container_runs_with_the_configuration_of_the_program() -> None:
    settings = BrokerSettings(
        "/mosquitto/data", 8883, "0.0.0.0", certificate="/mosquitto/tls/cert.pem", key="/mosquitto/tls/key.pem"
    )
    shipped = Path(__file__).parents[3] / "docker" / "mosquitto.conf"
    assert shipped.read_text().partition("\n\n")[2] == mosquitto_conf(settings)
