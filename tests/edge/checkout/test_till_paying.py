from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from edge.checkout.documents import load_receipt
from edge.checkout.fiscal_store import JobState, jobs_of
from edge.checkout.till import Till
from edge.devices.fiscal_printer.contract import (
    DocumentKind,
    FiscalPayment,
    PaymentForm,
    RegisterCondition,
    RegisterLimits,
)
from shared.clock import SystemClock
from shared.errors import NeedsPerson, PermanentError
from shared.events import SaleCompleted, ShiftClosed
from shared.ids import uuid7
from tests.edge.checkout.model_register import ModelRegister, Paper
from tests.edge.checkout.shop import ANNA, BREAD, CHEESE, COFFEE, LABEL, MILK, NEW, Shop

CASH, CARD = PaymentForm.CASH, PaymentForm.CARD


def documents(shop: Shop, of_id: str) -> list[Any]:
    return [load_receipt(job.document) for job in jobs_of(shop.journal.read, UUID(of_id))]


# -- paying -----------------------------------------------------------------------------------------------------------


async def test_a_sale_is_a_fact_a_receipt_and_a_number(shop: Shop) -> None:
    taken = await shop.sell(MILK, BREAD, MILK, amount_minor=200_000)
    assert (taken["number"], taken["total_minor"], taken["change_minor"]) == ("main-1-0001-0001", 159_000, 41_000)
    [sale] = shop.facts("sale.completed")
    [printed] = shop.facts("receipt.fiscalised")
    assert sale.payload.total_minor == 159_000  # type: ignore[attr-defined]
    assert (printed.payload.document_no, str(printed.payload.of_id)) == (101, taken["sale_id"])  # type: ignore[attr-defined]
    assert shop.register is not None
    assert shop.register.papers == [Paper(101, DocumentKind.SALE, 159_000, ("main-1-0001-0001",))]
    [document] = documents(shop, taken["sale_id"])
    assert document.payments == (FiscalPayment(CASH, 200_000),)
    view = shop.view
    assert (view["basket"]["state"], view["payment"]["change_text"]) == ("done", "410.00")
    assert [part["document_no"] for part in view["receipt"]["fiscal"]] == [101]
    assert "Milk 3.2 % 1 l" in view["receipt"]["text"]


async def test_the_next_scan_begins_the_next_sale(shop: Shop) -> None:
    await shop.sell(MILK)
    await shop.scan(BREAD)
    assert (shop.view["basket"]["state"], shop.view["basket"]["line_count"]) == ("open", 1)
    assert shop.view["payment"] is None


async def test_several_forms_pay_one_sale_and_each_is_told_apart(shop: Shop) -> None:
    await shop.scan(COFFEE)
    await shop.do("pay")
    card = await shop.do("tender", form="card", amount_minor=300_000)
    assert shop.view["payment"]["tenders"][0]["state"] == "waiting"
    assert (await shop.refused("take"))[0] == "PAY-231"
    await shop.do("confirm_card", tender_id=card["tender_id"], outcome="approved")
    assert (await shop.refused("take"))[0] == "PAY-232"
    await shop.do("tender", form="cash", amount_minor=100_000)
    taken = await shop.do("take")
    await shop.printed(taken["sale_id"])
    [sale] = shop.facts("sale.completed")
    assert [
        (payment.form.value, payment.amount_minor, payment.change_minor, payment.stated_by_person)
        for payment in sale.payload.payments  # type: ignore[attr-defined]
    ] == [("card", 300_000, 0, True), ("cash", 90_000, 10_000, False)]
    [document] = documents(shop, taken["sale_id"])
    assert document.payments == (FiscalPayment(CARD, 300_000), FiscalPayment(CASH, 100_000))


async def test_a_declined_card_leaves_everything_to_pay(shop: Shop) -> None:
    await shop.scan(COFFEE)
    await shop.do("pay")
    card = await shop.do("tender", form="card")
    await shop.do("confirm_card", tender_id=card["tender_id"], outcome="declined")
    assert shop.view["payment"]["left_minor"] == 390_000


