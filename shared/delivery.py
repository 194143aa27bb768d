"""Messages of the delivery protocol (docs/delivery.md) and the packing of batches. No I/O, no state."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal, TypeVar
from uuid import UUID

import zstandard
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from shared.envelope import MAX_SEQUENCE, Name
from shared.errors import PermanentError

__all__ = [
    "BATCHES_IN_FLIGHT",
    "BATCH_BYTES",
    "BATCH_FACTS",
    "Ack",
    "Birth",
    "Command",
    "Death",
    "EpochHeld",
    "Gone",
    "Read",
    "RefusedMessage",
    "ReplicaVersion",
    "Reply",
    "Span",
    "pack_batch",
    "parse_message",
    "unpack_batch",
]

BATCH_FACTS: Final = 50
"""Facts in a batch: 50 sales of 4 lines are about 100 kB, one MQTT packet that a slow link still moves in seconds."""
BATCH_BYTES: Final = 256 * 1024
"""Bytes in a batch before compression; a single larger fact travels alone."""
BATCHES_IN_FLIGHT: Final = 4
"""Unacked batches a node may have out: enough to hide a round trip, few enough for any broker's default queue."""
MAX_PACKED: Final = 1024 * 1024
MAX_UNPACKED: Final = 8 * 1024 * 1024

_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_COMPRESS_FROM: Final = 1024
"""Smaller batches gain nothing."""

Model = TypeVar("Model", bound=BaseModel)
Sequence = Annotated[int, Field(strict=True, ge=0, le=MAX_SEQUENCE)]


class RefusedMessage(PermanentError):
    """EVT-430 not JSON of the promised shape, EVT-431 too large. Moves no cursor."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Span(_Message):
    """Sequences first..last, both included."""

    first: Sequence
    last: Sequence


class EpochHeld(_Message):
    """One epoch that a node's journal still holds facts of."""

    epoch: UUID
    first: Sequence
    last: Sequence
    """Highest sequence written; 0 when none."""


class Birth(_Message):
    """Retained on `status` while the node is connected; asks for an ack of each epoch."""

    state: Literal["online"] = "online"
    node: Name
    boot: Sequence
    epochs: tuple[EpochHeld, ...]
    """The last one is the epoch being written."""
    version: str
    started_at: AwareDatetime
    replica: int = 0
    """Version of the replica that the branch works with."""
    devices: dict[str, str] = {}
    """Device id -> health, for the board; not a fact."""


class Death(_Message):
    """The last will, and what a node says before it leaves on purpose."""

    state: Literal["offline"] = "offline"
    node: Name
    boot: Sequence
    epoch: UUID


class Read(_Message):
    """A batch that head office has read, as far as it was next in line; all of it is stored or quarantined."""

    first: Sequence
    last: Sequence
    last_id: UUID
    """Of the fact at `last`, so that a node knows whether it was a batch of its own (N4)."""


class Ack(_Message):
    """What head office holds of one epoch. Sent after commit; the newest says everything."""

    epoch: UUID
    upto: Sequence
    quarantined: tuple[UUID, ...] = ()
    gap: Span | None = None
    fork: bool = False
    """True: this epoch was seen with other facts under the same numbers; begin a new epoch."""
    began: UUID | None = None
    """The worker has only just begun to listen to this node; an id of that beginning. What the broker confirmed before
    it and `upto` does not name is on its way to nobody (N6b)."""
    read: tuple[Read, ...] | None = None
    """The batches of this epoch that this ack answers; None from a head office that does not say it yet."""


class Gone(_Message):
    """A range that the journal cannot give any more."""

    kind: Literal["gone"] = "gone"
    epoch: UUID
    span: Span


class Command(_Message):
    """Something head office asks of a branch. Repeating it returns the stored reply."""

    command_id: UUID
    name: str
    expires_at: AwareDatetime
    arguments: dict[str, Any] = {}


class Reply(_Message):
    kind: Literal["reply"] = "reply"
    command_id: UUID
    outcome: Literal["done", "failed", "unknown", "expired"]
    code: str | None = None
    result: dict[str, Any] = {}


class ReplicaVersion(_Message):
    """Retained on `config`: there is something newer to fetch."""

    version: int


def pack_batch(bodies: list[bytes]) -> bytes:
    """A batch of fact bodies, each kept byte for byte, compressed when that pays."""
    plain = b"[" + b",".join(bodies) + b"]"
    if len(plain) < _COMPRESS_FROM:
        return plain
    return zstandard.ZstdCompressor(level=3).compress(plain)


def unpack_batch(message: bytes) -> list[Any]:
    """The JSON values of a batch, compressed or not. Raises RefusedMessage; the values are still unchecked."""
    if len(message) > MAX_PACKED:
        raise RefusedMessage("EVT-431", size=len(message))
    if message.startswith(_ZSTD_MAGIC):
        message = _decompress(message)
    try:
        values = _read_json(message)
    except (ValueError, RecursionError) as error:
        raise RefusedMessage("EVT-430", what=str(error)[:120]) from error
    if not isinstance(values, list):
        raise RefusedMessage("EVT-430", what="not an array")
    return values


def _read_json(message: bytes) -> Any:
    try:
        return from_json(message)
    except ValueError:
        # Three times slower, and it reads what the other refuses: half characters in one fact must not cost the batch.
        return json.loads(message)


def _decompress(message: bytes) -> bytes:
    # The frame's own size field is the sender's word: read at most one byte more than we accept.
    try:
        with zstandard.ZstdDecompressor().stream_reader(message) as stream:
            plain: bytes = stream.read(MAX_UNPACKED + 1)
    except zstandard.ZstdError as error:
        raise RefusedMessage("EVT-430", what="not zstd") from error
    if len(plain) > MAX_UNPACKED:
        raise RefusedMessage("EVT-431", size=len(plain))
    return plain


def parse_message(model: type[Model], message: bytes) -> Model:
    """A control message. Raises RefusedMessage EVT-430."""
    try:
        return model.model_validate_json(message)
    except ValidationError as error:
        raise RefusedMessage("EVT-430", what=error.errors(include_url=False, include_input=False)[0]["msg"]) from error
