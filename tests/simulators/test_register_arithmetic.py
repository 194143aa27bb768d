"""The register's own arithmetic: nothing is lost in rounding or spreading."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators._register.arithmetic import decimal_text, parse_decimal, portion, round_half_away, spread

AMOUNTS = st.integers(-(10**9), 10**9)


@given(AMOUNTS, st.integers(1, 10**6))
def test_halves_go_away_from_zero(numerator: int, denominator: int) -> None:
    exact = (Decimal(numerator) / denominator).quantize(Decimal(1), ROUND_HALF_UP)
    assert round_half_away(numerator, denominator) == exact


@given(AMOUNTS, st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(1, 10**6), min_size=1))
def test_spread_loses_no_unit_and_strays_by_less_than_one(amount: int, shares: dict[str, int]) -> None:
    parts = spread(amount, shares)
    assert sum(parts.values()) == amount
    whole = sum(shares.values())
    assert [group for group in shares if abs(parts[group] * whole - amount * shares[group]) >= whole] == []


def test_spread_over_nothing_is_nothing() -> None:
    assert spread(100, {"A": 0}) == {}


@given(AMOUNTS, st.integers(0, 3))
def test_decimal_text_is_read_back(value: int, decimals: int) -> None:
    assert parse_decimal(decimal_text(value, decimals), decimals) == value


@pytest.mark.parametrize("text", ["", ".", "1.", ".5", "1,5", "1.234", "--1", "1e3", "٣"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|decimals"):
        parse_decimal(text, 2)


def test_percent_is_taken_in_hundredths() -> None:
    assert [portion(999, 1000), portion(-5, 5000), portion(240, -1000)] == [100, -3, -24]
