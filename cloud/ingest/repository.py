"""All SQL of ingest itself: who a node is, where its cursors stand, what is stored under a number, what is put aside.

Everything here runs in the one transaction of a batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.bulk import insert_new, missing, one_of, put
from cloud.fleet.models import branches, loss_cases, node_epochs, node_status, nodes
from cloud.ingest.effects import NewFact, Place
from cloud.ingest.epochs import Epoch, Epochs, Status
from cloud.ingest.models import facts, quarantine, refused_messages
from cloud.questions import Question
from cloud.stock.models import warehouses
from shared.ids import uuid7

__all__ = [
    "Node",
    "find_nodes",
    "find_status",
    "flag_nodes",
    "ids_at",
    "known_ids",
    "lock_epochs",
    "note_refused",
    "prune_refused",
    "put_aside",
    "record_losses",
    "save_epochs",
    "save_status",
    "store_facts",
    "unknown_ids",
]


REFUSED_KEPT: Final = timedelta(days=30)
"""Records of refused messages: long enough to see who has sent rubbish since the last look, a month."""
REFUSED_MOST: Final = 10_000
"""A sender gone mad makes a new hash with each message; these are 4 MB."""


@dataclass(frozen=True, slots=True)
class Node:
    """Who may speak on a topic, and where what it says happens."""

    id: str
    partition: int
    place: Place


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


async def find_nodes(tx: AsyncConnection, ids: Collection[str], *, withdrawn_too: bool = False) -> dict[str, Node]:
    """The nodes of these names, as long as they may speak."""
    return {
        row["id"]: Node(
            row["id"], row["partition"], Place(row["branch"], _zone(row["zone"]), UUID(int=row["warehouse"].int))
        )
        for row in await _NODES.ask(tx, ids=ids)
        if withdrawn_too or row["withdrawn_at"] is None
    }


_NODES: Final = Question(
    lambda among: (
        select(
            nodes.c.id,
            nodes.c.partition,
            nodes.c.branch,
            nodes.c.withdrawn_at,
            branches.c.zone,
            warehouses.c.id.label("warehouse"),
        )
        .join(branches, branches.c.id == nodes.c.branch)
        .join(warehouses, (warehouses.c.branch == nodes.c.branch) & warehouses.c.is_main)
        .where(among(nodes.c.id, "ids"))
    )
)


async def lock_epochs(tx: AsyncConnection, ids: Collection[str]) -> dict[str, Epochs]:
    """The cursors of these nodes, locked until commit."""
    found: dict[str, Epochs] = {node: {} for node in ids}
    for row in await _EPOCHS.ask(tx, ids=ids):
        epoch = Epoch(**{**row, "epoch": UUID(int=row["epoch"].int)})
        found[epoch.node][epoch.epoch] = epoch
    return found


_EPOCHS: Final = Question(
    lambda among: (
        select(node_epochs)
        .where(among(node_epochs.c.node, "ids"))
        .order_by(node_epochs.c.node, node_epochs.c.epoch)
        .with_for_update()
    )
)
_EPOCH_NEWS = ("upto", "held_last", "last_birth", "last_fact", "boot", "is_live", "is_held", "is_flagged", "is_forked")


async def save_epochs(tx: AsyncConnection, epochs: Iterable[Epoch]) -> None:
    """Write cursors back. One that stands further already is left alone: cursors never go back."""
    rows = [asdict(epoch) for epoch in epochs]
    never_back = "excluded.upto >= node_epochs.upto"
    await put(tx, node_epochs, rows, ["node", "epoch"], _EPOCH_NEWS, where=never_back)


async def find_status(tx: AsyncConnection, ids: Collection[str]) -> dict[str, Status]:
    if not ids:
        return {}
    found = await tx.execute(select(node_status).where(one_of(tx.dialect.name, node_status.c.node, ids)))
    rows = ({str(name): value for name, value in row.items()} for row in found.mappings())
    return {row["node"]: row | {"epoch": row["epoch"] and UUID(int=row["epoch"].int)} for row in rows}


async def save_status(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    news = ("is_online", "since", "epoch", "boot", "version", "replica", "devices", "heard_at")
    await put(tx, node_status, rows, ["node"], news)


async def flag_nodes(tx: AsyncConnection, ids: Collection[str], now: datetime) -> None:
    """Mark nodes for a person to look at; the first mark stays."""
    if ids:
        unmarked = nodes.c.id.in_(sorted(ids)), nodes.c.flagged_at.is_(None)
        await tx.execute(update(nodes).where(*unmarked).values(flagged_at=now))


async def store_facts(tx: AsyncConnection, new: Sequence[NewFact], received_at: datetime) -> set[UUID]:
    """Store what is not stored yet; answers the ids that are new. A fact replayed from quarantine brings no number."""
    return await insert_new(
        tx,
        facts,
        [
            {
                "event_id": fact.envelope.id,
                "node": fact.envelope.node,
                "epoch": fact.envelope.epoch,
                "sequence": fact.sequence,
                "branch": fact.envelope.branch,
                "type": fact.envelope.type,
                "time": fact.envelope.time,
                "received_at": received_at,
                "businessdate": fact.envelope.businessdate,
                "till": fact.envelope.till,
                "operator": fact.envelope.operator,
                "body": fact.body,
            }
            for fact in new
        ],
    )


async def unknown_ids(tx: AsyncConnection, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are stored nowhere, neither as facts nor in quarantine."""
    return await missing(tx, quarantine.c.event_id, await missing(tx, facts.c.event_id, ids))


async def ids_at(tx: AsyncConnection, node: str, epoch: UUID, sequences: Collection[int]) -> dict[int, frozenset[UUID]]:
    """Which ids stand under these sequences of an epoch, as facts or in quarantine."""
    at: dict[int, set[UUID]] = defaultdict(set)
    for table in (facts, quarantine):
        numbered = select(table.c.sequence, table.c.event_id).where(
            table.c.node == node, table.c.epoch == epoch, one_of(tx.dialect.name, table.c.sequence, sequences)
        )
        for sequence, event_id in await tx.execute(numbered):
            at[sequence].add(UUID(int=event_id.int))
    return {number: frozenset(found) for number, found in at.items()}


async def known_ids(tx: AsyncConnection, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are stored as facts."""
    return set(ids) - await missing(tx, facts.c.event_id, ids)


async def put_aside(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """Quarantine; answers the ids of the entries that are new."""
    return await insert_new(tx, quarantine, rows)


async def record_losses(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await insert_new(tx, loss_cases, [{"id": uuid7(), **row} for row in rows])


async def note_refused(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Record each refused message once, and count how often it came."""
    await insert_new(tx, refused_messages, [{**row, "count": 0} for row in rows])
    for row in rows:
        same = refused_messages.c.hash == row["hash"], refused_messages.c.node == row["node"]
        await tx.execute(update(refused_messages).where(*same).values(count=refused_messages.c.count + 1))


async def prune_refused(tx: AsyncConnection, now: datetime) -> None:
    """Forget refused messages that are old, and the oldest of too many."""
    rows = refused_messages.c
    await tx.execute(delete(refused_messages).where(rows.first_at < now - REFUSED_KEPT))
    newest_first = select(rows.hash, rows.node).order_by(rows.first_at.desc(), rows.hash, rows.node)
    too_many = newest_first.offset(REFUSED_MOST)
    await tx.execute(delete(refused_messages).where(tuple_(rows.hash, rows.node).in_(too_many)))
