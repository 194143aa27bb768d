"""HTTP of what head office does to branches and gateways: make, withdraw, decide between two epochs.

Every change leaves an audit entry. Where this service manages the broker, its files follow the nodes within a second
(cloud.fleet.keeping); elsewhere they are written by whoever does.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access.dependencies import Caller, CurrentClock, Transaction, require
from cloud.audit.service import Entry, record
from cloud.errors import NotFound
from cloud.fields import CountryCode, CurrencyCode, Words
from cloud.fleet import service
from cloud.fleet.models import nodes
from cloud.fleet.schemas import BranchShown
from cloud.ingest.quarantine import replay_held
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter(tags=["fleet"])

Manager = Annotated[Caller, Depends(require("manage_devices"))]
CompanyManager = Annotated[Caller, Depends(require("manage_devices", everywhere=True))]


class BranchDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Name
    name: Words
    currency: CurrencyCode
    zone: Annotated[str, Field(max_length=64, description="IANA, for example Asia/Yerevan.")]
    country: CountryCode
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    kind: Annotated[str, Field(pattern=r"^(shop|warehouse)$")] = "shop"


class NodeDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    branch: Name


class NodeMade(BaseModel):
    """The secret is shown this once and kept nowhere."""

    node: str
    branch: str
    partition: int
    secret: str


class EpochChoice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    epoch: UUID


class EpochChosen(BaseModel):
    replayed: int
    """Facts that had been held back and are in the ledgers now."""
    refused: int


@router.post("/branches", operation_id="create_branch", status_code=status.HTTP_201_CREATED)
async def create_branch(body: BranchDraft, caller: CompanyManager, tx: Transaction, clock: CurrentClock) -> BranchShown:
    """A new place of business, with its main warehouse."""
    await service.add_branch(tx, **body.model_dump(), now=clock.now())
    await record(tx, caller, clock.now(), [Entry("created", "branch", body.id, new=body.model_dump(), branch=body.id)])
    return BranchShown(**body.model_dump(), is_active=True)


@router.post("/nodes", operation_id="create_node", status_code=status.HTTP_201_CREATED)
async def create_node(body: NodeDraft, caller: Manager, tx: Transaction, clock: CurrentClock) -> NodeMade:
    """A new gateway for a branch. Its secret is in this answer and nowhere else."""
    caller.must_see(body.branch)
    made = await service.add_node(tx, body.branch, now=clock.now())
    await record(tx, caller, clock.now(), [Entry("created", "node", made.node, branch=made.branch)])
    return NodeMade(node=made.node, branch=made.branch, partition=made.partition, secret=made.secret)


@router.post("/nodes/{node}/withdraw", operation_id="withdraw_node", status_code=status.HTTP_204_NO_CONTENT)
async def withdraw_node(node: str, caller: Manager, tx: Transaction, clock: CurrentClock) -> None:
    """Shut a gateway out, for theft or replacement. Its facts stay."""
    branch = await _branch_of(tx, node, caller)
    await service.withdraw_node(tx, node, now=clock.now())
    await record(tx, caller, clock.now(), [Entry("withdrawn", "node", node, branch=branch)])


@router.post("/nodes/{node}/epoch", operation_id="choose_epoch")
async def choose_epoch(
    node: str, body: EpochChoice, caller: Manager, tx: Transaction, clock: CurrentClock
) -> EpochChosen:
    """Decide which of two live epochs is believed (EVT-422); what was held of it is applied now."""
    branch = await _branch_of(tx, node, caller)
    await service.choose_epoch(tx, node, body.epoch)
    results = await replay_held(tx, node, body.epoch, by=caller.user_id, now=clock.now())
    new = {"epoch": str(body.epoch)}
    await record(tx, caller, clock.now(), [Entry("chosen", "epoch", node, new=new, branch=branch)])
    refused = sum(one.outcome == "refused" for one in results)
    return EpochChosen(replayed=len(results) - refused, refused=refused)


async def _branch_of(tx: AsyncConnection, node: str, caller: Caller) -> str:
    branch: str | None = await tx.scalar(select(nodes.c.branch).where(nodes.c.id == node))
    if branch is None or not caller.sees(branch):
        raise NotFound("node", node)
    return branch
