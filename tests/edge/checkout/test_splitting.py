from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.checkout.basket import Line, LineDiscount
from edge.checkout.splitting import UNLIMITED, Limits, PartPayment, allot_payments, bill_of, line_input
from edge.checkout.tendering import PaymentProblem, Tender, open_tender, payments_of, settle
from shared.errors import PermanentError
from shared.events import Payment, PaymentForm
from shared.money import CURRENCIES, Currency, currency
from shared.pricing import TaxRate, calculate
from tests.edge.checkout.strategies import ADDED_TAX, TAXES, baskets, limits, line

GBP, AMD = currency("GBP"), currency("AMD")
CASH, CARD = PaymentForm.CASH, PaymentForm.CARD
PACKS = st.sampled_from(sorted(CURRENCIES.values(), key=lambda pack: pack.code))


def paid(form: PaymentForm, amount: int, change: int = 0, n: int = 1) -> Payment:
    return Payment(
        payment_id=UUID(int=n), form=form, amount_minor=amount, given_minor=amount + change, change_minor=change
    )


def rates(lines: tuple[Line, ...]) -> dict[str, TaxRate]:
    return {each.product.tax.code: TaxRate(each.product.tax.code, each.product.tax.rate, _ANY_DAY) for each in lines}


_ANY_DAY = date(2020, 1, 1)


def test_a_sale_within_the_limits_is_one_receipt_and_costs_what_the_one_calculation_says() -> None:
    lines = (line(1), replace(line(2), quantity_milli=432, unit_price=42_000_000), replace(line(3), voided=True))
    bill = bill_of(lines, GBP, Limits(2, 10_000_000))
    whole = calculate([line_input(each) for each in lines[:2]], currency=GBP, rates=rates(lines))
    assert len(bill.parts) == 1
    assert (bill.total_minor, bill.taxes, bill.results) == (whole.total_minor, whole.taxes, whole.lines)


def test_the_basket_drawn_in_the_papers_costs_7_109() -> None:
    # UX.md, section 3: milk 2 x 620, cheese 0.432 kg at 4,200, bread 350, coffee 3,900 less Gold 5 %.
    prices = [(2_000, 620), (432, 4_200), (1_000, 350), (1_000, 3_900)]
    lines = [
        replace(line(no), quantity_milli=quantity, unit_price=price * 100 * 10_000)
        for no, (quantity, price) in enumerate(prices, 1)
    ]
    lines[3] = replace(lines[3], discount=LineDiscount("Gold 5 % on coffee", rate=500))
    bill = bill_of(lines, AMD)
    assert [result.gross_minor for result in bill.results] == [124_000, 181_400, 35_000, 390_000]
    assert (bill.subtotal_minor, bill.discount_minor, bill.total_minor) == (730_400, 19_500, 710_900)


def test_more_lines_than_a_receipt_holds_go_to_the_next_one() -> None:
    bill = bill_of([line(no) for no in range(1, 6)], GBP, Limits(2, 10**9))
    assert [[piece.line.no for piece in part.pieces] for part in bill.parts] == [[1, 2], [3, 4], [5]]


def test_a_line_above_the_largest_total_is_cut_by_whole_pieces() -> None:
    # 80,995 x 2.08: the largest line of the real invoices we replay.
    big = replace(line(1), quantity_milli=80_995_000, unit_price=208 * 10_000)
    bill = bill_of([big], GBP, Limits(512, 9_999_999))
    assert [[piece.quantity_milli for piece in part.pieces] for part in bill.parts] == [[48_076_000], [32_919_000]]
    assert [piece.from_milli for part in bill.parts for piece in part.pieces] == [0, 48_076_000]
    assert bill.total_minor == 80_995 * 208


def test_a_piece_dearer_than_a_receipt_may_be_is_refused() -> None:
    with pytest.raises(PermanentError) as refused:
        bill_of([replace(line(1), unit_price=10_001 * 10_000)], GBP, Limits(512, 10_000))
    assert (refused.value.code, refused.value.parameters) == ("SAL-418", {"line_no": 1, "most_minor": 10_000})


def test_an_empty_basket_costs_nothing_and_needs_no_receipt() -> None:
    bill = bill_of([replace(line(1), voided=True)], GBP)
    assert (bill.parts, bill.total_minor, bill.taxes) == ((), 0, ())