async def test_a_card_nobody_knows_of_stops_the_sale_until_somebody_does(shop: Shop) -> None:
    await shop.scan(COFFEE)
    await shop.do("pay")
    card = await shop.do("tender", form="card")
    await shop.do("confirm_card", tender_id=card["tender_id"], outcome="unknown")
    assert [problem["code"] for problem in shop.view["problems"]] == ["PAY-501"]
    assert (await shop.refused("take"))[0] == "PAY-501"
    await shop.restart()
    await shop.do("confirm_card", tender_id=card["tender_id"], outcome="approved")
    await shop.printed((await shop.do("take"))["sale_id"])


async def test_money_that_was_taken_goes_back_before_the_sale_is_left(shop: Shop) -> None:
    await shop.scan(COFFEE)
    await shop.do("pay")
    cash = await shop.do("tender", form="cash", amount_minor=100_000)
    card = await shop.do("tender", form="card")
    await shop.do("confirm_card", tender_id=card["tender_id"], outcome="approved")
    for leaving, arguments in (("back_to_sale", {}), ("park", {}), ("cancel_sale", {"reason": "left"})):
        assert await shop.refused(leaving, **arguments) == ("PAY-230", {"forms": "card, cash"})
    await shop.do("take_back", tender_id=cash["tender_id"])
    await shop.do("take_back", tender_id=card["tender_id"])
    assert await shop.refused("back_to_sale") == ("PAY-230", {"forms": "card"})
    await shop.do("confirm_card", tender_id=card["tender_id"], outcome="reversed")
    await shop.do("back_to_sale")
    await shop.do("cancel_sale", reason="left")
    assert shop.facts("sale.completed") == []


async def test_a_scan_before_any_money_is_added_and_changes_the_total(shop: Shop) -> None:
    await shop.scan(MILK)
    await shop.do("pay")
    await shop.scan(BREAD)
    assert (shop.view["payment"]["due_minor"], shop.view["last_scan"]["kind"]) == (97_000, "look")


async def test_a_scan_after_money_is_held_until_the_cashier_says_where_it_belongs(shop: Shop) -> None:
    await shop.scan(COFFEE)
    await shop.do("pay")
    await shop.do("tender", form="cash", amount_minor=100_000)
    assert await shop.refused("scan", raw=MILK) == ("SAL-230", {"item": "Milk 3.2 % 1 l"})
    assert (shop.view["last_scan"]["raw"], shop.view["payment"]["due_minor"]) == (MILK, 390_000)
    await shop.do("scan", raw=MILK, add_to="this")
    assert (shop.view["payment"]["due_minor"], shop.view["payment"]["left_minor"]) == (452_000, 352_000)


async def test_lines_are_not_changed_while_they_are_paid(shop: Shop) -> None:
    line = await shop.scan(MILK)
    await shop.do("pay")
    for op, arguments in (
        ("void_line", {}),
        ("quantity", {"quantity_milli": 2_000}),
        ("undo", {}),
        ("price", {"unit_price": 1, "reason": "r"}),
        ("discount", {"rate": 1, "reason": "r"}),
        ("pay", {}),
    ):
        assert await shop.refused(op, line_id=line["line_id"], **arguments) == ("SAL-410", {"state": "paying"})


async def test_cash_in_drams_is_rounded_once_and_the_register_gets_its_own_total(tmp_path: Path) -> None:
    shop = Shop(tmp_path, ModelRegister(), "AMD")
    await shop.start()
    await shop.do("open_shift", float_minor=0)
    line = await shop.scan(MILK, LABEL)
    await shop.do("price", line_id=line["line_id"], unit_price_minor=420_100, reason="r")
    await shop.do("pay")
    payment = shop.view["payment"]
    assert (payment["due_minor"], payment["rounding_text"], payment["left_in_cash_text"]) == (243_500, "+5", "2,440")
    taken = await shop.sell_paid(amount_minor=500_000)
    [sale] = shop.facts("sale.completed")
    assert (sale.payload.rounding_minor, taken["change_minor"]) == (500, 256_000)  # type: ignore[attr-defined]
    [document] = documents(shop, taken["sale_id"])
    assert (document.total_minor, document.payments) == (243_500, (FiscalPayment(CASH, 243_500),))
    await shop.stop()
    shop.close()


