"""From MQTT messages to what each node said: facts with their place, births, deaths, ranges that are gone. No database.

A message that is not of its owner is refused whole here (C5). A fact that cannot be read keeps its place in the epoch,
so that it can be put aside without stopping what stands behind it (C4).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import ValidationError

from cloud.ingest.text import clean
from shared.delivery import Birth, Death, Gone, RefusedMessage, Reply, parse_message, unpack_batch
from shared.envelope import MAX_SEQUENCE, Envelope
from shared.facts import Fact, UnreadableFact, read_fact
from shared.topics import Channel, NodeAddress

__all__ = ["Incoming", "Item", "Problem", "Refused", "Told", "read_messages", "read_payload"]

CONTROL_BYTES: Final = 64 * 1024
"""A birth of a hundred devices is 5 kB; nothing that is not a batch has a reason to be larger than this."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as the broker delivered it.

    began: of a retained one, which beginning to listen the broker gave it to us with (C9b).
    """

    topic: str
    payload: bytes
    began: UUID | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a fact cannot be applied."""

    code: str
    reason: str


@dataclass(slots=True)
class Item:
    """One element of a batch, with as much of it read as says which fact it is and where it stands.

    value: its JSON, for `read_payload`, which reads the envelope when the fact's turn comes: for a repeat it never
    does. problem says why it cannot be read.
    event_id: the fact's own, or one derived from the body when it names none, so that a repeat is known as such.
    """

    epoch: UUID
    sequence: int
    event_id: UUID
    body: str
    value: Any = None
    envelope: Envelope | None = None
    problem: Problem | None = None


@dataclass(slots=True)
class Refused:
    """A message that is recorded and otherwise forgotten."""

    node: str
    branch: str
    message: Incoming
    error: RefusedMessage


@dataclass(slots=True)
class Told:
    """Everything one node said in the messages at hand, in the order it said it."""

    address: NodeAddress
    messages: list[Incoming] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    batches: list[list[Item]] = field(default_factory=list)
    """The same items, by message."""
    unplaced: list[Item] = field(default_factory=list)
    """Unreadable, and not even their place in the epoch can be told. sequence is 0."""
    lives: list[Birth | Death] = field(default_factory=list)
    began: UUID | None = None
    """We have begun to listen after the birth, so the node may have spoken to nobody."""
    gone: list[Gone] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)


def read_messages(messages: Sequence[Incoming]) -> tuple[list[Told], list[Refused]]:
    """Sort messages by node. Whole messages that cannot be taken come second, with the reason."""
    by_node: dict[NodeAddress, Told] = {}
    refused = []
    for message in messages:
        try:
            address, channel = NodeAddress.parse(message.topic)
        except ValueError:
            refused.append(Refused("", "", message, RefusedMessage("EVT-432", topic=clean(message.topic, 200))))
            continue
        told = by_node.setdefault(address, Told(address))
        told.messages.append(message)
        try:
            _read(told, channel, message.payload)
            told.began = message.began or told.began
        except RefusedMessage as error:
            refused.append(Refused(address.node, address.branch, message, error))
        except RecursionError:
            too_deep = RefusedMessage("EVT-430", what="nested too deep")
            refused.append(Refused(address.node, address.branch, message, too_deep))
    return list(by_node.values()), refused


def _read(told: Told, channel: Channel, payload: bytes) -> None:
    if channel is Channel.EVENTS:
        placed, unplaced = _read_batch(unpack_batch(payload), told.address)
        told.items += placed
        told.batches.append(placed)
        told.unplaced += unplaced
        return
    if not payload:
        return  # how a retained message is cleared
    if len(payload) > CONTROL_BYTES:
        raise RefusedMessage("EVT-431", size=len(payload))
    try:
        kind = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise RefusedMessage("EVT-430", what=str(error)[:120]) from error
    if not isinstance(kind, dict):
        raise RefusedMessage("EVT-430", what="not an object")
    if channel is Channel.STATUS:
        life = parse_message(Birth, payload) if kind.get("state") == "online" else parse_message(Death, payload)
        _must_be_of(told.address, node=life.node)
        told.lives.append(life)
    elif channel is Channel.REPLIES and kind.get("kind") == "gone":
        told.gone.append(parse_message(Gone, payload))
    elif channel is Channel.REPLIES:
        told.replies.append(parse_message(Reply, payload))


def _must_be_of(address: NodeAddress, *, node: object, branch: object = None) -> None:
    if (node, branch or address.branch) != (address.node, address.branch):
        raise RefusedMessage("EVT-432", node=clean(str(node), 64), branch=clean(str(branch or ""), 64))


