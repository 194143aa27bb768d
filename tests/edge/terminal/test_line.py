from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from edge.devices.scanner import Scan, ScanTrouble
from edge.replica import Delta
from shared.clock import SystemClock
from shared.ids import uuid7
from tests.edge.checkout.shop import ANNA, BREAD, COFFEE, GOR_BADGE, MILK, NEW
from tests.edge.terminal.conftest import GOR_PIN, Branch
from tests.edge.terminal.page import Page, open_page, sign_in


def scan(code: str) -> Scan:
    return Scan(uuid7(), "scanner-1", SystemClock().now(), code.encode(), code, None)


async def test_a_sale_from_the_first_scan_to_the_change(page: Page) -> None:
    await page.do("scan", raw=MILK, source="keyboard")
    await page.do("scan", raw=COFFEE, source="keyboard")
    assert [line["name"] for line in page.state["basket"]["lines"]] == ["Milk 3.2 % 1 l", "Coffee beans 250 g"]
    await page.do("pay")
    assert page.state["payment"]["due_minor"] == 452_000
    await page.do("tender", form="cash", amount_minor=500_000)
    taken = await page.do("take")
    assert (taken["change_minor"], taken["change_text"]) == (48_000, "480.00")
    await page.until(lambda page: page.state["basket"]["state"] == "done")
    assert page.state["receipt"]["fiscal"][0]["document_no"] == 101


async def test_the_view_that_shows_an_operation_comes_before_its_answer(page: Page) -> None:
    ids = [await page.send("scan", raw=code) for code in (MILK, BREAD, COFFEE) * 30]
    for op_id in ids:
        await page.answer(op_id)
    newest = -1
    for message in page.heard:
        newest = message["rev"] if "state" in message else newest
        assert "re" not in message or message["rev"] <= newest
    views = sum("state" in message for message in page.heard)
    assert views < len(ids)
    assert page.state["basket"]["scans"] == 90


async def test_an_operation_sent_again_on_a_new_line_is_done_once(branch: Branch, page: Page) -> None:
    op_id = await page.send("scan", raw=MILK)
    first = await page.answer(op_id)
    await page.close()
    again = await open_page(branch.url, branch.token)
    second = await again.ask("scan", op_id, raw=MILK)
    assert (second["ok"], second["result"]) == (first["ok"], first["result"])
    assert again.state["basket"]["lines"][0]["quantity_milli"] == 1_000
    await again.close()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no json", "SAL-401"),
        ("[1, 2]", "SAL-401"),
        ("[" * 5_000, "SAL-401"),
        ('{"op": "scan"}', "SAL-401"),
        ('{"op": "scan", "id": "17"}', "SAL-401"),
        ('{"op": "scan", "id": 17}', "SAL-401"),
        ('{"op": "format_disk", "id": "0190b6a0-0000-7000-8000-000000000000"}', "SAL-402"),
        ('{"op": "scan", "id": "0190b6a0-0000-7000-8000-000000000000", "raw": 5}', "SAL-401"),
    ],
)
async def test_a_message_that_is_not_ours_is_refused_and_the_line_stays(page: Page, text: str, code: str) -> None:
    await page.line.send(text)
    refused = await page.until(lambda page: [m for m in page.heard if m.get("ok") is False])
    assert refused[0]["error"]["code"] == code
    assert (await page.ask("ping"))["ok"]


async def test_an_error_comes_with_its_sentences_and_its_facts_ready_to_read(page: Page) -> None:
    await page.do("scan", raw=COFFEE)
    await page.do("pay")
    error = (await page.ask("tender", form="card", amount_minor=400_000))["error"]
    assert (error["code"], error["parameters"]["left"]) == ("PAY-410", "3,900.00")
    error = (await page.ask("scan", raw="nothing like it"))["error"]
    assert error["what"] == "nothing like it is not in the catalogue."
    assert error["do"] == "Scan again or find it by name (F2)."