async def test_a_sale_above_the_registers_limits_becomes_receipts_that_name_it(tmp_path: Path) -> None:
    register = ModelRegister(limits=RegisterLimits(2, 34, 36, 500_000))
    shop = Shop(tmp_path, register)
    await shop.start()
    await shop.do("open_shift", float_minor=0)
    line = await shop.scan(COFFEE)
    await shop.do("quantity", line_id=line["line_id"], quantity_milli=2_000)
    taken = await shop.sell(MILK, BREAD, CHEESE, amount_minor=2_000_000)
    assert taken["receipts"] == 3
    assert [(paper.total_minor, paper.comments) for paper in register.papers] == [
        (390_000, ("main-1-0001-0001 1/3",)),
        (452_000, ("main-1-0001-0001 2/3",)),
        (455_000, ("main-1-0001-0001 3/3",)),
    ]
    assert sum(paper.total_minor for paper in register.papers) == taken["total_minor"]
    await shop.stop()
    shop.close()


async def test_a_till_without_a_register_sells_without_one(tmp_path: Path) -> None:
    shop = Shop(tmp_path, None)
    await shop.start()
    await shop.do("open_shift", float_minor=0)
    taken = await shop.sell(MILK)
    assert (shop.view["basket"]["state"], shop.view["register"], taken["receipts"]) == ("done", None, 0)
    back = [{"line_no": 1, "quantity_milli": 1_000, "reason": "damaged", "sellable": True}]
    assert (await shop.do("return_lines", sale_id=taken["sale_id"], lines=back))["receipts"] == 0
    written = [fact.payload.receipts for fact in shop.facts("sale.completed", "sale.returned")]  # type: ignore[attr-defined]
    assert written == [0, 0]
    await shop.stop()
    shop.close()


async def test_two_tills_of_one_gateway_sell_beside_each_other(shop: Shop) -> None:
    other = Till(
        replace(shop.till.desk, till="till-2", number=2, register=None),
        shop.journal,
        shop.till.resolver,
        clock=SystemClock(),
    )
    await other.start()
    acts: list[tuple[str, dict[str, Any]]] = [
        ("open_shift", {"float_minor": 0}),
        ("scan", {"raw": MILK}),
        ("pay", {}),
        ("tender", {"form": "cash"}),
        ("take", {}),
    ]
    answers = [await other.perform(op, uuid7(), arguments, ANNA) for op, arguments in acts]
    await shop.sell(MILK)
    assert [answer.ok for answer in answers] == [True] * 5
    numbers = [fact.payload.number for fact in shop.facts("sale.completed")]  # type: ignore[attr-defined]
    assert numbers == ["main-2-0001-0001", "main-1-0001-0001"]


async def test_a_full_disk_stops_selling_with_its_code_and_nothing_is_half_done(shop: Shop) -> None:
    await shop.scan(MILK)
    [pages] = shop.journal.read("PRAGMA page_count")
    await shop.journal.write(lambda tx: tx.connection.execute(f"PRAGMA max_page_count = {pages[0] + 2}") and None)
    refused = ""
    scans = 1
    while not refused:
        answer = await shop.perform("scan", raw=MILK)
        refused = answer.error.code if answer.error else ""
        scans += answer.ok
    assert refused == "SRV-201"
    assert shop.till.state.basket.lines[0].quantity_milli == scans * 1_000
    await shop.journal.write(lambda tx: tx.connection.execute("PRAGMA max_page_count = 1000000") and None)
    await shop.sell(BREAD)
    [sale] = shop.facts("sale.completed")
    assert sale.payload.lines[0].quantity_milli == scans * 1_000  # type: ignore[attr-defined]


# -- the register in between ------------------------------------------------------------------------------------------


async def test_money_waits_for_paper_and_scanning_does_not(shop: Shop) -> None:
    assert shop.register is not None
    shop.register.conditions_now = frozenset({RegisterCondition.PAPER_OUT})
    await shop.until(lambda: shop.view["register"]["state"] == "attention")
    await shop.scan(MILK)
    await shop.do("pay")
    assert (await shop.refused("tender", form="cash"))[0] == "FIS-201"
    shop.register.conditions_now = frozenset()
    await shop.until(lambda: shop.view["register"]["state"] == "ok")
    await shop.sell_paid()


async def test_an_unknown_outcome_shows_until_the_register_has_answered(shop: Shop) -> None:
    assert shop.register is not None
    await shop.scan(MILK)
    await shop.do("pay")
    await shop.do("tender", form="cash")
    shop.register.silent = True
    taken = await shop.do("take")
    await shop.until(lambda: shop.view["register"]["state"] == "stopped")
    await shop.scan(BREAD)
    assert (await shop.refused("settle_unknown", receipt_id=_receipt_id(shop, taken), answer="printed"))[0] == "FIS-431"
    shop.register.silent = False
    await shop.printed(taken["sale_id"])
    assert len(shop.register.papers) == 1


