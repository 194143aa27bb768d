from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.checkout.tendering import (
    CardOutcome,
    PaymentProblem,
    Tender,
    TenderState,
    card_outcome,
    open_tender,
    payments_of,
    settle,
    suggestions,
    take_back,
)
from shared.errors import NeedsPerson
from shared.events import PaymentForm
from shared.money import CURRENCIES, Currency, currency

AMD, GBP, GEL = currency("AMD"), currency("GBP"), currency("GEL")
CASH, CARD, TRANSFER = PaymentForm.CASH, PaymentForm.CARD, PaymentForm.TRANSFER


def cash(amount_minor: int, n: int = 1, state: TenderState = TenderState.ACCEPTED) -> Tender:
    return Tender(UUID(int=n), CASH, amount_minor, state)


def card(amount_minor: int, n: int = 50, state: TenderState = TenderState.ACCEPTED) -> Tender:
    return Tender(UUID(int=n), CARD, amount_minor, state)


@pytest.mark.parametrize(
    ("total", "tenders", "pack", "left", "cash_left", "rounding", "change", "paid"),
    [
        # The payment panel drawn in UX.md: 3,109 left after 4,000 by other forms, 5,000 given.
        (710_900, [card(400_000)], AMD, 310_900, 311_000, 100, 0, False),
        (710_900, [card(400_000), cash(500_000)], AMD, 0, 0, 100, 189_000, True),
        (1_000, [], GBP, 1_000, 1_000, 0, 0, False),
        (1_000, [cash(2_000)], GBP, 0, 0, 0, 1_000, True),
        (1_000, [cash(400)], GBP, 600, 600, 0, 0, False),
        (1_000, [cash(400), card(600)], GBP, 0, 0, 0, 0, True),
        (1_002, [cash(1_000)], GEL, 0, 0, -2, 0, True),
        (1_003, [cash(1_000)], GEL, 3, 5, 2, 0, False),
        (1_003, [card(1_003)], GEL, 0, 0, 0, 0, True),
        (0, [], GBP, 0, 0, 0, 0, True),
        (400, [], AMD, 400, 0, -400, 0, False),
        (400, [cash(0)], AMD, 0, 0, -400, 0, True),
        (1_000, [card(1_000, state=TenderState.DECLINED)], GBP, 1_000, 1_000, 0, 0, False),
        (1_000, [card(1_000, state=TenderState.WAITING)], GBP, 0, 0, 0, 0, True),
    ],
)
def test_where_a_total_stands(
    total: int, tenders: list[Tender], pack: Currency, left: int, cash_left: int, rounding: int, change: int, paid: bool
) -> None:
    standing = settle(total, tenders, pack)
    assert (standing.left_minor, standing.cash_left_minor, standing.rounding_minor) == (left, cash_left, rounding)
    assert (standing.change_minor, standing.paid) == (change, paid)


@pytest.mark.parametrize(
    ("form", "amount", "code"),
    [
        (CARD, 710_901, "PAY-410"),
        (TRANSFER, 710_901, "PAY-410"),
        (CASH, 100_050, "PAY-411"),
        (PaymentForm.POINTS, 100, "PAY-413"),
        (PaymentForm.CERTIFICATE, 100, "PAY-413"),
        (CASH, 0, "PAY-416"),
        (CARD, -5, "PAY-416"),
        (CASH, 10**15 + 1_000, "PAY-416"),
    ],
)
def test_what_cannot_be_paid_is_refused_with_its_code(form: PaymentForm, amount: int, code: str) -> None:
    with pytest.raises(PaymentProblem) as refused:
        open_tender(UUID(int=1), form, amount, total_minor=710_900, tenders=[], currency=AMD)
    assert refused.value.code == code


def test_nothing_more_is_taken_for_a_paid_sale() -> None:
    with pytest.raises(PaymentProblem) as refused:
        open_tender(UUID(int=2), CASH, None, total_minor=1_000, tenders=[card(1_000)], currency=GBP)
    assert refused.value.code == "PAY-414"


def test_cash_without_a_sum_is_the_rounded_rest_and_a_card_the_exact_one() -> None:
    tenders = [card(400_000)]
    exact = open_tender(UUID(int=2), CASH, None, total_minor=710_900, tenders=tenders, currency=AMD)
    assert exact.amount_minor == 311_000
    by_card = open_tender(UUID(int=2), CARD, None, total_minor=710_900, tenders=tenders, currency=AMD)
    assert (by_card.amount_minor, by_card.state) == (310_900, TenderState.WAITING)


@pytest.mark.parametrize(
    ("before", "outcome", "after"),
    [
        (TenderState.WAITING, CardOutcome.APPROVED, TenderState.ACCEPTED),
        (TenderState.WAITING, CardOutcome.DECLINED, TenderState.DECLINED),
        (TenderState.WAITING, CardOutcome.UNKNOWN, TenderState.UNKNOWN),
        (TenderState.UNKNOWN, CardOutcome.APPROVED, TenderState.ACCEPTED),
        (TenderState.UNKNOWN, CardOutcome.DECLINED, TenderState.DECLINED),
        (TenderState.REVERSING, CardOutcome.REVERSED, TenderState.TAKEN_BACK),
        (TenderState.REVERSING, CardOutcome.NOT_REVERSED, TenderState.ACCEPTED),
    ],
)
def test_the_cashier_says_how_the_card_ended(before: TenderState, outcome: CardOutcome, after: TenderState) -> None:
    assert card_outcome([card(5, state=before)], UUID(int=50), outcome) is after