async def test_texts_are_in_the_language_of_the_line(branch: Branch) -> None:
    page = await open_page(branch.url, branch.token, lang="ru")
    await page.do("scan", raw=COFFEE)
    assert page.state["basket"]["total_text"] == "3\u00a0900,00"
    await page.close()


async def test_a_message_of_ten_megabytes_ends_the_line_and_nothing_else(branch: Branch, page: Page) -> None:
    with suppress(ConnectionClosed):
        await page.line.send("x" * 10_000_000)
    await page.line.wait_closed()
    assert page.line.close_code == 1009
    again = await open_page(branch.url, branch.token)
    await again.do("scan", raw=MILK)
    await again.close()


# -- who may come in --------------------------------------------------------------------------------------------------


async def test_without_a_session_the_line_is_closed_as_signed_out(branch: Branch) -> None:
    line = await connect(branch.url.replace("http", "ws", 1) + "/api/till/ws?till=till-1", proxy=None)
    with pytest.raises(ConnectionClosed) as closed:
        await line.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize("way", ["header", "cookie", "query", "subprotocol"])
async def test_the_token_comes_in_any_of_four_ways(branch: Branch, way: str) -> None:
    address = branch.url.replace("http", "ws", 1) + "/api/till/ws?till=till-1"
    ways: dict[str, tuple[str, dict[str, Any]]] = {
        "header": ("", {"additional_headers": {"Authorization": f"Bearer {branch.token}"}}),
        "cookie": ("", {"additional_headers": {"Cookie": f"tradepost_till={branch.token}"}}),
        "query": (f"&token={branch.token}", {}),
        "subprotocol": ("", {"subprotocols": [f"token.{branch.token}"]}),
    }
    query, arguments = ways[way]
    async with connect(address + query, proxy=None, **arguments) as line:
        assert '"state"' in str(await line.recv())


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_a_strangers_page_does_not_get_the_line(branch: Branch, headers: dict[str, str]) -> None:
    address = branch.url.replace("http", "ws", 1) + f"/api/till/ws?till=till-1&token={branch.token}"
    with pytest.raises(Exception, match="403"):
        await connect(address, additional_headers=headers, proxy=None)


# -- one at a time ----------------------------------------------------------------------------------------------------


async def test_the_newer_page_asks_and_the_older_turns_read_only(branch: Branch, page: Page) -> None:
    await page.do("scan", raw=MILK)
    other = await open_page(branch.url, branch.token, tab="tab-2")
    assert (other.state["lease"]["mine"], page.state["lease"]["mine"]) == (False, True)
    refused = await other.ask("scan", raw=BREAD)
    assert (refused["error"]["code"], refused["error"]["parameters"]["holder"]) == ("SAL-232", "Anna S., 127.0.0.1")
    await other.do("claim")
    await page.until(lambda page: page.state["lease"]["mine"] is False)
    assert (await page.ask("scan", raw=BREAD))["error"]["code"] == "SAL-232"
    await other.do("scan", raw=BREAD)
    await page.until(lambda page: page.state["basket"]["line_count"] == 2)
    await other.close()


async def test_a_page_that_only_looks_locks_itself_and_not_the_till(branch: Branch, page: Page) -> None:
    token = (await sign_in(branch.url, pin=GOR_PIN, till="till-1")).json()["token"]
    other = await open_page(branch.url, token, tab="tab-2")
    await other.do("lock")
    assert (await other.ask("claim"))["error"]["code"] == "USR-401"
    await page.do("scan", raw=MILK)
    assert page.state["lease"]["mine"] is True
    await other.close()


async def test_a_session_that_ended_elsewhere_acts_no_longer(branch: Branch, page: Page) -> None:
    await branch.gateway.sessions.sign_out(branch.token)
    assert (await page.ask("scan", raw=MILK))["error"]["code"] == "USR-401"


async def test_a_page_that_comes_back_has_its_till_again(branch: Branch, page: Page) -> None:
    await page.close()
    again = await open_page(branch.url, branch.token)
    assert again.state["lease"]["mine"] is True
    await again.close()


