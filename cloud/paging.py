"""Lists: one shape for all. Filtered and sorted in the database, paged by key so that no row is shown twice or missed.

Ties are broken by id, NULL sorts last both ways. A CSV export has the rows and the order of the list, all pages of it.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import BigInteger, ColumnElement, RowMapping, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import Column
from sqlalchemy.types import TypeDecorator
from starlette.responses import StreamingResponse

from cloud.database import Database
from cloud.errors import Malformed

__all__ = ["Listing", "Nullable", "Page", "PageQuery", "PageRequest", "csv_of", "fold", "matches", "page_of"]

LARGEST_PAGE: Final = 500
"""Rows in one answer: 500 sales are about 150 kB of JSON, the most a phone draws without a pause."""
EXPORT_CHUNK: Final = 2_000
"""Rows read in one short transaction of an export; a slow reader never holds a transaction open."""
LONGEST_SEARCH: Final = 100
TRIGRAM: Final = 3
"""Letters of the shortest word that an index of fragments can find."""

Item = TypeVar("Item", bound=BaseModel)


class Page(BaseModel, Generic[Item]):
    """One page of a list. `next` is handed back as `cursor`; null on the last page. `total` counts the whole filter."""

    items: list[Item]
    next: str | None
    total: int


@dataclass(frozen=True)
class PageQuery:
    """What every list accepts. Made by `PageRequest` in an endpoint's signature."""

    limit: int = 50
    cursor: str | None = None
    sort: str | None = None
    order: Literal["asc", "desc"] | None = None
    q: str | None = None
    format: Literal["json", "csv"] = "json"


def _page_query(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Rows in the answer.")] = 50,
    cursor: Annotated[str | None, Query(max_length=1_000, description="`next` of the page before.")] = None,
    sort: Annotated[str | None, Query(max_length=40, description="Column to sort by; ties go by id.")] = None,
    order: Annotated[Literal["asc", "desc"] | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=LONGEST_SEARCH, description="Every word must occur.")] = None,
    format: Annotated[Literal["json", "csv"], Query(description="csv: all rows of the filter, same order.")] = "json",
) -> PageQuery:
    return PageQuery(limit=limit, cursor=cursor, sort=sort, order=order, q=q, format=format)


PageRequest = Annotated[PageQuery, Depends(_page_query)]


@dataclass(frozen=True)
class Nullable:
    """A sort column that can be NULL although its Column does not say so (outer joins, expressions)."""

    column: ColumnElement[Any]


@dataclass(frozen=True)
class Listing(Generic[Item]):
    """How one list is read.

    statement: already limited to what the reader may see; no order, no limit.
    key: unique column, the tie-breaker; never NULL.
    sortable: name in the address -> column.
    default: sort when none is asked; a leading "-" means descending.
    search: text columns that `q` looks in; words of people stand `fold`ed in a column named `search`.
    fragments: the table whose `search` this is and whose id is `key`, when it has an index of fragments (0016).
    present: rows to items, with the transaction so that it can read what hangs on the page's rows in one query.
    """

    name: str
    statement: Select[Any]
    key: ColumnElement[Any]
    sortable: Mapping[str, ColumnElement[Any] | Nullable]
    default: str
    item: type[Item]
    present: Callable[[AsyncConnection, Sequence[RowMapping]], Awaitable[list[Item]]]
    search: Sequence[ColumnElement[Any]] = ()
    fragments: str | None = None


def fold(text: str) -> str:
    """Text as search compares it: no case, no accents, no compatibility forms; եւ and և are one, and so are ı and i."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare).replace("ı", "i")


def matches(q: str, columns: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """Every word of q occurs in one of the columns. A search of nothing but spaces matches all."""
    conditions = [or_(*(_holds(column, word) for column in columns)) for word in fold(q).split()]
    return and_(*conditions) if conditions else literal(True)


def _holds(column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    # A column named `search` is folded when it is written, so the database need not do it for every row again.
    is_folded = isinstance(column, Column) and column.name == "search"
    return column.contains(word, autoescape=True) if is_folded else column.icontains(word, autoescape=True)


def _by_fragments(tx: AsyncConnection, listing: Listing[Any], q: str) -> ColumnElement[bool]:
    """Narrows SQLite to the rows whose trigrams fit; PostgreSQL finds its index by itself. Short words are read for."""
    words = [word for word in fold(q).split() if len(word) >= TRIGRAM]
    if listing.fragments is None or tx.dialect.name != "sqlite" or not words:
        return literal(True)
    grams, rows = f"fragments_{listing.fragments}_index", f"fragments_{listing.fragments}"
    phrases = " AND ".join('"' + word.replace('"', '""') + '"' for word in words)
    index = sql_table(grams, sql_column("rowid"), sql_column(grams))
    numbered = sql_table(rows, sql_column("number"), sql_column("id", listing.key.type))
    fitting = select(index.c.rowid).where(index.c[grams].op("MATCH")(phrases))
    return listing.key.in_(select(numbered.c.id).where(numbered.c.number.in_(fitting)))


async def page_of(tx: AsyncConnection, listing: Listing[Item], query: PageQuery) -> Page[Item]:
    """The asked page. Raises Malformed SRV-422 for a sort or cursor that is not this list's."""
    statement = _filtered(tx, listing, query)
    # Only the key is selected: what the other columns cost (a price looked up for each row) is not paid for counting.
    keys = statement.with_only_columns(listing.key, maintain_column_froms=True).order_by(None).subquery()
    total = await tx.scalar(select(func.count()).select_from(keys))
    rows, following = await _rows(tx, listing, query, statement)
    return Page(items=await listing.present(tx, rows), next=following, total=total or 0)


