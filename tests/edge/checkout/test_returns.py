from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.checkout.basket import Line
from edge.checkout.returns import (
    PaperLine,
    Refunded,
    ReturnPlan,
    ReturnProblem,
    ReturnRequest,
    left_of,
    plan_return,
)
from edge.checkout.splitting import UNLIMITED, Bill, Limits, bill_of
from edge.checkout.tendering import Tender, payments_of, settle
from shared.errors import PermanentError
from shared.events import DiscountTaken, PaymentForm, SaleCompleted, SaleLine, TaxAmount
from shared.money import CURRENCIES, Currency, currency
from tests.edge.checkout.strategies import ADDED_TAX, baskets, limits, line

AMD, GBP = currency("AMD"), currency("GBP")
CASH, CARD = PaymentForm.CASH, PaymentForm.CARD
PACKS = st.sampled_from(sorted(CURRENCIES.values(), key=lambda pack: pack.code))


def sale_of(bill: Bill, pack: Currency, card_minor: int = 0) -> SaleCompleted:
    tenders = [Tender(UUID(int=1), CARD, card_minor)] if card_minor else []
    rest = settle(bill.total_minor, tenders, pack)
    if not rest.paid:
        tenders.append(Tender(UUID(int=2), CASH, rest.cash_left_minor))
    return SaleCompleted(
        sale_id=UUID(int=7),
        number="main-1-0001-0001",
        currency=pack.code,
        opened_at=datetime(2026, 11, 21, tzinfo=UTC),
        lines=tuple(_sale_line(each, result) for each, result in zip(bill.lines, bill.results, strict=True)),
        subtotal_minor=bill.subtotal_minor,
        discount_minor=bill.discount_minor,
        total_minor=bill.total_minor,
        rounding_minor=settle(bill.total_minor, tenders, pack).rounding_taken_minor,
        taxes=tuple(TaxAmount(**vars(group)) for group in bill.taxes),
        payments=payments_of(bill.total_minor, tenders, pack),
        receipts=len(bill.parts),
    )


def _sale_line(each: Line, result: object) -> SaleLine:
    return SaleLine(
        line_no=each.no,
        product_id=each.product.product_id,
        product_code=each.product.code,
        name=each.product.name,
        unit=each.product.unit,
        quantity_milli=each.quantity_milli,
        unit_price=each.unit_price,
        price_source=each.price_source,
        gross_minor=result.gross_minor,  # type: ignore[attr-defined]
        discounts=(DiscountTaken(reason="any", amount_minor=result.discount_minor),),  # type: ignore[attr-defined]
        amount_minor=result.amount_minor,  # type: ignore[attr-defined]
        tax_code=each.product.tax.code,
        tax_rate=each.product.tax.rate,
        tax_minor=result.tax_minor,  # type: ignore[attr-defined]
    )


def paper_of(bill: Bill) -> list[PaperLine]:
    return [
        PaperLine(number, piece.line.no, piece.from_milli, piece.quantity_milli)
        for number, part in enumerate(bill.parts, 1)
        for piece in part.pieces
    ]


class Desk:
    """One sale and everything that has come back of it."""

    def __init__(self, bill: Bill, pack: Currency, card_minor: int = 0) -> None:
        self.pack = pack
        self.sale = sale_of(bill, pack, card_minor)
        self.paper = paper_of(bill)
        self.returned: dict[int, int] = defaultdict(int)
        self.refunded: list[Refunded] = []
        self.plans: list[ReturnPlan] = []

    def take(self, quantities: dict[int, int], limit: Limits = UNLIMITED) -> ReturnPlan:
        plan = plan_return(
            self.sale,
            [ReturnRequest(no, quantity, "damaged", sellable=False) for no, quantity in quantities.items()],
            returned_milli=self.returned,
            refunded=self.refunded,
            paper=self.paper,
            limits=limit,
            currency=self.pack,
        )
        for no, quantity in quantities.items():
            self.returned[no] += quantity
        self.refunded += [Refunded(refund.form, refund.amount_minor, refund.exact_minor) for refund in plan.refunds]
        self.plans.append(plan)
        return plan

    def given_back(self, form: PaymentForm) -> int:
        return sum(refund.amount_minor for refund in self.refunded if refund.form is form)

    def paid(self, form: PaymentForm) -> int:
        return sum(payment.amount_minor for payment in self.sale.payments if payment.form is form)


def forms(plan: ReturnPlan) -> list[tuple[PaymentForm, int]]:
    return [(refund.form, refund.amount_minor) for refund in plan.refunds]


def test_money_goes_back_to_the_card_first_and_in_cash_last() -> None:
    desk = Desk(bill_of([line(1), line(2)], GBP), GBP, card_minor=300)
    assert forms(desk.take({1: 1_000})) == [(CARD, 255)]
    assert forms(desk.take({2: 1_000})) == [(CARD, 45), (CASH, 210)]


