from __future__ import annotations

import pytest

from edge.checkout.denominations import denominations, notes, sum_of
from shared.money import CURRENCIES, currency


@pytest.mark.parametrize("pack", CURRENCIES.values(), ids=list(CURRENCIES))
def test_every_currency_can_be_counted_down_to_what_it_is_paid_in(pack: object) -> None:
    known = denominations(pack)  # type: ignore[arg-type]
    assert list(known) == sorted(set(known), reverse=True)
    assert set(notes(pack)) <= set(known)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["AMD", "KZT", "GBP", "EUR", "USD", "BYN", "RUB"])
def test_the_smallest_coin_pays_the_smallest_step_of_cash(code: str) -> None:
    pack = currency(code)
    assert pack.cash_step % denominations(pack)[-1] == 0


def test_the_drawing_of_a_closed_shift_adds_up() -> None:
    """UX.md, section 3: 141,000 less the 1,000 notes that it leaves out."""
    drawn = [
        (20_000, 3),
        (10_000, 4),
        (5_000, 6),
        (2_000, 2),
        (500, 7),
        (200, 10),
        (100, 12),
        (50, 4),
        (20, 5),
        (10, 0),
    ]
    assert sum_of([(value * 100, count) for value, count in drawn], currency("AMD")) == 14_100_000
