"""Lists of devices and exceptions: what is worst stands first, and what one settles every screen hears."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from cloud.access.rights import Preset
from cloud.audit.models import audit_entries
from cloud.fleet.models import devices, exceptions, node_status
from cloud.ingest.models import quarantine
from cloud.live import feed
from shared.ids import uuid7
from tests.cloud.deliveries import open_branch, open_gateway
from tests.cloud.office import START, Office, add_branch, add_node


async def put(office: Office, table: Any, *rows: dict[str, Any]) -> None:
    async with office.database.transaction() as tx:
        for row in rows:
            await tx.execute(insert(table).values(row))


def device(node: str, id: str, health: str) -> dict[str, Any]:
    return {
        "branch": "kentron",
        "node": node,
        "id": id,
        "category": "Scanner",
        "health": health,
        "conditions": [],
        "last_event_at": START,
        "event_id": uuid7(),
    }


def heard(node: str, *, online: bool) -> dict[str, Any]:
    told = {"since": START, "boot": 1, "version": "1", "replica": 0, "devices": {}, "heard_at": START}
    return {"node": node, "is_online": online, **told}


def exception(branch: str = "kentron") -> dict[str, Any]:
    id = uuid7()
    about = {"key": str(id), "about": "x", "code": "FIS-502", "subject": "s", "parameters": {}}
    return {"id": id, "branch": branch, "at": START, "raised_at": START, **about}


@pytest.fixture
async def company(office: Office) -> Office:
    for branch in ("kentron", "gyumri"):
        await add_branch(office, branch)
    for node in ("gw-here", "gw-away", "gw-never"):
        await add_node(office, "kentron", node, "secret")
    await put(office, node_status, heard("gw-here", online=True), heard("gw-away", online=False))
    await put(
        office,
        devices,
        device("gw-here", "a-well", "ok"),
        device("gw-away", "b-away", "ok"),
        device("gw-here", "c-paper", "attention"),
        device("gw-never", "d-silent", "ok"),
        device("gw-away", "e-broken", "stopped"),
    )
    return office


async def test_devices_stand_by_gravity(company: Office) -> None:
    owner = await company.owner()
    rows = (await owner.get("/devices")).json()["items"]
    assert [(row["id"], row["state"]) for row in rows] == [
        ("e-broken", "stopped"),
        ("d-silent", "unknown"),
        ("c-paper", "attention"),
        ("b-away", "offline"),
        ("a-well", "ok"),
    ]
    upwards = (await owner.get("/devices", params={"sort": "state", "order": "asc"})).json()["items"]
    assert [row["id"] for row in upwards] == [row["id"] for row in reversed(rows)]
    unwell = (await owner.get("/devices", params={"state": "not_well"})).json()
    assert (unwell["total"], [row["id"] for row in unwell["items"]]) == (4, [row["id"] for row in rows[:4]])
    assert (await owner.get("/devices", params={"state": "offline"})).json()["total"] == 1


async def test_settling_is_told_to_every_screen_with_a_name_and_a_reason(company: Office) -> None:
    owner = await company.owner()
    row = exception()
    await put(company, exceptions, row)
    answer = await owner.post(f"/exceptions/{row['id']}/settle", json={"reason": "seen"})
    assert (answer.status_code, answer.json()["reason"]) == (200, "seen")
    async with company.database.reading() as tx:
        [news] = await feed.read(tx, feed.START, 10)
    assert news.said == {"exceptions": [str(row["id"])]}
    again = await owner.post(f"/exceptions/{row['id']}/settle", json={"reason": "another"})
    assert again.json()["reason"] == "seen"


async def test_many_are_settled_for_one_reason_and_others_branches_are_not(company: Office) -> None:
    person = await company.signed_in((Preset.HEAD_OFFICE, "kentron"))
    mine, too, other = exception(), exception(), exception("gyumri")
    await put(company, exceptions, mine, too, other)
    body = {"ids": [str(row["id"]) for row in (mine, too, other)], "reason": "power cut"}
    assert (await person.post("/exceptions/settle", json=body)).json() == {"settled": 2}
    assert (await person.post("/exceptions/settle", json=body)).json() == {"settled": 0}
    async with company.database.reading() as tx:
        open_ = await tx.scalars(select(exceptions.c.id).where(exceptions.c.settled_at.is_(None)))
        assert list(open_) == [other["id"]]
        entry = audit_entries.c
        settled = select(func.count()).select_from(audit_entries).where(entry.action == "settled")
        assert await tx.scalar(settled) == 2


def withheld(branch: str = "kentron") -> dict[str, Any]:
    id = uuid7()
    about = {"node": "gw-here", "code": "EVT-402", "reason": "no such version", "body": '{"sum": 1}'}
    return {"id": id, "event_id": uuid7(), "branch": branch, "received_at": START, **about}


async def acts(company: Office) -> list[tuple[str, str]]:
    async with company.database.reading() as tx:
        entry = audit_entries.c
        found = select(entry.action, entry.record).where(entry.kind == "quarantine").order_by(entry.sequence)
        return [tuple(row) for row in await tx.execute(found)]


async def test_a_withheld_fact_is_shown_whole_to_who_decides_and_it_is_written_down(company: Office) -> None:
    row = withheld()
    await put(company, quarantine, row)
    path = f"/quarantine/{row['id']}"
    for preset, branch, status in ((Preset.MANAGER, "kentron", 403), (Preset.HEAD_OFFICE, "gyumri", 404)):
        assert (await (await company.signed_in((preset, branch))).get(path)).status_code == status
    assert await acts(company) == []
    shown = await (await company.owner()).get(path)
    assert (shown.status_code, shown.json()["body"]) == (200, row["body"])
    assert await acts(company) == [("read", str(row["id"]))]


async def test_withheld_facts_are_dismissed_with_a_reason_each_answered(company: Office) -> None:
    person = await company.signed_in((Preset.HEAD_OFFICE, "kentron"))
    mine, other = withheld(), withheld("gyumri")
    await put(company, quarantine, mine, other)
    ids: list[UUID] = [mine["id"], other["id"]]
    body = {"ids": [str(id) for id in ids], "act": "dismiss", "reason": "a test card"}
    answer = await person.post("/quarantine/decide", json=body)
    assert answer.json() == [
        {"id": str(mine["id"]), "outcome": "dismissed", "code": None},
        {"id": str(other["id"]), "outcome": "gone", "code": None},
    ]
    assert await acts(company) == [("dismissed", str(mine["id"]))]


async def test_a_withheld_fact_that_is_still_wrong_waits_on(company: Office) -> None:
    await open_branch(company.database, "komitas")
    gateway = await open_gateway(company.database, "komitas")
    row = withheld("komitas") | {"node": gateway.address.node}
    await put(company, quarantine, row)
    body = {"ids": [str(row["id"])], "act": "let_in", "reason": "after the upgrade"}
    [answer] = (await (await company.owner()).post("/quarantine/decide", json=body)).json()
    assert (answer["outcome"], answer["code"]) == ("refused", "EVT-403")
    assert (await (await company.owner()).get("/quarantine")).json()["total"] == 1
