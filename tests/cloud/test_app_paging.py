"""Paging over real tables: no row twice, none missed, whatever the order, the page size and the ties."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from cloud import paging
from cloud.access.endpoints import _TOKENS, _USERS
from cloud.access.models import api_tokens
from cloud.customers.endpoints import _CUSTOMERS
from cloud.database import Database
from cloud.paging import fold
from tests.cloud.office import Office, office, small_office

__all__ = ["office", "small_office"]


@pytest.fixture
async def shop(office: Office) -> Office:
    """Products with many ties and many without a price."""
    rows: list[dict[str, Any]] = [
        {
            "code": f"{number:04}",
            "name": ("Milk", "Сыр", "Հաց", "'; --")[number % 4],
            "unit": ("pcs", "kg")[number % 2],
            "tax_code": "AB"[number % 2],
            "prices": [{"currency": "AMD", "unit_price": number % 3 * 100, "valid_from": "2026-01-01"}] * (number % 2),
        }
        for number in range(23)
    ]
    owner = await office.owner()
    (await owner.post("/products/import", json={"products": rows})).raise_for_status()
    return office


async def _walk(client: Any, path: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    totals = set()
    while True:
        page = (await client.get(path, params=query | cursor)).raise_for_status().json()
        items += page["items"]
        totals.add(page["total"])
        if page["next"] is None:
            assert totals == {len(items)}
            return items
        cursor = {"cursor": page["next"]}


SORTS = ("code", "name", "unit", "tax_code", "changed_at", "unit_price")


async def test_pages_are_the_list_in_every_order(shop: Office) -> None:
    client = await shop.owner()
    for sort, order in itertools.product(SORTS, ("asc", "desc")):
        whole = await _walk(client, "/products", sort=sort, order=order, limit=500)
        assert len(whole) == 23
        for limit in (5, 22, 23):
            assert await _walk(client, "/products", sort=sort, order=order, limit=limit) == whole
        # How text collates is the database's; that NULL is last and equals stand in the order of their ids is ours.
        values = [row[sort] for row in whole]
        known = [value for value in values if value is not None]
        assert values == known + [None] * (len(values) - len(known))
        groups = [[row["id"] for row in whole if row[sort] == value] for value in dict.fromkeys(values)]
        assert [group for group in groups if group != sorted(group, reverse=order == "desc")] == []
        assert [row_id for group in groups for row_id in group] == [row["id"] for row in whole]


async def test_rows_that_come_in_between_move_nothing(shop: Office) -> None:
    client = await shop.owner()
    first = (await client.get("/products", params={"sort": "code", "limit": 10})).json()
    await client.post("/products", json={"code": "0000-a", "name": "New", "unit": "pcs", "tax_code": "A"})
    second = await client.get("/products", params={"sort": "code", "limit": 10, "cursor": first["next"]})
    assert [row["code"] for row in second.json()["items"]] == [f"{number:04}" for number in range(10, 20)]


async def test_export_has_the_rows_and_the_order_of_the_list(shop: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "EXPORT_CHUNK", 7)
    client = await shop.owner()
    query = {"sort": "unit_price", "order": "desc", "q": "Milk"}
    listed = await _walk(client, "/products", **query, limit=2)
    answer = await client.get("/products", params=query | {"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [row["id"] for row in listed]
    assert [row["unit_price"] for row in rows] == [
        "" if row["unit_price"] is None else str(row["unit_price"]) for row in listed
    ]
    entries = (await client.get("/audit", params={"action": "exported"})).json()["items"]
    assert [(entry["record"], entry["new"]) for entry in entries] == [
        ("products", {"rows": len(listed), "is_search": True, "sort": "unit_price"})
    ]


async def test_export_does_not_run_in_a_spreadsheet(small_office: Office) -> None:
    client = await small_office.owner()
    names = ["=cmd|' /C calc'!A0", "+374 77 123456", "-x", "@SUM(1)", "plain", "-5"]
    for number, name in enumerate(names):
        await client.post("/products", json={"code": str(number), "name": name, "unit": "pcs", "tax_code": "A"})
    answer = await client.get("/products", params={"sort": "code", "format": "csv"})
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert [row["name"] for row in rows] == [
        "'=cmd|' /C calc'!A0",
        "+374 77 123456",
        "'-x",
        "'@SUM(1)",
        "plain",
        "-5",
    ]


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


ID = "0197f3a0-0000-7000-8000-000000000000"


NO_QUERIES: list[dict[str, str]] = [
    {"sort": "password_hash"},
    {"sort": "name; DROP TABLE users"},
    {"limit": "0"},
    {"limit": "501"},
    {"order": "up"},
    {"format": "xls"},
    {"q": "x" * 101},
    {"cursor": "!"},
    {"cursor": "é"},
    {"cursor": _cursor()},
    {"cursor": _cursor("name", False, "Milk", None)},
    {"cursor": _cursor("name", False, "Milk", "no uuid")},
    {"cursor": _cursor("name", False, 5, ID)},
    {"cursor": _cursor("name", False, "nul\0", ID)},
    {"cursor": _cursor("name", True, "Milk", ID)},
    {"cursor": _cursor("code", False, "Milk", ID)},
    {"cursor": _cursor("unit_price", False, 2**63, ID), "sort": "unit_price"},
    {"cursor": _cursor("unit_price", False, True, ID), "sort": "unit_price"},
    {"cursor": _cursor("changed_at", False, "yesterday", ID), "sort": "changed_at"},
    {"cursor": _cursor("changed_at", False, "2026-11-21T10:00:00", ID), "sort": "changed_at"},
    {"cursor": "W" * 1001},
    {"cursor": base64.urlsafe_b64encode(b"[" * 700).decode()},
    {"q": "nul\0"},
]


async def test_queries_that_are_none_are_refused(small_office: Office) -> None:
    client = await small_office.owner()
    answers = [await client.get("/products", params=query) for query in NO_QUERIES]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(422, "SRV-422")] * len(
        NO_QUERIES
    )


@pytest.mark.parametrize("descending", [False, True])
async def test_every_list_of_ours_pages_by_each_of_its_columns(database: Database, descending: bool) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    tokens = [
        {
            "id": UUID(int=number),
            "name": f"token {number % 3}",
            "token_hash": str(number),
            "rights": [],
            "branches": None,
            "created_at": moment + timedelta(microseconds=number % 2),
            "expires_at": None if number % 2 else moment,
            "withdrawn_at": None,
        }
        for number in range(9)
    ]
    async with database.transaction() as tx:
        await tx.execute(insert(api_tokens), tokens)
        for listing in (_TOKENS, _USERS, _CUSTOMERS):
            for sort in listing.sortable:
                query = paging.PageQuery(limit=2, sort=sort, order="desc" if descending else "asc")
                whole = await paging.page_of(tx, listing, paging.PageQuery(limit=500, sort=sort, order=query.order))
                paged = []
                while True:
                    page = await paging.page_of(tx, listing, query)
                    paged += page.items
                    if page.next is None:
                        break
                    query = replace(query, cursor=page.next)
                assert paged == whole.items, (listing.name, sort)
        assert (await paging.page_of(tx, _TOKENS, paging.PageQuery())).total == 9


def test_folding_ignores_case_marks_and_ligatures() -> None:
    pairs = [("ԵՒԱ", "ևա"), ("Ëlan", "elan"), ("İSTANBUL ı", "istanbul i"), ("Ọ̀ṣun", "osun"), ("Йод", "йод")]
    assert [fold(left) == fold(right) for left, right in pairs] == [True] * len(pairs)


async def test_two_writers_at_once_both_stand(office: Office) -> None:
    owner = await office.owner()
    drafts = [{"code": f"c{number}", "name": "X", "unit": "pcs", "tax_code": "A"} for number in range(12)]
    answers = await asyncio.gather(*(owner.post("/products", json=draft) for draft in drafts))
    assert [answer.status_code for answer in answers] == [201] * 12
    assert len({answer.json()["version"] for answer in answers}) == 12
    assert (await owner.get("/audit/chain")).json() == {"entries": 13, "broken_at": None}
