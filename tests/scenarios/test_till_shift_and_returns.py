"""Goods back against a receipt, and a shift closed blind: the figures of page, register and head office agree."""

from __future__ import annotations

import pytest
from playwright.async_api import WebSocket, expect

from tests.scenarios.shop import BREAD, COFFEE, MILK, Shop, until
from tests.scenarios.till_page import TillPage

pytestmark = pytest.mark.browser


async def test_one_line_of_a_sale_comes_back_by_its_receipt_number(till: TillPage, shop: Shop) -> None:
    number = await till.sell(MILK, COFFEE)
    await until(lambda: shop.sale(number))
    on_stock = shop.on_stock("10482")
    await till.page.keyboard.press("Enter")

    await till.page.keyboard.press("F8")
    await till.field("Sale number").fill(number)
    await till.page.keyboard.press("Enter")
    panel = till.panel(f"Sale {number}")
    await panel.get_by_role("checkbox", name="Coffee beans 250 g").check()
    await panel.get_by_label("Reason").select_option(label="Wrong item")
    await expect(panel).to_contain_text("Goes back to the customer3,900Cash3,900")
    await till.button("REFUND").click()
    await expect(panel).to_contain_text("Returned.")

    returned = await until(lambda: shop.return_of(number))
    assert (returned["total_minor"], returned["line_count"]) == (390_000, 1)
    [document] = await until(lambda: shop.documents("return", returned["number"]))
    assert (document["total_minor"], document["original"]["reason"]) == (390_000, "return")
    await expect(panel).to_contain_text(f"fiscal {document['document']}")
    assert await until(lambda: shop.on_stock("10482") == on_stock + 1_000)

    await till.page.keyboard.press("Escape")
    await till.page.keyboard.press("F8")
    await till.field("Sale number").fill(number)
    await till.page.keyboard.press("Enter")
    await expect(panel.get_by_role("checkbox", name="Coffee beans 250 g")).to_be_disabled()
    await expect(panel.get_by_role("checkbox", name="Milk 3.2 % 1 l")).to_be_enabled()


async def test_the_count_is_blind_and_the_z_report_closes_the_shift(till: TillPage, shop: Shop) -> None:
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(str(frame)))

    await till.count("20000")
    await till.close_shift()
    till.page.on("websocket", listen)
    await till.page.reload()
    await till.open_shift("20370")
    await till.sell(COFFEE)
    await till.sell(BREAD)
    reports, shifts = len(shop.documents("z")), len(shop.closed_shifts())

    await till.open_function("Close shift")
    await till.field("Counted cash").fill("24600")
    before = [*frames, await till.page.content()]
    assert frames
    assert not [text for text in before if "24,620" in text or "2462000" in text]
    await till.button("I HAVE COUNTED").click()
    await expect(till.output("Difference")).to_have_text("−20")
    await expect(till.page.get_by_role("form")).to_contain_text("24,620")

    await till.close_shift()
    [report] = await until(lambda: shop.documents("z")[reports:])
    assert (report["sales"]["count"], report["total_minor"]) == (2, 425_000)
    [shift, *_] = await until(lambda: shop.closed_shifts() if len(shop.closed_shifts()) > shifts else None)
    assert (shift["counted_cash_minor"], shift["expected_cash_minor"]) == (2_460_000, 2_462_000)
    assert (shift["sale_count"], shift["sold_minor"], shift["closure_no"]) == (2, 425_000, report["closure"])

    await till.open_shift("0")
    await expect(till.page.get_by_role("form", name="Close shift")).to_have_count(0)
    await expect(till.button("PAY")).to_be_visible()