@pytest.mark.parametrize(
    ("totals", "payments", "rounding", "receipts"),
    [
        ([1_000], [paid(CASH, 1_000, 1_000)], 0, [[(CASH, 1_000, 2_000)]]),
        ([1_000], [paid(CARD, 1_000)], 0, [[(CARD, 1_000, 1_000)]]),
        ([600, 400], [paid(CASH, 1_000, 500)], 0, [[(CASH, 600, 600)], [(CASH, 400, 900)]]),
        (
            [600, 400],
            [paid(CASH, 300, 200), paid(CARD, 700, n=2)],
            0,
            [[(CARD, 600, 600)], [(CARD, 100, 100), (CASH, 300, 500)]],
        ),
        # Rounded cash: the register is told its own total, and prints no change of its own.
        ([710_900], [paid(CARD, 400_000), paid(CASH, 311_000, 189_000, 2)], 100, [[(CARD, 400_000), (CASH, 310_900)]]),
        ([400], [paid(CASH, 0)], -400, [[(CASH, 400)]]),
        ([0], [], 0, [[(CASH, 0)]]),
    ],
)
def test_payments_are_laid_out_over_the_receipts_in_order(
    totals: list[int], payments: list[Payment], rounding: int, receipts: list[list[tuple[PaymentForm, ...]]]
) -> None:
    shown = [[PartPayment(entry[0], entry[1], entry[-1]) for entry in receipt] for receipt in receipts]  # type: ignore[arg-type]
    assert [list(receipt) for receipt in allot_payments(totals, payments, rounding)] == shown


@settings(deadline=None, max_examples=60)
@given(st.one_of(baskets(), baskets(taxes=ADDED_TAX), baskets(whole_prices=False)), limits(), PACKS)
def test_receipts_add_up_to_the_sale_and_each_is_a_calculation_of_its_own(
    lines: tuple[Line, ...], limit: Limits, pack: Currency
) -> None:
    try:
        bill = bill_of(lines, pack, limit)
    except PermanentError:
        assume(False)
    whole = bill_of(lines, pack, UNLIMITED)
    assert [result.gross_minor for result in bill.results] == [result.gross_minor for result in whole.results]
    assert [result.amount_minor for result in bill.results] == [result.amount_minor for result in whole.results]
    assert sum(group.gross_minor for group in bill.taxes) == bill.total_minor
    assert sum(group.tax_minor for group in bill.taxes) == sum(result.tax_minor for result in bill.results)
    for part in bill.parts:
        assert len(part.pieces) <= limit.lines
        assert part.total_minor <= limit.total_minor
        inputs = [
            replace(
                line_input(piece.line),
                quantity_milli=piece.quantity_milli,
                discount_rate=0,
                discount_minor=piece.result.discount_minor,
            )
            for piece in part.pieces
        ]
        table = {tax.code: TaxRate(tax.code, tax.rate, _ANY_DAY, tax.inclusive) for tax in (*TAXES, *ADDED_TAX)}
        alone = calculate(inputs, currency=pack, rates=table)
        assert alone.lines == tuple(piece.result for piece in part.pieces)
        assert (alone.total_minor, alone.taxes) == (part.total_minor, part.taxes)


@settings(deadline=None, max_examples=60)
@given(baskets(), limits(), PACKS)
def test_every_piece_of_every_line_stands_on_exactly_one_receipt(
    lines: tuple[Line, ...], limit: Limits, pack: Currency
) -> None:
    try:
        bill = bill_of(lines, pack, limit)
    except PermanentError:
        assume(False)
    ends = dict.fromkeys((each.no for each in bill.lines), 0)
    for piece in (piece for part in bill.parts for piece in part.pieces):
        assert piece.from_milli == ends[piece.line.no]
        ends[piece.line.no] += piece.quantity_milli
    assert ends == {each.no: each.quantity_milli for each in bill.lines}


@settings(deadline=None, max_examples=60)
@given(
    totals=st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
    given_first=st.lists(st.tuples(st.sampled_from([CASH, CARD]), st.integers(1, 10**6)), max_size=4),
    over=st.integers(0, 10**5),
    pack=PACKS,
)
def test_each_receipt_is_paid_exactly_and_change_stands_on_the_last(
    totals: list[int], given_first: list[tuple[PaymentForm, int]], over: int, pack: Currency
) -> None:
    total = sum(totals)
    tenders: list[Tender] = []
    for form, amount in given_first:
        try:
            tender = open_tender(
                UUID(int=len(tenders)), form, amount, total_minor=total, tenders=tenders, currency=pack
            )
        except PaymentProblem:
            continue
        tenders.append(replace(tender, state=type(tender.state).ACCEPTED))
    standing = settle(total, tenders, pack)
    if not standing.paid:
        rest = standing.cash_left_minor + over * pack.cash_step
        tenders.append(Tender(UUID(int=99), CASH, rest))
    payments = payments_of(total, tenders, pack)
    rounding = settle(total, tenders, pack).rounding_taken_minor
    receipts = allot_payments(totals, payments, rounding)
    assert [sum(shown.amount_minor for shown in receipt) for receipt in receipts] == totals
    changes = [sum(shown.given_minor - shown.amount_minor for shown in receipt) for receipt in receipts]
    expected_change = sum(payment.change_minor for payment in payments) if rounding == 0 else 0
    assert changes == [0] * (len(totals) - 1) + [expected_change]
    assert all(
        shown.form is CASH for receipt in receipts for shown in receipt if shown.given_minor > shown.amount_minor
    )
    by_form = {form: sum(s.amount_minor for r in receipts for s in r if s.form is form) for form in (CASH, CARD)}
    assert by_form[CARD] == sum(payment.amount_minor for payment in payments if payment.form is CARD)