async def csv_of(database: Database, listing: Listing[Item], query: PageQuery) -> StreamingResponse:
    """All rows of the filter in the list's order, as a file that spreadsheets open (UTF-8 with its mark)."""
    _ordering(listing, query)  # refuse before the first byte is sent
    headers = {"Content-Disposition": f'attachment; filename="{listing.name}.csv"', "X-Accel-Buffering": "no"}
    return StreamingResponse(_csv_chunks(database, listing, query), media_type="text/csv", headers=headers)


async def _csv_chunks(database: Database, listing: Listing[Item], query: PageQuery) -> AsyncIterator[str]:
    names = list(listing.item.model_fields)
    yield "\ufeff" + _csv_line(names)
    part = replace(query, limit=EXPORT_CHUNK, cursor=None)
    while True:
        async with database.reading() as tx:
            rows, following = await _rows(tx, listing, part, _filtered(tx, listing, part))
            items = await listing.present(tx, rows)
        yield "".join(_csv_line([_cell(value) for value in item.model_dump(mode="json").values()]) for item in items)
        if following is None:
            return
        part = replace(part, cursor=following)


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = " ".join(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        return str(value)
    # A spreadsheet runs a cell that begins like a formula; phone numbers (+374...) are left as they are.
    is_formula = value[:1] in "=@\t\r" or (value[:1] in "+-" and not value[1:2].isdigit())
    return f"'{value}" if value and is_formula else value


def _filtered(tx: AsyncConnection, listing: Listing[Item], query: PageQuery) -> Select[Any]:
    if query.q and listing.search:
        return listing.statement.where(_by_fragments(tx, listing, query.q), matches(query.q, listing.search))
    return listing.statement


@dataclass(frozen=True)
class _Ordering:
    name: str
    descending: bool
    column: ColumnElement[Any]
    is_nullable: bool


def _ordering(listing: Listing[Item], query: PageQuery) -> _Ordering:
    name = query.sort or listing.default.removeprefix("-")
    if name not in listing.sortable:
        raise Malformed("sort", "one of: " + ", ".join(listing.sortable))
    chosen = listing.sortable[name]
    default_order = "desc" if query.sort is None and listing.default.startswith("-") else "asc"
    column = chosen.column if isinstance(chosen, Nullable) else chosen
    is_nullable = isinstance(chosen, Nullable) or (isinstance(column, Column) and bool(column.nullable))
    return _Ordering(name, (query.order or default_order) == "desc", column, is_nullable)


async def _rows(
    tx: AsyncConnection, listing: Listing[Item], query: PageQuery, statement: Select[Any]
) -> tuple[Sequence[RowMapping], str | None]:
    ordering = _ordering(listing, query)
    column, key = ordering.column, listing.key
    if query.cursor is not None:
        value, last_key = _read_cursor(query.cursor, ordering, key)
        statement = statement.where(_after(ordering, key, value, last_key))
    in_order = column.desc() if ordering.descending else column.asc()
    statement = statement.add_columns(column.label("sort_value"), key.label("sort_key")).order_by(
        in_order.nulls_last() if ordering.is_nullable else in_order, key.desc() if ordering.descending else key.asc()
    )
    rows = (await tx.execute(statement.limit(query.limit + 1))).mappings().all()
    if len(rows) <= query.limit:
        return rows, None
    rows = rows[: query.limit]
    return rows, _write_cursor(ordering, rows[-1]["sort_value"], rows[-1]["sort_key"])


def _after(ordering: _Ordering, key: ColumnElement[Any], value: Any, last_key: Any) -> ColumnElement[bool]:
    column = ordering.column
    key_value = literal(last_key, key.type)
    later_key = key < key_value if ordering.descending else key > key_value
    if value is None:
        return and_(column.is_(None), later_key)
    here, there = tuple_(column, key), tuple_(literal(value, column.type), key_value)
    later = here < there if ordering.descending else here > there
    return or_(later, column.is_(None)) if ordering.is_nullable else later


def _write_cursor(ordering: _Ordering, value: Any, key: Any) -> str:
    parts = [ordering.name, ordering.descending, _text_of(value), _text_of(key)]
    return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, ordering: _Ordering, key: ColumnElement[Any]) -> tuple[Any, Any]:
    try:
        name, descending, value, last_key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if [name, descending] != [ordering.name, ordering.descending] or last_key is None:
            raise ValueError("of another order")
        return _value_of(value, ordering.column), _value_of(last_key, key)
    except (ValueError, TypeError, RecursionError) as error:
        raise Malformed("cursor", "not a cursor of this list and order") from error


def _text_of(value: Any) -> str | int | bool | None:
    if value is None or isinstance(value, str | int):
        return value
    return str(value) if isinstance(value, UUID) else str(value.isoformat())


def _value_of(stored: Any, column: ColumnElement[Any]) -> Any:
    kind = column.type.impl_instance.python_type if isinstance(column.type, TypeDecorator) else column.type.python_type
    if stored is None:
        return None
    if kind in (int, bool):
        bits = 63 if isinstance(column.type, BigInteger) else 31
        if type(stored) is not kind or abs(stored) >= 2**bits:
            raise ValueError("not a number of this column")
        return stored
    if not isinstance(stored, str) or "\0" in stored:
        raise ValueError("not a text")
    readers: dict[type, Callable[[str], Any]] = {
        UUID: UUID,
        datetime: _moment,
        date: date.fromisoformat,
    }
    return readers.get(kind, str)(stored)


def _moment(stored: str) -> datetime:
    moment = datetime.fromisoformat(stored)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment
