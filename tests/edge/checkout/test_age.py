"""Age-restricted goods: asked once a sale for the strictest item; nothing is sold before somebody has looked."""

from __future__ import annotations

import json
from datetime import date

import pytest

from edge.checkout.act import born_on_or_before
from edge.checkout.till import Answer
from shared.events import SaleCompleted
from tests.edge.checkout.shop import ANNA, KNIFE, MILK, WINE, Shop, product_id


async def scanned(shop: Shop, code: str) -> Answer:
    return await shop.perform("scan", raw=code)


def names(shop: Shop) -> list[str]:
    return [line["name"] for line in shop.view["basket"]["lines"]]


async def test_an_item_with_an_age_waits_beside_the_basket(shop: Shop) -> None:
    await shop.scan(MILK)
    answer = await scanned(shop, WINE)
    born_by = born_on_or_before(shop.till.calendar_day, 18).isoformat()
    assert answer.error is not None
    assert (answer.error.code, answer.error.parameters) == (
        "SAL-210",
        {"item": "Areni dry red 0.75 l", "age": 18, "born_by": born_by},
    )
    assert names(shop) == ["Milk 3.2 % 1 l"]
    basket = shop.view["basket"]
    assert basket["age_question"] == {"items": ["Areni dry red 0.75 l"], "age": 18, "born_by": born_by}
    assert (shop.view["last_scan"]["code"], shop.view["last_scan"]["kind"]) == ("SAL-210", "look")


async def test_old_enough_sells_it_and_the_sale_says_who_looked(shop: Shop) -> None:
    await scanned(shop, WINE)
    await shop.do("age", answer="yes")
    await shop.do("pay")
    await shop.sell_paid()
    [sale] = [fact.payload for fact in shop.facts("sale.completed")]
    assert isinstance(sale, SaleCompleted)
    assert sale.age_check is not None
    assert (sale.age_check.minimum_age, sale.age_check.checked_by) == (18, ANNA.operator_id)
    assert [line.name for line in sale.lines] == ["Areni dry red 0.75 l"]


async def test_not_old_enough_leaves_the_rest_as_it_is(shop: Shop) -> None:
    await shop.scan(MILK)
    await scanned(shop, WINE)
    await shop.do("age", answer="no")
    assert (names(shop), shop.view["basket"]["age_question"]) == (["Milk 3.2 % 1 l"], None)
    assert shop.view["last_scan"] is None
    await shop.do("pay")
    await shop.sell_paid()
    [sale] = [fact.payload for fact in shop.facts("sale.completed")]
    assert isinstance(sale, SaleCompleted)
    assert sale.age_check is None


async def test_it_is_asked_once_a_sale(shop: Shop) -> None:
    await scanned(shop, WINE)
    await shop.do("age", answer="yes")
    assert (await scanned(shop, WINE)).ok
    assert [line["quantity_milli"] for line in shop.view["basket"]["lines"]] == [2_000]
    await shop.do("pay")
    await shop.sell_paid()
    assert not (await scanned(shop, WINE)).ok


async def test_a_stricter_item_asks_again_and_a_milder_one_does_not(shop: Shop) -> None:
    await scanned(shop, WINE)
    await shop.do("age", answer="yes")
    answer = await scanned(shop, KNIFE)
    assert answer.error is not None
    assert answer.error.parameters["age"] == 21
    await shop.do("age", answer="yes")
    assert (await scanned(shop, WINE)).ok


async def test_several_wait_for_one_answer_about_the_strictest(shop: Shop) -> None:
    for code in (WINE, KNIFE, WINE):
        await scanned(shop, code)
    assert shop.view["basket"]["age_question"]["age"] == 21
    await shop.do("age", answer="yes")
    assert [(line["name"], line["quantity_milli"]) for line in shop.view["basket"]["lines"]] == [
        ("Areni dry red 0.75 l", 2_000),
        ("Hunting knife", 1_000),
    ]


async def test_scanning_goes_on_and_money_waits_for_the_answer(shop: Shop) -> None:
    await scanned(shop, WINE)
    await shop.scan(MILK)
    assert names(shop) == ["Milk 3.2 % 1 l"]
    for op, arguments in (("pay", {}), ("park", {"name": "Red jacket"})):
        assert (await shop.refused(op, **arguments))[0] == "SAL-210"


async def test_an_item_scanned_during_payment_stops_it(shop: Shop) -> None:
    await shop.scan(MILK)
    await shop.do("pay")
    await scanned(shop, WINE)
    for op, arguments in (("tender", {"form": "cash"}), ("take", {})):
        assert (await shop.refused(op, **arguments))[0] == "SAL-210"
    await shop.do("age", answer="no")
    await shop.sell_paid()


async def test_the_counted_quantity_waits_with_the_item(shop: Shop) -> None:
    await shop.do("next_quantity", quantity_milli=6_000)
    await scanned(shop, WINE)
    await shop.scan(MILK)
    await shop.do("age", answer="yes")
    assert [line["quantity_milli"] for line in shop.view["basket"]["lines"]] == [1_000, 6_000]


async def test_a_product_chosen_by_hand_is_asked_for_too(shop: Shop) -> None:
    answer = await shop.perform("add", product_id=str(product_id(10)))
    assert answer.error is not None
    assert answer.error.code == "SAL-210"


async def test_the_question_outlives_a_power_cut(shop: Shop) -> None:
    await scanned(shop, WINE)
    await shop.restart()
    assert shop.view["basket"]["age_question"]["age"] == 18
    await shop.do("age", answer="yes")
    assert names(shop) == ["Areni dry red 0.75 l"]


async def test_an_answer_that_nobody_asked_for_is_refused(shop: Shop) -> None:
    await shop.scan(MILK)
    assert (await shop.refused("age", answer="yes"))[0] == "SAL-410"
    assert (await shop.refused("age", answer="perhaps"))[0] == "SAL-401"


async def test_no_fact_has_a_birth_date(shop: Shop) -> None:
    await scanned(shop, WINE)
    await shop.do("age", answer="yes")
    await shop.do("pay")
    await shop.sell_paid()
    born_by = born_on_or_before(shop.till.calendar_day, 18).isoformat()
    facts = json.dumps([fact.payload.model_dump(mode="json") for fact in shop.facts()])
    assert born_by not in facts


@pytest.mark.parametrize(
    ("today", "age", "born_by"),
    [
        ("2026-11-21", 18, "2008-11-21"),
        ("2028-02-29", 18, "2010-02-28"),
        ("2028-02-29", 20, "2008-02-29"),
        ("2026-03-01", 18, "2008-03-01"),
    ],
)
def test_whoever_has_the_birthday_today_is_old_enough(today: str, age: int, born_by: str) -> None:
    assert born_on_or_before(date.fromisoformat(today), age) == date.fromisoformat(born_by)