@pytest.mark.parametrize(
    ("before", "outcome"),
    [
        (TenderState.ACCEPTED, CardOutcome.DECLINED),
        (TenderState.DECLINED, CardOutcome.APPROVED),
        (TenderState.WAITING, CardOutcome.REVERSED),
        (TenderState.TAKEN_BACK, CardOutcome.APPROVED),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(before: TenderState, outcome: CardOutcome) -> None:
    with pytest.raises(PaymentProblem) as refused:
        card_outcome([card(5, state=before)], UUID(int=50), outcome)
    assert refused.value.code == "PAY-415"


def test_cash_goes_back_at_once_and_a_card_only_at_its_terminal() -> None:
    assert take_back([cash(5)], UUID(int=1)) is TenderState.TAKEN_BACK
    assert take_back([card(5)], UUID(int=50)) is TenderState.REVERSING
    with pytest.raises(PaymentProblem) as refused:
        take_back([card(5, state=TenderState.WAITING)], UUID(int=50))
    assert refused.value.code == "PAY-415"
    with pytest.raises(PaymentProblem) as unknown:
        take_back([card(5)], UUID(int=51))
    assert unknown.value.code == "PAY-412"


@pytest.mark.parametrize(
    ("tenders", "code"),
    [
        ([cash(400)], "PAY-232"),
        ([card(1_000, state=TenderState.WAITING)], "PAY-231"),
        ([card(1_000, state=TenderState.REVERSING)], "PAY-231"),
        ([card(1_000, state=TenderState.UNKNOWN)], "PAY-501"),
    ],
)
def test_a_sale_is_not_taken_before_it_is_settled(tenders: list[Tender], code: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        payments_of(1_000, tenders, GBP)
    assert refused.value.code == code


def test_change_comes_off_the_cash_given_last() -> None:
    payments = payments_of(1_000, [cash(500), card(200), cash(500, 2)], GBP)
    assert [(p.form, p.amount_minor, p.given_minor, p.change_minor) for p in payments] == [
        (CASH, 500, 500, 0),
        (CARD, 200, 200, 0),
        (CASH, 300, 500, 200),
    ]
    assert [p.stated_by_person for p in payments] == [False, True, False]


@pytest.mark.parametrize(
    ("due", "pack", "sums"),
    [
        (311_000, AMD, (311_000, 320_000, 400_000, 500_000)),  # UX.md, payment panel
        (1_743, GBP, (1_743, 1_800, 2_000, 5_000)),
        (5, GBP, (5, 10, 100, 500)),
        (2_000, GBP, (2_000, 5_000)),
        (16_846_960, GBP, (16_846_960, 17_000_000, 20_000_000)),
        (0, GBP, ()),
    ],
)
def test_sums_a_customer_is_likely_to_hand_over(due: int, pack: Currency, sums: tuple[int, ...]) -> None:
    assert suggestions(due, pack) == sums


@settings(deadline=None, max_examples=80)
@given(
    total=st.integers(0, 10**9),
    pack=st.sampled_from(sorted(CURRENCIES.values(), key=lambda pack: pack.code)),
    parts=st.lists(st.tuples(st.sampled_from([CASH, CARD, TRANSFER]), st.integers(1, 10**9)), max_size=5),
    last=st.sampled_from([CASH, CARD]),
)
def test_however_it_is_paid_the_payments_are_the_total_and_one_rounding(
    total: int, pack: Currency, parts: list[tuple[PaymentForm, int]], last: PaymentForm
) -> None:
    tenders: list[Tender] = []
    for form, amount in [*parts, (last, None)]:
        try:
            tender = open_tender(
                UUID(int=len(tenders)), form, amount, total_minor=total, tenders=tenders, currency=pack
            )
        except PaymentProblem:
            continue
        accepted = Tender(tender.tender_id, tender.form, tender.amount_minor)
        tenders.append(accepted)
    standing = settle(total, tenders, pack)
    payments = payments_of(total, tenders, pack)
    assert sum(payment.amount_minor for payment in payments) == total + standing.rounding_taken_minor
    assert sum(payment.change_minor for payment in payments) == standing.change_minor
    in_cash = sum(payment.amount_minor for payment in payments if payment.form is CASH)
    assert in_cash % pack.cash_step == 0
    assert abs(standing.rounding_taken_minor) * 2 <= pack.cash_step
    assert all(payment.amount_minor >= 0 for payment in payments)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 10**9), st.sampled_from(sorted(CURRENCIES.values(), key=lambda pack: pack.code)))
def test_every_suggested_sum_pays_the_total(total: int, pack: Currency) -> None:
    due = settle(total, [], pack).cash_left_minor
    for given_minor in suggestions(due, pack):
        tender = open_tender(UUID(int=1), CASH, given_minor, total_minor=total, tenders=[], currency=pack)
        assert settle(total, [tender], pack).paid
