"""From the PIN to the receipt in a real browser, and what every witness says of it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.scenarios.shop import BREAD, CHEESE, COFFEE, JAM, MILK, Shop, label, until
from tests.scenarios.till_page import ENTRY, TillPage
from tradepost.stage import CASHIER_PIN

pytestmark = pytest.mark.browser


async def test_a_sale_from_pin_to_receipt_is_one_sum_for_all_witnesses(till: TillPage, shop: Shop) -> None:
    keyboard = till.page.keyboard
    await till.count("20000")
    await till.close_shift()
    await keyboard.press("F1")
    await expect(till.panel("Help")).to_be_visible()
    await keyboard.press("Escape")
    await expect(till.panel("Help")).to_have_count(0)
    await till.lock()

    await till.type_slowly(CASHIER_PIN)
    await keyboard.press("Enter")
    await till.open_shift("20000")

    shop.scan(MILK)
    await expect(till.line("Milk 3.2 % 1 l")).to_be_visible()
    await till.button("Help").focus()
    await till.scanned(BREAD, 2)
    await till.field(ENTRY).focus()
    await till.type_slowly("3*")
    await expect(till.output("The next item counts")).to_have_text("next: 3 ×")
    await till.scanned(JAM, 3)
    await expect(till.line("Apricot jam").get_by_role("cell")).to_have_text(
        ["3", "Apricot jam 360 g", "3", "1,450", "4,350"]
    )
    shop.scan(label(CHEESE, 432))
    await expect(till.line("Cheese Lori").get_by_role("cell")).to_have_text(
        ["4", "Cheese Lori, weighed", "0.432 kg", "4,200", "1,814"]
    )
    await expect(till.total).to_have_text("7,134")
    await keyboard.press("Delete")
    await expect(till.line("Cheese Lori")).to_contain_text("voided")
    await expect(till.total).to_have_text("5,320")
    await keyboard.press("Control+z")
    await expect(till.total).to_have_text("7,134")
    await till.type_slowly("cof")
    await expect(till.panel("Find a product").get_by_role("option")).to_have_count(1)
    await keyboard.press("Enter")
    await expect(till.lines).to_have_count(5)
    await expect(till.total).to_have_text("11,034")
    total_minor = 100 * int((await till.total.inner_text()).replace(",", ""))

    await keyboard.press("+")
    await expect(till.output("LEFT TO PAY")).to_have_text("11,034")
    await expect(till.panel("PAY")).to_contain_text("−4 → 11,030")
    await till.type_slowly("1")
    await till.type_slowly("12000")
    await keyboard.press("Enter")
    await expect(till.output("CHANGE")).to_have_text("970")
    await expect(till.button("TAKE")).to_be_focused()
    await keyboard.press("Enter")

    number = await till.paid_number.inner_text()
    await expect(till.output("CHANGE")).to_have_text("970")
    preview = till.page.get_by_role("region", name="Receipt")
    await expect(preview).to_contain_text(number)
    await expect(preview).to_contain_text("11,034")
    [document] = await until(lambda: shop.documents("sale", number))
    assert document["total_minor"] == total_minor
    await expect(till.panel("Paid")).to_contain_text(f"fiscal {document['document']}")
    [picture] = await until(lambda: shop.printed(number))
    assert picture.stat().st_size > 0
    assert re.search(r"11,034", picture.with_suffix(".txt").read_text())
    sale = await until(lambda: shop.sale(number))
    assert (sale["total_minor"], sale["line_count"], sale["operator_name"]) == (total_minor, 5, "Anna S.")


async def test_a_burst_is_one_line_wherever_the_focus_is_and_changes_no_field(till: TillPage) -> None:
    await till.scanned(MILK, 1)
    for keys, field in (("F2", "Name, code or article"), ("F4", "Discount, %"), ("F9", "Sum")):
        await till.page.keyboard.press(keys)
        await till.field(field).fill("12")
        await till.field(field).focus()
        await till.scanned(MILK, 1)
        await expect(till.field(field)).to_have_value("12")
        await till.page.keyboard.press("Escape")
    await expect(till.line("Milk").get_by_role("cell").nth(2)).to_have_text("4")
    await till.cancel_sale("Entered by mistake")


async def test_a_scan_while_paying_is_a_line_and_not_a_sum(till: TillPage) -> None:
    await till.scanned(MILK, 1)
    await till.pay()
    await till.field("Given").focus()
    await till.scanned(BREAD, 2)
    await expect(till.field("Given")).to_have_value("")
    await expect(till.output("LEFT TO PAY")).to_have_text("970")
    await till.take()


async def test_an_unknown_code_changes_nothing_and_says_what_to_do(till: TillPage) -> None:
    await till.scanned(MILK, 1)
    await till.burst("4850009990002")
    await expect(till.strip).to_contain_text("4850009990002 is not in the catalogue.")
    await expect(till.strip).to_contain_text("Basket unchanged.")
    await expect(till.strip).to_contain_text("SCN-201")
    await expect(till.total).to_have_text("620")
    await till.scanned(COFFEE, 2)
    await expect(till.strip).to_contain_text("Coffee beans 250 g")
    await till.burst("4850009990002")
    await till.pay()
    await till.take()
    await expect(till.strip).to_have_text("")
