from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from edge.checkout.documents import load_receipt
from edge.checkout.fiscal_store import jobs_of
from edge.devices.fiscal_printer.contract import DocumentKind, FiscalPayment, PaymentForm
from shared.errors import NeedsPerson, PermanentError
from tests.edge.checkout.shop import BREAD, COFFEE, MILK, Shop


def back(line_no: int, quantity_milli: int, *, sellable: bool = True) -> dict[str, Any]:
    return {"line_no": line_no, "quantity_milli": quantity_milli, "reason": "damaged", "sellable": sellable}


async def test_goods_come_back_against_their_receipt_and_the_money_with_them(shop: Shop) -> None:
    sold = await shop.sell(MILK, MILK, BREAD)
    returned = await shop.do(
        "return_lines", sale_id=sold["sale_id"], lines=[back(1, 1_000), back(2, 1_000, sellable=False)]
    )
    await shop.printed(returned["return_id"])
    assert (returned["number"], returned["total_minor"]) == ("main-1-0001-R0002", 97_000)
    assert returned["forms"] == [{"form": "cash", "amount_minor": 97_000}]
    [fact] = shop.facts("sale.returned")
    lines = [(line.original_line_no, line.quantity_milli, line.sellable) for line in fact.payload.lines]  # type: ignore[attr-defined]
    assert lines == [(1, 1_000, True), (2, 1_000, False)]
    assert shop.register is not None
    assert [(paper.kind, paper.total_minor) for paper in shop.register.papers] == [
        (DocumentKind.SALE, 159_000),
        (DocumentKind.RETURN, 97_000),
    ]
    [job] = jobs_of(shop.journal.read, UUID(returned["return_id"]))
    document = load_receipt(job.document)
    assert document.original is not None
    assert (document.original.document_no, document.original.fiscal_memory_no) == ("101", "02000600")
    assert document.payments == (FiscalPayment(PaymentForm.CASH, 97_000),)
    assert shop.view["receipt"]["return_id"] == returned["return_id"]


async def test_a_quote_says_what_would_go_back_and_takes_nothing(shop: Shop) -> None:
    sold = await shop.sell(COFFEE, form="card")
    quote = await shop.ask("quote_return", sale_id=sold["sale_id"], lines=[back(1, 1_000)])
    assert [(form["form"], form["amount_minor"]) for form in quote["forms"]] == [("card", 390_000)]
    assert shop.facts("sale.returned") == []


async def test_no_more_comes_back_than_was_sold_over_all_returns_and_restarts(shop: Shop) -> None:
    sold = await shop.sell(MILK, MILK)
    await shop.do("return_lines", sale_id=sold["sale_id"], lines=[back(1, 1_500)])
    await shop.restart()
    refused = await shop.refused("return_lines", sale_id=sold["sale_id"], lines=[back(1, 501)])
    assert refused == ("SAL-421", {"line_no": 1, "left_milli": 500})
    found = (await shop.ask("find_sale", number=sold["number"]))["sale"]
    assert found["till_text"] == "Till 1"
    assert [line["left_milli"] for line in found["lines"]] == [500]
    await shop.do("return_lines", sale_id=sold["sale_id"], lines=[back(1, 500)])
    amounts = [fact.payload.total_minor for fact in shop.facts("sale.returned")]  # type: ignore[attr-defined]
    assert sum(amounts) == 124_000


async def test_a_sale_is_found_by_its_number_and_by_the_number_it_came_with(shop: Shop) -> None:
    await shop.do("reference", scheme="online-retail", number="536365", date="2010-12-01")
    sold = await shop.sell(MILK)
    for way in (
        {"number": sold["number"]},
        {"reference": "536365"},
        {"sale_id": sold["sale_id"]},
        {"number": "536365"},
    ):
        found = (await shop.ask("find_sale", **way))["sale"]
        assert (found["sale_id"], found["operator"], found["total_text"]) == (sold["sale_id"], "Anna S.", "620.00")
    with pytest.raises(PermanentError) as unknown:
        await shop.ask("find_sale", number="main-1-0001-9999")
    assert unknown.value.code == "SAL-420"


async def test_a_sale_whose_receipt_has_not_come_out_is_not_given_back(shop: Shop) -> None:
    assert shop.register is not None
    await shop.scan(MILK)
    await shop.do("pay")
    await shop.do("tender", form="cash")
    shop.register.silent = True
    sold = await shop.do("take")
    with pytest.raises(NeedsPerson) as refused:
        await shop.ask("quote_return", sale_id=sold["sale_id"], lines=[back(1, 1_000)])
    assert refused.value.code == "SAL-422"
    shop.register.silent = False


async def test_what_was_never_on_paper_needs_no_return_receipt(shop: Shop) -> None:
    assert shop.register is not None
    shop.register.refuse_at_line = PermanentError("FIS-401", command="31")
    sold = await shop.sell(MILK)
    returned = await shop.do("return_lines", sale_id=sold["sale_id"], lines=[back(1, 1_000)])
    assert jobs_of(shop.journal.read, UUID(returned["return_id"])) == []
    assert len(shop.facts("sale.returned")) == 1


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "SAL-424"),
        ([back(9, 1_000)], "SAL-423"),
        ([back(1, 0)], "SAL-421"),
        ([back(1, -1_000)], "SAL-421"),
        ([back(1, 1_001)], "SAL-421"),
        ([back(1, 500), back(1, 500)], "SAL-425"),
        ([{"line_no": 1, "quantity_milli": 1_000, "reason": "r"}], "SAL-401"),
        ([{"line_no": 1, "quantity_milli": 1_000, "reason": "", "sellable": True}], "SAL-401"),
    ],
)
async def test_what_cannot_come_back_is_refused_with_its_code(shop: Shop, lines: list[Any], code: str) -> None:
    sold = await shop.sell(MILK)
    refused, _ = await shop.refused("return_lines", sale_id=sold["sale_id"], lines=lines)
    assert refused == code
    assert shop.facts("sale.returned") == []


async def test_a_sale_nobody_here_knows_is_not_given_back(shop: Shop) -> None:
    refused, _ = await shop.refused("return_lines", sale_id=str(UUID(int=5)), lines=[back(1, 1_000)])
    assert refused == "SAL-420"


async def test_the_drawer_expects_less_after_a_return(shop: Shop) -> None:
    sold = await shop.sell(MILK)
    returned = await shop.do("return_lines", sale_id=sold["sale_id"], lines=[back(1, 1_000)])
    await shop.printed(returned["return_id"])
    counted = await shop.do("count_shift", counted_minor=20_000, slips_minor=0)
    assert counted["difference_minor"] == 0
