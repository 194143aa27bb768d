"""HTTP of saved views: what somebody wants a list to show again. Everybody has their own and sees no others'."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud import bulk
from cloud.access.dependencies import CurrentClock, SignedIn, Transaction
from cloud.access.models import saved_views
from cloud.errors import Malformed, NotFound
from cloud.fields import Words
from shared.envelope import Name
from shared.ids import uuid7

__all__ = ["router"]

router = APIRouter(tags=["views"], prefix="/views")

MOST_VIEWS: Final = 200
"""Of one person: more names than anybody tells apart."""


class ViewDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    list: Name
    name: Annotated[Words, Field(max_length=100)]
    question: Annotated[str, Field(max_length=2_000, description="Of the list's address: filters, order, columns.")]


class ViewShown(ViewDraft):
    id: UUID


@router.get("", operation_id="list_views")
async def list_views(
    identity: SignedIn, tx: Transaction, list: Annotated[Name, Query(description="Which list's.")]
) -> list[ViewShown]:
    """The caller's own, by name."""
    mine = saved_views.c.user_id == identity.user_id, saved_views.c.list == list
    rows = await tx.execute(select(saved_views).where(*mine).order_by(saved_views.c.name))
    return [ViewShown(id=row.id, list=row.list, name=row.name, question=row.question) for row in rows]


@router.post("", operation_id="save_view", status_code=status.HTTP_201_CREATED)
async def save_view(body: ViewDraft, identity: SignedIn, tx: Transaction, clock: CurrentClock) -> ViewShown:
    """Save under a name; a view of the same name is replaced."""
    await _must_have_room(tx, identity.user_id)
    row = {"id": uuid7(), "user_id": identity.user_id, **body.model_dump(), "saved_at": clock.now()}
    await bulk.put(tx, saved_views, [row], ["user_id", "list", "name"], ["question", "saved_at"])
    same = (getattr(saved_views.c, name) == row[name] for name in ("user_id", "list", "name"))
    id = (await tx.execute(select(saved_views.c.id).where(*same))).scalar_one()
    return ViewShown(id=id, **body.model_dump())


@router.delete("/{view_id}", operation_id="delete_view", status_code=status.HTTP_204_NO_CONTENT)
async def delete_view(view_id: UUID, identity: SignedIn, tx: Transaction) -> None:
    mine = saved_views.c.id == view_id, saved_views.c.user_id == identity.user_id
    if not (await tx.execute(delete(saved_views).where(*mine))).rowcount:
        raise NotFound("view", view_id)


async def _must_have_room(tx: AsyncConnection, user_id: UUID) -> None:
    held = await tx.scalar(select(func.count()).select_from(saved_views).where(saved_views.c.user_id == user_id))
    if (held or 0) >= MOST_VIEWS:
        raise Malformed("views", f"at most {MOST_VIEWS} for one person")