async def test_a_person_says_what_the_register_cannot(shop: Shop) -> None:
    assert shop.register is not None
    await shop.scan(MILK)
    await shop.do("pay")
    await shop.do("tender", form="cash")
    shop.register.lose_answer_of_close, shop.register.strange_documents = True, 3
    taken = await shop.do("take")
    await shop.until(lambda: shop.view["receipt"]["fiscal"][0]["may_settle"])
    assert shop.view["basket"]["state"] == "unresolved"
    [problem] = shop.view["problems"]
    assert (problem["code"], problem["parameters"]["stage"]) == ("FIS-502", "silent")
    await shop.do("settle_unknown", receipt_id=_receipt_id(shop, taken), answer="printed", document_no=101)
    await shop.printed(taken["sale_id"])
    assert shop.view["receipt"]["fiscal"][0]["document_no"] == 101
    assert [fact.payload.adopted for fact in shop.facts("receipt.fiscalised")] == [True]  # type: ignore[attr-defined]


def _receipt_id(shop: Shop, taken: dict[str, Any]) -> str:
    return str(jobs_of(shop.journal.read, UUID(taken["sale_id"]))[0].job_id)


async def test_a_refused_receipt_is_printed_again_when_a_person_asks(shop: Shop) -> None:
    assert shop.register is not None
    shop.register.refuse_at_line = PermanentError("FIS-401", command="31")
    taken = await shop.sell(MILK)
    assert shop.view["receipt"]["fiscal"][0]["state"] == "refused"
    await shop.do("reprint", sale_id=taken["sale_id"])
    await shop.printed(taken["sale_id"])
    assert [job.state for job in jobs_of(shop.journal.read, UUID(taken["sale_id"]))] == [JobState.DONE]
    assert len(shop.register.papers) == 1


async def test_the_last_receipt_is_copied_by_the_register(shop: Shop) -> None:
    first = await shop.sell(MILK)
    second = await shop.sell(BREAD)
    assert (await shop.do("reprint", sale_id=second["sale_id"])) == {"printed": "duplicate"}
    assert (await shop.refused("reprint", sale_id=first["sale_id"]))[0] == "SAL-426"


async def test_the_drawer_opens_once_however_often_the_operation_arrives(shop: Shop) -> None:
    assert shop.register is not None
    op_id = uuid7()
    await shop.perform("open_drawer", op_id, reason="change for a note")
    await shop.perform("open_drawer", op_id, reason="change for a note")
    assert shop.register.drawer_openings == 1
    assert [fact.payload.reason for fact in shop.facts("drawer.opened")] == ["change for a note"]  # type: ignore[attr-defined]


async def test_a_power_cut_at_the_counter_keeps_basket_and_money(shop: Shop) -> None:
    await shop.scan(MILK, BREAD)
    for step, arguments in (("pay", {}), ("tender", {"form": "cash", "amount_minor": 100_000})):
        await shop.do(step, **arguments)
        before = shop.view
        await shop.restart()
        assert (shop.view["basket"], shop.view["payment"]) == (before["basket"], before["payment"])
    await shop.do("take")
    before = shop.view
    await shop.restart()
    assert shop.view["payment"] == before["payment"]
    await shop.until(lambda: shop.view["basket"]["state"] == "done")
    assert shop.register is not None
    assert len(shop.register.papers) == 1


# -- the shift --------------------------------------------------------------------------------------------------------


async def test_a_shift_is_counted_blind_closed_with_a_report_and_its_difference_is_a_fact(shop: Shop) -> None:
    assert shop.register is not None
    await shop.sell(MILK)
    await shop.sell(COFFEE, form="card")
    assert "expected" not in json.dumps(shop.view)
    counted = await shop.do("count_shift", counted_minor=81_000, slips_minor=390_000)
    assert (counted["expected_minor"], counted["difference_minor"]) == (82_000, -1_000)
    assert (await shop.refused("scan", raw=MILK))[0] == "SAL-243"
    assert (await shop.refused("count_shift", counted_minor=82_000, slips_minor=390_000))[0] == "SAL-243"
    assert (shop.view["z"]["stage"], shop.view["z"]["difference_text"]) == ("compare", "−10.00")
    await shop.do("close_shift")
    await shop.until(lambda: shop.view["z"]["stage"] == "closed")
    assert (shop.view["shift"]["state"], shop.register.closure) == ("closed", 8)
    assert all(figure in shop.view["z"]["text"] for figure in ("Z report", "No. 8", "4,520.00", "820.00", "−10.00"))
    [closed] = shop.facts("shift.closed")
    payload = closed.payload
    assert (payload.sales, payload.sold_minor, payload.difference_minor, payload.closure_no) == (2, 452_000, -1_000, 8)  # type: ignore[attr-defined]
    await shop.do("open_shift", float_minor=5)
    assert (shop.view["shift"]["number"], shop.view["z"]) == ("0002", None)


