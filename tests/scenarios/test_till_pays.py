"""How a sale is paid, set aside and dropped: card terminals that stand alone, several forms, parked baskets."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.scenarios.shop import BREAD, CHEESE, COFFEE, MILK, Shop, label, until
from tests.scenarios.till_page import TillPage

pytestmark = pytest.mark.browser


async def test_a_card_counts_when_the_cashier_says_what_the_terminal_answered(till: TillPage, shop: Shop) -> None:
    await till.scanned(COFFEE, 1)
    await till.pay()
    await till.page.get_by_role("radio", name="Card").check()
    await till.page.keyboard.press("Enter")
    question = till.page.get_by_role("region", name="Card terminal")
    await expect(question).to_contain_text("Enter 3,900 on the card terminal.")
    await expect(till.button("TAKE")).to_be_disabled()
    await till.button("Declined").click()
    await expect(till.output("LEFT TO PAY")).to_have_text("3,900")
    await till.page.get_by_role("radio", name="Card").check()
    await till.page.keyboard.press("Enter")
    await till.button("Approved").click()
    number = await till.take()
    [document] = await until(lambda: shop.documents("sale", number))
    assert [(paid["letter"], paid["amount_minor"]) for paid in document["payments"]] == [("D", 390_000)]
    sale = await until(lambda: shop.sale(number))
    assert [(paid["form"], paid["amount_minor"]) for paid in sale["payments"]] == [("card", 390_000)]


async def test_the_basket_of_the_drawn_till_paid_by_card_and_cash_gives_its_change(till: TillPage, shop: Shop) -> None:
    """UX §3, with 4,000 by card instead of 3,000 by card and 1,000 points."""
    await till.type_slowly("2*")
    await till.scanned(MILK, 1)
    await till.scanned(label(CHEESE, 432), 2)
    await till.scanned(BREAD, 3)
    await till.scanned(COFFEE, 4)
    await till.page.keyboard.press("F4")
    await till.field("Discount, %").fill("5")
    await till.page.keyboard.press("Enter")
    await expect(till.total).to_have_text("7,109")
    await till.pay()
    await till.page.get_by_role("radio", name="Card").check()
    await till.field("Sum").fill("4000")
    await till.page.keyboard.press("Enter")
    await till.button("Approved").click()
    await expect(till.output("LEFT TO PAY")).to_have_text("3,109")
    await expect(till.panel("PAY")).to_contain_text("+1 → 3,110")
    await till.page.get_by_role("radio", name="Cash").check()
    await till.field("Given").fill("5000")
    await till.page.keyboard.press("Enter")
    await expect(till.output("CHANGE")).to_have_text("1,890")
    number = await till.take()
    [document] = await until(lambda: shop.documents("sale", number))
    assert document["total_minor"] == 710_900
    sale = await until(lambda: shop.sale(number))
    assert (sale["total_minor"], sale["discount_minor"], sale["rounding_minor"]) == (710_900, 19_500, 100)
    paid = {payment["form"]: (payment["amount_minor"], payment["change_minor"]) for payment in sale["payments"]}
    assert paid == {"card": (400_000, 0), "cash": (311_000, 189_000)}


async def test_a_parked_basket_comes_back_as_it_was(till: TillPage) -> None:
    await till.scanned(MILK, 1)
    await till.scanned(COFFEE, 2)
    await till.page.keyboard.press("F7")
    await till.field("Name, so that you know it again").fill("Red jacket")
    await till.page.keyboard.press("Enter")
    await expect(till.lines).to_have_count(0)
    await till.sell(BREAD)
    await till.page.keyboard.press("Enter")
    await till.page.keyboard.press("F7")
    await till.button("Open Red jacket, 2 lines, 4,520").click()
    await expect(till.lines).to_have_count(2)
    await expect(till.total).to_have_text("4,520")
    await till.pay()
    await till.take()
    await expect(till.panel("Paid")).to_contain_text("4,520")


async def test_a_cancelled_sale_is_on_record_with_its_reason(till: TillPage, shop: Shop) -> None:
    sales, before = len(shop.documents("sale")), len(shop.cancelled())
    await till.scanned(MILK, 1)
    await till.cancel_sale("Not enough money")
    [newest, *_] = await until(lambda: shop.cancelled() if len(shop.cancelled()) > before else None)
    assert (newest["reason"], newest["line_count"], newest["total_minor"]) == ("money", 1, 62_000)
    assert len(shop.documents("sale")) == sales
