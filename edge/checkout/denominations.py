"""Notes and coins of each currency, for suggesting sums and counting a drawer. Pure data, minor units.

As in circulation in 2026; a coin that is no longer handed out but still lies in drawers is listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from shared.errors import PermanentError
from shared.money import Currency

__all__ = ["MOST_PIECES", "denominations", "notes", "sum_of"]

MOST_PIECES: Final = 1_000_000
"""Of one kind: more is a sum typed into the wrong field."""

_NOTES: Final[Mapping[str, tuple[int, ...]]] = {
    # Whole units; the sums a cashier is handed.
    "AMD": (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000),
    "AZN": (1, 5, 10, 20, 50, 100, 200),
    "KZT": (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000),
    "NGN": (5, 10, 20, 50, 100, 200, 500, 1_000),
    "RUB": (10, 50, 100, 200, 500, 1_000, 2_000, 5_000),
    "GEL": (5, 10, 20, 50, 100, 200),
    "BYN": (5, 10, 20, 50, 100, 200, 500),
    "GBP": (5, 10, 20, 50),
    "USD": (1, 5, 10, 20, 50, 100),
    "EUR": (5, 10, 20, 50, 100, 200),
}
_COINS: Final[Mapping[str, tuple[int, ...]]] = {
    # Hundredths; with them the notes that are rarely handed over.
    "AMD": (1_000, 2_000, 5_000, 10_000, 20_000, 50_000),
    "AZN": (1, 3, 5, 10, 20, 50, 50_000),
    "KZT": (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000),
    "NGN": (50, 100, 200),
    "RUB": (1, 5, 10, 50, 100, 200, 500, 1_000),
    "GEL": (5, 10, 20, 50, 100, 200),
    "BYN": (1, 2, 5, 10, 20, 50, 100, 200),
    "GBP": (1, 2, 5, 10, 20, 50, 100, 200),
    "USD": (1, 5, 10, 25, 50, 100, 200),
    "EUR": (1, 2, 5, 10, 20, 50, 100, 200, 50_000),
}


def notes(currency: Currency) -> tuple[int, ...]:
    """What a customer hands over, ascending."""
    return tuple(note * currency.unit for note in _NOTES[currency.code])


def denominations(currency: Currency) -> tuple[int, ...]:
    """Every note and coin once, the largest first: the order in which a drawer is counted."""
    return tuple(sorted({*notes(currency), *_COINS[currency.code]}, reverse=True))


def sum_of(pieces: Sequence[tuple[int, int]], currency: Currency) -> int:
    """What so many of each make together. Raises PermanentError PAY-417 no such note or coin, PAY-416 out of range."""
    known = denominations(currency)
    total = 0
    for value_minor, count in pieces:
        if value_minor not in known:
            raise PermanentError("PAY-417", amount_minor=value_minor)
        if not 0 <= count <= MOST_PIECES:
            raise PermanentError("PAY-416", amount_minor=value_minor * count)
        total += value_minor * count
    return total
