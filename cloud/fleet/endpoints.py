"""HTTP of branches, gateways, devices and exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import ColumnElement, RowMapping, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from cloud.access.dependencies import Caller, CurrentClock, CurrentDatabase, SignedIn, Transaction, require
from cloud.audit.listing import answer
from cloud.audit.service import Entry, record
from cloud.errors import NotFound
from cloud.fleet.managing import router as managing
from cloud.fleet.models import branches, devices, exceptions, node_status, nodes
from cloud.fleet.schemas import BranchShown, DeviceShown, ExceptionShown, NodeShown, Settlement
from cloud.paging import Listing, Nullable, Page, PageRequest
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter(tags=["fleet"])
router.include_router(managing)

DeviceReader = Annotated[Caller, Depends(require("see_devices"))]
ExceptionReader = Annotated[Caller, Depends(require("see_exceptions"))]
Manager = Annotated[Caller, Depends(require("manage_devices"))]
Shown = TypeVar("Shown", bound=BaseModel)

_ILLNESS: Final[ColumnElement[int]] = case(
    (devices.c.health == "stopped", 2), (devices.c.health == "attention", 1), else_=0
)
"""Health as a number to sort by: the words do not sort from bad to good."""


@router.get("/branches", operation_id="list_branches")
async def list_branches(identity: SignedIn, tx: Transaction) -> list[BranchShown]:
    """The branches in which the caller holds any right at all."""
    mine = None if None in identity.grants else {branch for branch in identity.grants if branch is not None}
    rows = (await tx.execute(select(branches).order_by(branches.c.name, branches.c.id))).mappings()
    return [BranchShown.model_validate(dict(row)) for row in rows if mine is None or row["id"] in mine]


@router.get("/nodes", operation_id="list_nodes", response_model=Page[NodeShown])
async def list_nodes(
    caller: DeviceReader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    branch: Name | None = None,
) -> Page[NodeShown] | Response:
    """Gateways and their links. Secrets are nowhere in it."""
    told = node_status.c
    shown = [nodes.c[name] for name in ("id", "branch", "partition", "created_at", "withdrawn_at", "flagged_at")]
    statement = (
        select(*shown, told.is_online, told.since, told.version, told.boot, told.replica, told.heard_at)
        .outerjoin(node_status, told.node == nodes.c.id)
        .where(caller.within(nodes.c.branch))
    )
    if branch is not None:
        statement = statement.where(nodes.c.branch == branch)
    listing = Listing(
        name="nodes",
        statement=statement,
        key=nodes.c.id,
        sortable={
            "id": nodes.c.id,
            "branch": nodes.c.branch,
            "created_at": nodes.c.created_at,
            "heard_at": Nullable(told.heard_at),
            "version": Nullable(told.version),
        },
        default="id",
        item=NodeShown,
        present=_plainly(NodeShown),
        search=[nodes.c.id],
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


@router.get("/devices", operation_id="list_devices", response_model=Page[DeviceShown])
async def list_devices(
    caller: DeviceReader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    branch: Name | None = None,
    health: Literal["all", "ok", "attention", "stopped", "not_well"] = "all",
) -> Page[DeviceShown] | Response:
    """Devices as their gateways last told of them."""
    key = (devices.c.branch + "/" + devices.c.node + "/" + devices.c.id).label("device_key")
    statement = (
        select(devices, node_status.c.is_online)
        .outerjoin(node_status, node_status.c.node == devices.c.node)
        .where(caller.within(devices.c.branch))
    )
    if branch is not None:
        statement = statement.where(devices.c.branch == branch)
    if health == "not_well":
        statement = statement.where(devices.c.health != "ok")
    elif health != "all":
        statement = statement.where(devices.c.health == health)
    names = ("id", "branch", "node", "category", "health", "last_event_at", "model")
    listing = Listing(
        name="devices",
        statement=statement,
        key=key,
        sortable={name: devices.c[name] for name in names} | {"health": _ILLNESS},
        default="-health",
        item=DeviceShown,
        present=_plainly(DeviceShown),
        search=[devices.c.id, devices.c.category],
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


@router.get("/exceptions", operation_id="list_exceptions", response_model=Page[ExceptionShown])
async def list_exceptions(
    caller: ExceptionReader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    branch: Name | None = None,
    state: Literal["open", "settled", "all"] = "all",
) -> Page[ExceptionShown] | Response:
    """What a person should look at, the newest first."""
    statement = select(exceptions).where(caller.within(exceptions.c.branch))
    if branch is not None:
        statement = statement.where(exceptions.c.branch == branch)
    if state != "all":
        settled = exceptions.c.settled_at
        statement = statement.where(settled.is_(None) if state == "open" else settled.is_not(None))
    names = ("raised_at", "at", "code", "branch", "node", "subject", "settled_at")
    listing = Listing(
        name="exceptions",
        statement=statement,
        key=exceptions.c.id,
        sortable={name: exceptions.c[name] for name in names},
        default="-raised_at",
        item=ExceptionShown,
        present=_plainly(ExceptionShown),
        search=[exceptions.c.code, exceptions.c.subject],
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


@router.post("/exceptions/{exception_id}/settle", operation_id="settle_exception")
async def settle_exception(
    exception_id: UUID, body: Settlement, caller: Manager, tx: Transaction, clock: CurrentClock
) -> ExceptionShown:
    """Say why it needs no more looking at. Settling twice keeps the first reason."""
    found = (await tx.execute(select(exceptions).where(exceptions.c.id == exception_id))).mappings().one_or_none()
    if found is None or not caller.sees(found["branch"]):
        raise NotFound("exception", exception_id)
    if found["settled_at"] is None:
        values = {"settled_at": clock.now(), "settled_by": caller.user_id, "reason": body.reason}
        await tx.execute(update(exceptions).where(exceptions.c.id == exception_id).values(values))
        entry = Entry("settled", "exception", str(exception_id), new={"reason": body.reason}, branch=found["branch"])
        await record(tx, caller, clock.now(), [entry])
    row = (await tx.execute(select(exceptions).where(exceptions.c.id == exception_id))).mappings().one()
    return ExceptionShown.model_validate(dict(row))


def _plainly(model: type[Shown]) -> Any:
    async def present(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[Shown]:
        return [model.model_validate(dict(row)) for row in rows]

    return present
