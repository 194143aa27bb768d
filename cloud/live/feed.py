"""The durable order of news: appended in the transaction that makes them, read from any position without gaps.

A reader never sees a row that another, still running transaction could be put before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import orjson
from sqlalchemy import ColumnElement, bindparam, delete, func, insert, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.bulk import fetch
from cloud.live.models import live_feed
from cloud.questions import Question

__all__ = ["KEPT", "KINDS", "START", "News", "Position", "append", "is_known", "newest", "read", "trim"]

KINDS: Final = ("sales", "returns", "receipts", "exceptions", "devices", "nodes")
"""What a row may name: ids as text; a device as branch/node/device."""

KEPT: Final = 100_000
"""Rows that stay: at ten batches a second almost three hours, a screen's longest sleep that is worth continuing."""

_APPEND: Final = "INSERT INTO live_feed (xid, said) VALUES (pg_current_xact_id()::text::bigint, $1::json)"
_OLDEST_RUNNING: Final[ColumnElement[int]] = literal_column("(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)")
_FINAL: Final = {"postgresql": (live_feed.c.xid < _OLDEST_RUNNING,), "sqlite": ()}
"""What no running transaction can put a row before."""


def _next(dialect: str) -> Question:
    begin = tuple_(live_feed.c.xid, live_feed.c.id) > tuple_(bindparam("xid"), bindparam("id"))
    return Question(
        lambda _: (
            select(live_feed)
            .where(begin, *_FINAL[dialect])
            .order_by(live_feed.c.xid, live_feed.c.id)
            .limit(bindparam("limit"))
        )
    )


_NEXT: Final = {dialect: _next(dialect) for dialect in _FINAL}


class Position(NamedTuple):
    """A place between two rows of the feed."""

    xid: int
    id: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        xid, _, row_id = text.partition("-")
        both = (xid, row_id)
        if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in both):
            return None
        return cls(int(xid), int(row_id))

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"


START: Final = Position(0, 0)


@dataclass(frozen=True)
class News:
    """One row: where it stands, and the ids it names by kind."""

    position: Position
    said: Mapping[str, Sequence[str]]


async def append(tx: AsyncConnection, said: Mapping[str, Sequence[str]]) -> None:
    """Put what this transaction does into the feed; nothing when it names nothing."""
    named = {kind: list(said[kind]) for kind in KINDS if said.get(kind)}
    if named and tx.dialect.name == "postgresql":
        await fetch(tx, _APPEND, orjson.dumps(named).decode())
    elif named:
        await tx.execute(insert(live_feed).values(xid=0, said=named))


async def read(tx: AsyncConnection, after: Position, limit: int) -> list[News]:
    """The next rows after a position, in the order that never changes."""
    rows = await _NEXT[tx.dialect.name].ask(tx, xid=after.xid, id=after.id, limit=limit)
    return [News(Position(row["xid"], row["id"]), row["said"]) for row in rows]


async def newest(tx: AsyncConnection) -> Position:
    """The position after everything that can be read now."""
    statement = (
        select(live_feed.c.xid, live_feed.c.id)
        .where(*_FINAL[tx.dialect.name])
        .order_by(live_feed.c.xid.desc(), live_feed.c.id.desc())
        .limit(1)
    )
    row = (await tx.execute(statement)).first()
    return START if row is None else Position(row.xid, row.id)


async def is_known(tx: AsyncConnection, position: Position) -> bool:
    """The row of this position is still here, so nothing after it has been thrown away."""
    statement = select(live_feed.c.id).where(live_feed.c.xid == position.xid, live_feed.c.id == position.id)
    return await tx.scalar(statement) is not None


async def trim(tx: AsyncConnection, keep: int = KEPT) -> None:
    """Throw away all but the newest rows."""
    last = await tx.scalar(select(func.max(live_feed.c.id))) or 0
    await tx.execute(delete(live_feed).where(live_feed.c.id <= last - keep))