async def test_a_closing_report_that_is_cut_off_is_settled_and_the_shift_closed(shop: Shop) -> None:
    assert shop.register is not None
    await shop.do("count_shift", counted_minor=20_000, slips_minor=0)
    shop.register.silent = True
    await shop.do("close_shift")
    await shop.restart_without_register()
    shop.register.silent = False
    await shop.until(lambda: shop.view["shift"]["state"] == "closed")
    assert shop.register.closure == 8
    assert len(shop.facts("shift.closed")) == 1


async def test_what_is_open_is_settled_before_the_count(shop: Shop) -> None:
    await shop.scan(MILK)
    await shop.do("park", name="x")
    await shop.scan(BREAD)
    refused = await shop.refused("count_shift", counted_minor=0, slips_minor=0)
    assert refused == ("SAL-240", {"open": 1, "parked": 1, "unresolved": 0})


async def test_a_count_by_notes_and_coins_is_added_up_by_the_gateway_and_kept(shop: Shop) -> None:
    await shop.sell(MILK)
    pieces = [[5_000, 12], [1_000, 20], [200, 10], [1, 0]]
    answer = await shop.ask("count_cash", pieces=pieces)
    assert answer["sum_minor"] == 82_000
    assert [each["value_minor"] for each in answer["denominations"]] == [
        5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1,
    ]  # fmt: skip
    counted = await shop.do("count_shift", pieces=pieces, slips_minor=0)
    assert counted["difference_minor"] == 0
    await shop.do("close_shift")
    await shop.until(lambda: shop.till.state.shift is None)
    [closed] = [fact.payload for fact in shop.facts("shift.closed")]
    assert isinstance(closed, ShiftClosed)
    assert closed.counted_pieces is not None
    assert [(each.value_minor, each.count) for each in closed.counted_pieces] == [(5_000, 12), (1_000, 20), (200, 10)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"pieces": [[300, 1]]}, "PAY-417"),
        ({"pieces": [[500, -1]]}, "PAY-416"),
        ({"pieces": [[500, 1_000_001]]}, "PAY-416"),
        ({"pieces": [[500, 1.5]]}, "SAL-401"),
        ({"pieces": [], "counted_minor": 0}, "SAL-401"),
        ({}, "SAL-401"),
    ],
)
async def test_a_count_of_what_does_not_exist_counts_nothing(shop: Shop, arguments: dict[str, Any], code: str) -> None:
    assert (await shop.refused("count_shift", slips_minor=0, **arguments))[0] == code


async def test_before_the_count_nothing_says_what_should_be_in_the_drawer(shop: Shop) -> None:
    """620.00 and 200.00 make 820.00: neither a view nor an answer has it before the count is stated (UX T16)."""
    heard: list[Any] = [shop.view]
    for code in (MILK, LABEL):
        heard += [await shop.sell(code, form="card" if code == LABEL else "cash"), shop.view]
    heard += [await shop.ask("count_cash", pieces=[[5_000, 1]]), shop.view]
    said = json.dumps(heard)
    assert [each for each in ("82000", "820.00", "820") if each in said] == []
    await shop.do("count_shift", counted_minor=0, slips_minor=0)
    assert "820.00" in json.dumps(shop.view)


