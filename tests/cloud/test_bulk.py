"""cloud.bulk on both dialects: what goes in comes out, once, and the same from PostgreSQL and SQLite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    delete,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from cloud.bulk import add_up, insert, insert_new, missing, put
from cloud.database import Database, Timestamp

ORDER = MetaData()
things = Table(
    "things",
    ORDER,
    Column("id", Uuid, primary_key=True),
    Column("order", Integer),
    Column("big", BigInteger),
    Column("is_it", Boolean),
    Column("day", Date),
    Column("at", Timestamp),
    Column("name", String(50)),
    Column("words", Text),
    Column("stuff", JSON(none_as_null=True)),
)
places = Table(
    "places",
    ORDER,
    Column("branch", String(10), primary_key=True),
    Column("at", Timestamp, primary_key=True),
    Column("number", Integer, unique=True),
    Column("count", BigInteger, CheckConstraint("count >= 0")),
    Column("other", BigInteger),
)
THING = ("id", "order", "big", "is_it", "day", "at", "name", "words", "stuff")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def bulk(database: Database) -> Database:
    async with database.transaction() as tx:
        await tx.run_sync(ORDER.create_all)
    return database


def thing(**values: Any) -> dict[str, Any]:
    return dict.fromkeys(THING) | {"id": uuid4()} | values


def place(branch: str, **values: Any) -> dict[str, Any]:
    return {"branch": branch, "at": NOON, "number": None, "count": 0, "other": 0} | values


async def all_of(database: Database, table: Table) -> list[dict[str, Any]]:
    async with database.transaction() as tx:
        found = await tx.execute(select(table).order_by(*table.primary_key.columns))
        return [dict(row) for row in found.mappings()]


moments = st.datetimes(
    min_value=NOON.replace(year=1, tzinfo=None),
    max_value=NOON.replace(year=9999, tzinfo=None),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=4))]),
)
# PostgreSQL has no text with a zero byte; lone surrogates are not text at all.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)
json_values = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
rows = st.builds(
    thing,
    id=st.uuids(),
    order=st.none() | st.integers(-(2**31), 2**31 - 1),
    big=st.none() | st.integers(-(2**63), 2**63 - 1),
    is_it=st.none() | st.booleans(),
    day=st.none() | st.dates(),
    at=st.none() | moments,
    name=st.none() | texts,
    words=st.none() | texts,
    stuff=st.none() | json_values,
)


@given(given_rows=st.lists(rows, max_size=5, unique_by=lambda row: row["id"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_goes_in_comes_out(bulk: Database, given_rows: list[dict[str, Any]]) -> None:
    async with bulk.transaction() as tx:
        await tx.execute(delete(things))
        assert await insert_new(tx, things, given_rows) == {row["id"] for row in given_rows}
    assert await all_of(bulk, things) == sorted(given_rows, key=lambda row: row["id"].bytes)


async def test_only_rows_really_inserted_are_answered(bulk: Database) -> None:
    first, second = thing(name="first"), thing(name="second")
    async with bulk.transaction() as tx:
        assert await insert_new(tx, things, [first]) == {first["id"]}
        assert await insert_new(tx, things, [thing(id=first["id"]), second, second]) == {second["id"]}
    assert {row["name"] for row in await all_of(bulk, things)} == {"first", "second"}


async def test_composite_keys_are_answered_as_tuples(bulk: Database) -> None:
    async with bulk.transaction() as tx:
        assert await insert_new(tx, places, [place("a"), place("b")]) == {("a", NOON), ("b", NOON)}


async def test_another_unique_column_keeps_a_row_out_too(bulk: Database) -> None:
    async with bulk.transaction() as tx:
        assert await insert_new(tx, places, [place("a", number=7), place("b", number=7)]) == {("a", NOON)}


async def test_constraints_other_than_uniqueness_still_raise(bulk: Database) -> None:
    with pytest.raises(IntegrityError):
        async with bulk.transaction() as tx:
            await insert_new(tx, places, [place("a"), place("b", count=-1)])
    assert await all_of(bulk, places) == []


async def test_insert_refuses_what_insert_new_skips(bulk: Database) -> None:
    with pytest.raises(IntegrityError):
        async with bulk.transaction() as tx:
            await insert(tx, places, [place("a", number=7), place("b", number=7)])
    assert await all_of(bulk, places) == []


async def test_no_rows_are_no_statement(bulk: Database) -> None:
    async with bulk.transaction() as tx:
        await insert(tx, things, [])
        await add_up(tx, places, ["branch"], ["count"], {})
        await put(tx, places, [], ["branch"], ["count"])
        assert await insert_new(tx, things, []) == set()


@given(
    batches=st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10**15), st.integers(-(10**15), 10**15)), max_size=6),
        max_size=4,
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_sums_are_what_was_added(bulk: Database, batches: list[list[tuple[str, int, int]]]) -> None:
    async with bulk.transaction() as tx:
        await tx.execute(delete(places))
        for batch in batches:
            totals: dict[tuple[str, datetime], list[int]] = {}
            for name, count, other in batch:
                totals.setdefault((name, NOON), [0, 0])
                totals[name, NOON][0] += count
                totals[name, NOON][1] += other
            await add_up(tx, places, ["branch", "at"], ["count", "other"], totals)
    everything = [row for batch in batches for row in batch]
    stored = {row["branch"]: (row["count"], row["other"]) for row in await all_of(bulk, places)}
    assert stored == {
        name: (sum(row[1] for row in everything if row[0] == name), sum(row[2] for row in everything if row[0] == name))
        for name in {row[0] for row in everything}
    }


async def test_put_overwrites_the_named_columns_only(bulk: Database) -> None:
    async with bulk.transaction() as tx:
        await put(tx, places, [place("a", count=1, other=1)], ["branch", "at"], ["count"])
        await put(tx, places, [place("a", count=2, other=2)], ["branch", "at"], ["count"])
    assert [(row["count"], row["other"]) for row in await all_of(bulk, places)] == [(2, 1)]


async def test_put_leaves_a_row_alone_when_its_condition_fails(bulk: Database) -> None:
    newer = 'excluded.count > "places".count'
    async with bulk.transaction() as tx:
        for count in (5, 3, 9, 7):
            await put(tx, places, [place("a", count=count)], ["branch", "at"], ["count"], where=newer)
    assert [row["count"] for row in await all_of(bulk, places)] == [9]


async def test_times_sort_as_text_where_they_are_text(bulk: Database) -> None:
    moments = [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(seconds=1), NOON.replace(year=999)]
    async with bulk.transaction() as tx:
        await insert(tx, things, [thing(at=moment) for moment in moments])
        found = (await tx.scalars(select(things.c.at).order_by(things.c.at))).all()
    assert list(found) == sorted(moments)


async def test_a_value_no_column_can_hold_is_refused(bulk: Database) -> None:
    with pytest.raises((DBAPIError, TypeError)):
        async with bulk.transaction() as tx:
            await add_up(tx, places, ["branch", "at"], ["count", "other"], {("a", NOON): [2**64, 0]})
    assert await all_of(bulk, places) == []


@pytest.mark.parametrize("word", ['"', "\\", '","', "{}", "NULL", "", " a ", "\n", "'", "խաղող", None])
async def test_any_word_arrives_as_it_was(bulk: Database, word: str | None) -> None:
    rows = [thing(name=word, words=word), thing(name="plain", words="plain")]
    async with bulk.transaction() as tx:
        await insert_new(tx, things, rows)
    stored = {row["id"]: (row["name"], row["words"]) for row in await all_of(bulk, things)}
    assert stored == {rows[0]["id"]: (word, word), rows[1]["id"]: ("plain", "plain")}


async def test_only_ids_that_stand_nowhere_are_missing(bulk: Database) -> None:
    stored, others = [thing(), thing()], {uuid4(), uuid4()}
    async with bulk.transaction() as tx:
        await insert(tx, things, stored)
        assert await missing(tx, things.c.id, {row["id"] for row in stored} | others) == others
        assert await missing(tx, things.c.id, []) == set()


def test_a_column_type_without_a_json_form_is_refused() -> None:
    from cloud.bulk import _select

    pictures = Table("pictures", MetaData(), Column("id", Uuid, primary_key=True), Column("bytes", LargeBinary))
    with pytest.raises(TypeError, match=r"pictures\.bytes: no JSON form"):
        _select(pictures, ["bytes"], "sqlite")
