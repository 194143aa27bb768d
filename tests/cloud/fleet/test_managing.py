"""Head office makes branches and gateways, shuts them out, and decides between two epochs, with a name behind each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cloud.access.rights import Preset
from cloud.audit.models import audit_entries
from cloud.fleet.models import nodes
from cloud.fleet.service import check_secret
from cloud.ingest.applier import Applier
from cloud.sales.models import sales
from tests.cloud.deliveries import FixedClock, Gateway, open_branch, open_gateway, uid
from tests.cloud.office import Office

BRANCH = {"id": "komitas", "name": "Komitas", "currency": "AMD", "zone": "Asia/Yerevan", "country": "AM"}


async def acts(office: Office) -> list[tuple[str, str, str]]:
    async with office.database.transaction() as tx:
        entry = audit_entries.c
        found = await tx.execute(select(entry.action, entry.kind, entry.record).order_by(entry.sequence))
        return [tuple(row) for row in found if row.kind in ("branch", "node", "epoch")]


async def test_a_branch_and_its_gateway_are_made(office: Office) -> None:
    client = await office.owner()
    made = await client.post("/branches", json=BRANCH)
    assert (made.status_code, made.json()["is_active"]) == (201, True)
    answer = await client.post("/nodes", json={"branch": "komitas"})
    assert answer.status_code == 201
    node = answer.json()
    async with office.database.transaction() as tx:
        assert await check_secret(tx, node["node"], node["secret"]) == "komitas"
    assert await acts(office) == [("created", "branch", "komitas"), ("created", "node", "komitas-gw1")]
    listed = (await client.get("/nodes")).text
    assert node["secret"] not in listed


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"id": "abovyan"}, 409, "DEV-410"),
        ({"zone": "Mars/Olympus"}, 422, "DEV-411"),
        ({"id": "Not A Name"}, 422, "SRV-422"),
        ({"currency": "XXX"}, 422, "SRV-422"),
        ({"more": 1}, 422, "SRV-422"),
    ],
)
async def test_a_branch_that_cannot_be_changes_nothing(
    office: Office, changes: dict[str, Any], status: int, code: str
) -> None:
    await open_branch(office.database)
    client = await office.owner()
    before = await office.contents()
    answer = await client.post("/branches", json={**BRANCH, **changes})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert await office.contents() == before


async def test_a_manager_of_one_branch_makes_nothing(office: Office) -> None:
    await open_branch(office.database)
    client = await office.signed_in((Preset.MANAGER, "abovyan"))
    for path, body in (("/branches", BRANCH), ("/nodes", {"branch": "abovyan"})):
        assert (await client.post(path, json=body)).status_code == 403


async def test_head_office_of_one_branch_does_not_reach_another(office: Office) -> None:
    await open_branch(office.database)
    await open_branch(office.database, "komitas")
    other = await open_gateway(office.database, "komitas")
    client = await office.signed_in((Preset.HEAD_OFFICE, "abovyan"))
    assert (await client.post("/nodes", json={"branch": "abovyan"})).status_code == 201
    assert (await client.post("/nodes", json={"branch": "komitas"})).status_code == 404
    assert (await client.post(f"/nodes/{other.address.node}/withdraw")).status_code == 404
    assert (await client.post("/branches", json=BRANCH)).status_code == 403


async def test_a_stolen_gateway_is_shut_out(office: Office) -> None:
    await open_branch(office.database)
    gateway = await open_gateway(office.database)
    client = await office.owner()
    assert (await client.post(f"/nodes/{gateway.address.node}/withdraw")).status_code == 204
    async with office.database.transaction() as tx:
        assert await tx.scalar(select(nodes.c.withdrawn_at)) == office.clock.now()
    assert await acts(office) == [("withdrawn", "node", gateway.address.node)]
    assert (await client.post("/nodes/nobody/withdraw")).status_code == 404


async def test_choosing_an_epoch_applies_what_was_held_back(office: Office) -> None:
    await open_branch(office.database)
    gateway = await open_gateway(office.database)
    clone = Gateway(gateway.address, epoch=uid("epoch", 2))
    clone.sell("held")
    clock = FixedClock()
    applier = Applier(office.database, clock)
    await applier.apply([gateway.birth()])
    clock.time += timedelta(minutes=1)
    await applier.apply([clone.birth(), clone.batch()])
    client = await office.owner()
    path = f"/nodes/{gateway.address.node}/epoch"
    assert (await client.post(path, json={"epoch": str(uid("no such epoch"))})).status_code == 404
    answer = await client.post(path, json={"epoch": str(clone.epoch)})
    assert (answer.status_code, answer.json()) == (200, {"replayed": 2, "refused": 0})
    async with office.database.transaction() as tx:
        assert list(await tx.scalars(select(sales.c.id))) == [uid("sale", "held")]
    assert await acts(office) == [("chosen", "epoch", gateway.address.node)]
