"""What a person does with a quarantined fact: replay it (after an upgrade, a choice, a correction) or dismiss it.

A replay goes into the ledgers by the same way as any fact, once: its id is the fact's own. Bodies are never edited.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import exists, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.fleet.exceptions import Answered, raise_all, settle_answered
from cloud.ingest import repository
from cloud.ingest.effects import NewFact, Place
from cloud.ingest.intake import Item, Problem, read_payload
from cloud.ingest.ledgers import apply_what_goes
from cloud.ingest.models import facts, quarantine
from shared.envelope import Envelope

__all__ = ["Replay", "dismiss", "replay", "replay_all", "replay_held"]

CHUNK: Final = 500
"""Facts of one transaction when many are replayed: about as long as ten ordinary batches."""


@dataclass(frozen=True)
class Replay:
    """applied: it is in the ledgers now. known: the fact had come another way meanwhile. refused: it waits on."""

    id: UUID
    outcome: Literal["applied", "known", "refused"]
    problem: Problem | None = None


async def replay(tx: AsyncConnection, ids: Sequence[UUID], *, by: UUID | None, now: datetime) -> list[Replay]:
    """Try these entries again, together. What is settled already, or not there, is left out of the answer.

    by: who asked; None for the program itself after an upgrade.
    """
    statement = (
        select(quarantine)
        .where(quarantine.c.id.in_(ids), quarantine.c.settled_at.is_(None))
        .order_by(quarantine.c.node, quarantine.c.epoch, quarantine.c.sequence)
        .with_for_update()
    )
    rows = (await tx.execute(statement)).mappings().all()
    places = await repository.find_nodes(tx, {row["node"] for row in rows}, withdrawn_too=True)
    readable: list[tuple[RowMapping, NewFact]] = []
    done: list[Replay] = []
    for row in rows:
        read = _read(row, places[row["node"]].place)
        if isinstance(read, Problem):
            done.append(Replay(row["id"], "refused", read))
        else:
            if await _number_is_taken(tx, read.envelope):
                read.sequence = None
            readable.append((row, read))
    effects, culprits = await apply_what_goes(tx, [fact for _, fact in readable], now)
    applied = {fact.envelope.id for facts_of_kind in effects.facts.values() for fact in facts_of_kind}
    refused = {fact.envelope.id: problem for fact, problem in culprits}
    for row, fact in readable:
        if fact.envelope.id in refused:
            done.append(Replay(row["id"], "refused", refused[fact.envelope.id]))
        else:
            done.append(Replay(row["id"], "applied" if fact.envelope.id in applied else "known"))
    await raise_all(tx, effects.raised, now)
    await settle_answered(tx, effects.answered, now)
    for row, result in _with_rows(rows, done):
        await _note(tx, row, result, by, now)
    return done


async def replay_held(tx: AsyncConnection, node: str, epoch: UUID, *, by: UUID, now: datetime) -> list[Replay]:
    """Replay what was held back because two epochs were alive (EVT-422), after head office has chosen this one."""
    held = quarantine.c.node == node, quarantine.c.epoch == epoch, quarantine.c.code == "EVT-422"
    ids = (await tx.scalars(select(quarantine.c.id).where(*held, quarantine.c.settled_at.is_(None)))).all()
    return await replay(tx, ids, by=by, now=now)


async def replay_all(tx: AsyncConnection, codes: Sequence[str], *, after: UUID | None, now: datetime) -> list[Replay]:
    """The next CHUNK of waiting entries with these codes, for the program after an upgrade.

    after: the last entry of the chunk before; an empty answer ends.
    """
    waiting = (
        select(quarantine.c.id)
        .where(quarantine.c.code.in_(codes), quarantine.c.settled_at.is_(None))
        .order_by(quarantine.c.id)
        .limit(CHUNK)
    )
    if after is not None:
        waiting = waiting.where(quarantine.c.id > after)
    return sorted(await replay(tx, (await tx.scalars(waiting)).all(), by=None, now=now), key=lambda result: result.id)


async def dismiss(tx: AsyncConnection, id: UUID, *, by: UUID, now: datetime) -> bool:
    """Settle an entry without applying it; its body stays. Answers whether it was waiting."""
    waiting = quarantine.c.id == id, quarantine.c.settled_at.is_(None)
    row = (await tx.execute(select(quarantine).where(*waiting).with_for_update())).mappings().one_or_none()
    if row is None:
        return False
    await _settle(tx, row, "dismissed", by, now)
    return True


def _read(row: RowMapping, place: Place) -> NewFact | Problem:
    try:
        envelope = Envelope.model_validate(json.loads(row["body"]))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return Problem("EVT-403", f"where: {'.'.join(map(str, first['loc']))}, what: {first['msg']}")
    item = Item(envelope.epoch, envelope.sequence, envelope.id, row["body"], envelope=envelope)
    fact = read_payload(item)
    if fact is None:
        assert item.problem is not None
        return item.problem
    return NewFact(envelope, fact.name, fact.payload, row["body"], place)


async def _number_is_taken(tx: AsyncConnection, envelope: Envelope) -> bool:
    same_number = (
        facts.c.node == envelope.node,
        facts.c.epoch == envelope.epoch,
        facts.c.sequence == envelope.sequence,
        facts.c.event_id != envelope.id,
    )
    return bool(await tx.scalar(select(exists().where(*same_number))))


def _with_rows(rows: Sequence[RowMapping], done: Sequence[Replay]) -> list[tuple[RowMapping, Replay]]:
    by_id = {row["id"]: row for row in rows}
    return [(by_id[result.id], result) for result in done]


async def _note(tx: AsyncConnection, row: RowMapping, result: Replay, by: UUID | None, now: datetime) -> None:
    if result.outcome != "refused":
        await _settle(tx, row, result.outcome, by, now)
    elif result.problem is not None:
        news = {"code": result.problem.code, "reason": result.problem.reason}
        await tx.execute(update(quarantine).where(quarantine.c.id == row["id"]).values(**news))


async def _settle(tx: AsyncConnection, row: RowMapping, outcome: str, by: UUID | None, now: datetime) -> None:
    settled: dict[str, Any] = {"settled_at": now, "settled_by": by, "outcome": outcome}
    await tx.execute(update(quarantine).where(quarantine.c.id == row["id"]).values(**settled))
    await settle_answered(tx, [Answered(f"{row['node']}:fact:{row['event_id']}")], now)
