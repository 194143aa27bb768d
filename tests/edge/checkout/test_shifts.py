from __future__ import annotations

import pytest

from edge.checkout.numbers import looks_like_number, return_number, sale_number, till_no_of
from edge.checkout.shifts import Count, DrawerEntry, EntryKind, Expected, difference, expected
from shared.events import PaymentForm

CASH, CARD = PaymentForm.CASH, PaymentForm.CARD


def test_the_drawer_should_hold_the_float_the_sales_and_what_was_put_in_less_what_went_out() -> None:
    entries = [
        DrawerEntry(EntryKind.FLOAT, CASH, 20_000),
        DrawerEntry(EntryKind.SALE, CASH, 1_250),
        DrawerEntry(EntryKind.SALE, CARD, 3_000),
        DrawerEntry(EntryKind.RETURN, CARD, -1_000),
        DrawerEntry(EntryKind.RETURN, CASH, -250),
        DrawerEntry(EntryKind.MOVEMENT, CASH, -5_000),
    ]
    assert expected(entries) == Expected(cash_minor=16_000, card_minor=2_000, sold_minor=4_250, returned_minor=1_250)


def test_the_drawer_holds_rounded_cash_and_turnover_is_what_a_register_counts() -> None:
    entries = [
        DrawerEntry(EntryKind.FLOAT, CASH, 20_000),
        DrawerEntry(EntryKind.SALE, CARD, 400_000),
        DrawerEntry(EntryKind.SALE, CASH, 311_000, rounding_minor=100),
        DrawerEntry(EntryKind.RETURN, CASH, -181_000, rounding_minor=400),
    ]
    assert expected(entries) == Expected(
        cash_minor=150_000, card_minor=400_000, sold_minor=710_900, returned_minor=181_400, rounding_minor=500
    )


@pytest.mark.parametrize(
    ("count", "over"), [(Count(16_000, 2_000), 0), (Count(15_500, 2_000), -500), (Count(16_000, 2_100), 100)]
)
def test_the_difference_is_what_was_counted_less_what_should_be_there(count: Count, over: int) -> None:
    assert difference(Expected(16_000, 2_000, 4_250, 1_250), count) == over


def test_numbers_are_read_back_as_numbers() -> None:
    assert sale_number("abovyan-12", 2, 412, 7) == "abovyan-12-2-0412-0007"
    assert return_number("abovyan-12", 2, 412, 8) == "abovyan-12-2-0412-R0008"
    assert looks_like_number("abovyan-12-2-0412-0007")
    assert looks_like_number("abovyan-12-2-0412-R0008")
    assert looks_like_number("main-1-12345-123456")
    assert till_no_of("abovyan-12-2-0412-R0008") == "2"
    assert till_no_of("536365") is None


@pytest.mark.parametrize("text", ["85123A", "4006381333931", "", "main-1-0412", "MAIN-1-0412-0007", "a" * 4_000])
def test_what_is_no_number_of_ours_is_not_taken_for_one(text: str) -> None:
    assert not looks_like_number(text)
