"""The exception list: raising what a person should see, and settling what later facts have answered.

Raising is idempotent by key; nothing is ever deleted from the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.bulk import insert_new
from cloud.fleet.models import exceptions
from shared.ids import uuid7

__all__ = ["Answered", "Raised", "raise_all", "settle_answered"]


@dataclass(frozen=True, slots=True)
class Raised:
    """Something for the list.

    about: what it is about, so that a later fact can settle it; with `code` it is raised once.
    again: distinguishes a second time of the same trouble (a device that stops every day).
    """

    code: str
    about: str
    branch: str
    node: str | None
    at: datetime
    subject: str
    parameters: dict[str, str | int]
    again: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """Facts have settled what was raised about this, as far as it happened until then (None: all of it)."""

    about: str
    until: datetime | None = None


async def raise_all(tx: AsyncConnection, raised: Sequence[Raised], raised_at: datetime) -> set[UUID]:
    """Put on the list what is not there yet; answers the ids of the new entries."""
    rows = {}
    for one in raised:
        key = f"{one.code}:{one.about}:{one.again}".rstrip(":")
        rows[key] = {
            "id": uuid7(),
            "key": key,
            "about": one.about,
            "code": one.code,
            "branch": one.branch,
            "node": one.node,
            "at": one.at,
            "raised_at": raised_at,
            "subject": one.subject[:120],
            "parameters": one.parameters,
        }
    return await insert_new(tx, exceptions, list(rows.values()))


async def settle_answered(tx: AsyncConnection, answered: Sequence[Answered], settled_at: datetime) -> None:
    """Settle, without a person, what facts have answered. One statement each: it is rare."""
    for one in answered:
        until = one.until or datetime.max.replace(tzinfo=UTC)
        await tx.execute(
            update(exceptions)
            .where(exceptions.c.about == one.about, exceptions.c.at <= until, exceptions.c.settled_at.is_(None))
            .values(settled_at=settled_at)
        )
