"""Answering a list: one page, or the export of it, which leaves an audit entry."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import StreamingResponse

from cloud.audit.service import Actor, Entry, record
from cloud.database import Database
from cloud.paging import Listing, Page, PageQuery, csv_of, page_of

__all__ = ["answer"]

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
