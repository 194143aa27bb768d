"""Saved views: one's own, by name, replaced when saved again."""

from __future__ import annotations

from tests.cloud.office import Office

VIEW = {"list": "sales", "name": "Large", "question": "sort=total_minor&order=desc"}


async def test_a_view_is_kept_for_its_owner_alone(office: Office) -> None:
    mine, other = await office.owner(), await office.owner()
    saved = (await mine.post("/views", json=VIEW)).json()
    await mine.post("/views", json=VIEW | {"list": "returns"})
    assert (await mine.get("/views", params={"list": "sales"})).json() == [saved]
    assert (await other.get("/views", params={"list": "sales"})).json() == []
    assert (await other.delete(f"/views/{saved['id']}")).status_code == 404
    assert (await mine.delete(f"/views/{saved['id']}")).status_code == 204
    assert (await mine.get("/views", params={"list": "sales"})).json() == []


async def test_saving_under_the_same_name_replaces(office: Office) -> None:
    owner = await office.owner()
    first = (await owner.post("/views", json=VIEW)).json()
    again = (await owner.post("/views", json=VIEW | {"question": "q=milk"})).json()
    assert again == first | {"question": "q=milk"}
    assert (await owner.get("/views", params={"list": "sales"})).json() == [again]


async def test_there_is_an_end_to_views(office: Office) -> None:
    owner = await office.owner()
    for number in range(200):
        assert (await owner.post("/views", json=VIEW | {"name": str(number)})).status_code == 201
    assert (await owner.post("/views", json=VIEW | {"name": "one more"})).status_code == 422
