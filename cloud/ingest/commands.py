"""What head office asks of gateways: kept until answered, published by whoever reads the gateway's partition.

A command is published again and again until the gateway has answered. That is safe: the gateway carries each id out at
most once, answers a repeat with the stored outcome, and one that has expired with `expired`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.fleet.models import node_status, nodes
from cloud.fleet.service import FleetError
from cloud.ingest.models import commands
from cloud.ingest.text import clean
from shared.delivery import Command, Reply
from shared.topics import NodeAddress

__all__ = ["ASK_AGAIN", "due_commands", "expire_commands", "mark_asked", "send_command", "store_replies"]

ASK_AGAIN: Final = timedelta(seconds=60)
"""Until a command that was published and not answered is published again: a reply takes as long as the work."""
ASK_UNTIL: Final = timedelta(days=1)
"""After its end, how long a gateway is asked what became of a command. One that is silent for longer never answers."""
AT_ONCE: Final = 100
"""Commands published in one go."""


async def send_command(
    tx: AsyncConnection,
    *,
    node: str,
    name: str,
    arguments: Mapping[str, Any],
    now: datetime,
    expires_at: datetime,
    by: UUID | None,
    id: UUID,
) -> bool:
    """Ask something of a gateway; answers whether the command is new. It goes out within a second of the commit.

    A gateway that first hears of it after `expires_at` does not begin it. by: None for the program itself. id: the
    asker's own, by which a repeat is known; whether it asks for the same is the caller's to look at.
    Raises FleetError DEV-412 for a node that there is not, or that was withdrawn.
    """
    branch = await tx.scalar(select(nodes.c.branch).where(nodes.c.id == node, nodes.c.withdrawn_at.is_(None)))
    if branch is None:
        raise FleetError("DEV-412", what="node", value=node)
    row = {
        "id": id,
        "node": node,
        "branch": branch,
        "name": name,
        "arguments": dict(arguments),
        "issued_at": now,
        "issued_by": by,
        "expires_at": expires_at,
        "status": "queued",
    }
    try:
        async with tx.begin_nested():
            await tx.execute(insert(commands).values(row))
    except IntegrityError:
        return False
    return True


async def due_commands(
    tx: AsyncConnection, partitions: Collection[int], now: datetime
) -> list[tuple[NodeAddress, Command]]:
    """What is to be published now to gateways of these partitions that are connected, oldest first. Only reads."""
    asked = commands.c.asked_at
    statement = (
        select(commands, nodes.c.partition)
        .join(nodes, nodes.c.id == commands.c.node)
        .join(node_status, node_status.c.node == commands.c.node)
        .where(
            commands.c.status.in_(["queued", "sent"]),
            or_(asked.is_(None), asked <= now - ASK_AGAIN),
            # One that has expired is asked about only when it may have been heard of.
            or_(commands.c.expires_at > now, asked.is_not(None)),
            commands.c.expires_at > now - ASK_UNTIL,
            nodes.c.partition.in_(sorted(partitions)),
            nodes.c.withdrawn_at.is_(None),
            node_status.c.is_online,
        )
        .order_by(commands.c.issued_at, commands.c.id)
        .limit(AT_ONCE)
    )
    return [
        (
            NodeAddress(row.partition, row.branch, row.node),
            Command(command_id=UUID(int=row.id.int), name=row.name, expires_at=row.expires_at, arguments=row.arguments),
        )
        for row in await tx.execute(statement)
    ]


async def mark_asked(tx: AsyncConnection, ids: Sequence[UUID], now: datetime) -> None:
    """Before they are published: what may have been heard must not look as if it never left."""
    waiting = commands.c.id.in_(ids), commands.c.status.in_(["queued", "sent"])
    await tx.execute(update(commands).where(*waiting).values(status="sent", asked_at=now))


async def expire_commands(tx: AsyncConnection, now: datetime) -> None:
    """Those that never left and may not any more."""
    late = commands.c.status == "queued", commands.c.expires_at <= now
    await tx.execute(update(commands).where(*late).values(status="expired"))


async def store_replies(tx: AsyncConnection, replies: Sequence[tuple[str, Reply]], now: datetime) -> None:
    """Keep the outcomes that nodes have told. The first answer stands; one to a command of another node is nothing."""
    for node, reply in replies:
        unanswered = commands.c.id == reply.command_id, commands.c.node == node, commands.c.answered_at.is_(None)
        outcome = {
            "status": reply.outcome,
            "code": None if reply.code is None else clean(reply.code, 7),
            "result": reply.result,
            "answered_at": now,
        }
        await tx.execute(update(commands).where(*unanswered).values(**outcome))
