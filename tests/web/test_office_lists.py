"""Head office's lists in Chromium: columns, saved views, exports, acts on many rows, and the pages that rows open."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import insert

from cloud.access.rights import Preset
from cloud.audit.service import COMMAND_LINE
from cloud.customers import service as customers
from cloud.customers.schemas import CustomerDraft
from cloud.ingest.models import quarantine
from shared.clock import SystemClock
from shared.ids import uuid7
from tests.cloud.deliveries import returned, sale
from tests.web.head_office import Shop, doubtful

pytestmark = pytest.mark.browser


async def enrol(shop: Shop) -> UUID:
    async with shop.office.database.transaction() as tx:
        draft = CustomerDraft(name=f"Lusine {shop.id}", cards=[shop.key("card")])
        now = SystemClock().now()
        return await customers.create_customer(tx, actor=COMMAND_LINE, at=now, draft=draft, calling_code="374")


async def withhold(shop: Shop) -> None:
    row = {
        "id": uuid7(),
        "event_id": uuid7(),
        "branch": shop.id,
        "node": shop.gateway.address.node,
        "code": "EVT-402",
        "reason": "version 2 is not known",
        "body": '{"total_minor": 248000}',
        "received_at": SystemClock().now(),
    }
    async with shop.office.database.transaction() as tx:
        await tx.execute(insert(quarantine).values(row))


async def export(page: Page) -> list[dict[str, str]]:
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    file = Path(await (await download.value).path())
    text = await asyncio.to_thread(file.read_text, encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def test_the_stock_matrix_shows_what_is_short_first_when_asked(shop: Shop) -> None:
    await shop.sell("one")
    page = await shop.page("/stock/matrix")
    table = page.get_by_role("group", name="Stock matrix")
    await expect(table.get_by_role("columnheader")).to_have_text(["Product", "Article", "Abovyan 12", "Least", "Shown"])
    await expect(table.get_by_role("row")).to_have_count(3)
    await expect(table.get_by_role("row").nth(1)).to_contain_text("\u22122")
    await page.get_by_role("button", name="Abovyan 12").click()
    await expect(page).to_have_url(re.compile("sort=here_[0-9a-f]{32}&order=asc"))
    await page.get_by_role("combobox", name="Show").select_option("problems")
    await expect(table.get_by_role("row")).to_have_count(3)
    rows = await export(page)
    assert [(row["product_code"], row["total_milli"]) for row in rows] == [("?", "-2000"), ("?", "-2000")]


async def test_a_matrix_column_of_a_silent_branch_says_how_old_it_is(shop: Shop) -> None:
    await shop.sell("one")
    await shop.apply(shop.gateway.death())
    page = await shop.page("/stock/matrix")
    await expect(page.get_by_role("columnheader", name="~ Abovyan 12")).to_be_visible()
    await expect(page.get_by_text("as old as the last word of their branch: Abovyan 12")).to_be_visible()
    await expect(page.get_by_text("Missing: Abovyan 12")).to_be_visible()


async def test_columns_are_chosen_and_stay_in_the_address(shop: Shop) -> None:
    await shop.sell("one")
    page = await shop.page("/sales")
    await page.get_by_text("Columns", exact=True).click()
    await page.get_by_label("Cashier").uncheck()
    await expect(page.get_by_role("columnheader", name="Cashier")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("columnheader", name="Number")).to_be_visible()
    await expect(page.get_by_role("columnheader", name="Cashier")).to_have_count(0)
    await page.get_by_text("Columns", exact=True).click()
    await page.get_by_role("button", name="Show all").click()
    await expect(page.get_by_role("columnheader", name="Cashier")).to_be_visible()


async def test_a_view_is_saved_changed_and_opened_again(shop: Shop) -> None:
    await shop.sell("aa", "bb")
    page = await shop.page("/sales?sort=number&order=asc")
    await page.get_by_text("Views", exact=True).click()
    await page.get_by_label("Name of this view").fill("By number")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page).to_have_url(re.compile(r"view=By\+number"))
    await page.get_by_role("button", name="Number", exact=True).click()
    await expect(page.get_by_text("By number, changed *")).to_be_visible()
    await page.goto(shop.office.url + "/sales")
    await expect(page.get_by_role("rowheader").first).to_be_visible()
    await page.get_by_text("Views", exact=True).click()
    await page.get_by_role("button", name="By number", exact=True).click()
    await expect(page.get_by_role("rowheader")).to_have_text([shop.number("aa"), shop.number("bb")])


async def test_an_export_has_the_rows_and_the_order_of_the_list(shop: Shop) -> None:
    await shop.sell("aa", "bb", "cc")
    page = await shop.page("/sales?sort=number&order=desc&q=abovyan")
    await expect(page.get_by_role("rowheader")).to_have_count(3)
    shown = await page.get_by_role("rowheader").all_inner_texts()
    assert [row["number"] for row in await export(page)] == shown == [shop.number(key) for key in ("cc", "bb", "aa")]


async def test_many_exceptions_are_settled_for_one_reason(shop: Shop) -> None:
    for key in ("one", "two"):
        shop.write("receipt.outcome_unknown", doubtful(shop.key(key)))
    await shop.deliver()
    page = await shop.page("/exceptions")
    await page.get_by_label("Select every row of this page").check()
    bar = page.get_by_role("group", name="Selected rows")
    await expect(bar).to_contain_text("Selected: 2")
    await bar.get_by_label("Why it is settled").fill("The paper ran out")
    await bar.get_by_role("button", name="Settle selected (2)").click()
    await expect(page.get_by_role("rowheader")).to_have_count(0)
    await page.goto(shop.office.url + "/exceptions?state=settled")
    await expect(page.get_by_text("The paper ran out")).to_have_count(2)


async def test_settling_is_seen_by_whoever_else_looks(shop: Shop) -> None:
    shop.write("receipt.outcome_unknown", doubtful(shop.key("one")))
    await shop.deliver()
    watcher = await shop.page("/exceptions")
    await expect(watcher.get_by_role("rowheader")).to_have_count(1)
    await expect(watcher.get_by_text("Live", exact=True)).to_be_visible()
    page = await shop.page("/exceptions")
    await page.get_by_role("button", name="Settle FIS-502").click()
    await page.get_by_label("Why it is settled").fill("seen")
    await page.get_by_role("button", name="Settle", exact=True).click()
    await expect(watcher.get_by_role("rowheader")).to_have_count(0)


async def test_a_withheld_record_is_shown_whole_and_dismissed_with_a_reason(shop: Shop) -> None:
    await withhold(shop)
    page = await shop.page("/quarantine")
    await page.get_by_role("link", name="EVT-402").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Withheld record")
    await expect(page.get_by_text('"total_minor": 248000')).to_be_visible()
    await page.get_by_label("Why it is settled").fill("A test of ours")
    await page.get_by_role("button", name="Dismiss (1)").click()
    await expect(page.get_by_text("Dismissed", exact=True)).to_be_visible()
    await page.goto(shop.office.url + "/quarantine")
    await expect(page.get_by_text("Nothing is held back.")).to_be_visible()


async def test_a_withheld_record_is_closed_to_who_may_not_decide(shop: Shop) -> None:
    await withhold(shop)
    page = await shop.page("/quarantine", role=Preset.MANAGER)
    await page.get_by_role("link", name="EVT-402").click()
    await expect(page.get_by_text("This needs the right: change devices.")).to_be_visible()


async def test_a_customers_page_has_figures_and_every_purchase_and_return(shop: Shop) -> None:
    customer = await enrol(shop)
    for key in ("one", "two"):
        shop.write("sale.completed", sale(shop.key(key), customer_id=customer))
    back = returned(shop.key("back"), shop.key("one")).model_copy(update={"customer_id": customer})
    shop.write("sale.returned", back)
    await shop.deliver()
    page = await shop.page(f"/customers?q={shop.key('card')}")
    await page.get_by_role("link", name=f"Lusine {shop.id}").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Lusine {shop.id}")
    bought = page.get_by_role("region", name="Bought, AMD")
    await expect(bought).to_contain_text("AMD 4,340")
    await expect(bought).to_contain_text("2, AMD 4,960")
    await expect(page.get_by_role("rowheader")).to_have_count(3)
    await page.get_by_label("Kind").select_option("return")
    await page.get_by_role("link", name=back.number).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Return {back.number}")
    await expect(page.get_by_role("region", name="Lines")).to_contain_text("sour")
    await expect(page.get_by_role("region", name="Money back")).to_contain_text("620")
    await page.get_by_role("link", name=back.original_number).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Sale {back.original_number}")


async def test_devices_show_first_what_is_not_well(shop: Shop) -> None:
    page = await shop.page("/devices")
    await expect(page.get_by_text("Every device is well.")).to_be_visible()
    await expect(page.get_by_role("combobox", name="State")).to_have_value("")


async def test_f1_explains_every_page(shop: Shop) -> None:
    page = await shop.page("/stock/matrix")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Stock matrix")
    await page.keyboard.press("F1")
    await expect(page.get_by_role("complementary", name="Help")).to_contain_text("An octagon: less than nothing")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("complementary", name="Help")).to_have_count(0)
