"""Every operation and question of the till asked by people without its right: refused by its name, nothing changed.

HTTP addresses: the gateway's in test_strangers_at_the_gateway.py, head office's in tests/cloud/access/test_rights.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from edge.checkout.operations import OPERATIONS
from edge.checkout.questions import QUESTIONS
from edge.checkout.state import OperatorAtTill
from shared.errors import TradepostError
from tests.edge.checkout.model_register import ModelRegister
from tests.edge.checkout.shop import MILK, RIGHTS, Shop, product_id

NO_ID = "0197f3a0-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Row:
    """One call with arguments that parse. right: what it needs; None for anybody who is signed in. LINE: the line."""

    name: str
    right: str | None
    given: Mapping[str, Any] = field(default_factory=dict)


LINE = object()
ROWS = [
    Row("scan", "sell", {"raw": MILK}),
    Row("add", "sell", {"product_id": str(product_id(3))}),
    Row("age", "sell", {"answer": "yes"}),
    Row("quantity", "sell", {"line_id": LINE, "quantity_milli": 5_000}),
    Row("quantity", "void_line", {"line_id": LINE, "quantity_milli": 1_000}),
    Row("void_line", "void_line", {"line_id": LINE}),
    Row("undo", "sell"),
    Row("next_quantity", "sell", {"quantity_milli": 2_000}),
    Row("price", "price_change", {"line_id": LINE, "unit_price_minor": 1, "reason": "x"}),
    Row("discount", "discount", {"line_id": LINE, "rate": 5_000, "reason": "x"}),
    Row("customer", "sell", {"customer_id": None}),
    Row("enrol_customer", "sell", {"phone": "+37477123456", "name": "Ani", "consent": True}),
    Row("reference", "sell", {"scheme": "old", "number": "7"}),
    Row("cancel_sale", "cancel_sale", {"reason": "x"}),
    Row("park", "sell"),
    Row("retrieve", "sell", {"basket_id": NO_ID}),
    Row("pay", "sell"),
    Row("tender", "sell", {"form": "cash"}),
    Row("confirm_card", "sell", {"tender_id": NO_ID, "outcome": "approved"}),
    Row("take_back", "sell", {"tender_id": NO_ID}),
    Row("back_to_sale", "sell"),
    Row("take", "sell"),
    Row("open_shift", "sell", {"float_minor": 0}),
    Row("count_shift", "close_shift", {"counted_minor": 0, "slips_minor": 0}),
    Row("close_shift", "close_shift"),
    Row("cash_movement", "cash_move", {"amount_minor": -20_000, "reason": "x"}),
    Row("open_drawer", "open_drawer", {"reason": "x"}),
    Row("return_lines", "return", {"sale_id": NO_ID, "lines": []}),
    Row("reprint", "sell", {"sale_id": NO_ID}),
    Row("settle_unknown", "sell", {"receipt_id": NO_ID, "answer": "printed"}),
    Row("claim", None),
    Row("lock", None),
    Row("find_sale", "sell", {"number": "main-1-0001-1"}),
    Row("quote_return", "sell", {"sale_id": NO_ID, "lines": []}),
    Row("x_report", "x_report"),
    Row("count_cash", "close_shift", {"pieces": [[50_000, 1]]}),
    Row("close_stray", "close_shift"),
    Row("drop_approval", None, {"request": NO_ID}),
    Row("price_check", None, {"on": False}),
    Row("ping", None),
]
ALSO = {"quantity": {"sell"}, "undo": {"void_line"}}
"""What the act itself needs besides: fewer pieces are a void, and so is taking back a scan."""
RIGHTED = [row for row in ROWS if row.right is not None]


def test_every_operation_and_question_is_in_the_table() -> None:
    assert {row.name for row in ROWS} == set(OPERATIONS) | set(QUESTIONS)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """The shift is open; two milks stand on one line, because fewer of them is a void."""
    shop = Shop(tmp_path, ModelRegister())
    await shop.start()
    await shop.do("open_shift", float_minor=20_000)
    await shop.scan(MILK, MILK)
    yield shop
    await shop.stop()
    shop.close()


def person(*but: str) -> OperatorAtTill:
    """Somebody with every right but these."""
    return OperatorAtTill(UUID(int=103), "Vahe P.", frozenset({*RIGHTS, "return_over_limit"}) - set(but))


async def ask(shop: Shop, row: Row, who: OperatorAtTill) -> tuple[str | None, object]:
    """Code and right of the refusal; the code is None when it was not refused."""
    line = shop.till.state.basket.live_lines[0].id
    given = {name: line if value is LINE else value for name, value in row.given.items()}
    try:
        if row.name in QUESTIONS:
            await shop.ask(row.name, who, **given)
            return None, None
        error = (await shop.perform(row.name, operator=who, **given)).error
    except TradepostError as refusal:
        error = refusal
    return (error.code, error.parameters.get("right")) if error else (None, None)


def contents(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """All of the journal but who asked and was refused: that leaves its operation, and its number in `tills`."""
    names = [row["name"] for row in shop.journal.read("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = {name: "*" for name in names if name != "operations"} | {"tills": "till, basket_id, shift_id, last_id"}
    return {
        name: sorted((tuple(row) for row in shop.journal.read(f'SELECT {columns} FROM "{name}"')), key=str)
        for name, columns in kept.items()
    }


LENDABLE = {"void_line", "price_change", "discount", "cancel_sale", "return", "open_drawer", "cash_move"}
"""Rights that a second person can lend for one act (USR-250); another must be one's own (USR-403)."""
CODE = {right: "USR-250" if right in LENDABLE else "USR-403" for right in RIGHTS}


