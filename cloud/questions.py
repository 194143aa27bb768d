"""Questions that every batch asks: built and compiled once, for both dialects.

SQLAlchemy spends more on building and keying a SELECT than PostgreSQL on answering it; a sale that comes alone asks
five of them. What is asked now and then stays an ordinary `tx.execute`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.bulk import fetch, json_list

__all__ = ["Among", "Question"]

Among = Callable[[Column[Any], str], ColumnElement[bool]]
"""(column, name): the column's value is one of those that are given under this name."""


class _Compiled(NamedTuple):
    sql: str
    names: Sequence[str]
    fixed: Mapping[str, Any]


class Question:
    """build: makes the SELECT, whose values are bindparams and whose lists are `among`."""

    def __init__(self, build: Callable[[Among], Select[Any]]) -> None:
        self._build = build

    async def ask(self, tx: AsyncConnection, **values: Any) -> Sequence[Mapping[str, Any]]:
        """The rows, by column name; on PostgreSQL a UUID is of the driver's own kind (a subclass, equal and hashed
        alike).
        """
        if tx.dialect.name == "postgresql":
            compiled = self._for_postgresql
            known = {**compiled.fixed, **values}
            rows: Sequence[Mapping[str, Any]] = await fetch(
                tx, compiled.sql, *(_plain(known[name]) for name in compiled.names)
            )
            return rows
        listed = {name: json_list(value) if _is_list(value) else value for name, value in values.items()}
        return list((await tx.execute(self._for_sqlite, listed)).mappings())

    @cached_property
    def _for_postgresql(self) -> _Compiled:
        statement = self._build(lambda column, name: column == any_(bindparam(name, type_=ARRAY(column.type))))
        compiled = statement.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
        return _Compiled(str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params))

    @cached_property
    def _for_sqlite(self) -> Select[Any]:
        return self._build(_in_json)


def _in_json(column: Column[Any], name: str) -> ColumnElement[bool]:
    return column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))


def _is_list(value: Any) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str | bytes)


def _plain(value: Any) -> Any:
    return list(value) if _is_list(value) else value
