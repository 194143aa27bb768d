"""HTTP of facts in quarantine, for whoever decides about them: the fact itself, and settling many with a reason.

The fact is shown as it came, whole; looking at it is written down, because it may speak of people.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import select

from cloud.access.dependencies import Caller, CurrentClock, Transaction, leaves_a_trace, require
from cloud.audit.service import Entry, record
from cloud.errors import NotFound
from cloud.fleet.schemas import MOST_AT_ONCE, Settlement
from cloud.ingest import quarantine as service
from cloud.ingest.models import quarantine

__all__ = ["router"]

router = APIRouter(tags=["quarantine"], prefix="/quarantine")

Manager = Annotated[Caller, Depends(require("manage_devices"))]


class WithheldFact(BaseModel):
    """body: the text as the gateway sent it; it may be anything."""

    id: UUID
    event_id: UUID
    branch: str
    node: str
    epoch: UUID | None
    sequence: int | None
    code: str
    reason: str
    received_at: AwareDatetime
    settled_at: AwareDatetime | None
    outcome: str | None
    body: str


class Decision(Settlement):
    """let_in: try to apply them again. dismiss: settle them without applying; they stay where they are."""

    ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)
    act: Literal["let_in", "dismiss"]


class Decided(BaseModel):
    """known: the fact had come another way. refused: it waits on, `code` says why. gone: it was settled before."""

    id: UUID
    outcome: Literal["applied", "known", "refused", "dismissed", "gone"]
    code: str | None = None


@router.get("/{quarantine_id}", operation_id="get_quarantined")
@leaves_a_trace
async def get_quarantined(quarantine_id: UUID, caller: Manager, tx: Transaction, clock: CurrentClock) -> WithheldFact:
    """One entry with its body."""
    row = (await tx.execute(select(quarantine).where(quarantine.c.id == quarantine_id))).mappings().one_or_none()
    if row is None or not caller.sees(row["branch"]):
        raise NotFound("quarantined fact", quarantine_id)
    await record(tx, caller, clock.now(), [Entry("read", "quarantine", str(quarantine_id), branch=row["branch"])])
    return WithheldFact.model_validate(dict(row))


@router.post("/decide", operation_id="decide_quarantined")
async def decide(body: Decision, caller: Manager, tx: Transaction, clock: CurrentClock) -> list[Decided]:
    """Let many in, or dismiss them, for one reason. Answers what became of each, in the order given."""
    rows = await tx.execute(
        select(quarantine.c.id, quarantine.c.branch)
        .where(quarantine.c.id.in_(body.ids), caller.within(quarantine.c.branch), quarantine.c.settled_at.is_(None))
        .order_by(quarantine.c.id)
    )
    branch_of = {row.id: row.branch for row in rows}
    outcomes: dict[UUID, Decided] = {}
    if body.act == "let_in":
        for result in await service.replay(tx, list(branch_of), by=caller.user_id, now=clock.now()):
            code = result.problem.code if result.problem else None
            outcomes[result.id] = Decided(id=result.id, outcome=result.outcome, code=code)
    else:
        for id in branch_of:
            if await service.dismiss(tx, id, by=caller.user_id, now=clock.now()):
                outcomes[id] = Decided(id=id, outcome="dismissed")
    entries = [
        Entry(one.outcome, "quarantine", str(id), new={"reason": body.reason}, branch=branch_of[id])
        for id, one in outcomes.items()
    ]
    await record(tx, caller, clock.now(), entries)
    return [outcomes.get(id, Decided(id=id, outcome="gone")) for id in dict.fromkeys(body.ids)]