async def test_a_page_taken_over_by_another_person_acts_for_that_person(branch: Branch, page: Page) -> None:
    token = (await sign_in(branch.url, pin=GOR_PIN, till="till-1")).json()["token"]
    gor = await open_page(branch.url, token, tab="tab-2")
    await gor.do("claim")
    await gor.until(lambda page: page.state["operator"]["name"] == "Gor T.")
    assert (await gor.ask("x_report"))["error"]["code"] == "USR-403"
    await gor.close()


# -- scanners and badges ----------------------------------------------------------------------------------------------


async def test_a_scanner_of_the_till_makes_lines_on_the_page(branch: Branch, page: Page) -> None:
    event = scan(MILK)
    await branch.room.take_scan(event)
    await branch.room.take_scan(event)
    await page.until(lambda page: page.state["basket"]["line_count"] == 1)
    assert page.state["basket"]["lines"][0]["quantity_milli"] == 1_000
    assert page.state["last_scan"]["id"] == str(event.scan_id)


async def test_a_scanners_trouble_is_shown_and_adds_nothing(branch: Branch, page: Page) -> None:
    await branch.room.take_scan(ScanTrouble("scanner-1", SystemClock().now(), "SCN-302", {"length": 7}))
    await page.until(lambda page: (page.state["last_scan"] or {}).get("code") == "SCN-302")
    assert page.state["basket"]["line_count"] == 0


async def test_a_badge_gives_the_page_to_another_person_until_it_is_locked(branch: Branch, page: Page) -> None:
    await page.do("scan", raw=MILK)
    await branch.room.take_scan(scan(GOR_BADGE))
    await page.until(lambda page: page.state["operator"]["name"] == "Gor T.")
    line = page.state["basket"]["lines"][0]
    assert (await page.ask("void_line", line_id=line["id"]))["error"]["code"] == "USR-250"
    assert branch.gateway.sessions.find(branch.token).operator == NEW  # type: ignore[union-attr]


async def test_a_locked_till_takes_no_scan_until_a_badge_or_pin_opens_it(branch: Branch, page: Page) -> None:
    await page.do("scan", raw=MILK)
    await page.do("lock")
    await page.until(lambda page: page.state["operator"] is None)
    assert (await page.ask("scan", raw=MILK))["error"]["code"] == "USR-401"
    await branch.room.take_scan(scan(BREAD))
    await page.until(lambda page: page.state["last_scan"].get("code") == "USR-401")
    await branch.room.take_scan(scan("BADGE-00480"))
    await page.until(lambda page: page.state["operator"] is not None)
    await page.do("scan", raw=MILK)
    assert page.state["basket"]["lines"][0]["quantity_milli"] == 2_000
    assert branch.shop.till.state.operator == ANNA


async def test_whoever_head_office_takes_away_acts_no_longer(branch: Branch, page: Page) -> None:
    version = branch.shop.replica.version
    gone = {"operators": [{"id": str(ANNA.operator_id), "deleted": True}]}
    branch.shop.replica.apply(
        Delta.model_validate({"since": version, "version": version + 1, "complete": True, "changes": gone})
    )
    assert (await page.ask("scan", raw=MILK))["error"]["code"] == "USR-401"
    assert branch.shop.till.state.basket.lines == ()


async def test_two_pages_and_a_scanner_at_once_lose_nothing(branch: Branch, page: Page) -> None:
    async def scanner() -> None:
        for _ in range(40):
            await branch.room.take_scan(scan(BREAD))

    busy = asyncio.create_task(scanner())
    for op_id in [await page.send("scan", raw=MILK) for _ in range(40)]:
        assert (await page.answer(op_id))["ok"]
    await busy
    await page.until(lambda page: page.state["basket"]["scans"] == 80)
    quantities = sorted(line["quantity_milli"] for line in page.state["basket"]["lines"])
    assert quantities == [40_000, 40_000]
    assert UUID(page.state["basket"]["id"])
