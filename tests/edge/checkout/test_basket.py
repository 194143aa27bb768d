from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.checkout.basket import (
    EMPTY,
    MAX_QUANTITY_MILLI,
    MAX_UNIT_PRICE,
    Basket,
    BasketError,
    Change,
    CustomerSet,
    CustomerSnapshot,
    DiscountSet,
    LineAdded,
    LineDiscount,
    LineIncreased,
    LineVoided,
    NextQuantitySet,
    PaymentLeft,
    PaymentStarted,
    PriceChanged,
    QuantityChanged,
    ReferenceSet,
    Repriced,
    TenderChanged,
    TenderPut,
    UndoDone,
    VoidTakenBack,
    apply,
    dump_change,
    fold,
    load_change,
    merge_target,
    undoing,
)
from edge.checkout.tendering import Tender, TenderState
from shared.events import ExternalReference, PaymentForm, PriceSource
from tests.edge.checkout.strategies import line

TWO = fold([LineAdded(line(1)), LineAdded(line(2))])
CUSTOMER = CustomerSnapshot(UUID(int=9), "12347", "Lusine M.")
TENDER = Tender(UUID(int=5), PaymentForm.CARD, 300_00, TenderState.WAITING)


def undo(basket: Basket) -> Basket:
    inverse = undoing(basket)
    assert inverse is not None
    return apply(basket, UndoDone(inverse))


def test_a_line_keeps_its_number_when_another_is_voided() -> None:
    basket = fold([LineVoided("line-1"), LineAdded(replace(line(3), no=99))], TWO)
    assert [(each.no, each.voided) for each in basket.lines] == [(1, True), (2, False), (3, False)]
    assert [each.id for each in basket.live_lines] == ["line-2", "line-3"]
    assert basket.newest == "line-3"


@pytest.mark.parametrize(
    ("other", "merges"),
    [
        (line(1), True),
        (replace(line(1), scan="another scan"), True),
        (replace(line(1), quantity_milli=3_000), True),
        (replace(line(1), unit_price=1), False),
        (replace(line(1), price_source=PriceSource.CHANGED), False),
        (replace(line(1), lot="L2417"), False),
        (replace(line(1), expiry=date(2026, 11, 28)), False),
        (replace(line(1), discount=LineDiscount("Gold", rate=500)), False),
        (replace(line(1), serials=("S1",)), False),
        (replace(line(1), from_label=True), False),
        (line(7), False),
    ],
)
def test_lines_merge_only_when_price_lot_and_discount_are_equal(other: object, merges: bool) -> None:
    target = merge_target(TWO, replace(other, id="new"))  # type: ignore[type-var]
    assert (target is not None) is merges


@pytest.mark.parametrize(
    "kept", [replace(line(1), from_label=True), replace(line(1), serials=("S1",)), replace(line(1), voided=True)]
)
def test_nothing_merges_into_a_label_a_numbered_piece_or_a_voided_line(kept: object) -> None:
    basket = apply(EMPTY, LineAdded(kept))  # type: ignore[arg-type]
    assert merge_target(basket, line(1)) is None


def test_a_merge_never_passes_the_largest_quantity() -> None:
    basket = apply(EMPTY, LineAdded(replace(line(1), quantity_milli=MAX_QUANTITY_MILLI)))
    assert merge_target(basket, line(1)) is None


