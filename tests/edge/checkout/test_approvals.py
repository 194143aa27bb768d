"""A second person lets one act happen, and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from edge.checkout.approvals import LASTS_S, MOST_KEPT, Approvals
from edge.checkout.state import OperatorAtTill
from edge.replica import Delta
from shared.errors import NeedsPerson, PermanentError
from shared.ids import uuid7
from tests.edge.checkout.shop import ANNA, BREAD, COFFEE, MILK, NEW, Shop

MANAGER = OperatorAtTill(UUID(int=103), "Mariam", frozenset({"void_line"}))


class HandClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


async def asked(shop: Shop, op: str, **arguments: Any) -> dict[str, Any]:
    """What the refusal says of an act that needs a second person."""
    code, parameters = await shop.refused(op, operator=NEW, **arguments)
    assert code == "USR-250"
    return parameters


async def allowed(shop: Shop, op: str, **arguments: Any) -> dict[str, Any]:
    """The same act, asked for, allowed by Anna, done by the new cashier."""
    request = (await asked(shop, op, **arguments))["request"]
    shop.till.approvals.approve(UUID(request), ANNA)
    return await shop.do(op, operator=NEW, approval=request, **arguments)


# -- every act that may be lent a right -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "arguments", "right", "about"),
    [
        ("void_line", {}, "void_line", {"item": "Milk 3.2 % 1 l", "amount_minor": 124_000}),
        ("quantity", {"quantity_milli": 1_000}, "void_line", {"item": "Milk 3.2 % 1 l", "amount_minor": 62_000}),
        ("price", {"unit_price_minor": 60_000, "reason": "shelf"}, "price_change",
         {"item": "Milk 3.2 % 1 l", "amount_minor": 120_000, "reason": "shelf"}),
        ("discount", {"rate": 500, "reason": "agreed"}, "discount",
         {"item": "Milk 3.2 % 1 l", "amount_minor": 6_200, "reason": "agreed"}),
        ("cancel_sale", {"reason": "left"}, "cancel_sale", {"amount_minor": 124_000, "reason": "left"}),
        ("open_drawer", {"reason": "change"}, "open_drawer", {"reason": "change"}),
        ("cash_movement", {"amount_minor": -500, "reason": "bank"}, "cash_move",
         {"amount_minor": -500, "reason": "bank"}),
    ],
)  # fmt: skip
async def test_an_act_without_its_right_asks_for_a_second_person_and_says_what_it_is_about(
    shop: Shop, op: str, arguments: dict[str, Any], right: str, about: dict[str, Any]
) -> None:
    line = await shop.scan(MILK, MILK)
    facts = len(shop.facts())
    parameters = await asked(shop, op, line_id=line["line_id"], **arguments)
    request = shop.view["approval"]["request"]
    assert parameters == {"right": right, "request": request, "seconds": 300, **about}
    assert len(shop.facts()) == facts


@pytest.mark.parametrize(
    ("op", "arguments", "fact"),
    [
        ("void_line", {}, "sale.line_voided"),
        ("quantity", {"quantity_milli": 1_000}, "sale.line_voided"),
        ("price", {"unit_price_minor": 60_000, "reason": "shelf"}, "sale.price_changed"),
        ("cancel_sale", {"reason": "left"}, "sale.cancelled"),
        ("open_drawer", {"reason": "change"}, "drawer.opened"),
        ("cash_movement", {"amount_minor": 500, "reason": "bank"}, "cash.moved"),
    ],
)
async def test_the_fact_names_who_did_it_and_who_allowed_it(
    shop: Shop, op: str, arguments: dict[str, Any], fact: str
) -> None:
    line = await shop.scan(MILK, MILK)
    await allowed(shop, op, line_id=line["line_id"], **arguments)
    [written] = shop.facts(fact)
    assert written.envelope.operator == NEW.operator_id
    assert written.payload.approved_by == ANNA.operator_id  # type: ignore[attr-defined]
    assert shop.view["approval"] is None


async def test_an_allowed_discount_is_in_the_sale_with_who_allowed_it(shop: Shop) -> None:
    line = await shop.scan(COFFEE)
    await allowed(shop, "discount", line_id=line["line_id"], rate=500, reason="agreed")
    await shop.do("pay")
    await shop.sell_paid()
    [sale] = shop.facts("sale.completed")
    [discount] = sale.payload.lines[0].discounts  # type: ignore[attr-defined]
    assert (discount.amount_minor, discount.approved_by) == (19_500, ANNA.operator_id)


async def test_an_act_by_somebody_with_the_right_names_nobody_else(shop: Shop) -> None:
    line = await shop.scan(MILK)
    await shop.do("void_line", line_id=line["line_id"])
    [written] = shop.facts("sale.line_voided")
    assert written.payload.approved_by is None  # type: ignore[attr-defined]


async def test_a_return_is_lent_the_right_and_told_with_its_sum(shop: Shop) -> None:
    sold = await shop.sell(MILK, BREAD)
    lines = [{"line_no": 1, "quantity_milli": 1_000, "reason": "damaged", "condition": "problem"}]
    parameters = await asked(shop, "return_lines", sale_id=sold["sale_id"], lines=lines)
    assert (parameters["right"], parameters["amount_minor"]) == ("return", 62_000)
    await allowed(shop, "return_lines", sale_id=sold["sale_id"], lines=lines)
    [back] = shop.facts("sale.returned")
    assert back.payload.approved_by == ANNA.operator_id  # type: ignore[attr-defined]


@pytest.mark.parametrize(("limit_minor", "code"), [(62_000, None), (61_999, "USR-250")])
async def test_a_return_above_the_limit_needs_the_right_for_it(shop: Shop, limit_minor: int, code: str | None) -> None:
    changes = {"settings": {"return_limit_minor": limit_minor}}
    version = shop.replica.version
    shop.replica.apply(
        Delta.model_validate({"since": version, "version": version + 1, "complete": True, "changes": changes})
    )
    sold = await shop.sell(MILK)
    lines = [{"line_no": 1, "quantity_milli": 1_000, "reason": "damaged", "condition": "problem"}]
    answer = await shop.perform("return_lines", sale_id=sold["sale_id"], lines=lines)
    assert (answer.error.code if answer.error else None) == code
    assert len(shop.facts("sale.returned")) == (code is None)


# -- bound to the one act ---------------------------------------------------------------------------------------------


async def test_an_approval_is_used_once(shop: Shop) -> None:
    line = await shop.scan(MILK, MILK, MILK)
    less = {"line_id": line["line_id"], "quantity_milli": 2_000}
    request = (await asked(shop, "quantity", **less))["request"]
    shop.till.approvals.approve(UUID(request), ANNA)
    await shop.do("quantity", operator=NEW, approval=request, **less)
    await shop.scan(MILK)
    assert (await shop.refused("quantity", operator=NEW, approval=request, **less))[0] == "USR-250"


async def test_a_repeat_of_the_allowed_operation_gets_its_first_answer(shop: Shop) -> None:
    line = await shop.scan(MILK)
    request = (await asked(shop, "void_line", line_id=line["line_id"]))["request"]
    shop.till.approvals.approve(UUID(request), ANNA)
    op_id = uuid7()
    arguments = {"line_id": line["line_id"], "approval": request}
    first = await shop.perform("void_line", op_id, NEW, **arguments)
    again = await shop.perform("void_line", op_id, NEW, **arguments)
    assert (first.ok, again.ok, again.result) == (True, True, first.result)
    assert len(shop.facts("sale.line_voided")) == 1


@pytest.mark.parametrize(
    "other",
    [{"rate": 501}, {"rate": 0, "amount_minor": 500}, {"reason": "friend"}],
)
async def test_an_approval_fits_no_other_amount_or_reason(shop: Shop, other: dict[str, Any]) -> None:
    line = await shop.scan(COFFEE)
    wanted: dict[str, Any] = {"line_id": line["line_id"], "rate": 500, "reason": "agreed"}
    request = (await asked(shop, "discount", **wanted))["request"]
    shop.till.approvals.approve(UUID(request), ANNA)
    refused = await shop.refused("discount", operator=NEW, approval=request, **{**wanted, **other})
    assert refused[0] == "USR-250"


async def test_an_approval_fits_no_other_line_and_no_line_that_has_changed(shop: Shop) -> None:
    milk, bread = await shop.scan(MILK), await shop.scan(BREAD)
    request = (await asked(shop, "void_line", line_id=milk["line_id"]))["request"]
    shop.till.approvals.approve(UUID(request), ANNA)
    other = await shop.refused("void_line", operator=NEW, approval=request, line_id=bread["line_id"])
    await shop.scan(MILK)
    grown = await shop.refused("void_line", operator=NEW, approval=request, line_id=milk["line_id"])
    assert (other[0], grown[0]) == ("USR-250", "USR-250")


async def test_scanning_goes_on_beside_a_request_for_a_line(shop: Shop) -> None:
    milk = await shop.scan(MILK)
    request = (await asked(shop, "void_line", line_id=milk["line_id"]))["request"]
    await shop.scan(BREAD)
    shop.till.approvals.approve(UUID(request), ANNA)
    await shop.do("void_line", operator=NEW, approval=request, line_id=milk["line_id"])
    assert shop.view["basket"]["line_count"] == 1


async def test_a_sale_that_has_grown_is_not_cancelled_by_an_older_approval(shop: Shop) -> None:
    await shop.scan(MILK)
    request = (await asked(shop, "cancel_sale", reason="left"))["request"]
    shop.till.approvals.approve(UUID(request), ANNA)
    await shop.scan(BREAD)
    assert (await shop.refused("cancel_sale", operator=NEW, approval=request, reason="left"))[0] == "USR-250"


async def test_what_was_not_allowed_or_is_made_up_lets_nothing_happen(shop: Shop) -> None:
    line = await shop.scan(MILK)
    request = (await asked(shop, "void_line", line_id=line["line_id"]))["request"]
    for approval in (request, str(uuid7()), "no uuid", None):
        refused = await shop.refused("void_line", operator=NEW, approval=approval, line_id=line["line_id"])
        assert refused[0] == "USR-250"


async def test_a_request_is_given_up(shop: Shop) -> None:
    line = await shop.scan(MILK)
    request = (await asked(shop, "void_line", line_id=line["line_id"]))["request"]
    await shop.ask("drop_approval", request=request)
    assert shop.view["approval"] is None
    with pytest.raises(PermanentError) as gone:
        shop.till.approvals.approve(UUID(request), ANNA)
    assert gone.value.code == "USR-420"


async def test_after_a_restart_the_till_asks_again(shop: Shop) -> None:
    line = await shop.scan(MILK)
    request = (await asked(shop, "void_line", line_id=line["line_id"]))["request"]
    shop.till.approvals.approve(UUID(request), ANNA)
    await shop.restart()
    refused = await shop.refused("void_line", operator=NEW, approval=request, line_id=line["line_id"])
    assert refused[0] == "USR-250"


# -- how long, and by whom --------------------------------------------------------------------------------------------


def test_a_request_lasts_five_minutes_from_asking() -> None:
    clock = HandClock()
    approvals = Approvals(clock)  # type: ignore[arg-type]
    request = uuid7()
    approvals.ask(request, "void_line", "void_line", "mark")
    clock.seconds = LASTS_S - 1
    approvals.approve(request, MANAGER)
    assert approvals.approver(request, "void_line", "void_line", "mark") == MANAGER.operator_id
    clock.seconds = LASTS_S
    assert approvals.approver(request, "void_line", "void_line", "mark") is None
    assert approvals.newest is None
    with pytest.raises(PermanentError) as late:
        approvals.approve(request, MANAGER)
    assert late.value.code == "USR-420"


def test_whoever_lacks_the_right_cannot_lend_it() -> None:
    approvals = Approvals(HandClock())  # type: ignore[arg-type]
    request = uuid7()
    approvals.ask(request, "discount", "discount", "mark")
    with pytest.raises(NeedsPerson) as refused:
        approvals.approve(request, MANAGER)
    assert (refused.value.code, refused.value.parameters) == ("USR-403", {"right": "discount"})
    assert approvals.approver(request, "discount", "discount", "mark") is None


def test_the_oldest_requests_are_forgotten_first() -> None:
    approvals = Approvals(HandClock())  # type: ignore[arg-type]
    requests = [uuid7() for _ in range(MOST_KEPT + 1)]
    for request in requests:
        approvals.ask(request, "void_line", "void_line", "mark")
    approvals.approve(requests[1], MANAGER)
    with pytest.raises(PermanentError):
        approvals.approve(requests[0], MANAGER)
