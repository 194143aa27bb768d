"""HTTP of commands to gateways: ask one, see what became of it. The asking itself is cloud.ingest.commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StrictInt
from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from cloud.access.dependencies import Caller, CurrentClock, CurrentDatabase, Transaction, require
from cloud.audit.listing import answer
from cloud.audit.service import Entry, record
from cloud.errors import Malformed, NotFound
from cloud.fleet.models import nodes
from cloud.ingest.commands import send_command
from cloud.ingest.models import commands
from cloud.paging import Listing, Page, PageRequest
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter(tags=["commands"])

Reader = Annotated[Caller, Depends(require("see_devices"))]
Manager = Annotated[Caller, Depends(require("manage_devices"))]
Argument = Annotated[str, Field(max_length=500)] | StrictInt | StrictBool | None
CommandId = Annotated[
    UUID,
    Header(alias="Idempotency-Key", description="A UUID of the asker's making; it becomes the command's id."),
]
Status = Literal["queued", "sent", "done", "failed", "unknown", "expired"]

WEEK_S = 7 * 24 * 3_600


class CommandDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z_.]{0,59}$")]
    arguments: Annotated[dict[Annotated[str, Field(max_length=60)], Argument], Field(max_length=20)] = {}
    expires_in_s: Annotated[int, Field(ge=5, le=WEEK_S)] = 300
    """A gateway that is not connected within this does not begin it."""


class CommandShown(BaseModel):
    """unknown: it was cut short, or its device could not say; nobody repeats it by itself."""

    id: UUID
    node: str
    branch: str
    name: str
    arguments: dict[str, Any]
    issued_at: AwareDatetime
    issued_by: UUID | None
    expires_at: AwareDatetime
    status: Status
    answered_at: AwareDatetime | None
    code: str | None
    result: dict[str, Any] | None


@router.get("/commands", operation_id="list_commands", response_model=Page[CommandShown])
async def list_commands(
    caller: Reader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    branch: Name | None = None,
    state: Literal["open", "answered", "all"] = "all",
) -> Page[CommandShown] | Response:
    """What has been asked of gateways, the newest first, with the outcome once there is one."""
    statement = select(*(commands.c[name] for name in CommandShown.model_fields)).where(
        caller.within(commands.c.branch)
    )
    if branch is not None:
        statement = statement.where(commands.c.branch == branch)
    if state != "all":
        waiting = commands.c.status.in_(["queued", "sent"])
        statement = statement.where(waiting if state == "open" else ~waiting)
    listing = Listing(
        name="commands",
        statement=statement,
        key=commands.c.id,
        sortable={name: commands.c[name] for name in ("issued_at", "name", "branch", "node", "status")},
        default="-issued_at",
        item=CommandShown,
        present=_present,
        search=[commands.c.name, commands.c.node],
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


@router.post("/nodes/{node}/commands", operation_id="send_command", status_code=status.HTTP_201_CREATED)
async def send(
    node: str, body: CommandDraft, caller: Manager, tx: Transaction, clock: CurrentClock, command_id: CommandId
) -> CommandShown:
    """Ask something of a gateway. The outcome comes later, under the command's id.

    A repeat with the same key asks nothing again and answers what became of the first.
    """
    now = clock.now()
    branch = await tx.scalar(select(nodes.c.branch).where(nodes.c.id == node))
    if branch is None or not caller.sees(branch):
        raise NotFound("node", node)
    is_new = await send_command(
        tx,
        id=command_id,
        node=node,
        name=body.name,
        arguments=body.arguments,
        now=now,
        expires_at=now + timedelta(seconds=body.expires_in_s),
        by=caller.user_id,
    )
    row = (await tx.execute(select(commands).where(commands.c.id == command_id))).mappings().one()
    if is_new:
        entry = Entry("asked", "command", str(command_id), new={"node": node, "name": body.name}, branch=branch)
        await record(tx, caller, now, [entry])
    elif not _is_repeat(row, node, body, caller):
        raise Malformed("Idempotency-Key", "it belongs to another command")
    return CommandShown.model_validate(dict(row))


def _is_repeat(row: RowMapping, node: str, body: CommandDraft, caller: Caller) -> bool:
    lasts = row["expires_at"] - row["issued_at"]
    asked = row["node"], row["name"], row["arguments"], row["issued_by"], lasts
    return asked == (node, body.name, body.arguments, caller.user_id, timedelta(seconds=body.expires_in_s))


async def _present(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[CommandShown]:
    return [CommandShown.model_validate(dict(row)) for row in rows]