REFUSED: list[tuple[Change, str]] = [
    (QuantityChanged("line-1", 0), "SAL-406"),
    (QuantityChanged("line-1", -1_000), "SAL-406"),
    (QuantityChanged("line-1", MAX_QUANTITY_MILLI + 1), "SAL-406"),
    (NextQuantitySet(0), "SAL-406"),
    (LineIncreased("line-1", MAX_QUANTITY_MILLI), "SAL-406"),
    (PriceChanged("line-1", -1), "SAL-407"),
    (PriceChanged("line-1", MAX_UNIT_PRICE + 1), "SAL-407"),
    (LineAdded(replace(line(3), unit_price=-1)), "SAL-407"),
    (LineAdded(replace(line(3), quantity_milli=0)), "SAL-406"),
    (DiscountSet("line-1", LineDiscount("why", rate=10_001)), "SAL-408"),
    (DiscountSet("line-1", LineDiscount("why", amount_minor=-1)), "SAL-408"),
    (DiscountSet("line-1", LineDiscount("", rate=100)), "SAL-408"),
    (LineVoided("line-9"), "SAL-404"),
    (VoidTakenBack("line-9"), "SAL-404"),
    (QuantityChanged("line-9", 1_000), "SAL-404"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED)
def test_what_cannot_be_is_refused_with_its_code(change: Change, code: str) -> None:
    with pytest.raises(BasketError) as refused:
        apply(TWO, change)
    assert refused.value.code == code


@pytest.mark.parametrize("change", [QuantityChanged("line-1", 2_000), LineVoided("line-1"), PriceChanged("line-1", 5)])
def test_a_voided_line_is_not_changed(change: Change) -> None:
    with pytest.raises(BasketError) as refused:
        apply(apply(TWO, LineVoided("line-1")), change)
    assert refused.value.code == "SAL-405"


CHANGES: list[Change] = [
    LineAdded(replace(line(3), expiry=date(2027, 12, 31), lot="ABC123", serials=("1", "2"), scan="]d201\x1d")),
    LineAdded(replace(line(3), discount=LineDiscount("Gold", rate=500), price_source=PriceSource.LABEL)),
    LineIncreased("line-1", 1_000),
    QuantityChanged("line-1", 3_000),
    LineVoided("line-1"),
    PriceChanged("line-2", 1_230_000),
    DiscountSet("line-2", LineDiscount("damaged", amount_minor=50)),
    DiscountSet("line-2", None),
    Repriced((("line-1", 99), ("line-2", 100))),
    CustomerSet(CUSTOMER),
    CustomerSet(None),
    ReferenceSet(ExternalReference(scheme="invoice", number="536365", issued_on=date(2010, 12, 1))),
    ReferenceSet(None),
    NextQuantitySet(3_000),
    NextQuantitySet(None),
    PaymentStarted(),
    PaymentLeft(),
    TenderPut(TENDER),
    TenderChanged(TENDER.tender_id, TenderState.ACCEPTED),
    UndoDone(LineVoided("line-2")),
    UndoDone(PriceChanged("line-2", 5, PriceSource.LIST)),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_comes_back_from_storage_as_it_went_in(change: Change) -> None:
    assert load_change(dump_change(change)) == change


@pytest.mark.parametrize(
    "change",
    [
        LineAdded(line(3)),
        LineIncreased("line-1", 1_000),
        QuantityChanged("line-1", 3_000),
        LineVoided("line-1"),
        PriceChanged("line-2", 1_230_000),
        DiscountSet("line-2", LineDiscount("damaged", amount_minor=50)),
    ],
)
def test_undo_gives_the_same_money_and_a_second_undo_goes_one_further(change: Change) -> None:
    taken_back = undo(apply(TWO, change))
    assert taken_back.live_lines == TWO.live_lines
    assert undo(taken_back).live_lines == TWO.live_lines[:1]


def test_nothing_is_left_to_undo_in_an_empty_basket() -> None:
    assert undoing(EMPTY) is None


def test_new_prices_of_a_parked_basket_cannot_be_undone() -> None:
    basket = apply(TWO, Repriced((("line-2", 100),)))
    assert [each.unit_price for each in basket.lines] == [2_550_000, 100]
    assert undoing(basket) is None


def test_leaving_payment_keeps_that_the_total_was_shown() -> None:
    basket = fold([PaymentStarted(), TenderPut(TENDER), PaymentLeft()], TWO)
    assert (basket.paying, basket.total_shown, basket.tenders) == (False, True, ())


def test_the_next_quantity_counts_once() -> None:
    basket = fold([NextQuantitySet(3_000), LineAdded(replace(line(3), quantity_milli=3_000))], TWO)
    assert basket.next_quantity_milli is None


def _changes() -> st.SearchStrategy[Change]:
    ids = st.integers(1, 6).map(lambda n: f"line-{n}")
    quantity = st.integers(-1, 5_000)
    return st.one_of(
        st.integers(1, 6).map(lambda n: LineAdded(line(n))),
        st.builds(LineIncreased, ids, quantity),
        st.builds(QuantityChanged, ids, quantity),
        st.builds(LineVoided, ids),
        st.builds(VoidTakenBack, ids),
        st.builds(PriceChanged, ids, st.integers(-1, 10)),
        st.just(PaymentStarted()),
        st.just(PaymentLeft()),
    )


def _applied(basket: Basket, changes: list[Change]) -> tuple[Basket, list[Change]]:
    kept = []
    for change in changes:
        try:
            basket = apply(basket, change)
        except BasketError:
            continue
        kept.append(change)
    return basket, kept


@settings(deadline=None, max_examples=80)
@given(st.lists(_changes(), max_size=30), st.data())
def test_folding_a_prefix_and_then_the_rest_gives_the_same_basket(changes: list[Change], data: st.DataObject) -> None:
    basket, kept = _applied(EMPTY, changes)
    cut = data.draw(st.integers(0, len(kept)))
    stored = [load_change(dump_change(change)) for change in kept]
    again = fold(stored[cut:], fold(stored[:cut]))
    assert again == basket
    assert again.inverses == basket.inverses
    assert [each.no for each in basket.lines] == list(range(1, len(basket.lines) + 1))
