"""What was delivered is what the API says, to those who may see it."""

from __future__ import annotations

import pytest

from cloud.access.rights import Preset
from cloud.ingest.applier import Applier
from shared.events import ShiftOpened
from tests.cloud.deliveries import NOON, FixedClock, Gateway, open_branch, open_gateway, returned, uid
from tests.cloud.office import Office
from tests.shared.samples import SAMPLES


@pytest.fixture
async def gateways(office: Office) -> list[Gateway]:
    """Two branches that have sold: abovyan three sales and a return, komitas one sale."""
    made = []
    for branch in ("abovyan", "komitas"):
        await open_branch(office.database, branch, name=branch.title())
        made.append(await open_gateway(office.database, branch))
        made[-1].epoch = uid("epoch of", branch)
    first, second = made
    for number in range(3):
        first.sell(number)
    first.write("sale.returned", returned("a", 1))
    opened = ShiftOpened(shift_id=uid("shift"), number=412, currency="AMD", float_minor=1)
    first.write("shift.opened", opened)
    closed = SAMPLES["shift.closed"][1].model_copy(update={"shift_id": uid("shift"), "opened_at": NOON})
    first.write("shift.closed", closed)
    second.sell("k")
    await Applier(office.database, FixedClock()).apply([first.batch(), second.batch()])
    return made


async def test_every_document_is_listed_with_its_total(office: Office, gateways: list[Gateway]) -> None:
    client = await office.owner()
    totals = {
        path: (await client.get(path, params={"limit": 1})).json()["total"]
        for path in ("/sales", "/returns", "/receipts", "/shifts", "/stock/moves", "/nodes", "/exceptions")
    }
    # A sale has two lines; the shift's difference is the exception.
    assert totals == {
        "/sales": 4,
        "/returns": 1,
        "/receipts": 4,
        "/shifts": 1,
        "/stock/moves": 9,
        "/nodes": 2,
        "/exceptions": 1,
    }


async def test_a_list_is_limited_to_the_branches_of_its_reader(office: Office, gateways: list[Gateway]) -> None:
    client = await office.signed_in((Preset.MANAGER, "komitas"))
    for path in ("/sales", "/receipts", "/stock/balances", "/nodes"):
        items = (await client.get(path)).json()["items"]
        assert {item["branch"] for item in items} == {"komitas"}
    for path in ("/returns", "/shifts"):
        assert (await client.get(path)).json() == {"items": [], "next": None, "total": 0}
    assert (await client.get("/sales", params={"branch": "abovyan"})).json()["total"] == 0
    assert (await client.get(f"/sales/{uid('sale', 1)}")).status_code == 404


async def test_a_sale_is_shown_with_everything_that_hangs_on_it(office: Office, gateways: list[Gateway]) -> None:
    client = await office.owner()
    shown = (await client.get(f"/sales/{uid('sale', 1)}")).json()
    assert (shown["number"], shown["total_minor"], len(shown["lines"])) == ("abovyan-1-1-1", 248_000, 2)
    assert [receipt["document_no"] for receipt in shown["receipts"]] == [5521]
    assert [back["number"] for back in shown["returns"]] == ["abovyan-1-1-Ra"]
    assert [payment["form"] for payment in shown["payments"]] == ["cash"]


async def test_what_a_till_expected_is_not_for_everybody(office: Office, gateways: list[Gateway]) -> None:
    counted = ("counted_cash_minor", "expected_cash_minor", "difference_minor", "register_turnover_minor")
    (open_,) = (await (await office.owner()).get("/shifts")).json()["items"]
    assert [open_[name] for name in counted] == [14_100_000, 14_110_000, -10_000, 60_774_500]
    security = await office.signed_in((Preset.SECURITY, None))
    (blind,) = (await security.get("/shifts")).json()["items"]
    assert [blind[name] for name in counted] == [14_100_000, None, None, None]
    assert (await security.get("/shifts", params={"sort": "difference_minor"})).status_code == 422
