"""HTTP of what could not be applied: look at it, replay it, with a name behind each act.

Deciding about many, with a reason, is cloud.fleet.withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from cloud.access.dependencies import Caller, CurrentClock, CurrentDatabase, Transaction, require
from cloud.audit.listing import answer
from cloud.audit.service import Entry, record
from cloud.errors import NotFound
from cloud.ingest import quarantine as service
from cloud.ingest.asking import router as asking
from cloud.ingest.models import quarantine
from cloud.paging import Listing, Page, PageRequest
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter()
"""Of all of ingest."""
_aside = APIRouter(tags=["quarantine"], prefix="/quarantine")

Reader = Annotated[Caller, Depends(require("see_exceptions"))]
Manager = Annotated[Caller, Depends(require("manage_devices"))]


class QuarantinedShown(BaseModel):
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


class ReplayShown(BaseModel):
    """applied: it is in the ledgers now. known: the fact had come another way. refused: it waits on, see code."""

    id: UUID
    outcome: Literal["applied", "known", "refused"]
    code: str | None


@_aside.get("", operation_id="list_quarantine", response_model=Page[QuarantinedShown])
async def list_quarantine(
    caller: Reader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    branch: Name | None = None,
    state: Literal["open", "settled", "all"] = "open",
) -> Page[QuarantinedShown] | Response:
    """Facts that could not be applied, with their reasons. Bodies are shown by none of the lists."""
    columns = [quarantine.c[name] for name in QuarantinedShown.model_fields]
    statement = select(*columns).where(caller.within(quarantine.c.branch))
    if branch is not None:
        statement = statement.where(quarantine.c.branch == branch)
    if state != "all":
        settled = quarantine.c.settled_at
        statement = statement.where(settled.is_(None) if state == "open" else settled.is_not(None))
    listing = Listing(
        name="quarantine",
        statement=statement,
        key=quarantine.c.id,
        sortable={name: quarantine.c[name] for name in ("received_at", "code", "branch", "node", "sequence")},
        default="-received_at",
        item=QuarantinedShown,
        present=_present,
        search=[quarantine.c.code, quarantine.c.reason],
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


@_aside.post("/{quarantine_id}/replay", operation_id="replay_quarantined")
async def replay(quarantine_id: UUID, caller: Manager, tx: Transaction, clock: CurrentClock) -> ReplayShown:
    """Try to apply it again, after an upgrade or a correction at head office."""
    branch = await _must_see(tx, caller, quarantine_id)
    [result] = await service.replay(tx, [quarantine_id], by=caller.user_id, now=clock.now())
    new = {"outcome": result.outcome} | ({"code": result.problem.code} if result.problem else {})
    entry = Entry("replayed", "quarantine", str(quarantine_id), new=new, branch=branch)
    await record(tx, caller, clock.now(), [entry])
    return ReplayShown(id=result.id, outcome=result.outcome, code=result.problem.code if result.problem else None)


async def _must_see(tx: AsyncConnection, caller: Caller, quarantine_id: UUID) -> str:
    """The row's branch. Raises NotFound, also for a row of a branch that is not the caller's or is settled."""
    statement = select(quarantine.c.branch).where(quarantine.c.id == quarantine_id, quarantine.c.settled_at.is_(None))
    branch: str | None = await tx.scalar(statement)
    if branch is None or not caller.sees(branch):
        raise NotFound("quarantined fact", quarantine_id)
    return branch


async def _present(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[QuarantinedShown]:
    return [QuarantinedShown.model_validate(dict(row)) for row in rows]


router.include_router(_aside)
router.include_router(asking)