def _read_batch(values: Sequence[Any], address: NodeAddress) -> tuple[list[Item], list[Item]]:
    items: list[Item | None] = []
    unreadable: dict[int, Item] = {}
    for place, value in enumerate(values):
        item = _glance(value, address) or _read_closely(value, address)
        if item.problem is not None:
            unreadable[place] = item
        items.append(item if item.sequence else None)
    _place_by_neighbours(items, unreadable)
    placed = [item for item in items if item is not None]
    if values and not placed:
        raise RefusedMessage("EVT-430", what="no fact says its epoch and sequence")
    return placed, [item for item in unreadable.values() if not item.sequence]


def _glance(value: Any, address: NodeAddress) -> Item | None:
    """Which fact it is and where it stands, when it says so in the ordinary way and is of its owner."""
    if not isinstance(value, dict) or value.get("node") != address.node or value.get("branch") != address.branch:
        return None
    epoch_text, sequence = value.get("epoch"), value.get("sequence")
    event_id, epoch = _uuid(value.get("id")), _epoch(epoch_text) if isinstance(epoch_text, str) else None
    if event_id is None or epoch is None or type(sequence) is not int or not 1 <= sequence <= MAX_SEQUENCE:
        return None
    return Item(epoch, sequence, event_id, _body(value), value)


def _read_closely(value: Any, address: NodeAddress) -> Item:
    try:
        envelope = Envelope.model_validate(value)
    except ValidationError as error:
        return _read_head(value, address, error)
    _must_be_of(address, node=envelope.node, branch=envelope.branch)
    return Item(envelope.epoch, envelope.sequence, envelope.id, _body(value), envelope=envelope)


def _read_head(value: Any, address: NodeAddress, error: ValidationError) -> Item:
    # As much as can be known of a fact whose envelope is broken.
    head = value if isinstance(value, dict) else {}
    for name, owner in (("node", address.node), ("branch", address.branch)):
        if isinstance(head.get(name), str) and head[name] != owner:
            raise RefusedMessage("EVT-432", **{name: clean(head[name], 64)})
    body = json.dumps(value)  # every strange value stays readable: lone surrogates, NaN, huge numbers
    epoch, sequence = _uuid(head.get("epoch")), head.get("sequence")
    is_placed = epoch is not None and type(sequence) is int and 1 <= sequence <= MAX_SEQUENCE
    return Item(
        epoch=epoch if is_placed and epoch else UUID(int=0),
        sequence=sequence if is_placed and sequence else 0,
        event_id=_uuid(head.get("id")) or _id_of(body),
        body=body,
        problem=_breaks_schema(error),
    )


def _place_by_neighbours(items: list[Item | None], unreadable: dict[int, Item]) -> None:
    """Give a run of broken facts the numbers that are missing around it, when exactly as many are.

    A batch is in sequence order; so [7, broken, 9] holds number 8, and [7, broken] does too.
    """
    place = 0
    while place < len(items):
        if items[place] is not None:
            place += 1
            continue
        end = place
        while end < len(items) and items[end] is None:
            end += 1
        before, after = items[place - 1] if place else None, items[end] if end < len(items) else None
        first = before.sequence + 1 if before else after.sequence - (end - place) if after else 0
        fits = first > 0 and (before is None or after is None or after.sequence - before.sequence - 1 == end - place)
        neighbour = before or after
        if fits and neighbour is not None:
            for index in range(place, end):
                item = unreadable[index]
                item.epoch, item.sequence = neighbour.epoch, first + index - place
                items[index] = item
        place = end


def read_payload(item: Item) -> Fact | None:
    """The fact of an item whose turn has come; None when it cannot be read, and then its problem says why."""
    if item.problem is not None:
        return None
    try:
        item.envelope = item.envelope or Envelope.model_validate(item.value)
        fact = read_fact(item.envelope)
        for moment in (item.envelope.time, item.envelope.devicetime, getattr(fact.payload, "opened_at", None)):
            if moment is not None and not 1 < moment.year < 9999:
                # No clock shows it, and in another zone it would be no date at all.
                raise UnreadableFact("EVT-403", where="time", what="outside of the calendar")
    except ValidationError as error:
        item.problem, item.body = _breaks_schema(error), json.dumps(item.value)
        return None
    except UnreadableFact as error:
        item.problem = Problem(error.code, clean(", ".join(f"{k}: {v}" for k, v in error.parameters.items())))
        return None
    return fact


def _breaks_schema(error: ValidationError) -> Problem:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return Problem("EVT-403", clean(f"where: {'.'.join(str(part) for part in first['loc'])}, what: {first['msg']}"))


def _body(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _epoch(text: str) -> UUID | None:
    # A node's facts name the same one for months.
    return _uuid(text)


def _id_of(body: str) -> UUID:
    # A UUIDv8 (RFC 9562, 5.8) of the body's hash.
    digest = int.from_bytes(hashlib.sha256(body.encode()).digest()[:16])
    return UUID(int=digest & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62)
