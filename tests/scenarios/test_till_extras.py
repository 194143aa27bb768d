"""A second person, an age, a count by notes, an office that is silent behind a living broker: in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.scenarios.shop import BREAD, COFFEE, MILK, Shop, until
from tests.scenarios.till_page import TillPage
from tradepost.stage import CASHIER_PIN, MANAGER_PIN

pytestmark = pytest.mark.browser

WINE = "4850001000105"


def replica_version(shop: Shop) -> int:
    [line] = [line for line in shop.metrics().splitlines() if line.startswith("tradepost_replica_version")]
    return int(line.split()[1])


async def hand_over_to_the_cashier(till: TillPage) -> None:
    await till.lock()
    await till.sign_in(CASHIER_PIN)
    await expect(till.page.get_by_role("banner")).to_contain_text("Anna S.")


async def test_a_second_person_allows_one_discount_by_pin(till: TillPage, shop: Shop) -> None:
    await hand_over_to_the_cashier(till)
    await till.scanned(COFFEE, 1)
    await till.page.keyboard.press("F4")
    await till.field("Discount, %").fill("5")
    await till.page.keyboard.press("Enter")
    panel = till.panel("Needs approval")
    await expect(panel).to_contain_text("This needs the approval of a person with the right: give a discount.")
    await expect(panel).to_contain_text("Coffee beans 250 g")
    await expect(panel).to_contain_text("195")

    await till.field("PIN of that person").fill("000000")
    await till.page.keyboard.press("Enter")
    await expect(panel).to_contain_text("This PIN or badge is not known here.")
    await till.scanned(BREAD, 2)
    await expect(panel).to_be_visible()
    await till.field("PIN of that person").fill(MANAGER_PIN)
    await till.button("Approve").click()
    await expect(panel).to_have_count(0)
    await expect(till.total).to_have_text("4,055")
    await expect(till.page.get_by_role("banner")).to_contain_text("Anna S.")

    await till.pay()
    number = await till.take()
    [document] = await until(lambda: shop.documents("sale", number))
    assert document["total_minor"] == 405_500
    sale = await until(lambda: shop.sale(number))
    assert (sale["total_minor"], sale["discount_minor"]) == (405_500, 19_500)


async def test_a_drawer_is_counted_by_notes_and_coins_and_agrees(till: TillPage, shop: Shop) -> None:
    await till.count("1")
    await till.close_shift()
    await till.open_shift("20000")
    await till.sell(MILK, BREAD)
    await till.page.keyboard.press("Enter")
    await till.open_function("Close shift")
    for note, pieces in (("20,000", "1"), ("500", "1"), ("200", "2"), ("50", "1"), ("20", "1")):
        await till.field(note).fill(pieces)
    await expect(till.field("Counted cash")).to_have_value("20,970")
    await expect(till.page.get_by_text("Expected cash")).to_have_count(0)
    await till.button("I HAVE COUNTED").click()
    await expect(till.output("Difference")).to_have_text("0")
    await till.close_shift()
    counted = await until(lambda: [row for row in shop.closed_shifts() if row["counted_cash_minor"] == 2_097_000])
    assert [row["difference_minor"] for row in counted] == [0]


async def test_an_office_that_is_silent_behind_a_living_broker_is_offline(till: TillPage, shop: Shop) -> None:
    banner = till.page.get_by_role("banner")
    await expect(banner.get_by_role("button", name="Online")).to_be_visible(timeout=60_000)
    shop.office_process.stop()
    await till.sell(BREAD)
    await expect(banner.get_by_role("button", name="Offline")).to_be_visible(timeout=30_000)
    await expect(banner).not_to_contain_text("To send 0")

    shop.office_process = shop.start_head_office()
    await expect(banner.get_by_role("button", name="Online")).to_be_visible(timeout=60_000)
    await expect(banner).to_contain_text("To send 0", timeout=60_000)


async def test_wine_waits_until_somebody_has_looked(till: TillPage, shop: Shop) -> None:
    before = replica_version(shop)
    shop.office.post("/api/v1/products/import", {"products": [_wine()]})
    await until(lambda: replica_version(shop) > before, 60)
    await till.scanned(MILK, 1)
    await till.burst(WINE)
    panel = till.page.get_by_role("form", name="18+: born on or before")
    await expect(panel).to_contain_text("Areni dry red 0.75 l")
    await expect(till.lines).to_have_count(1)
    await till.page.keyboard.press("Enter")
    await expect(panel).to_be_visible()
    await till.page.keyboard.press("y")
    await expect(till.lines).to_have_count(2)
    await expect(panel).to_have_count(0)
    await till.pay()
    number = await till.take()
    [document] = await until(lambda: shop.documents("sale", number))
    assert document["total_minor"] == 382_000


async def test_a_new_card_is_given_while_selling_and_its_phone_is_known_from_then_on(till: TillPage) -> None:
    await till.scanned(BREAD, 1)
    await till.page.keyboard.press("F3")
    await till.field("Phone digits, name or card").fill("077 123 499")
    await till.button("New card").click()
    await expect(till.field("Phone")).to_have_value("077 123 499")
    await till.field("Name").fill("Levon Mkhitaryan")
    await till.page.get_by_role("checkbox").check()
    await till.button("Save and attach").click()
    await expect(till.page.get_by_role("region", name="Customer")).to_contain_text("Levon Mkhitaryan")
    await till.button("Remove").click()

    await till.page.keyboard.press("F3")
    await till.button("New card").click()
    await till.field("Phone").fill("077123499")
    await till.field("Name").fill("Levon M.")
    await till.button("Save and attach").click()
    await till.button("Choose Levon Mkhitaryan").click()
    await expect(till.page.get_by_role("region", name="Customer")).to_contain_text("Levon Mkhitaryan")
    await till.pay()
    await till.take()


async def test_a_customer_who_wants_no_paper_gets_the_registers_only(till: TillPage, shop: Shop) -> None:
    await till.scanned(BREAD, 1)
    await till.pay()
    await till.page.get_by_role("radio", name="none").check()
    number = await till.take()
    await until(lambda: shop.documents("sale", number))
    await till.button("Next sale").click()
    other = await till.sell(MILK)
    await until(lambda: shop.printed(other))
    assert shop.printed(number) == []


def _wine() -> dict[str, object]:
    price = {"currency": "AMD", "unit_price": 320_000 * 10_000, "valid_from": "2020-01-01"}
    return {
        "code": "10490",
        "name": "Areni dry red 0.75 l",
        "unit": "pcs",
        "tax_code": "A",
        "minimum_age": 18,
        "barcodes": [{"barcode": WINE}],
        "prices": [price],
    }