async def test_cash_in_and_out_is_a_fact_when_the_register_has_counted_it(shop: Shop) -> None:
    await shop.do("cash_movement", amount_minor=5_000, reason="change from the bank")
    await shop.do("cash_movement", amount_minor=-2_000, reason="window cleaner")
    answer = await shop.perform("cash_movement", amount_minor=-900_000, reason="too much")
    assert (answer.ok, answer.error.code) == (False, "FIS-210")  # type: ignore[union-attr]
    moved = [(fact.payload.direction.value, fact.payload.amount_minor) for fact in shop.facts("cash.moved")]  # type: ignore[attr-defined]
    assert moved == [("in", 5_000), ("out", 2_000)]
    counted = await shop.do("count_shift", counted_minor=23_000, slips_minor=0)
    assert counted["difference_minor"] == 0


async def test_a_strange_paid_document_is_completed_by_a_person_and_the_next_receipt_prints(shop: Shop) -> None:
    register, engine = shop.register, shop.engine
    assert register is not None
    assert engine is not None
    first = await shop.sell(MILK)
    [printed] = documents(shop, first["sale_id"])
    register._begin(printed)
    register._sell(10_000)
    register._pay(4_000)
    await shop.scan(BREAD)
    await shop.do("pay")
    await shop.do("tender", form="cash", amount_minor=None)
    taken = await shop.do("take")
    await shop.until(lambda: engine.status.code == "FIS-411")
    with pytest.raises(NeedsPerson) as refused:
        await shop.ask("close_stray", operator=NEW)
    assert refused.value.code == "USR-403"
    assert await shop.ask("close_stray") == {"document_no": 102, "total_minor": 10_000}
    await shop.printed(taken["sale_id"])
    assert [(paper.number, paper.total_minor) for paper in register.papers] == [
        (101, 62_000),
        (102, 10_000),
        (103, 35_000),
    ]
    [closed] = shop.facts("receipt.stray_closed")
    assert (closed.payload.document_no, closed.payload.total_minor) == (102, 10_000)  # type: ignore[attr-defined]
    assert (closed.envelope.operator, closed.envelope.till) == (ANNA.operator_id, "till-1")
    with pytest.raises(PermanentError) as nothing_open:
        await shop.ask("close_stray")
    assert nothing_open.value.code == "FIS-417"


async def test_an_x_report_shows_the_day_and_needs_its_right(shop: Shop) -> None:
    await shop.sell(MILK)
    report = await shop.ask("x_report")
    assert (report["sold_minor"], report["register_turnover_minor"]) == (62_000, 62_000)
    assert "620.00" in report["text"]
    with pytest.raises(NeedsPerson) as refused:
        await shop.ask("x_report", operator=NEW)
    assert refused.value.code == "USR-403"


@pytest.mark.parametrize(
    ("currency", "drawer_minor", "rounding_minor"),
    [("AMD", 20_000 + 181_000 + 181_000 - 181_000, -400), ("GBP", 20_000 + 181_440, 0)],
)
async def test_turnover_is_the_registers_and_cash_is_what_lies_in_the_drawer(
    tmp_path: Path, currency: str, drawer_minor: int, rounding_minor: int
) -> None:
    """0.432 kg of cheese is 1,814 AMD, paid with 1,810; in pounds nothing is rounded."""
    shop = Shop(tmp_path, ModelRegister(), currency)
    await shop.start()
    await shop.do("open_shift", float_minor=20_000)
    given_back = await shop.sell(LABEL)
    await shop.sell(LABEL)
    await shop.sell(COFFEE, form="card")
    back = [{"line_no": 1, "quantity_milli": 432, "reason": "damaged", "sellable": False}]
    returned = await shop.do("return_lines", sale_id=given_back["sale_id"], lines=back)
    await shop.printed(returned["return_id"])
    x = await shop.ask("x_report")
    assert x["sold_minor"] - x["returned_minor"] == x["register_turnover_minor"]
    counted = await shop.do("count_shift", counted_minor=drawer_minor, slips_minor=390_000)
    assert (counted["expected_minor"], counted["difference_minor"]) == (drawer_minor, 0)
    await shop.do("close_shift")
    await shop.until(lambda: shop.till.state.shift is None)
    [closed] = [fact.payload for fact in shop.facts("shift.closed")]
    assert isinstance(closed, ShiftClosed)
    assert closed.sold_minor - closed.returned_minor == closed.register_turnover_minor
    assert (closed.expected_cash_minor, closed.rounding_minor) == (drawer_minor, rounding_minor)
    sales = [fact.payload for fact in shop.facts("sale.completed")]
    assert closed.sold_minor == sum(sale.total_minor for sale in sales if isinstance(sale, SaleCompleted))
    await shop.stop()
    shop.close()
