"""What the stream says: news turned into events with the state of now, each with the branch and right it needs.

An event says that a record has changed and what its list shows of it; details are a question to the API.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Table, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access.dependencies import Identity
from cloud.access.rights import Right
from cloud.fleet.models import devices, exceptions, node_status, nodes
from cloud.live.feed import News, Position
from cloud.questions import Question
from cloud.sales.models import receipts, returns, sales

__all__ = ["Event", "for_identity", "frames", "tell"]


@dataclass(frozen=True)
class Event:
    """position: None for what is not resumed (panel figures, which replace each other)."""

    name: str
    branch: str
    right: Right
    data: bytes
    position: Position | None


_SALE = ("id", "number", "branch", "till", "at", "operator", "currency", "total_minor", "line_count", "customer_id")
_RETURN = ("id", "number", "sale_id", "sale_number", "branch", "till", "at", "operator", "currency", "total_minor")
_RECEIPT = ("id", "of_id", "kind", "branch", "till", "at", "state", "document_no", "code")
_EXCEPTION = ("id", "code", "branch", "node", "at", "raised_at", "subject", "parameters", "settled_at")
_DEVICE = ("branch", "node", "id", "category", "health", "conditions", "model", "last_event_at")

_NODE = ("id", "branch", "flagged_at")
_STATUS = ("node", "is_online", "since", "replica", "version")


def _asking(table: Table, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Question]:
    chosen = [table.c[column] for column in columns]
    return columns, Question(lambda among: select(*chosen).where(among(table.c.id, "ids")))


_BY_ID: Mapping[str, tuple[str, tuple[str, ...], Question, Right]] = {
    "sales": ("sale", *_asking(sales, _SALE), Right.SEE_SALES),
    "returns": ("return", *_asking(returns, _RETURN), Right.SEE_SALES),
    "receipts": ("receipt", *_asking(receipts, _RECEIPT), Right.SEE_SALES),
    "exceptions": ("exception", *_asking(exceptions, _EXCEPTION), Right.SEE_EXCEPTIONS),
}


def for_identity(events: Iterable[Event], identity: Identity) -> list[Event]:
    """The events that this reader may see."""
    allowed = {right: identity.branches_with(right) for right in Right}
    return [event for event in events if (branches := allowed[event.right]) is None or event.branch in branches]


def frames(events: Sequence[Event], position: Position) -> bytes:
    """Events as they go over the wire (WHATWG server-sent events), and the position to come back to.

    Only the last event of a row of the feed carries an id: a connection that breaks within a row gets it again.
    """
    wire = bytearray()
    for event, following in zip(events, [*events[1:], None], strict=True):
        if event.position and (following is None or following.position != event.position):
            wire += f"id: {event.position}\n".encode()
        wire += f"event: {event.name}\ndata: ".encode() + event.data + b"\n\n"
    # An id without data moves the reader's position past events that were not for it.
    return bytes(wire) + f"id: {position}\n\n".encode()


async def tell(tx: AsyncConnection, news: Sequence[News]) -> list[Event]:
    """Events of these rows, in their order; a record named several times is told once, where it was named last."""
    last: dict[tuple[str, str], Position] = {}
    for row in news:
        for kind, ids in row.said.items():
            last |= {(kind, text): row.position for text in ids}
    asked: dict[str, list[str]] = defaultdict(list)
    for kind, text in last:
        asked[kind].append(text)
    events = []
    for kind, texts in asked.items():
        for text, name, right, data in await _load(tx, kind, texts):
            body = orjson.dumps(data, option=orjson.OPT_UTC_Z, default=str)
            events.append(Event(name, data["branch"], right, body, last[kind, text]))
    return sorted(events, key=lambda event: (event.position, event.name, event.data))


async def _load(tx: AsyncConnection, kind: str, texts: list[str]) -> list[tuple[str, str, Right, dict[str, Any]]]:
    if kind == "devices":
        return await _devices(tx, texts)
    if kind == "nodes":
        return await _nodes(tx, texts)
    if kind not in _BY_ID:
        return []
    name, columns, question, right = _BY_ID[kind]
    found = await question.ask(tx, ids=[UUID(text) for text in texts])
    # Keys of our own: those of a result are a kind of str that the JSON writer does not take.
    return [(str(row["id"]), name, right, {column: row[column] for column in columns}) for row in found]


async def _devices(tx: AsyncConnection, texts: list[str]) -> list[tuple[str, str, Right, dict[str, Any]]]:
    key = tuple_(devices.c.branch, devices.c.node, devices.c.id)
    found = await _rows(tx, devices, _DEVICE, key.in_([tuple(text.split("/")) for text in texts]))
    return [(f"{row['branch']}/{row['node']}/{row['id']}", "device", Right.SEE_DEVICES, row) for row in found]


async def _nodes(tx: AsyncConnection, texts: list[str]) -> list[tuple[str, str, Right, dict[str, Any]]]:
    found = await _rows(tx, nodes, _NODE, nodes.c.id.in_(texts))
    status = {row["node"]: row for row in await _rows(tx, node_status, _STATUS, node_status.c.node.in_(texts))}
    never = dict.fromkeys(_STATUS) | {"is_online": False}
    return [
        (row["id"], "node", Right.SEE_DEVICES, status.get(row["id"], never) | row | {"node": row["id"]})
        for row in found
    ]


async def _rows(
    tx: AsyncConnection, table: Table, columns: Sequence[str], where: ColumnElement[bool]
) -> list[dict[str, Any]]:
    # Keys of our own: those of a result are a kind of str that the JSON writer does not take.
    rows = await tx.execute(select(*(table.c[column] for column in columns)).where(where))
    return [dict(zip(columns, row, strict=True)) for row in rows]
