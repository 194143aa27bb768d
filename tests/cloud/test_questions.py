"""cloud.questions on both dialects: a prepared question has the same answer as SQLAlchemy's own."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    func,
    select,
)

from cloud.bulk import insert
from cloud.database import Database, Timestamp
from cloud.questions import Question
from tests.cloud.office import START

goods = Table(
    "goods",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("name", String(20)),
    Column("kind", Integer),
    Column("big", BigInteger),
    Column("is_sold", Boolean),
    Column("at", Timestamp),
    Column("stuff", JSON),
)
ROWS = [
    {
        "id": UUID(int=number),
        "name": f"it's no. {number}",
        "kind": number % 3,
        "big": 2**40 + number,
        "is_sold": number > 4,
        "at": START,
        "stuff": {},
    }
    for number in range(1, 7)
]


@pytest.fixture
async def goods_there(database: Database) -> Database:
    async with database.transaction() as tx:
        await tx.run_sync(goods.create)
        await insert(tx, goods, ROWS)
    return database


async def test_lists_and_single_values_are_asked_for_and_come_back_as_they_were_stored(goods_there: Database) -> None:
    plain = [goods.c.id, goods.c.name, goods.c.kind, goods.c.big, goods.c.is_sold, goods.c.at]
    question = Question(
        lambda among: (
            select(*plain)
            .where(among(goods.c.id, "ids"), among(goods.c.name, "names"), goods.c.big >= bindparam("least"))
            .order_by(goods.c.big)
        )
    )
    names = {f"it's no. {number}" for number in (2, 3, 5)}
    for ids in ([UUID(int=number) for number in (1, 2, 3, 5)], {UUID(int=number) for number in (2, 3, 5, 9)}):
        async with goods_there.reading() as tx:
            rows = await question.ask(tx, ids=ids, names=names, least=2**40 + 3)
        found = [{column.name: row[column.name] for column in plain} for row in rows]
        wanted = [{column.name: ROWS[number - 1][column.name] for column in plain} for number in (3, 5)]
        assert found == wanted


async def test_constants_of_the_statement_travel_with_it(goods_there: Database) -> None:
    question = Question(
        lambda among: (
            select(goods.c.kind, func.coalesce(func.max(goods.c.big), 7).label("most"))
            .where(goods.c.name != "it's no. 6", among(goods.c.kind, "kinds"))
            .group_by(goods.c.kind)
        )
    )
    async with goods_there.reading() as tx:
        rows = await question.ask(tx, kinds=[0, 9])
    assert [(row["kind"], row["most"]) for row in rows] == [(0, 2**40 + 3)]


async def test_nothing_is_asked_for_and_nothing_comes(goods_there: Database) -> None:
    question = Question(lambda among: select(goods.c.id).where(among(goods.c.id, "ids")))
    async with goods_there.reading() as tx:
        assert list(await question.ask(tx, ids=set())) == []


async def test_documents_are_read(goods_there: Database) -> None:
    question = Question(lambda among: select(goods.c.stuff, goods.c.name).where(among(goods.c.kind, "kinds")))
    async with goods_there.transaction() as tx:
        await tx.execute(goods.update().where(goods.c.kind == 1, goods.c.is_sold.is_(False)).values(stuff={"a": [1]}))
        rows = await question.ask(tx, kinds=[1])
    assert sorted((row["name"], row["stuff"]) for row in rows) == [
        ("it's no. 1", {"a": [1]}),
        ("it's no. 4", {"a": [1]}),
    ]
