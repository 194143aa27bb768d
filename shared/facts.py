"""Reading and writing facts: envelope and payload together, with the version rule.

The rule: within a major version only optional fields are added. A new major version keeps an upcaster from the one
before, so that every body ever written can be read. What we do not know is refused with a code, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from shared.envelope import Envelope, event_type, schema_uri, split_type
from shared.errors import PermanentError
from shared.events import PAYLOADS, Payload

__all__ = ["UPCASTERS", "Fact", "Stamp", "UnreadableFact", "read_fact", "write_fact"]

UPCASTERS: Final[Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]]] = {}
"""(name, old major) -> function from that payload's JSON to the next major's. Empty while every kind is at 1."""


class UnreadableFact(PermanentError):
    """EVT-401 unknown type, EVT-402 unknown version, EVT-403 envelope or payload breaks its schema."""


@dataclass(frozen=True)
class Fact:
    """A fact that has been read: `name` and `payload` are of the current major version."""

    envelope: Envelope
    name: str
    payload: Payload


@dataclass(frozen=True)
class Stamp:
    """What the journal adds to a payload to make it a fact."""

    event_id: UUID
    time: datetime
    branch: str
    node: str
    epoch: UUID
    boot: int
    sequence: int
    till: str | None = None
    shift: UUID | None = None
    businessdate: date | None = None
    device: str | None = None
    devicetime: datetime | None = None
    operator: UUID | None = None
    traceparent: str | None = None


def write_fact(name: str, subject: str, payload: Payload, stamp: Stamp) -> bytes:
    """The body of a new fact, to be kept byte for byte. Raises KeyError for a kind that is not registered."""
    major, model = PAYLOADS[name]
    if type(payload) is not model:
        raise TypeError(f"{name} carries a {model.__name__}, not a {type(payload).__name__}")
    envelope = Envelope(
        id=stamp.event_id,
        source=f"/branches/{stamp.branch}/nodes/{stamp.node}",
        type=event_type(name, major),
        time=stamp.time,
        subject=subject,
        dataschema=schema_uri(name, major),
        branch=stamp.branch,
        node=stamp.node,
        epoch=stamp.epoch,
        boot=stamp.boot,
        sequence=stamp.sequence,
        till=stamp.till,
        shift=stamp.shift,
        businessdate=stamp.businessdate,
        device=stamp.device,
        devicetime=stamp.devicetime,
        operator=stamp.operator,
        traceparent=stamp.traceparent,
        data=payload.model_dump(mode="json", exclude_none=True),
    )
    return envelope.model_dump_json(exclude_none=True).encode()


def read_fact(envelope: Envelope) -> Fact:
    """The payload behind an envelope, upcast to the current version. Raises UnreadableFact."""
    try:
        name, major = split_type(envelope.type)
    except ValueError as error:
        raise UnreadableFact("EVT-401", type=envelope.type) from error
    if name not in PAYLOADS:
        raise UnreadableFact("EVT-401", type=envelope.type)
    current, model = PAYLOADS[name]
    data = envelope.data
    while major < current and (name, major) in UPCASTERS:
        data, major = UPCASTERS[name, major](data), major + 1
    if major != current:
        raise UnreadableFact("EVT-402", type=envelope.type)
    try:
        return Fact(envelope, name, model.model_validate(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableFact("EVT-403", where=where, what=first["msg"]) from error
