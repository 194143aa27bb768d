"""Answering a list: one page, or the export of it, which leaves an audit entry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends
from pydantic import BaseModel
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import StreamingResponse

from cloud.access.dependencies import CurrentClock, CurrentDatabase, Transaction
from cloud.audit.service import Actor, Entry, record
from cloud.database import Database
from cloud.paging import Listing, Page, PageQuery, PageRequest, csv_of, page_of

__all__ = ["ListRequest", "answer", "plainly"]

Item = TypeVar("Item", bound=BaseModel)


async def answer(
    tx: AsyncConnection,
    database: Database,
    listing: Listing[Item],
    query: PageQuery,
    *,
    actor: Actor,
    at: datetime,
) -> Page[Item] | StreamingResponse:
    """What a list's endpoint returns for this query. An export is written down with its size before it starts."""
    if query.format == "json":
        return await page_of(tx, listing, query)
    export = await csv_of(database, listing, query)
    total = (await page_of(tx, listing, PageQuery(limit=1, q=query.q))).total
    # What was searched for may be a person's name or number: only that it was is written down.
    details = {"rows": total, "is_search": query.q is not None, "sort": query.sort or ""}
    await record(tx, actor, at, [Entry("exported", "list", listing.name, new=details)])
    return export


@dataclass(frozen=True)
class _Asked:
    query: PageQuery
    tx: AsyncConnection
    database: Database
    at: datetime

    async def answer(self, listing: Listing[Item], actor: Actor) -> Page[Item] | StreamingResponse:
        return await answer(self.tx, self.database, listing, self.query, actor=actor, at=self.at)


def _asked(query: PageRequest, tx: Transaction, database: CurrentDatabase, clock: CurrentClock) -> _Asked:
    return _Asked(query, tx, database, clock.now())


ListRequest = Annotated[_Asked, Depends(_asked)]
"""What every list is asked with, for its endpoint's signature: `return await asked.answer(listing, caller)`."""


def plainly(model: type[Item]) -> Callable[[AsyncConnection, Sequence[RowMapping]], Awaitable[list[Item]]]:
    """For `Listing.present`: rows that are items as they stand."""

    async def present(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[Item]:
        return [model.model_validate(dict(row)) for row in rows]

    return present
