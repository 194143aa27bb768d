"""What one customer bought and brought back, as far as the reader sees the branches."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from cloud.access.rights import Preset
from cloud.ingest.applier import Applier
from tests.cloud.deliveries import FixedClock, open_branch, open_gateway, returned, sale
from tests.cloud.office import Office


@pytest.fixture
async def customer(office: Office) -> UUID:
    """Somebody with three sales in two branches, one of them partly returned."""
    owner = await office.owner()
    id = UUID((await owner.post("/customers", json={"name": "Lusine"})).json()["id"])
    applier = Applier(office.database, FixedClock())
    for branch, keys in (("abovyan", ("one", "two")), ("gyumri", ("three",))):
        await open_branch(office.database, branch)
        gateway = await open_gateway(office.database, branch)
        for key in keys:
            gateway.write("sale.completed", sale(key, customer_id=id))
        gateway.write("sale.completed", sale(f"{branch}-stranger"))
        if branch == "abovyan":
            gateway.write("sale.returned", returned("back", "one").model_copy(update={"customer_id": id}))
        await applier.apply([gateway.birth(), gateway.batch()])
    return id


def told(figures: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("currency", "sales", "total_minor", "average_minor", "returns", "returned_minor", "net_minor")
    return [tuple(row[name] for name in names) for row in figures]


async def test_figures_are_those_of_the_readers_branches(office: Office, customer: UUID) -> None:
    owner, manager = await office.owner(), await office.signed_in((Preset.MANAGER, "gyumri"))
    path = f"/customers/{customer}/figures"
    assert told((await owner.get(path)).json()) == [("AMD", 3, 744_000, 248_000, 1, 62_000, 682_000)]
    assert told((await manager.get(path)).json()) == [("AMD", 1, 248_000, 248_000, 0, 0, 248_000)]


async def test_history_is_one_list_of_sales_and_returns(office: Office, customer: UUID) -> None:
    owner = await office.owner()
    path = f"/customers/{customer}/history"
    rows = (await owner.get(path, params={"sort": "number"})).json()["items"]
    assert [(row["kind"], row["number"], row["branch"], row["total_minor"]) for row in rows] == [
        ("return", "abovyan-1-1-Rback", "abovyan", 62_000),
        ("sale", "abovyan-1-1-one", "abovyan", 248_000),
        ("sale", "abovyan-1-1-three", "gyumri", 248_000),
        ("sale", "abovyan-1-1-two", "abovyan", 248_000),
    ]
    assert (await owner.get(path, params={"kind": "return"})).json()["total"] == 1
    assert (await owner.get(path, params={"q": "three"})).json()["total"] == 1
    manager = await office.signed_in((Preset.MANAGER, "gyumri"))
    assert [row["branch"] for row in (await manager.get(path)).json()["items"]] == ["gyumri"]


async def test_nobodys_history_is_not_found(office: Office, customer: UUID) -> None:
    owner = await office.owner()
    await owner.delete(f"/customers/{customer}")
    for part in ("figures", "history"):
        assert (await owner.get(f"/customers/{customer}/{part}")).status_code == 404
