"""Who reads which partition: leases in the database, with a fencing number that grows with every change of hands.

A lease that has run out is only an invitation; what stops a worker that lost it is the fence, checked and locked inside
the transaction that moves cursors (`confirm`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.bulk import put
from cloud.ingest.models import ingest_leases, ingest_workers
from cloud.questions import Question
from shared.topics import PARTITIONS

__all__ = ["LEASE_S", "Leases", "confirm", "release_all", "renew"]

LEASE_S: Final = 15.0
"""How long a partition waits when its worker died: longer than a long pause of a busy machine, short enough that nodes,
which repeat after 10 s (N6), repeat twice at most. One that is known to be dead is not waited for."""

Fences = Mapping[int, int]
"""Partition -> fencing number under which it is held."""


@dataclass(frozen=True)
class Leases:
    """What a worker holds."""

    owner: str
    fences: Fences = field(default_factory=dict)


async def renew(
    tx: AsyncConnection,
    owner: str,
    now: datetime,
    lease_s: float = LEASE_S,
    *,
    is_dead: Callable[[str], bool] = lambda owner: False,
) -> Leases:
    """Keep what this worker holds, up to its fair share, and take what nobody holds. Called every third of a lease.

    Partitions above the fair share are let go, so that a worker that has just started gets its part.
    is_dead: knows of some owners that they will never come back; what they hold is taken at once.
    """
    await put(tx, ingest_workers, [{"owner": owner, "seen_at": now}], ["owner"], ["seen_at"])
    await tx.execute(delete(ingest_workers).where(ingest_workers.c.seen_at < now - timedelta(seconds=lease_s)))
    rows = ingest_leases.c
    # The order of the rows is the order of the locks, the same for every worker.
    table = (await tx.execute(select(ingest_leases).order_by(rows.partition).with_for_update())).all()
    for dead in {row.owner for row in table if row.owner not in (None, owner) and is_dead(row.owner)}:
        await release_all(tx, dead)
    table = (await tx.execute(select(ingest_leases).order_by(rows.partition))).all()
    workers = await tx.scalar(select(func.count()).select_from(ingest_workers)) or 1
    share = math.ceil(PARTITIONS / workers)
    mine = [row.partition for row in table if row.owner == owner]
    free = [row.partition for row in table if row.owner is None or (row.owner != owner and row.expires_at < now)]
    kept, let_go, taken = mine[:share], mine[share:], free[: max(0, share - len(mine))]
    expires_at = now + timedelta(seconds=lease_s)
    if let_go:
        await tx.execute(update(ingest_leases).where(rows.partition.in_(let_go)).values(owner=None, expires_at=None))
    if kept:
        await tx.execute(update(ingest_leases).where(rows.partition.in_(kept)).values(expires_at=expires_at))
    if taken:
        fresh = {"owner": owner, "expires_at": expires_at, "fence": rows.fence + 1}
        await tx.execute(update(ingest_leases).where(rows.partition.in_(taken)).values(**fresh))
    fences = {row.partition: row.fence + (row.partition in taken) for row in table}
    return Leases(owner, {partition: fences[partition] for partition in sorted(kept + taken)})


async def confirm(tx: AsyncConnection, leases: Leases, partitions: set[int]) -> set[int]:
    """Those of the partitions that are still this worker's, locked against a change of hands until commit."""
    held = await _HELD.ask(tx, owner=leases.owner, partitions=partitions)
    return {row["partition"] for row in held if leases.fences.get(row["partition"]) == row["fence"]}


_HELD: Final = Question(
    lambda among: (
        select(ingest_leases.c.partition, ingest_leases.c.fence)
        .where(ingest_leases.c.owner == bindparam("owner"), among(ingest_leases.c.partition, "partitions"))
        .order_by(ingest_leases.c.partition)
        .with_for_update(read=True)
    )
)


async def release_all(tx: AsyncConnection, owner: str) -> None:
    """What a worker does before it leaves on purpose, so that the others need not wait."""
    mine = ingest_leases.c.owner == owner
    await tx.execute(update(ingest_leases).where(mine).values(owner=None, expires_at=None))
    await tx.execute(delete(ingest_workers).where(ingest_workers.c.owner == owner))
