"""Many rows in one statement, whatever their number, in both dialects, from the Table alone.

Rows are plain dicts that all carry the same columns, or tuples where there are very many; values are UUID, aware
datetime, date, int, bool, str or None, and dicts and lists for JSON columns. PostgreSQL gets COPY, or one array for
each column where rows may be there already: a third of the server's work of one JSON parameter, measured; SQLite has
no arrays and gets the batch as JSON. Statements are sorted by key, so two writers never lock crosswise. Nothing here
commits.
"""

# ruff: noqa: S608 - statements are put together from Table definitions; every value travels as a parameter

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import orjson
from asyncpg.pgproto import pgproto  # type: ignore[import-untyped]
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.database import Timestamp, timestamp_text

__all__ = [
    "Ids",
    "Record",
    "Row",
    "add_up",
    "append",
    "fetch",
    "insert",
    "insert_new",
    "json_list",
    "missing",
    "one_of",
    "put",
]

Row = dict[str, Any]
Record = tuple[Any, ...]

_POSTGRESQL: Final = postgresql.dialect()  # type: ignore[no-untyped-call]
_DRIVER: Final = "tradepost driver"
"""Under which a connection remembers its driver: asking SQLAlchemy for it costs as much as a statement."""
_PLAIN: Final = (String, Text, Integer, BigInteger, SmallInteger, Boolean, Date)


class Ids(dict[int, UUID]):
    """UUIDs by their number, in the form that the driver writes out quickest, each made once.

    asyncpg takes its own kind as it is and asks any other for its bytes, by a Python property: with three dozen UUIDs a
    sale that was a tenth of ingest's CPU time.
    """

    def __init__(self, dialect: str) -> None:
        super().__init__()
        self.make: Callable[[int], UUID] = _driver_uuid if dialect == "postgresql" else _plain_uuid
        """For a number that comes once."""

    def __missing__(self, number: int) -> UUID:
        made = self[number] = self.make(number)
        return made


def _driver_uuid(number: int) -> UUID:
    made: UUID = pgproto.UUID(number.to_bytes(16))
    return made


def _plain_uuid(number: int) -> UUID:
    return UUID(int=number)


