"""Branches and nodes: made, withdrawn, and the choice between two epochs of one node.

A node's secret is shown once, when it is made; here it is only kept as hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.database import Timestamp
from cloud.fleet.broker import broker_hash
from cloud.fleet.models import branches, node_epochs, nodes
from cloud.stock.models import warehouses
from shared.errors import PermanentError
from shared.ids import uuid7
from shared.money import CURRENCIES
from shared.topics import PARTITIONS, NodeAddress

__all__ = ["FleetError", "NodeCredentials", "add_branch", "add_node", "check_secret", "choose_epoch", "withdraw_node"]


class FleetError(PermanentError):
    """DEV-410 a branch or node of this name exists; DEV-411 it is not a name, zone or currency; DEV-412 no such one."""

    @property
    def status(self) -> int:
        """For HTTP."""
        return {"DEV-410": 409, "DEV-411": 422, "DEV-412": 404}[self.code]


@dataclass(frozen=True)
class NodeCredentials:
    """What a gateway needs to come in. The secret is not kept anywhere else."""

    node: str
    branch: str
    partition: int
    secret: str


async def add_branch(
    tx: AsyncConnection,
    *,
    id: str,
    name: str,
    currency: str,
    zone: str,
    now: datetime,
    country: str = "",
    language: str = "en",
    kind: str = "shop",
) -> None:
    """A new place of business with its main warehouse. Raises FleetError."""
    _must_be_a_name(id)
    if currency not in CURRENCIES:
        raise FleetError("DEV-411", what="currency", value=currency)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise FleetError("DEV-411", what="zone", value=zone) from error
    row = {
        "id": id,
        "name": name,
        "kind": kind,
        "country": country,
        "currency": currency,
        "zone": zone,
        "language": language,
        "is_active": True,
        "created_at": now,
    }
    try:
        async with tx.begin_nested():
            await tx.execute(insert(branches).values(row))
    except IntegrityError as error:
        raise FleetError("DEV-410", what="branch", value=id) from error
    await tx.execute(insert(warehouses).values(id=uuid7(), branch=id, name=name, is_main=True))


async def add_node(tx: AsyncConnection, branch: str, *, now: datetime, id: str | None = None) -> NodeCredentials:
    """A new gateway for a branch, in the partition that has the fewest. Raises FleetError."""
    if await tx.scalar(select(branches.c.id).where(branches.c.id == branch)) is None:
        raise FleetError("DEV-412", what="branch", value=branch)
    node = id or await _next_name(tx, branch)
    _must_be_a_name(node)
    secret = secrets.token_urlsafe(32)
    partition = await _emptiest_partition(tx)
    row = {
        "id": node,
        "branch": branch,
        "partition": partition,
        "secret_hash": _hash(secret),
        "broker_hash": broker_hash(secret),
        "created_at": now,
    }
    try:
        async with tx.begin_nested():
            await tx.execute(insert(nodes).values(row))
    except IntegrityError as error:
        raise FleetError("DEV-410", what="node", value=node) from error
    return NodeCredentials(node, branch, partition, secret)


async def withdraw_node(tx: AsyncConnection, node: str, *, now: datetime) -> None:
    """Shut a gateway out: from now on its messages are refused. The broker's files have to be written again.

    Raises FleetError DEV-412. Withdrawing twice is the same as once.
    """
    found = await tx.execute(
        update(nodes)
        .where(nodes.c.id == node)
        .values(withdrawn_at=func.coalesce(nodes.c.withdrawn_at, literal(now, Timestamp)))
    )
    if not found.rowcount:
        raise FleetError("DEV-412", what="node", value=node)


async def check_secret(tx: AsyncConnection, node: str, secret: str) -> str | None:
    """The branch of the node whose secret this is; None when it is not, or the node was withdrawn."""
    statement = select(nodes.c.branch, nodes.c.secret_hash).where(nodes.c.id == node, nodes.c.withdrawn_at.is_(None))
    row = (await tx.execute(statement)).one_or_none()
    stored = row.secret_hash if row else _hash("")
    is_right = hmac.compare_digest(stored, _hash(secret))
    return row.branch if row and is_right else None


async def choose_epoch(tx: AsyncConnection, node: str, epoch: UUID) -> None:
    """Head office's decision between two live epochs (C8): this one's facts are taken, those of the others are held.

    What the chosen one has in quarantine is replayed by `cloud.ingest.quarantine.replay_held`. Raises FleetError
    DEV-412.
    """
    rows = node_epochs.c
    chosen = update(node_epochs).where(rows.node == node, rows.epoch == epoch).values(is_held=False, is_flagged=False)
    if not (await tx.execute(chosen)).rowcount:
        raise FleetError("DEV-412", what="epoch", value=str(epoch))
    rivals = rows.node == node, rows.epoch != epoch, rows.is_flagged
    await tx.execute(update(node_epochs).where(*rivals).values(is_held=True))
    await tx.execute(update(nodes).where(nodes.c.id == node).values(flagged_at=None))


def _hash(secret: str) -> str:
    # The secret has 256 random bits, so one round of SHA-256 cannot be searched back.
    return hashlib.sha256(secret.encode()).hexdigest()


def _must_be_a_name(name: str) -> None:
    try:
        NodeAddress(0, name, name)
    except ValueError as error:
        raise FleetError("DEV-411", what="name", value=name[:80]) from error


async def _next_name(tx: AsyncConnection, branch: str) -> str:
    count = await tx.scalar(select(func.count()).select_from(nodes).where(nodes.c.branch == branch)) or 0
    return f"{branch[:58]}-gw{count + 1}"


async def _emptiest_partition(tx: AsyncConnection) -> int:
    found = await tx.execute(select(nodes.c.partition, func.count().label("nodes")).group_by(nodes.c.partition))
    taken = {row.partition: row.nodes for row in found}
    return min(range(PARTITIONS), key=lambda partition: (taken.get(partition, 0), partition))
