"""The one price calculation."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import CURRENCIES
from shared.pricing import (
    LineInput,
    TaxRate,
    calculate,
    cash_rounding,
    percent_of,
    rates_on,
    returned_share,
)

AMD, GBP = CURRENCIES["AMD"], CURRENCIES["GBP"]
VAT_20 = {"A": TaxRate("A", 2_000, date(2020, 1, 1))}
DRAM = 100 * 10_000


def test_the_basket_of_the_screen_drawing() -> None:
    # UX.md, section 3: 1,240 + 1,814 + 350 + 3,900 less Gold 5 % on coffee
    result = calculate(
        [
            LineInput(620 * DRAM, 2_000, "A"),
            LineInput(4_200 * DRAM, 432, "A"),
            LineInput(350 * DRAM, 1_000, "A"),
            LineInput(3_900 * DRAM, 1_000, "A", discount_rate=500),
        ],
        currency=AMD,
        rates=VAT_20,
    )
    assert [line.amount_minor for line in result.lines] == [1_240_00, 1_814_00, 350_00, 3_705_00]
    assert (result.subtotal_minor, result.discount_minor, result.total_minor) == (7_304_00, 195_00, 7_109_00)


def test_cash_rounding_touches_only_what_is_left_for_cash() -> None:
    assert cash_rounding(3_109_00, AMD) == 1_00
    assert cash_rounding(123, GBP) == 0


def test_inclusive_tax_is_contained_and_exclusive_is_added() -> None:
    line = [LineInput(1_20 * 10_000, 1_000, "A")]
    contained = calculate(line, currency=GBP, rates=VAT_20)
    added = calculate(line, currency=GBP, rates={"A": TaxRate("A", 2_000, date(2020, 1, 1), inclusive=False)})
    assert (contained.total_minor, contained.taxes[0].tax_minor, contained.taxes[0].net_minor) == (120, 20, 100)
    assert (added.total_minor, added.taxes[0].tax_minor, added.taxes[0].net_minor) == (144, 24, 120)


def test_tax_is_rounded_once_for_its_group_and_spread_over_the_lines() -> None:
    # A sixth of 30 is 5; a sixth of 10 is 1.67, which rounded on every line would be 6 together.
    result = calculate([LineInput(10 * 10_000, 1_000, "A")] * 3, currency=GBP, rates=VAT_20)
    assert (result.taxes[0].tax_minor, result.taxes[0].net_minor) == (5, 25)
    assert [line.tax_minor for line in result.lines] == [2, 2, 1]


def test_a_discount_never_makes_a_line_negative() -> None:
    result = calculate([LineInput(100 * 10_000, 1_000, "A", discount_minor=500)], currency=GBP, rates=VAT_20)
    assert (result.total_minor, result.discount_minor) == (0, 100)


def test_a_line_of_an_unknown_tax_letter_stops_the_sale() -> None:
    with pytest.raises(KeyError):
        calculate([LineInput(100, 1_000, "Z")], currency=GBP, rates=VAT_20)


def test_the_rate_in_force_is_the_newest_that_has_begun() -> None:
    table = [
        TaxRate("A", 1_800, date(2020, 1, 1)),
        TaxRate("A", 2_000, date(2026, 1, 1)),
        TaxRate("B", 0, date(2020, 1, 1)),
    ]
    assert rates_on(table, date(2025, 12, 31))["A"].rate == 1_800
    assert rates_on(table, date(2026, 1, 1))["A"].rate == 2_000
    assert "A" not in rates_on(table, date(2019, 12, 31))


@pytest.mark.parametrize(("amount", "share"), [(3_900_00, 195_00), (10, 1), (9, 0)])
def test_five_percent(amount: int, share: int) -> None:
    assert percent_of(amount, 500, 1) == share


lines = st.lists(
    st.builds(
        LineInput,
        unit_price=st.integers(0, 10**10),
        quantity_milli=st.integers(1, 10**7),
        tax_code=st.sampled_from("ABC"),
        discount_rate=st.integers(0, 10_000),
        discount_minor=st.integers(0, 10**6),
    ),
    max_size=40,
)
rates = st.fixed_dictionaries(
    {
        code: st.builds(TaxRate, st.just(code), st.integers(0, 10_000), st.just(date(2020, 1, 1)), st.booleans())
        for code in "ABC"
    }
)


@given(lines, rates, st.integers(0, 10**9), st.sampled_from([AMD, GBP]))
def test_every_figure_adds_up(basket: list[LineInput], table: dict[str, TaxRate], off: int, pack: object) -> None:
    result = calculate(basket, currency=pack, rates=table, receipt_discount_minor=off)  # type: ignore[arg-type]
    assert result.subtotal_minor - result.discount_minor == sum(line.amount_minor for line in result.lines)
    assert sum(line.tax_minor for line in result.lines) == sum(group.tax_minor for group in result.taxes)
    assert result.total_minor == sum(group.net_minor + group.tax_minor for group in result.taxes)
    assert all(line.amount_minor >= 0 and line.discount_minor >= 0 for line in result.lines)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=12))
def test_returns_piece_by_piece_give_back_exactly_what_was_paid(amount: int, pieces: list[int]) -> None:
    sold, before, given_back = sum(pieces), 0, 0
    for piece in pieces:
        share = returned_share(amount, sold, before, piece)
        assert share >= 0
        before, given_back = before + piece, given_back + share
    assert given_back == amount
