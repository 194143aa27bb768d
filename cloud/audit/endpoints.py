"""HTTP of the audit log: read and verify; there is nothing to write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response as AnyResponse

from cloud.access.dependencies import Caller, CurrentClock, CurrentDatabase, Transaction, require
from cloud.audit import service
from cloud.audit.listing import answer
from cloud.audit.models import audit_entries
from cloud.audit.schemas import AuditShown, ChainState
from cloud.paging import Listing, Page, PageRequest
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter(tags=["audit"])

Reader = Annotated[Caller, Depends(require("see_audit"))]
Verifier = Annotated[Caller, Depends(require("see_audit", everywhere=True))]


@router.get("/audit", operation_id="list_audit", response_model=Page[AuditShown])
async def list_audit(
    caller: Reader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    record: Annotated[str | None, Query(max_length=120)] = None,
    action: Annotated[str | None, Query(max_length=40)] = None,
    branch: Name | None = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
) -> Page[AuditShown] | AnyResponse:
    """Who changed what, newest first. Whoever is limited to branches sees the entries of those branches."""
    table = audit_entries.c
    conditions = [
        column == value
        for column, value in (
            (table.kind, kind),
            (table.record, record),
            (table.action, action),
            (table.branch, branch),
        )
        if value is not None
    ]
    conditions += [table.at >= since] if since else []
    conditions += [table.at < until] if until else []
    listing = Listing(
        name="audit",
        statement=select(audit_entries).where(caller.within(table.branch), *conditions),
        key=table.sequence,
        sortable={
            "sequence": table.sequence,
            "at": table.at,
            "who": table.who,
            "action": table.action,
            "kind": table.kind,
            "branch": table.branch,
        },
        default="-sequence",
        item=AuditShown,
        present=_present,
        search=[table.who, table.record, table.action],
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


@router.get("/audit/chain", operation_id="verify_audit")
async def verify_audit(_: Verifier, tx: Transaction) -> ChainState:
    """Walk the whole chain. Takes about a second for 50,000 entries."""
    broken_at = await service.verify(tx)
    return ChainState(entries=await service.length(tx), broken_at=broken_at)


async def _present(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[AuditShown]:
    return [AuditShown.model_validate(dict(row)) for row in rows]