def test_a_rounded_sale_gives_back_exactly_what_was_paid_when_everything_has_come_back() -> None:
    lines = [line(1, unit_price=355_300 * 10_000), line(2, unit_price=355_600 * 10_000)]
    desk = Desk(bill_of(lines, AMD), AMD)
    assert (desk.sale.total_minor, desk.sale.rounding_minor) == (710_900, 100)
    first, second = desk.take({1: 1_000}), desk.take({2: 1_000})
    assert (forms(first), first.rounding_minor) == ([(CASH, 355_000)], -300)
    assert (forms(second), second.rounding_minor) == ([(CASH, 356_000)], 400)


def test_a_return_needs_one_receipt_for_each_receipt_of_the_sale_it_touches() -> None:
    desk = Desk(bill_of([line(no) for no in range(1, 5)], GBP, Limits(2, 10**9)), GBP)
    plan = desk.take({1: 1_000, 4: 1_000})
    assert [(part.original_part, [piece.line.line_no for piece in part.pieces]) for part in plan.parts] == [
        (1, [1]),
        (2, [4]),
    ]


def test_a_line_cut_over_two_receipts_comes_back_from_the_first_one_first() -> None:
    big = line(1, quantity_milli=80_995_000, unit_price=208 * 10_000)
    desk = Desk(bill_of([big], GBP, Limits(512, 9_999_999)), GBP)
    parts = desk.take({1: 48_077_000}).parts
    assert [(part.original_part, part.pieces[0].quantity_milli) for part in parts] == [(1, 48_076_000), (2, 1_000)]


@pytest.mark.parametrize(
    ("requests", "code"),
    [
        ([], "SAL-424"),
        ([(9, 1_000)], "SAL-423"),
        ([(1, 2_001)], "SAL-421"),
        ([(1, 0)], "SAL-421"),
        ([(1, -1)], "SAL-421"),
        ([(1, 500), (1, 500)], "SAL-425"),
    ],
)
def test_what_was_not_sold_cannot_come_back(requests: list[tuple[int, int]], code: str) -> None:
    bill = bill_of([line(1, quantity_milli=2_000)], GBP)
    with pytest.raises(ReturnProblem) as refused:
        plan_return(
            sale_of(bill, GBP),
            [ReturnRequest(no, quantity, "wrong size", sellable=True) for no, quantity in requests],
            returned_milli={},
            refunded=[],
            paper=paper_of(bill),
            limits=UNLIMITED,
            currency=GBP,
        )
    assert refused.value.code == code


def test_what_came_back_once_is_not_taken_back_again() -> None:
    desk = Desk(bill_of([line(1, quantity_milli=2_000)], GBP), GBP)
    desk.take({1: 1_500})
    assert left_of(desk.sale, desk.returned) == {1: 500}
    with pytest.raises(ReturnProblem) as refused:
        desk.take({1: 501})
    assert refused.value.parameters == {"line_no": 1, "left_milli": 500}


@settings(deadline=None, max_examples=50)
@given(
    lines=st.one_of(baskets(), baskets(taxes=ADDED_TAX), baskets(whole_prices=False)),
    limit=limits(),
    pack=PACKS,
    data=st.data(),
)
def test_however_a_sale_comes_back_the_money_that_came_goes_back_and_no_more(
    lines: tuple[Line, ...], limit: Limits, pack: Currency, data: st.DataObject
) -> None:
    try:
        bill = bill_of(lines, pack, limit)
    except PermanentError:
        assume(False)
    desk = Desk(bill, pack, data.draw(st.integers(0, bill.total_minor)))
    while any(left := left_of(desk.sale, desk.returned).values()):
        open_lines = [no for no, milli in left_of(desk.sale, desk.returned).items() if milli]
        chosen = data.draw(st.lists(st.sampled_from(open_lines), min_size=1, unique=True))
        before = left_of(desk.sale, desk.returned)
        plan = desk.take({no: data.draw(st.integers(max(1, before[no] // 2), before[no])) for no in chosen}, limit)
        assert sum(part.total_minor for part in plan.parts) == plan.total_minor
        assert sum(group.gross_minor for group in plan.taxes) == plan.total_minor
        assert sum(refund.amount_minor for refund in plan.refunds) == plan.total_minor + plan.rounding_minor
        assert sum(result.tax_minor for result in plan.results) == sum(group.tax_minor for group in plan.taxes)
        assert all(refund.amount_minor >= 0 for refund in plan.refunds)
        assert all(desk.given_back(form) <= desk.paid(form) for form in (CASH, CARD))
        assert all(len(part.pieces) <= limit.lines for part in plan.parts)
    assert len(left) == len(desk.sale.lines)
    assert (desk.given_back(CASH), desk.given_back(CARD)) == (desk.paid(CASH), desk.paid(CARD))
    for sold in desk.sale.lines:
        shares = [r.amount_minor for plan in desk.plans for r in plan.results if r.line.line_no == sold.line_no]
        assert sum(shares) == sold.amount_minor
