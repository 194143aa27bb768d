"""Money, rounding and its texts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import (
    CURRENCIES,
    divide_half_away,
    line_amount,
    money_text,
    price_text,
    quantity_text,
    round_to_step,
    spread,
)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 2, 3), (-5, 2, -3), (4, 2, 2), (1, 3, 0), (2, 3, 1), (-1, 2, -1), (0, 7, 0), (149, 100, 1), (150, 100, 2)],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert divide_half_away(numerator, denominator) == rounded


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**9))
def test_rounding_is_never_further_than_half(numerator: int, denominator: int) -> None:
    error = abs(Fraction(numerator, denominator) - divide_half_away(numerator, denominator))
    assert error <= Fraction(1, 2)


def test_weighed_cheese_costs_whole_drams() -> None:
    # UX.md: 0.432 kg x 4,200 AMD = 1,814
    assert line_amount(4_200_00 * 10_000, 432, CURRENCIES["AMD"].line_step) == 1_814_00


def test_a_tenth_of_a_penny_a_thousand_times_is_a_pound() -> None:
    assert line_amount(1_000, 1_000_000, 1) == 100


@pytest.mark.parametrize(("amount", "rounded"), [(710_900, 711_000), (710_400, 710_000), (-710_500, -711_000)])
def test_cash_rounds_to_ten_drams(amount: int, rounded: int) -> None:
    assert round_to_step(amount, CURRENCIES["AMD"].cash_step) == rounded


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_spread_parts_add_up_and_stay_within_one_of_exact(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    exact = [
        Fraction(total * weight, whole) if whole else Fraction(part)
        for weight, part in zip(weights, parts, strict=True)
    ]
    assert all(abs(part - fair) < 1 or whole == 0 for part, fair in zip(parts, exact, strict=True))


def test_spread_over_nothing_is_nothing() -> None:
    assert spread(0, []) == []


@pytest.mark.parametrize(
    ("amount", "code", "language", "text"),
    [
        (710_900, "AMD", "en", "7,109"),
        (710_900, "AMD", "hy", "7\u00a0109"),
        (710_950, "AMD", "en", "7,109.50"),
        (-19_500, "AMD", "ru", "\u2212195"),
        (123_456, "GBP", "en", "1,234.56"),
        (123_456, "AZN", "az", "1.234,56"),
        (5, "NGN", "yo", "0.05"),
        (0, "KZT", "kk", "0"),
    ],
)
def test_money_is_written_as_the_language_writes_it(amount: int, code: str, language: str, text: str) -> None:
    assert money_text(amount, code, language) == text


@pytest.mark.parametrize(
    ("price", "code", "text"),
    [(2_550_000, "GBP", "2.55"), (1_000, "GBP", "0.001"), (2_555_000, "GBP", "2.555"), (4_200_000_000, "AMD", "4,200")],
)
def test_a_price_shows_digits_below_the_minor_unit_only_where_it_has_them(price: int, code: str, text: str) -> None:
    assert price_text(price, code) == text


@pytest.mark.parametrize(
    ("quantity", "language", "text"),
    [
        (2_000, "en", "2"),
        (432, "en", "0.432"),
        (432, "ru", "0,432"),
        (74_215_000, "en", "74,215"),
        (-1_500, "en", "\u22121.5"),
    ],
)
def test_quantities_show_up_to_three_decimals(quantity: int, language: str, text: str) -> None:
    assert quantity_text(quantity, language) == text