async def test_whoever_lacks_one_right_is_refused_what_needs_it_and_nothing_changes(shop: Shop) -> None:
    before, sale = contents(shop), shop.till.state.sale
    refusals = [await ask(shop, row, person(row.right or "")) for row in RIGHTED]
    assert refusals == [(CODE[row.right or ""], row.right) for row in RIGHTED]
    assert contents(shop) == before
    assert shop.till.state.sale == sale


async def test_whoever_has_no_right_at_all_is_refused_everything_and_nothing_changes(shop: Shop) -> None:
    nobody = person(*RIGHTS, "return_over_limit")
    before = contents(shop)
    refusals = [await ask(shop, row, nobody) for row in RIGHTED]
    assert {code for code, _ in refusals} == {"USR-250", "USR-403"}
    assert contents(shop) == before


@pytest.mark.parametrize("row", RIGHTED, ids=lambda row: f"{row.name}-{row.right}")
async def test_one_right_is_enough_for_what_it_is_named_for(shop: Shop, row: Row) -> None:
    who = OperatorAtTill(UUID(int=103), "Vahe P.", frozenset({row.right or "", *ALSO.get(row.name, ())}))
    code, right = await ask(shop, row, who)
    assert (code or "")[:4] != "USR-", (code, right)


async def test_an_approval_lends_its_right_for_its_own_act_only(shop: Shop) -> None:
    line, vahe = shop.till.state.basket.live_lines[0].id, person("void_line", "discount")
    thief = person("void_line", "discount", "cancel_sale")
    refused = (await shop.perform("void_line", operator=vahe, line_id=line)).error
    assert refused is not None
    request = UUID(str(refused.parameters["request"]))
    shop.till.approvals.approve(request, person())
    before = contents(shop)
    for name, given in {
        "discount": {"line_id": line, "rate": 10_000, "reason": "x"},
        "cancel_sale": {"reason": "x"},
        "quantity": {"line_id": line, "quantity_milli": 1_000},
    }.items():
        answer = await shop.perform(name, operator=thief, **given, approval=str(request))
        assert answer.error is not None
        assert answer.error.code == "USR-250"
    assert contents(shop) == before
    assert (await shop.perform("void_line", operator=vahe, line_id=line, approval=str(request))).error is None
    again = await shop.perform("void_line", operator=vahe, line_id=line, approval=str(request))
    assert again.error is not None
