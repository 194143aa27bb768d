"""What a cashier sees, and what is kept, when a part of the shop is gone: gateway, head office, paper, a window."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.scenarios.shop import BREAD, COFFEE, JAM, MILK, Shop, until
from tests.scenarios.till_page import ENTRY, TillPage

pytestmark = pytest.mark.browser


async def test_a_killed_gateway_comes_back_with_the_same_basket_and_one_receipt(till: TillPage, shop: Shop) -> None:
    for place, code in enumerate((MILK, BREAD, COFFEE, JAM), start=1):
        await till.scanned(code, place)
    shop.kill_gateway()
    await expect(till.button("No gateway")).to_be_visible()
    await expect(till.button("Waiting for the gateway")).to_be_disabled()
    await expect(till.lines).to_have_count(4)

    shop.open_till()
    await expect(till.banner("The sale was restored. Lines: 4")).to_be_visible()
    await expect(till.total).to_have_text("6,320")
    await till.pay()
    number = await till.take()
    [document] = await until(lambda: shop.documents("sale", number))
    assert document["total_minor"] == 632_000
    await until(lambda: shop.sale(number))
    assert len(shop.documents("sale", number)) == 1


async def test_what_is_scanned_while_the_gateway_is_away_is_sold_once(till: TillPage, shop: Shop) -> None:
    await till.scanned(MILK, 1)
    shop.kill_gateway()
    await expect(till.button("Waiting for the gateway")).to_be_disabled()
    await till.burst(MILK)
    await till.burst(BREAD)
    await expect(till.banner("NET-302")).to_contain_text("Scans held here:")
    shop.open_till()
    await expect(till.lines).to_have_count(2)
    await expect(till.line("Milk 3.2 % 1 l").get_by_role("cell").nth(2)).to_have_text("2")
    await expect(till.total).to_have_text("1,590")
    await till.cancel_sale("Other")


async def test_the_newer_window_asks_and_the_older_one_only_looks_on(
    till: TillPage, context: BrowserContext, shop: Shop
) -> None:
    await till.scanned(COFFEE, 1)
    other = TillPage(await context.new_page())
    await other.page.goto(shop.till_url)
    await expect(other.lines).to_have_count(1)
    await expect(other.button("PAY")).to_be_disabled()
    await expect(other.field(ENTRY)).to_be_disabled()
    await expect(till.button("PAY")).to_be_enabled()

    await other.button("Use the till here").click()
    await expect(other.button("PAY")).to_be_enabled()
    await expect(till.button("PAY")).to_be_disabled(timeout=1_000)
    await expect(till.button("Use the till here")).to_be_visible()
    await other.scanned(BREAD, 2)
    await expect(till.lines).to_have_count(2)
    await other.pay()
    await other.take()
    await expect(till.panel("Paid")).to_be_visible()


async def test_without_head_office_everything_sells_and_is_sent_later(till: TillPage, shop: Shop) -> None:
    shop.cut_the_line()
    chip = till.page.get_by_role("banner").get_by_role("button", name="Offline")
    await expect(chip).to_be_visible()
    number = await till.sell(COFFEE, MILK)
    await until(lambda: shop.documents("sale", number))
    await expect(till.page.get_by_role("banner")).not_to_contain_text("To send 0")
    await chip.click()
    await expect(till.panel("How this till stands")).to_contain_text(
        "Everything is sent by itself when the link is back."
    )

    shop.mend_the_line()
    await expect(till.page.get_by_role("banner").get_by_role("button", name="Online")).to_be_visible(timeout=60_000)
    await expect(till.page.get_by_role("banner")).to_contain_text("To send 0", timeout=60_000)
    sale = await until(lambda: shop.sale(number))
    assert (sale["total_minor"], sale["receipt_state"]) == (452_000, "fiscalised")
    assert len(shop.sales(number=number)) == 1


async def test_a_receipt_waits_for_paper_and_prints_once(till: TillPage, shop: Shop) -> None:
    shop.printer_faults("paper-out")
    number = await till.sell(BREAD)
    await expect(till.banner("The receipt printer is out of paper.")).to_be_visible()
    await expect(till.banner("The receipt printer is out of paper.")).to_contain_text("PRN-240")
    await expect(till.button("PAY")).to_have_count(0)
    [_] = await until(lambda: shop.documents("sale", number))
    assert shop.printed(number) == []

    shop.printer_faults()
    await expect(till.banner("The receipt printer is out of paper.")).to_have_count(0)
    assert len(await until(lambda: shop.printed(number))) == 1
    other = await till.sell(MILK)
    await until(lambda: shop.printed(other))
    assert len(shop.printed(number)) == 1


async def test_a_register_without_paper_lets_scan_but_takes_no_money(till: TillPage, shop: Shop) -> None:
    sales = len(shop.documents("sale"))
    await till.scanned(BREAD, 1)
    shop.register_faults("paper-out")
    await expect(till.banner("The register is out of paper.")).to_contain_text("FIS-201")
    await till.scanned(MILK, 2)
    await till.pay()
    await till.button("TAKE").click()
    await expect(till.strip).to_contain_text("FIS-201")
    assert len(shop.documents("sale")) == sales

    shop.register_faults()
    await expect(till.banner("The register is out of paper.")).to_have_count(0)
    number = await till.take()
    [document] = await until(lambda: shop.documents("sale", number))
    assert document["total_minor"] == 97_000
    assert len(shop.documents("sale")) == sales + 1
