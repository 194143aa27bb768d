from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from edge.replica import Delta
from shared.events import ScanProblem
from shared.ids import uuid7
from tests.edge.checkout.shop import (
    ANNA,
    BREAD,
    CASE,
    CHEESE,
    COFFEE,
    GOR_BADGE,
    LABEL,
    LUSINE_CARD,
    MILK,
    NEW,
    Shop,
    product_id,
)


def lines(shop: Shop) -> list[tuple[str, int, int]]:
    """Code, quantity and unit price in minor units of what is in the basket."""
    return [
        (line.product.code, line.quantity_milli, line.unit_price // 10_000)
        for line in shop.till.state.basket.live_lines
    ]


# -- scanning ---------------------------------------------------------------------------------------------------------


async def test_scans_make_lines_and_equal_ones_are_counted_on_one(shop: Shop) -> None:
    await shop.scan(MILK, BREAD, MILK)
    assert lines(shop) == [("MILK-1", 2_000, 62_000), ("BREAD", 1_000, 35_000)]
    assert shop.view["basket"]["scans"] == 3


async def test_an_aim_identifier_belongs_to_the_scanner_and_not_to_the_code(shop: Shop) -> None:
    await shop.scan("]E0" + MILK)
    [line] = shop.till.state.basket.lines
    assert (line.product.code, line.scan) == ("MILK-1", "]E0" + MILK)


async def test_a_case_counts_what_is_in_it_and_the_next_quantity_multiplies(shop: Shop) -> None:
    await shop.scan(CASE)
    await shop.do("next_quantity", quantity_milli=3_000)
    await shop.scan(BREAD)
    await shop.scan(BREAD)
    assert lines(shop) == [("MILK-1", 12_000, 62_000), ("BREAD", 4_000, 35_000)]


async def test_a_weight_label_is_a_line_of_its_own_and_asks_before_the_same_again(shop: Shop) -> None:
    await shop.scan(LABEL, CHEESE)
    assert lines(shop) == [(CHEESE, 432, 420_000), (CHEESE, 1_000, 420_000)]
    assert await shop.refused("scan", raw=LABEL) == ("SCN-203", {"item": "Cheese Lori, weighed"})
    await shop.scan(LABEL)
    assert lines(shop)[2] == (CHEESE, 432, 420_000)


async def test_a_2d_code_brings_lot_expiry_and_serial_and_its_serial_only_once(shop: Shop) -> None:
    raw = "]d2" + "0104006381333931" + "17701231" + "10ABC123\x1d" + "2112345"
    await shop.scan(raw)
    [line] = shop.till.state.basket.lines
    assert (line.lot, line.serials, line.expiry is not None) == ("ABC123", ("12345",), True)
    code, _ = await shop.refused("scan", raw=raw)
    assert code == "SCN-203"
    code, _ = await shop.refused("scan", raw=raw)
    assert code == "SCN-203"


async def test_an_expired_lot_is_refused(shop: Shop) -> None:
    code, parameters = await shop.refused("scan", raw="]d2010400638133393117200131")
    assert (code, parameters) == ("STK-420", {"item": "Painkiller", "date": "2020-01-31"})
    assert shop.view["last_scan"]["kind"] == "refused"


async def test_past_its_best_before_date_it_is_added_with_a_look(shop: Shop) -> None:
    await shop.scan("]d2010400638133393115200131")
    assert shop.view["last_scan"]["code"] == "STK-121"
    assert lines(shop) == [("DRUG", 1_000, 50_000)]


@pytest.mark.parametrize(
    ("raw", "code", "problem"),
    [
        ("4850009990001", "SCN-301", ScanProblem.MISREAD),  # wrong check digit, and no article either
        ("]E04850001000014", "SCN-301", ScanProblem.MISREAD),
        ("4850009990002", "SCN-201", ScanProblem.UNKNOWN),
        ("no such code", "SCN-201", ScanProblem.UNKNOWN),
        ("<script>alert(1)</script>'; DROP TABLE facts;--", "SCN-201", ScanProblem.UNKNOWN),
        ("x" * 5_000, "SCN-401", ScanProblem.TOO_LONG),
    ],
)
async def test_a_scan_that_finds_nothing_is_refused_and_head_office_hears_of_it(
    shop: Shop, raw: str, code: str, problem: ScanProblem
) -> None:
    refused, _ = await shop.refused("scan", raw=raw)
    assert refused == code
    [fact] = shop.facts("scan.unresolved")
    assert (fact.payload.problem, fact.payload.raw) == (problem, raw[:4096])  # type: ignore[attr-defined]
    assert shop.view["last_scan"]["code"] == code
    await shop.scan(MILK)
    assert shop.view["last_scan"]["kind"] == "accepted"


async def test_a_code_of_two_products_is_a_question_and_the_answer_an_addition(shop: Shop) -> None:
    assert await shop.refused("scan", raw="TWIN") == ("SCN-202", {"barcode": "TWIN", "count": 2})
    choices = shop.view["last_scan"]["choices"]
    assert [choice["name"] for choice in choices] == ["Twin one", "Twin two"]
    await shop.do("add", product_id=choices[1]["product_id"])
    assert lines(shop) == [("TWIN", 1_000, 200)]


@pytest.mark.parametrize(("raw", "code"), [("NOPRICE", "SAL-416"), ("NOTAX", "SAL-417")])
async def test_what_has_no_price_or_no_tax_is_not_sold(shop: Shop, raw: str, code: str) -> None:
    refused, _ = await shop.refused("scan", raw=raw)
    assert refused == code
    assert shop.facts("scan.unresolved") == []


async def test_a_card_brings_the_customer_and_may_be_taken_away_again(shop: Shop) -> None:
    await shop.scan(LUSINE_CARD)
    assert shop.view["basket"]["customer"]["name"] == "Lusine M."
    await shop.do("customer", customer_id=None)
    assert shop.view["basket"]["customer"] is None
    await shop.do("customer", customer_id=str(UUID(int=12_347)))
    assert shop.view["basket"]["customer"]["number"] == "12347"
    assert (await shop.refused("customer", customer_id=str(UUID(int=5))))[0] == "CUS-404"


async def test_a_badge_takes_over_the_same_basket(shop: Shop) -> None:
    await shop.scan(MILK)
    await shop.do("scan", raw=GOR_BADGE)
    assert (shop.till.state.operator, lines(shop)) == (NEW, [("MILK-1", 1_000, 62_000)])


async def test_a_receipt_scanned_is_a_sale_to_look_at(shop: Shop) -> None:
    taken = await shop.sell(MILK)
    await shop.do("scan", raw=taken["number"])
    assert shop.view["last_scan"]["sale_number"] == taken["number"]


async def test_while_prices_are_checked_no_basket_is_touched(shop: Shop) -> None:
    await shop.ask("price_check", on=True)
    await shop.scan(COFFEE)
    assert (shop.view["price_check"]["item"]["price_text"], lines(shop)) == ("3,900.00", [])
    await shop.ask("price_check", on=False)
    await shop.scan(COFFEE)
    assert (shop.view["price_check"], len(lines(shop))) == (None, 1)


# -- lines ------------------------------------------------------------------------------------------------------------


async def test_a_void_is_a_fact_and_undo_brings_the_line_back(shop: Shop) -> None:
    first = await shop.scan(MILK)
    await shop.scan(BREAD)
    await shop.do("void_line", line_id=first["line_id"])
    assert lines(shop) == [("BREAD", 1_000, 35_000)]
    await shop.do("undo")
    assert lines(shop) == [("MILK-1", 1_000, 62_000), ("BREAD", 1_000, 35_000)]
    [fact] = shop.facts("sale.line_voided")
    assert (fact.payload.line_no, fact.payload.amount_minor, fact.payload.after_total) == (1, 62_000, False)  # type: ignore[attr-defined]
    assert fact.envelope.operator == ANNA.operator_id


async def test_after_the_total_was_shown_a_void_says_so(shop: Shop) -> None:
    line = await shop.scan(MILK, MILK)
    await shop.do("pay")
    await shop.do("back_to_sale")
    await shop.do("quantity", line_id=line["line_id"], quantity_milli=1_000)
    [fact] = shop.facts("sale.line_voided")
    assert (fact.payload.quantity_milli, fact.payload.after_total) == (1_000, True)  # type: ignore[attr-defined]


async def test_a_price_by_hand_is_a_fact_with_both_prices_and_undo_is_another(shop: Shop) -> None:
    line = await shop.scan(COFFEE)
    await shop.do("price", line_id=line["line_id"], unit_price_minor=350_000, reason="price on invoice")
    assert lines(shop) == [(COFFEE, 1_000, 350_000)]
    await shop.do("undo")
    assert lines(shop) == [(COFFEE, 1_000, 390_000)]
    prices = [
        (fact.payload.old_unit_price, fact.payload.new_unit_price, fact.payload.reason)  # type: ignore[attr-defined]
        for fact in shop.facts("sale.price_changed")
    ]
    assert prices == [
        (3_900_000_000, 3_500_000_000, "price on invoice"),
        (3_500_000_000, 3_900_000_000, "taken back"),
    ]


async def test_a_discount_stands_on_its_line_with_its_reason(shop: Shop) -> None:
    line = await shop.scan(COFFEE)
    await shop.do("discount", line_id=line["line_id"], rate=500, reason="Gold 5 %")
    shown = shop.view["basket"]
    assert shown["lines"][0]["discounts"] == [{"text": "Gold 5 %", "sum_text": "−195.00"}]
    assert (shown["subtotal_text"], shown["discount_text"], shown["total_text"]) == ("3,900.00", "−195.00", "3,705.00")
    await shop.do("discount", line_id=line["line_id"], reason="by mistake")
    assert shop.view["basket"]["total_minor"] == 390_000


@pytest.mark.parametrize(
    ("op", "arguments", "code"),
    [
        ("quantity", {"quantity_milli": 0}, "SAL-406"),
        ("quantity", {"quantity_milli": 10**9 + 1}, "SAL-406"),
        ("price", {"unit_price": -1, "reason": "r"}, "SAL-407"),
        ("discount", {"rate": 10_001, "reason": "r"}, "SAL-408"),
        ("discount", {"amount_minor": 390_001, "reason": "r"}, "SAL-408"),
        ("discount", {"amount_minor": 1, "rate": 1, "reason": "r"}, "SAL-408"),
        ("quantity", {}, "SAL-401"),
        ("quantity", {"quantity_milli": "1000"}, "SAL-401"),
        ("quantity", {"quantity_milli": 1.5}, "SAL-401"),
        ("quantity", {"quantity_milli": 10**30}, "SAL-401"),
        ("price", {"unit_price": 1}, "SAL-401"),
        ("price", {"unit_price": 1, "reason": ""}, "SAL-401"),
        ("price", {"unit_price": 1, "unit_price_minor": 1, "reason": "r"}, "SAL-401"),
        ("price", {"unit_price": 1, "reason": "r" * 201}, "SAL-401"),
    ],
)
async def test_bad_arguments_have_their_codes(shop: Shop, op: str, arguments: dict[str, Any], code: str) -> None:
    line = await shop.scan(COFFEE)
    refused, _ = await shop.refused(op, line_id=line["line_id"], **arguments)
    assert refused == code


@pytest.mark.parametrize(
    ("op", "arguments", "code"),
    [
        ("no_such_thing", {}, "SAL-402"),
        ("void_line", {"line_id": "nowhere"}, "SAL-404"),
        ("undo", {}, "SAL-413"),
        ("pay", {}, "SAL-409"),
        ("cancel_sale", {"reason": "left"}, "SAL-409"),
        ("park", {"name": "x"}, "SAL-409"),
        ("retrieve", {"basket_id": str(UUID(int=1))}, "SAL-414"),
        ("add", {"product_id": str(UUID(int=1))}, "SAL-419"),
        ("tender", {"form": "cash"}, "SAL-410"),
        ("take", {}, "SAL-410"),
        ("back_to_sale", {}, "SAL-410"),
        ("open_shift", {"float_minor": 0}, "SAL-412"),
        ("close_shift", {}, "SAL-242"),
        ("settle_unknown", {"receipt_id": str(UUID(int=1)), "answer": "printed"}, "FIS-430"),
        ("reprint", {"sale_id": str(UUID(int=1))}, "SAL-426"),
    ],
)
async def test_what_cannot_be_now_is_refused_with_its_code(
    shop: Shop, op: str, arguments: dict[str, Any], code: str
) -> None:
    refused, _ = await shop.refused(op, **arguments)
    assert refused == code


@pytest.mark.parametrize(
    ("op", "arguments", "right"),
    [
        ("undo", {}, "void_line"),
        ("count_shift", {"counted_minor": 0, "slips_minor": 0}, "close_shift"),
        ("close_shift", {}, "close_shift"),
    ],
)
async def test_each_act_needs_its_right(shop: Shop, op: str, arguments: dict[str, Any], right: str) -> None:
    line = await shop.scan(MILK, MILK)
    facts = len(shop.facts())
    refused = await shop.refused(op, operator=NEW, line_id=line["line_id"], **arguments)
    assert refused == ("USR-403", {"right": right})
    assert len(shop.facts()) == facts


async def test_what_is_open_before_the_shift_is_not_sold(tmp_path: Any) -> None:
    shop = Shop(tmp_path, None)
    await shop.start()
    assert (await shop.refused("scan", raw=MILK))[0] == "SAL-241"
    await shop.stop()
    shop.close()


# -- the sale ---------------------------------------------------------------------------------------------------------


async def test_a_cancelled_sale_is_on_record_with_its_number(shop: Shop) -> None:
    await shop.scan(MILK, BREAD)
    await shop.do("cancel_sale", reason="changed her mind")
    [fact] = shop.facts("sale.cancelled")
    assert (fact.payload.number, fact.payload.line_count, fact.payload.total_minor) == (  # type: ignore[attr-defined]
        "main-1-0001-0001", 2, 97_000,
    )  # fmt: skip
    assert lines(shop) == []
    await shop.scan(MILK)
    assert shop.view["basket"]["number"] == "main-1-0001-0002"


async def test_a_parked_sale_comes_back_with_its_lines_and_todays_prices(shop: Shop) -> None:
    line = await shop.scan(MILK)
    await shop.scan(COFFEE)
    await shop.do("price", line_id=line["line_id"], unit_price=5, reason="agreed")
    parked = await shop.do("park", name="Aram")
    assert [(each["name"], each["lines"]) for each in shop.view["parked"]] == [("Aram", 2)]
    await shop.scan(BREAD)
    assert (await shop.refused("retrieve", basket_id=parked["basket_id"]))[0] == "SAL-415"
    await shop.do("cancel_sale", reason="r")
    _raise_price(shop, COFFEE, 400_000)
    back = await shop.do("retrieve", basket_id=parked["basket_id"])
    assert [change["unit_price"] for change in back["changed"]] == [4_000_000_000]
    assert lines(shop) == [("MILK-1", 1_000, 0), (COFFEE, 1_000, 400_000)]
    assert shop.view["last_scan"]["code"] == "SAL-133"


def _raise_price(shop: Shop, code: str, price_minor: int) -> None:
    prices = [{"product_id": str(product_id(4)), "valid_from": "2020-01-02", "unit_price": price_minor * 10_000}]
    version = shop.replica.version
    shop.replica.apply(
        Delta.model_validate(
            {"since": version, "version": version + 1, "complete": True, "changes": {"prices": prices}}
        )
    )


# -- once, and over a power cut ---------------------------------------------------------------------------------------


async def test_a_second_arrival_gets_the_first_answer_and_does_nothing(shop: Shop) -> None:
    op_id = uuid7()
    first = await shop.perform("scan", op_id, raw=MILK)
    await shop.scan(MILK)
    again = await shop.perform("scan", op_id, raw=MILK)
    assert (again.ok, again.result) == (first.ok, first.result)
    assert lines(shop) == [("MILK-1", 2_000, 62_000)]


async def test_a_refusal_stays_a_refusal_when_it_arrives_again(shop: Shop) -> None:
    op_id = uuid7()
    first = await shop.perform("pay", op_id)
    await shop.scan(MILK)
    again = await shop.perform("pay", op_id)
    assert (again.error.code, first.error.code) == ("SAL-409", "SAL-409")  # type: ignore[union-attr]
    assert not shop.till.state.basket.paying


async def test_operations_handed_in_together_are_done_in_their_order(shop: Shop) -> None:
    answers = [shop.till.perform("scan", uuid7(), {"raw": code}, ANNA) for code in (MILK, BREAD, COFFEE, MILK) * 20]
    results = [await answer for answer in answers]
    assert all(answer.ok for answer in results)
    assert lines(shop) == [("MILK-1", 40_000, 62_000), ("BREAD", 20_000, 35_000), (COFFEE, 20_000, 390_000)]


async def test_after_a_power_cut_the_same_basket_is_on_the_screen(shop: Shop) -> None:
    line = await shop.scan(MILK, BREAD, COFFEE, LABEL)
    await shop.scan(LUSINE_CARD)
    await shop.do("void_line", line_id=line["line_id"])
    await shop.do("reference", scheme="invoice", number="536365", date="2010-12-01")
    before = shop.view["basket"]
    await shop.restart()
    assert shop.view["basket"] == before
    assert [problem["code"] for problem in shop.view["problems"]] == ["SAL-131"]
    await shop.scan(MILK)
    assert shop.view["problems"] == []
    assert shop.till.state.operator == ANNA
