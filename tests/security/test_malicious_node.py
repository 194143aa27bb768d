"""A gateway, or its secret, in wrong hands: what it can do to others over the broker, and that withdrawing it ends it.

That it neither speaks nor listens for another is in tests/cloud/fleet/test_broker.py; that it cannot answer another's
command, in tests/cloud/ingest/test_commands.py; repeated, expired and unknown commands, in tests/edge/uplink.
"""

from __future__ import annotations

import asyncio

import aiomqtt
import pytest

from cloud.database import Database
from cloud.fleet.service import withdraw_node
from cloud.ingest.applier import Applier
from shared.delivery import Reply
from shared.ids import uuid7
from shared.topics import Channel
from tests.cloud.deliveries import NOON, FixedClock, Gateway, open_branch, open_gateway
from tests.cloud.fleet.test_broker import ONE, TWO, broker, client, heard
from tests.cloud.office import Office
from tests.services import MosquittoServer

__all__ = ["broker"]


async def test_whoever_takes_anothers_connection_by_its_name_hears_nothing_of_it(broker: MosquittoServer) -> None:
    """The other is cut off and comes back: an annoyance that shows in the broker's log, not a way in."""
    as_two = {"identifier": "gw2", "clean_session": False}
    async with aiomqtt.Client("127.0.0.1", broker.port, username="gw2", password="gw2", **as_two) as robbed:
        await robbed.subscribe(TWO.topic(Channel.COMMANDS), qos=1)
        async with (
            aiomqtt.Client("127.0.0.1", broker.port, username="gw1", password="gw1", **as_two) as thief,
            client(broker, "office") as office,
        ):
            await thief.subscribe(ONE.topic(Channel.ACK), qos=1)
            await office.publish(TWO.topic(Channel.COMMANDS), b"secret", qos=1)
            await office.publish(ONE.topic(Channel.ACK), b"mine", qos=1)
            assert await heard(thief, until=ONE.topic(Channel.ACK)) == [ONE.topic(Channel.ACK)]
        with pytest.raises(aiomqtt.MqttError):
            await robbed.publish(TWO.topic(Channel.EVENTS), b"x", qos=1)
    async with client(broker, "gw2") as back:
        await back.publish(TWO.topic(Channel.EVENTS), b"x", qos=1)


async def test_a_withdrawn_gateway_says_nothing_any_more(office: Office) -> None:
    database: Database = office.database
    await open_branch(database)
    stolen: Gateway = await open_gateway(database)
    stolen.sell()
    async with database.transaction() as tx:
        await withdraw_node(tx, stolen.address.node, now=NOON)
    before = await office.contents()
    reply = Reply(command_id=uuid7(), outcome="done").model_dump_json().encode()
    outcome = await Applier(database, FixedClock()).apply(
        [stolen.birth(), stolen.batch(), stolen.gone(1, 9), stolen.death(), stolen.message(Channel.REPLIES, reply)]
    )
    assert list(outcome.acks) == []
    after = await office.contents()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"refused_messages", "exceptions", "live_feed"}, "that it tried, and nothing else"
    assert after["facts"] == after["sales"] == []


async def test_the_secret_of_one_node_opens_no_other_nodes_replica(office: Office) -> None:
    await open_branch(office.database)
    one, two = await open_gateway(office.database), await open_gateway(office.database)
    answers = [
        await office.client().get("/replica", auth=(one.address.node, secret)) for secret in ("", two.address.node, "x")
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(401, "SEC-410")] * 3
    await asyncio.gather(*(answer.aclose() for answer in answers))