async def insert(tx: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert all rows. Raises IntegrityError when any of them breaks a constraint; nothing is skipped."""
    if not rows:
        return
    columns = tuple(rows[0])
    await append(tx, table, columns, [tuple([row[name] for name in columns]) for row in rows])


async def append(tx: AsyncConnection, table: Table, columns: Sequence[str], records: Sequence[Record]) -> None:
    """`insert` for tables that grow by many rows a batch: their values in the order of `columns`."""
    if not records:
        return
    if tx.dialect.name == "postgresql":
        await _copy(tx, table, columns, records)
    else:
        rows = [dict(zip(columns, record, strict=True)) for record in records]
        await _execute(tx, _insert_sql(table, tuple(columns), tx.dialect.name), table, columns, rows)


async def insert_new(tx: AsyncConnection, table: Table, rows: Sequence[Row]) -> set[Any]:
    """Insert the rows that break no uniqueness; answers the primary keys (tuples, when composite) really inserted.

    Other constraints still raise. A row given twice is inserted once.
    """
    if not rows:
        return set()
    columns = tuple(rows[0])
    result = await _execute(tx, _insert_new_sql(table, columns, tx.dialect.name), table, columns, rows)
    key = list(table.primary_key.columns)
    readers = [_reader(column, tx.dialect.name) for column in key]
    if len(key) == 1:
        read = readers[0]
        return {read(value) for (value,) in result}
    return {tuple(read(value) for read, value in zip(readers, row, strict=True)) for row in result}


async def add_up(
    tx: AsyncConnection,
    table: Table,
    keys: Sequence[str],
    sums: Sequence[str],
    totals: Mapping[Record, Sequence[int]],
) -> None:
    """Add the `sums` of each key to the stored row with these `keys`, inserting it where there is none.

    totals: in the orders of `keys` and `sums`. `keys` must be a unique constraint of the table, never NULL.
    """
    if not totals:
        return
    sql = _add_up_sql(table, tuple(keys), tuple(sums), tx.dialect.name)
    columns = (*keys, *sums)
    if tx.dialect.name == "postgresql":
        values = [*zip(*totals, strict=True), *zip(*totals.values(), strict=True)]
        await fetch(tx, sql, *(_array(table.c[name], given) for name, given in zip(columns, values, strict=True)))
    else:
        rows = [dict(zip(columns, (*key, *added), strict=True)) for key, added in totals.items()]
        await _execute(tx, sql, table, columns, rows)


async def put(
    tx: AsyncConnection,
    table: Table,
    rows: Sequence[Row],
    keys: Sequence[str],
    overwrite: Sequence[str],
    *,
    where: str = "true",
) -> None:
    """Insert the rows; where `keys` are taken, overwrite the named columns if `where` holds.

    where: SQL in which the stored row goes by the table's name and the new one by `excluded`. The keys of the rows
    must differ: a statement cannot touch one row twice.
    """
    if rows:
        columns = tuple(rows[0])
        sql = _put_sql(table, columns, tuple(keys), tuple(overwrite), where, tx.dialect.name)
        await _execute(tx, sql, table, columns, rows)


def one_of(dialect: str, column: Column[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """column IN values, as ONE parameter, so that the statement's text and plan do not change with their number."""
    if dialect == "postgresql":
        return column == any_(literal(list(values), postgresql.ARRAY(column.type)))
    given = func.json_each(json_list(values)).table_valued("value")
    return column.in_(select(given.c.value))


def json_list(values: Collection[Any]) -> str:
    """What `json_each` reads on SQLite, where a UUID is stored as its 32 digits."""
    return orjson.dumps([value.hex if isinstance(value, UUID) else value for value in values]).decode()


async def fetch(tx: AsyncConnection, sql: str, *values: Any) -> list[Any]:
    """Ask PostgreSQL in its driver's own words ($1 ...), in this transaction: rows by place and by name."""
    async with _driver(tx, sql) as driver:
        found: list[Any] = await driver.fetch(sql, *values)
    return found


async def missing(tx: AsyncConnection, column: Column[UUID], ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that stand nowhere in the column. Quick when most do: only the others are sent back."""
    if not ids:
        return set()
    name = str(column.name)
    sql = _missing_sql(column.table, name, tx.dialect.name)
    found = await _execute(tx, sql, column.table, [name], [{name: value} for value in ids])
    read = _reader(column, tx.dialect.name)
    return {read(value) for (value,) in found}


async def _execute(
    tx: AsyncConnection, sql: str, table: Table, columns: Sequence[str], rows: Sequence[Row]
) -> Sequence[Sequence[Any]]:
    """Run a statement over the rows; answers what it returns."""
    if tx.dialect.name == "postgresql":
        return await fetch(tx, sql, *(_array(table.c[name], [row[name] for row in rows]) for name in columns))
    given = orjson.dumps(_with_sortable_times(table, columns, rows)).decode()
    result = await tx.exec_driver_sql(sql, (given,))
    return result.all() if result.returns_rows else ()


async def _copy(tx: AsyncConnection, table: Table, columns: Sequence[str], records: Sequence[Record]) -> None:
    """PostgreSQL's own way in: about half of what INSERT costs on both sides, and as strict."""
    documents = [place for place, name in enumerate(columns) if isinstance(table.c[name].type, JSON)]
    if any(record[place] is not None for place in documents for record in records):
        records = [_with_documents(record, documents) for record in records]
    async with _driver(tx, f"COPY {table.name}") as driver:
        await driver.copy_records_to_table(table.name, records=records, columns=columns)


def _with_documents(record: Record, places: Sequence[int]) -> Record:
    values = list(record)
    for place in places:
        if values[place] is not None:
            values[place] = orjson.dumps(values[place]).decode()
    return tuple(values)


@asynccontextmanager
async def _driver(tx: AsyncConnection, doing: str) -> AsyncIterator[Any]:
    """asyncpg itself, in SQLAlchemy's transaction and with its errors.

    SQLAlchemy's cursor would cost 70 us a statement and gives nothing here.
    """
    driver: Any = tx.info.get(_DRIVER)
    if driver is None:
        driver = tx.info[_DRIVER] = (await tx.get_raw_connection()).driver_connection
    if not driver.is_in_transaction():
        await tx.exec_driver_sql("SELECT 1")  # SQLAlchemy begins its transaction with its own first statement
    try:
        yield driver
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        kind = IntegrityError if isinstance(error, asyncpg.IntegrityConstraintViolationError) else DBAPIError
        raise kind(doing, None, error) from error


def _array(column: Column[Any], values: Sequence[Any]) -> Any:
    """What stands for a column of values: an array's text where that is quick to make, see `_as_text`."""
    kind = column.type
    if isinstance(kind, JSON):
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    if not _as_text(column):
        return values
    if isinstance(kind, Uuid):
        return _list_of(["NULL" if value is None else value.hex for value in values])
    if isinstance(kind, String):
        return _list_of_words(values)
    return _list_of(["NULL" if value is None else str(value) for value in values])


def _as_text(column: Column[Any]) -> bool:
    """asyncpg asks each element of an array whether it is an array itself, which costs more than to send it.

    Text is long, and moments are slow to write out.
    """
    kind = column.type
    return isinstance(kind, Uuid | Integer | String | Date) and not isinstance(kind, Text)


def _list_of(words: Sequence[str]) -> str:
    return "{" + ",".join(words) + "}"


def _list_of_words(values: Sequence[str | None]) -> str:
    """An array's text. Source: PostgreSQL, "Array Input and Output Syntax"."""
    if None not in values:
        joined = '","'.join(values)  # type: ignore[arg-type]
        if joined.count('"') == 2 * (len(values) - 1) and "\\" not in joined:
            return '{"' + joined + '"}'
    return _list_of(["NULL" if value is None else _quoted(value) for value in values])


def _quoted(value: str) -> str:
    escaped = value.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _with_sortable_times(table: Table, columns: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    # orjson leaves out microseconds of zero; text times of two lengths would not sort as time does.
    times = [name for name in columns if isinstance(table.c[name].type, Timestamp)]
    if not times:
        return rows
    return [row | {name: row[name] and timestamp_text(row[name]) for name in times} for row in rows]


@cache
def _insert_sql(table: Table, columns: tuple[str, ...], dialect: str) -> str:
    key = [column.name for column in table.primary_key.columns]
    return f"{_insert_into(table, columns)} {_select(table, columns, dialect, order_by=key)}"


@cache
def _insert_new_sql(table: Table, columns: tuple[str, ...], dialect: str) -> str:
    key = [column.name for column in table.primary_key.columns]
    return (
        f"{_insert_into(table, columns)} {_select(table, columns, dialect, order_by=key)} "
        f"ON CONFLICT DO NOTHING RETURNING {_names(key)}"
    )


@cache
def _missing_sql(table: Table, column: str, dialect: str) -> str:
    asked, stored = _name(column), f"{_name(table.name)}.{_name(column)}"
    return (
        f"SELECT {asked} FROM ({_select(table, [column], dialect)}) AS asked "
        f"WHERE NOT EXISTS (SELECT 1 FROM {_name(table.name)} WHERE {stored} = asked.{asked})"
    )


@cache
def _put_sql(
    table: Table, columns: tuple[str, ...], keys: tuple[str, ...], overwrite: tuple[str, ...], where: str, dialect: str
) -> str:
    changes = ", ".join(f"{_name(column)} = excluded.{_name(column)}" for column in overwrite)
    return (
        f"{_insert_into(table, columns)} {_select(table, columns, dialect, order_by=keys)} "
        f"ON CONFLICT ({_names(keys)}) DO UPDATE SET {changes} WHERE {where}"
    )


@cache
def _add_up_sql(table: Table, keys: tuple[str, ...], sums: tuple[str, ...], dialect: str) -> str:
    added = ", ".join(
        f"{_name(column)} = {_name(table.name)}.{_name(column)} + excluded.{_name(column)}" for column in sums
    )
    return (
        f"{_insert_into(table, (*keys, *sums))} {_select(table, (*keys, *sums), dialect, order_by=keys)} "
        f"ON CONFLICT ({_names(keys)}) DO UPDATE SET {added}"
    )


def _insert_into(table: Table, columns: Sequence[str]) -> str:
    return f"INSERT INTO {_name(table.name)} ({_names(columns)})"


def _select(table: Table, columns: Sequence[str], dialect: str, order_by: Sequence[str] = ()) -> str:
    # "WHERE true" keeps SQLite's parser from reading ON CONFLICT as a join condition.
    order = f" ORDER BY {_names(order_by)}" if order_by else ""
    if dialect == "postgresql":
        arrays = ", ".join(f"${place}{_postgresql_array(table.c[name])}" for place, name in enumerate(columns, 1))
        return f"SELECT {_names(columns)} FROM unnest({arrays}) AS given({_names(columns)}) WHERE true{order}"
    values = ", ".join(f"{_sqlite_value(table.c[name])} AS {_name(name)}" for name in columns)
    return f"SELECT {values} FROM json_each(?) WHERE true{order}"


def _postgresql_array(column: Column[Any]) -> str:
    _refuse_unknown(column)
    array = f"::{column.type.compile(dialect=_POSTGRESQL)}[]"
    return f"::text{array}" if _as_text(column) else array


def _sqlite_value(column: Column[Any]) -> str:
    _refuse_unknown(column)
    path = f"'$.{column.name}'"
    if isinstance(column.type, JSON):
        return f"nullif(value -> {path}, 'null')"
    if isinstance(column.type, Uuid):
        return f"replace(value ->> {path}, '-', '')"
    return f"value ->> {path}"


def _refuse_unknown(column: Column[Any]) -> None:
    if not isinstance(column.type, (*_PLAIN, JSON, Uuid, Timestamp)):
        raise TypeError(f"{column.table.name}.{column.name}: no JSON form for {column.type!r}")


def _reader(column: Column[Any], dialect: str) -> Callable[[Any], Any]:
    if isinstance(column.type, Uuid):
        # asyncpg answers a subclass of UUID that orjson does not know.
        return _uuid_of_subclass if dialect == "postgresql" else UUID
    if isinstance(column.type, Timestamp) and dialect == "sqlite":
        return datetime.fromisoformat
    return _same


def _uuid_of_subclass(value: UUID) -> UUID:
    return UUID(int=value.int)


def _same(value: Any) -> Any:
    return value


def _name(name: str) -> str:
    return f'"{name}"'


def _names(names: Sequence[str]) -> str:
    return ", ".join(_name(name) for name in names)
