"""A second person at the till, over the wire: a PIN by HTTP or a badge under any scanner, for one act."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from edge.devices.scanner import Scan
from shared.clock import SystemClock
from shared.ids import uuid7
from tests.edge.checkout.shop import ANNA, GOR_BADGE, MILK
from tests.edge.terminal.conftest import ANNA_PIN, GOR_PIN, Branch
from tests.edge.terminal.page import Page, open_page, sign_in

ANNA_BADGE = "BADGE-00480"


def scan(code: str) -> Scan:
    return Scan(uuid7(), "scanner-1", SystemClock().now(), code.encode(), code, None)


@pytest.fixture
async def gor(branch: Branch) -> AsyncIterator[Page]:
    """A page of somebody who may only sell, with one milk in the basket."""
    branch.token = (await sign_in(branch.url, pin=GOR_PIN, till="till-1")).json()["token"]
    page = await open_page(branch.url, branch.token)
    await page.do("claim")
    await page.do("scan", raw=MILK)
    yield page
    await page.close()


async def approve(branch: Branch, **given: Any) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {branch.token}"}
    async with httpx.AsyncClient(base_url=branch.url, headers=headers, trust_env=False) as http:
        response = await http.post("/api/till/approve", json={"till": "till-1", **given})
    return response.status_code, response.json()


async def void(page: Page, **more: str) -> dict[str, Any]:
    return await page.ask("void_line", line_id=page.state["basket"]["lines"][0]["id"], **more)


async def request_of(page: Page) -> str:
    error = (await void(page))["error"]
    assert (error["code"], error["parameters"]["item"], error["parameters"]["amount"]) == (
        "USR-250",
        "Milk 3.2 % 1 l",
        "620.00",
    )
    return str(error["parameters"]["request"])


async def test_a_pin_lets_the_act_happen_and_signs_nobody_in(branch: Branch, gor: Page) -> None:
    request = await request_of(gor)
    assert gor.state["approval"] == {"request": request, "approved_by": None}
    assert await approve(branch, pin=ANNA_PIN, request=request) == (
        200,
        {"approval": request, "approved_by": "Anna S."},
    )
    await gor.until(lambda page: (page.state["approval"] or {}).get("approved_by") == "Anna S.")
    assert gor.state["operator"]["name"] == "Gor T."
    assert (await void(gor, approval=request))["ok"]
    [voided] = branch.shop.facts("sale.line_voided")
    assert voided.payload.approved_by == ANNA.operator_id  # type: ignore[attr-defined]
    assert gor.state["approval"] is None


@pytest.mark.parametrize("scanner", ["on the gateway", "a keyboard"])
async def test_a_badge_lets_the_act_happen_and_moves_nobody_away(branch: Branch, gor: Page, scanner: str) -> None:
    request = await request_of(gor)
    await {"on the gateway": lambda: branch.room.take_scan(scan(ANNA_BADGE)),
           "a keyboard": lambda: gor.ask("scan", raw=ANNA_BADGE)}[scanner]()  # fmt: skip
    await gor.until(lambda page: (page.state["approval"] or {}).get("approved_by") == "Anna S.")
    assert gor.state["operator"]["name"] == "Gor T."
    assert (await void(gor, approval=request))["ok"]


async def test_a_badge_without_the_right_is_refused_and_moves_nobody(branch: Branch, gor: Page) -> None:
    await request_of(gor)
    await branch.room.take_scan(scan(GOR_BADGE))
    await gor.until(lambda page: (page.state["last_scan"] or {}).get("code") == "USR-403")
    assert gor.state["approval"]["approved_by"] is None


async def test_a_badge_takes_over_again_when_nothing_waits(branch: Branch, gor: Page) -> None:
    request = await request_of(gor)
    await gor.do("drop_approval", request=request)
    await branch.room.take_scan(scan(ANNA_BADGE))
    await gor.until(lambda page: page.state["operator"]["name"] == "Anna S.")


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"pin": "999999"}, 401, "USR-401"),
        ({"badge": "no badge"}, 401, "USR-401"),
        ({"pin": GOR_PIN}, 403, "USR-403"),
        ({"pin": ANNA_PIN, "request": str(uuid4())}, 409, "USR-420"),
        ({"pin": ANNA_PIN, "request": "17"}, 400, "SAL-401"),
        ({"pin": ANNA_PIN, "badge": "x"}, 400, "SAL-401"),
        ({"pin": ANNA_PIN, "till": "till-9"}, 404, "SAL-427"),
    ],
)
async def test_what_does_not_approve_leaves_the_act_waiting(
    branch: Branch, gor: Page, given: dict[str, str], status: int, code: str
) -> None:
    request = await request_of(gor)
    answer, body = await approve(branch, **{"request": request, **given})
    assert (answer, body["error"]["code"]) == (status, code)
    assert (await void(gor, approval=request))["error"]["code"] == "USR-250"


async def test_wrong_pins_count_with_those_of_signing_in(branch: Branch, gor: Page) -> None:
    request = await request_of(gor)
    for _ in range(3):
        await sign_in(branch.url, pin="999999", till="till-1")
        await approve(branch, pin="999999", request=request)
    status, body = await approve(branch, pin=ANNA_PIN, request=request)
    assert (status, body["error"]["code"]) == (423, "USR-402")
    assert (await sign_in(branch.url, pin=ANNA_PIN, till="till-1")).status_code == 423


async def test_nobody_approves_from_outside(branch: Branch, gor: Page) -> None:
    request = await request_of(gor)
    branch.token = "made up"
    assert (await approve(branch, pin=ANNA_PIN, request=request))[0] == 401
