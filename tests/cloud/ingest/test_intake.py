"""From messages to what a node said: damaged facts keep their place, foreign or broken messages are refused whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cloud.ingest.intake import Incoming, Item, Refused, Told, read_messages, read_payload
from shared.topics import Channel, NodeAddress
from tests.cloud.deliveries import Gateway, uid


@pytest.fixture
def gateway() -> Gateway:
    gateway = Gateway(NodeAddress(7, "abovyan", "gw1"))
    for _ in range(2):
        gateway.sell()
    return gateway


def told(message: Incoming) -> Told:
    (one,), refused = read_messages([message])
    assert refused == []
    return one


def refusal(message: Incoming) -> Refused:
    _, (one,) = read_messages([message])
    return one


def places(items: list[Item]) -> list[int]:
    return [item.sequence for item in items]


def test_a_batch_becomes_facts_with_their_places(gateway: Gateway) -> None:
    one = told(gateway.batch())
    assert one.address == gateway.address
    assert places(one.items) == [1, 2, 3, 4]
    assert [json.loads(item.body) for item in one.items] == gateway.values()


def test_nodes_are_kept_apart(gateway: Gateway) -> None:
    other = Gateway(NodeAddress(8, "komitas", "gw2"))
    other.sell()
    both, refused = read_messages([gateway.batch(), other.batch(), gateway.birth()])
    assert [(one.address.node, len(one.items), len(one.lives)) for one in both] == [("gw1", 4, 1), ("gw2", 2, 0)]
    assert refused == []


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda value: {key: kept for key, kept in value.items() if key != name}


def changed(**fields: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda value: value | fields


BROKEN = [
    ("time is missing", without("time")),
    ("time is not one", changed(time="yesterday")),
    ("time without a zone", changed(time="2026-11-21T12:00:00")),
    ("boot is text", changed(boot="1")),
    ("data is a list", changed(data=[])),
    ("type is not ours", changed(type="com.example.thing")),
    ("till has a slash", changed(till="a/b")),
    ("extreme number", changed(boot=10**30)),
]


@pytest.mark.parametrize("damage", [damage for _, damage in BROKEN], ids=[name for name, _ in BROKEN])
def test_a_broken_envelope_keeps_its_place_and_id(gateway: Gateway, damage: Callable[[dict[str, Any]], Any]) -> None:
    values = gateway.values()
    broken = damage(values[1])
    item = told(gateway.damaged([values[0], broken, *values[2:]])).items[1]
    assert (item.sequence, item.event_id, item.epoch) == (2, UUID(values[1]["id"]), gateway.epoch)
    assert read_payload(item) is None
    assert item.problem is not None
    assert item.problem.code == "EVT-403"
    assert json.loads(item.body) == broken


HEADLESS: list[Any] = [
    None,
    17,
    "fact",
    [],
    {},
    {"sequence": True},
    {"sequence": 0},
    {"sequence": 2},
    {"epoch": "x", "sequence": 2},
]


@pytest.mark.parametrize("nothing", HEADLESS)
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_fact_without_a_head_gets_the_place_between_its_neighbours(gateway: Gateway, nothing: Any, at: int) -> None:
    values: list[Any] = list(gateway.values())
    values[at] = nothing
    one = told(gateway.damaged(values))
    assert places(one.items) == [1, 2, 3, 4]
    assert one.items[at].epoch == gateway.epoch
    assert one.items[at].problem is not None
    assert one.unplaced == []


def test_several_headless_facts_in_a_row_fill_the_hole(gateway: Gateway) -> None:
    values = gateway.values()
    assert places(told(gateway.damaged([values[0], None, None, values[3]])).items) == [1, 2, 3, 4]


def test_a_headless_fact_without_a_hole_to_fill_has_no_place(gateway: Gateway) -> None:
    values = gateway.values()
    one = told(gateway.damaged([values[0], "?", values[1]]))
    assert places(one.items) == [1, 2]
    assert [item.body for item in one.unplaced] == ['"?"']


def test_the_same_broken_body_has_the_same_derived_id(gateway: Gateway) -> None:
    message = gateway.damaged([None, gateway.values()[1]])
    first, second = told(message).items[0], told(message).items[0]
    assert first.event_id == second.event_id
    assert first.event_id.version == 8


REFUSED = [
    ("not JSON", b"{not json", "EVT-430"),
    ("truncated", b'[{"id": "0199', "EVT-430"),
    ("not an array", b'{"id": 1}', "EVT-430"),
    ("nothing that says its place", b"[1, 2, 3]", "EVT-430"),
    ("not zstd after its first bytes", b"\x28\xb5\x2f\xfd garbage", "EVT-430"),
    ("not text", bytes(range(128, 256)), "EVT-430"),
    ("empty", b"", "EVT-430"),
    ("nested too deep", b"[" * 100_000 + b"]" * 100_000, "EVT-430"),
    ("a number too long to read", b"[" + b"9" * 5_000 + b"]", "EVT-430"),
    ("over 1 MiB", b" " * (1024 * 1024 + 1), "EVT-431"),
    ("over 8 MiB when unpacked", zstandard.compress(b" " * (8 * 1024 * 1024 + 1)), "EVT-431"),
]


@pytest.mark.parametrize(("payload", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_not_a_batch_is_refused_whole(gateway: Gateway, payload: bytes, code: str) -> None:
    assert refusal(gateway.message(Channel.EVENTS, payload)).error.code == code


@pytest.mark.parametrize("field", ["node", "branch"])
@pytest.mark.parametrize("also_broken", [{}, {"time": None}])
def test_a_fact_of_somebody_else_refuses_the_whole_message(
    gateway: Gateway, field: str, also_broken: dict[str, Any]
) -> None:
    values = gateway.values()
    values[2] = values[2] | {field: "other"} | also_broken
    (one,), (refused,) = read_messages([gateway.damaged(values)])
    assert refused.error.code == "EVT-432"
    assert one.items == []


CONTROL = [
    (Channel.STATUS, b"[]", "EVT-430"),
    (Channel.STATUS, b"{}", "EVT-430"),
    (Channel.STATUS, b'{"state": "online"}', "EVT-430"),
    (Channel.STATUS, b"{", "EVT-430"),
    (Channel.STATUS, b'{"x": "' + b"x" * 70_000 + b'"}', "EVT-431"),
    (Channel.REPLIES, b'{"kind": "gone"}', "EVT-430"),
    (Channel.REPLIES, b'{"kind": "reply"}', "EVT-430"),
    (Channel.REPLIES, b'{"kind": "gone", "epoch": "x", "span": {"first": -1, "last": 2}}', "EVT-430"),
]


@pytest.mark.parametrize(("channel", "payload", "code"), CONTROL)
def test_a_broken_control_message_is_refused(gateway: Gateway, channel: Channel, payload: bytes, code: str) -> None:
    assert refusal(gateway.message(channel, payload)).error.code == code


def test_a_birth_in_another_name_is_refused(gateway: Gateway) -> None:
    stolen = Gateway(NodeAddress(7, "abovyan", "gw2"))
    message = Incoming(gateway.address.topic(Channel.STATUS), stolen.birth().payload)
    assert refusal(message).error.code == "EVT-432"


def test_an_emptied_retained_message_is_nothing(gateway: Gateway) -> None:
    one = told(gateway.message(Channel.STATUS, b""))
    assert one.lives == []


@pytest.mark.parametrize("topic", ["", "x", "tradepost/v1/7/a/b/events", "tradepost/v1/07/A/b/events", "a/b/c/d/e/f"])
def test_a_topic_that_is_not_ours_is_refused(topic: str) -> None:
    assert refusal(Incoming(topic, b"[]")).error.code == "EVT-432"


def test_births_deaths_gone_and_replies_are_told_apart(gateway: Gateway) -> None:
    reply = json.dumps({"kind": "reply", "command_id": str(uid(1)), "outcome": "done"}).encode()
    (one,), _ = read_messages(
        [gateway.birth(), gateway.death(), gateway.gone(1, 2), gateway.message(Channel.REPLIES, reply)]
    )
    assert [life.state for life in one.lives] == ["online", "offline"]
    assert [(word.span.first, word.span.last) for word in one.gone] == [(1, 2)]
    assert len(one.replies) == 1


UNREADABLE = [
    ("unknown type", changed(type="tradepost.moon.landed.v1"), "EVT-401"),
    ("unknown version", changed(type="tradepost.sale.completed.v2"), "EVT-402"),
    ("payload of another kind", changed(type="tradepost.shift.opened.v1"), "EVT-403"),
    ("year 1", changed(time="0001-01-01T00:00:00+14:00"), "EVT-403"),
    ("year 9999", changed(time="9999-12-31T23:59:59-12:00"), "EVT-403"),
]


@pytest.mark.parametrize(("damage", "code"), [case[1:] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
def test_a_fact_that_cannot_be_read_says_why(
    gateway: Gateway, damage: Callable[[dict[str, Any]], Any], code: str
) -> None:
    item = told(gateway.damaged([damage(gateway.values()[0])])).items[0]
    assert read_payload(item) is None
    assert item.problem is not None
    assert item.problem.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
channels = st.sampled_from([Channel.EVENTS, Channel.STATUS, Channel.REPLIES])
address = NodeAddress(7, "abovyan", "gw1")


@given(channels, st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_make_it_stumble(channel: Channel, payload: bytes) -> None:
    (one,), refused = read_messages([Incoming(address.topic(channel), payload)])
    assert one.items == []
    assert {each.error.code for each in refused} <= {"EVT-430", "EVT-431", "EVT-432"}


@given(st.data())
def test_one_damaged_value_never_moves_its_neighbours(data: st.DataObject) -> None:
    gateway = Gateway(address)
    for _ in range(2):
        gateway.sell()
    values = gateway.values()
    place = data.draw(st.integers(0, 3))
    field = data.draw(st.sampled_from(sorted(set(values[place]) - {"node", "branch"})))
    values[place] = values[place] | {field: data.draw(json_values)}
    one = told(gateway.damaged(values))
    kept = {UUID(value["id"]): value["sequence"] for index, value in enumerate(gateway.values()) if index != place}
    assert {item.event_id: item.sequence for item in one.items if item.event_id in kept} == kept
