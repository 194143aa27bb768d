"""HTTP of branches, gateways, devices and exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import ColumnElement, RowMapping, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from cloud.access.dependencies import Caller, CurrentClock, SignedIn, Transaction, require
from cloud.audit.listing import ListRequest, plainly
from cloud.audit.service import Entry, record
from cloud.errors import NotFound
from cloud.fleet.managing import router as managing
from cloud.fleet.models import branches, devices, exceptions, node_status, nodes
from cloud.fleet.schemas import (
    BranchShown,
    DeviceShown,
    ExceptionShown,
    ManySettled,
    NodeShown,
    SettledCount,
    Settlement,
)
from cloud.fleet.withheld import router as withheld
from cloud.ingest.announcements import Announcements, Summary
from cloud.live.dependencies import CurrentAnnouncements
from cloud.paging import Listing, Nullable, Page
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter(tags=["fleet"])
router.include_router(managing)
router.include_router(withheld)

DeviceReader = Annotated[Caller, Depends(require("see_devices"))]
ExceptionReader = Annotated[Caller, Depends(require("see_exceptions"))]
Manager = Annotated[Caller, Depends(require("manage_devices"))]

_STATE: Final[ColumnElement[str]] = case(
    (devices.c.health == "stopped", "stopped"),
    (node_status.c.is_online.is_(None), "unknown"),
    (devices.c.health == "attention", "attention"),
    (~node_status.c.is_online, "offline"),
    else_="ok",
).label("state")
"""The device's own light and its link's, as one word."""
_GRAVITY: Final[ColumnElement[int]] = case(
    {word: weight for weight, word in enumerate(("ok", "offline", "attention", "unknown", "stopped"))}, value=_STATE
)
"""The state as a number to sort by: the words do not sort from bad to good."""


@router.get("/branches", operation_id="list_branches")
async def list_branches(identity: SignedIn, tx: Transaction) -> list[BranchShown]:
    """The branches in which the caller holds any right at all."""
    mine = None if None in identity.grants else {branch for branch in identity.grants if branch is not None}
    rows = (await tx.execute(select(branches).order_by(branches.c.name, branches.c.id))).mappings()
    return [BranchShown.model_validate(dict(row)) for row in rows if mine is None or row["id"] in mine]


@router.get("/nodes", operation_id="list_nodes", response_model=Page[NodeShown])
async def list_nodes(
    caller: DeviceReader,
    asked: ListRequest,
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
        present=plainly(NodeShown),
        search=[nodes.c.id],
    )
    return await asked.answer(listing, caller)


@router.get("/devices", operation_id="list_devices", response_model=Page[DeviceShown])
async def list_devices(
    caller: DeviceReader,
    asked: ListRequest,
    branch: Name | None = None,
    state: Annotated[
        Literal["all", "ok", "attention", "stopped", "offline", "unknown", "not_well"],
        Query(description="not_well: every state but ok."),
    ] = "all",
) -> Page[DeviceShown] | Response:
    """Devices as their gateways last told of them."""
    key = (devices.c.branch + "/" + devices.c.node + "/" + devices.c.id).label("device_key")
    statement = (
        select(devices, node_status.c.is_online, _STATE)
        .outerjoin(node_status, node_status.c.node == devices.c.node)
        .where(caller.within(devices.c.branch))
    )
    if branch is not None:
        statement = statement.where(devices.c.branch == branch)
    if state == "not_well":
        statement = statement.where(_STATE != "ok")
    elif state != "all":
        statement = statement.where(_STATE.in_([state]))
    names = ("id", "branch", "node", "category", "last_event_at")
    nullable = {name: Nullable(devices.c[name]) for name in ("model", "firmware")}
    listing = Listing(
        name="devices",
        statement=statement,
        key=key,
        sortable={name: devices.c[name] for name in names} | nullable | {"state": _GRAVITY},
        default="-state",
        item=DeviceShown,
        present=plainly(DeviceShown),
        search=[devices.c.id, devices.c.category],
    )
    return await asked.answer(listing, caller)


@router.get("/exceptions", operation_id="list_exceptions", response_model=Page[ExceptionShown])
async def list_exceptions(
    caller: ExceptionReader,
    asked: ListRequest,
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
        present=plainly(ExceptionShown),
        search=[exceptions.c.code, exceptions.c.subject],
    )
    return await asked.answer(listing, caller)


@router.post("/exceptions/{exception_id}/settle", operation_id="settle_exception")
async def settle_exception(
    exception_id: UUID,
    body: Settlement,
    caller: Manager,
    tx: Transaction,
    clock: CurrentClock,
    announcements: CurrentAnnouncements,
) -> ExceptionShown:
    """Say why it needs no more looking at. Settling twice keeps the first reason."""
    found = (await tx.execute(select(exceptions).where(exceptions.c.id == exception_id))).mappings().one_or_none()
    if found is None or not caller.sees(found["branch"]):
        raise NotFound("exception", exception_id)
    await _settle(tx, caller, clock.now(), [found], body.reason, announcements)
    row = (await tx.execute(select(exceptions).where(exceptions.c.id == exception_id))).mappings().one()
    return ExceptionShown.model_validate(dict(row))


@router.post("/exceptions/settle", operation_id="settle_exceptions")
async def settle_exceptions(
    body: ManySettled, caller: Manager, tx: Transaction, clock: CurrentClock, announcements: CurrentAnnouncements
) -> SettledCount:
    """Settle many for one reason: those named that are open and in the caller's branches. Answers how many."""
    wanted = select(exceptions).where(exceptions.c.id.in_(body.ids), caller.within(exceptions.c.branch))
    found = (await tx.execute(wanted)).mappings().all()
    return SettledCount(settled=await _settle(tx, caller, clock.now(), found, body.reason, announcements))


async def _settle(
    tx: AsyncConnection,
    caller: Caller,
    now: datetime,
    found: Sequence[RowMapping],
    reason: str,
    announcements: Announcements,
) -> int:
    """Settle what is open of these, with an audit entry each, and let every screen hear of it."""
    is_open = exceptions.c.id.in_([row["id"] for row in found]), exceptions.c.settled_at.is_(None)
    values = {"settled_at": now, "settled_by": caller.user_id, "reason": reason}
    settled = set(await tx.scalars(update(exceptions).where(*is_open).values(values).returning(exceptions.c.id)))
    rows = [row for row in found if row["id"] in settled]
    summary = Summary(exceptions=tuple(str(row["id"]) for row in rows))
    await announcements.announce(tx, summary)
    announcements.committed(summary)  # a moment early: the stream looks again until the commit shows
    entries = [
        Entry("settled", "exception", str(row["id"]), new={"reason": reason}, branch=row["branch"]) for row in rows
    ]
    await record(tx, caller, now, entries)
    return len(rows)
