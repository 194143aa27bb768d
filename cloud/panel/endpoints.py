"""HTTP of the control panel."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from cloud.access.dependencies import CurrentClock, SignedIn, Transaction
from cloud.access.rights import Right
from cloud.errors import Forbidden
from cloud.panel import service
from cloud.panel.schemas import Panel

__all__ = ["router"]

router = APIRouter(tags=["panel"])


@router.get("/panel", operation_id="get_panel")
async def get_panel(
    identity: SignedIn,
    tx: Transaction,
    clock: CurrentClock,
    on: Annotated[date | None, Query(description="A business date; each branch's own today when absent.")] = None,
) -> Panel:
    """Figures of every branch, with who is missing from them. Cut to the reader's branches and rights."""
    if not any(identity.has(right) for right in (Right.SEE_SALES, Right.SEE_DEVICES, Right.SEE_EXCEPTIONS)):
        raise Forbidden("USR-211", right=Right.SEE_SALES)
    return await service.panel(tx, identity, clock.now(), on)
