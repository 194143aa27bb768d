"""The control panel: sums by branch and currency, each branch's own today, and what is missing from them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, insert

from cloud.access.rights import Preset
from cloud.fleet.models import branches, devices, exceptions, node_epochs, node_status
from cloud.ingest.models import facts
from cloud.reporting.models import SALES_SUMS, sales_by_hour
from shared.ids import uuid7
from tests.cloud.office import START, Office, add_branch, add_node

EPOCH = UUID("0197f3a0-0000-7000-8000-000000000001")
TODAY = date(2026, 11, 21)


def _filled(table: Table, **values: Any) -> dict[str, Any]:
    """A row with something in every column that must have something."""
    usual = {
        "BigInteger": 0,
        "Boolean": False,
        "Date": TODAY,
        "Integer": 0,
        "JSON": {},
        "SmallInteger": 0,
        "String": "",
        "Text": "",
        "Timestamp": START,
        "Uuid": EPOCH,
    }
    return {
        column.name: values.get(column.name, usual[type(column.type).__name__])
        for column in table.columns
        if not column.nullable or column.name in values
    }


async def _insert(office: Office, table: Table, *rows: dict[str, Any]) -> None:
    async with office.database.transaction() as tx:
        for row in rows:
            await tx.execute(insert(table).values(_filled(table, **row)))


def _hour(branch: str, hour: int, **sums: Any) -> dict[str, Any]:
    given = dict.fromkeys(SALES_SUMS, 0) | {"businessdate": TODAY, "till": "till-1", "currency": "AMD"} | sums
    return {"branch": branch, "hour": hour, **given}


@pytest.fixture
async def company(office: Office) -> Office:
    """kentron sells, gyumri-1 is silent with something still there, london sells in pounds, newtown has no gateway."""
    for name in ("gyumri-1", "kentron", "newtown"):
        await add_branch(office, name)
    await add_branch(office, "london", currency="GBP", country="GB")
    for branch in ("kentron", "gyumri-1", "london"):
        await add_node(office, branch, f"{branch}-gw1", "secret")
    await _insert(
        office,
        sales_by_hour,
        _hour("kentron", 9, sales=2, total_minor=700_000, discount_minor=500),
        _hour("kentron", 10, sales=1, total_minor=11_200, returns=1, returned_minor=3_000, cancelled=1, voided=2),
        _hour("kentron", 10, till="till-2", sales=1, total_minor=100),
        _hour("kentron", 9, businessdate=TODAY - timedelta(days=1), sales=9, total_minor=9),
        _hour("gyumri-1", 10, sales=1, total_minor=50),
        _hour("london", 10, currency="GBP", sales=1, total_minor=999),
    )
    await _insert(
        office,
        node_status,
        {"node": "kentron-gw1", "is_online": True, "boot": 1, "replica": 0},
        {"node": "gyumri-1-gw1", "is_online": False, "since": START - timedelta(minutes=26)},
        {"node": "london-gw1", "is_online": True},
    )
    await _insert(
        office,
        node_epochs,
        {"node": "kentron-gw1", "upto": 7, "held_last": 5},
        {"node": "gyumri-1-gw1", "upto": 3, "held_last": 44},
    )
    await _insert(
        office,
        facts,
        {"event_id": uuid7(), "node": "kentron-gw1", "branch": "kentron", "sequence": 6, "received_at": START},
        {
            "event_id": uuid7(),
            "node": "kentron-gw1",
            "branch": "kentron",
            "sequence": 7,
            "received_at": START - timedelta(minutes=1),
        },
    )
    await _insert(
        office,
        devices,
        {"branch": "kentron", "node": "kentron-gw1", "id": "a", "health": "stopped"},
        {"branch": "kentron", "node": "kentron-gw1", "id": "b", "health": "attention"},
        {"branch": "kentron", "node": "kentron-gw1", "id": "c", "health": "ok"},
    )
    await _insert(
        office,
        exceptions,
        {"id": uuid7(), "key": "1", "branch": "kentron"},
        {"id": uuid7(), "key": "2", "branch": "kentron", "settled_at": START},
    )
    return office


def _by_branch(panel: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["branch"]: row for row in panel["branches"]}


async def test_figures_of_today_by_branch_and_currency(company: Office) -> None:
    owner = await company.owner()
    panel = (await owner.get("/panel")).raise_for_status().json()
    assert panel["as_of"] == "2026-11-21T10:00:00Z"
    assert panel["silent"] == ["gyumri-1"]
    rows = _by_branch(panel)
    assert rows["kentron"]["money"] == [
        {
            "currency": "AMD",
            "sales": 4,
            "total_minor": 711_300,
            "discount_minor": 500,
            "returns": 1,
            "returned_minor": 3_000,
            "net_minor": 708_300,
            "average_minor": 177_800,
            "cancelled": 1,
            "voided": 2,
        }
    ]
    kentron = rows["kentron"] | {"money": None, "replica_behind": None}
    assert kentron == {
        "branch": "kentron",
        "name": "Kentron",
        "businessdate": "2026-11-21",
        "money": None,
        "nodes": 1,
        "nodes_online": 1,
        "is_silent": False,
        "silent_since": None,
        "unsynced": 0,
        "last_fact_at": "2026-11-21T09:59:00Z",
        "replica_behind": None,
        "devices_attention": 1,
        "devices_stopped": 1,
        "exceptions": 1,
    }
    assert rows["kentron"]["replica_behind"] == 1
    gyumri = rows["gyumri-1"]
    assert (gyumri["is_silent"], gyumri["silent_since"], gyumri["unsynced"]) == (True, "2026-11-21T09:34:00Z", 41)
    newtown = rows["newtown"]
    assert (newtown["nodes"], newtown["is_silent"], newtown["money"][0]["sales"]) == (0, False, 0)


async def test_totals_never_add_currencies_and_carry_their_hours(company: Office) -> None:
    panel = (await (await company.owner()).get("/panel")).json()
    assert [
        (total["currency"], total["sales"], total["net_minor"], total["average_minor"]) for total in panel["totals"]
    ] == [
        ("AMD", 5, 708_350, 142_300),
        ("GBP", 1, 999, 999),
    ]
    assert panel["totals"][0]["hours"] == [
        {"hour": 9, "sales": 2, "total_minor": 700_000, "returned_minor": 0},
        {"hour": 10, "sales": 3, "total_minor": 11_350, "returned_minor": 3_000},
    ]


async def test_another_day_and_each_branchs_own_today(company: Office) -> None:
    owner = await company.owner()
    yesterday = (await owner.get("/panel", params={"on": "2026-11-20"})).json()
    assert _by_branch(yesterday)["kentron"]["money"][0]["total_minor"] == 9
    async with company.database.transaction() as tx:
        await tx.execute(branches.update().where(branches.c.id == "london").values(zone="Pacific/Honolulu"))
    company.clock.at = datetime.fromisoformat("2026-11-21T10:30:00+00:00")
    rows = _by_branch((await owner.get("/panel")).json())
    assert (rows["london"]["businessdate"], rows["london"]["money"][0]["sales"]) == ("2026-11-20", 0)
    assert rows["kentron"]["businessdate"] == "2026-11-21"


async def test_panel_is_cut_to_branches_and_rights(company: Office) -> None:
    manager = await company.signed_in((Preset.MANAGER, "gyumri-1"))
    panel = (await manager.get("/panel")).json()
    assert [row["branch"] for row in panel["branches"]] == ["gyumri-1"]
    assert [(total["currency"], total["net_minor"]) for total in panel["totals"]] == [("AMD", 50)]
    owner = await company.owner()
    made = (await owner.post("/tokens", json={"name": "watch", "rights": ["see_devices"]})).json()
    watch = company.client(Authorization=f"Bearer {made['token']}")
    rows = _by_branch((await watch.get("/panel")).json())
    hidden = {name: rows["kentron"][name] for name in ("money", "unsynced", "last_fact_at", "exceptions")}
    assert hidden == dict.fromkeys(hidden)
    assert rows["kentron"]["devices_stopped"] == 1
    assert (await (await company.signed_in((Preset.CASHIER, None))).get("/panel")).status_code == 403
