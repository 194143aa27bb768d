"""The broker's files follow the nodes: proved against a Mosquitto that is never restarted."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import aiomqtt
import pytest

from cloud.database import Database
from cloud.fleet.broker import PASSWORD_FILE, PID_FILE, BrokerUser, broker_hash
from cloud.fleet.keeping import BrokerKeeper, running_broker
from cloud.fleet.service import NodeCredentials, add_node, withdraw_node
from tests.cloud.deliveries import NOON, open_branch
from tests.conftest import StartMosquitto
from tests.services import MosquittoServer

WAIT_S = 20
OFFICE, SECRET = "office", "office-secret"


@pytest.fixture
def broker(mosquitto: StartMosquitto) -> MosquittoServer:
    return mosquitto([BrokerUser(OFFICE, broker_hash(SECRET))])


@pytest.fixture
async def node(database: Database) -> NodeCredentials:
    await open_branch(database)
    async with database.transaction() as tx:
        return await add_node(tx, "abovyan", now=NOON)


async def look(keeper: BrokerKeeper, database: Database) -> bool:
    async with database.reading() as tx:
        return await keeper.look(tx)


async def connect(broker: MosquittoServer, node: NodeCredentials) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port, username=node.node, password=node.secret, timeout=WAIT_S):
        pass


async def until_refused(broker: MosquittoServer, node: NodeCredentials) -> None:
    async with asyncio.timeout(WAIT_S):
        while True:
            await connect(broker, node)


async def until_admitted(broker: MosquittoServer, node: NodeCredentials) -> None:
    """As a gateway does: it tries again."""
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                return await connect(broker, node)
            except aiomqtt.MqttError:
                await asyncio.sleep(0.02)


async def test_a_new_node_comes_in_and_a_withdrawn_one_does_not(
    database: Database, broker: MosquittoServer, node: NodeCredentials
) -> None:
    keeper = BrokerKeeper(broker.folder, OFFICE, SECRET)
    with pytest.raises(aiomqtt.MqttError, match=r"[Nn]ot authori"):
        await connect(broker, node)
    assert await look(keeper, database)
    await until_admitted(broker, node)
    async with database.transaction() as tx:
        await withdraw_node(tx, node.node, now=NOON)
    assert await look(keeper, database)
    with pytest.raises(aiomqtt.MqttError, match=r"[Nn]ot authori"):
        await until_refused(broker, node)


async def test_nothing_is_written_while_nothing_changes(
    database: Database, tmp_path: Path, node: NodeCredentials
) -> None:
    keeper = BrokerKeeper(tmp_path, OFFICE, SECRET)
    assert await look(keeper, database)
    assert not await look(keeper, database)
    (tmp_path / PASSWORD_FILE).write_text("somebody:else")
    assert await look(keeper, database)
    assert (tmp_path / PASSWORD_FILE).read_text().splitlines()[1].startswith(f"{node.node}:$7$")
    assert (tmp_path / PASSWORD_FILE).stat().st_mode & 0o777 == 0o600


async def test_another_process_of_the_old_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / PID_FILE).write_text(str(os.getpid()))
    assert running_broker(tmp_path) is None
    (tmp_path / PID_FILE).write_text("not a number")
    assert running_broker(tmp_path) is None
