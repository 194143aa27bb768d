"""Money: integer minor units and an ISO 4217 code. Rounding is written once, here. No float touches it.

A unit price is an integer in 1/10,000 minor units, a quantity an integer in thousandths; only sums are minor units.
Source of the steps: the currency packs of UX.md, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = [
    "CURRENCIES",
    "MILLI",
    "PRICE_SCALE",
    "Currency",
    "currency",
    "divide_half_away",
    "line_amount",
    "money_text",
    "price_text",
    "quantity_text",
    "round_to_step",
    "spread",
]

PRICE_SCALE: Final = 10_000
"""A unit price of 1 minor unit is stored as this."""
MILLI: Final = 1_000
"""A quantity of one piece, kilogram, metre or litre is stored as this."""

MINUS: Final = "\u2212"
NO_BREAK_SPACE: Final = "\u00a0"


@dataclass(frozen=True)
class Currency:
    """One currency pack. Steps are in minor units."""

    code: str
    decimals: int
    """Minor-unit digits as stored (ISO 4217)."""
    shown_decimals: int
    """Digits shown when the amount is whole in them; more are shown when it is not."""
    line_step: int
    """Line sums are rounded to this."""
    cash_step: int
    """The cash part of a total is rounded to this. The owner may change it, dated."""
    sign: str

    @property
    def unit(self) -> int:
        """Minor units of one whole unit."""
        return int(10**self.decimals)


CURRENCIES: Final[Mapping[str, Currency]] = {
    pack.code: pack
    for pack in (
        Currency("AMD", 2, 0, 100, 1_000, "֏"),
        Currency("AZN", 2, 2, 1, 1, "₼"),
        Currency("KZT", 2, 0, 100, 100, "₸"),
        Currency("NGN", 2, 2, 1, 100, "₦"),
        Currency("RUB", 2, 2, 1, 1, "₽"),
        Currency("GEL", 2, 2, 1, 5, "₾"),
        Currency("BYN", 2, 2, 1, 1, "Br"),
        Currency("GBP", 2, 2, 1, 1, "£"),
        Currency("USD", 2, 2, 1, 1, "$"),
        Currency("EUR", 2, 2, 1, 1, "€"),
    )
}


def currency(code: str) -> Currency:
    """The pack of this currency. Raises KeyError for one we have no pack of."""
    return CURRENCIES[code]


def divide_half_away(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded to the nearest integer, halves away from zero. denominator > 0."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def round_to_step(amount: int, step: int) -> int:
    """The nearest multiple of step, halves away from zero."""
    return divide_half_away(amount, step) * step


def line_amount(unit_price: int, quantity_milli: int, step: int) -> int:
    """Sum of a line in minor units: price (1/10,000 minor) x quantity (thousandths), rounded once to step."""
    return divide_half_away(unit_price * quantity_milli, PRICE_SCALE * MILLI * step) * step


def spread(total: int, weights: list[int]) -> list[int]:
    """Split total over the weights by largest remainder; the parts add up to total exactly.

    Weights are non-negative. Equal remainders go to the earlier part. All-zero weights give everything to the first.
    """
    if not weights:
        return []
    whole = sum(weights)
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    sign = 1 if total >= 0 else -1
    exact = [abs(total) * weight for weight in weights]
    parts = [value // whole for value in exact]
    left = abs(total) - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(exact[index] % whole), index))
    for index in by_remainder[:left]:
        parts[index] += 1
    return [sign * part for part in parts]


_SEPARATORS: Final[Mapping[str, tuple[str, str]]] = {
    # thousands, decimal; CLDR
    "en": (",", "."),
    "yo": (",", "."),
    "az": (".", ","),
    "hy": (NO_BREAK_SPACE, ","),
    "kk": (NO_BREAK_SPACE, ","),
    "ru": (NO_BREAK_SPACE, ","),
    "ka": (NO_BREAK_SPACE, ","),
}


def _grouped(whole: int, separator: str) -> str:
    return f"{whole:,}".replace(",", separator)


def money_text(amount_minor: int, code: str, language: str = "en") -> str:
    """The amount without its sign of currency, as the language writes it: 1,814 or 8 425,50."""
    pack = CURRENCIES[code]
    thousands, point = _SEPARATORS[language]
    whole, rest = divmod(abs(amount_minor), pack.unit)
    text = _grouped(whole, thousands)
    if pack.shown_decimals or rest:
        text += point + str(rest).zfill(pack.decimals)
    return (MINUS if amount_minor < 0 else "") + text


def price_text(unit_price: int, code: str, language: str = "en") -> str:
    """A unit price (1/10,000 minor units) as the language writes it; digits below the minor unit only where needed."""
    pack = CURRENCIES[code]
    minor, below = divmod(unit_price, PRICE_SCALE)
    if not below:
        return money_text(minor, code, language)
    thousands, point = _SEPARATORS[language]
    whole, rest = divmod(minor, pack.unit)
    digits = str(rest).zfill(pack.decimals) + str(below).zfill(4).rstrip("0")
    return _grouped(whole, thousands) + point + digits


def quantity_text(quantity_milli: int, language: str = "en") -> str:
    """Up to three decimals, none when whole: 2, 0.432."""
    thousands, point = _SEPARATORS[language]
    whole, rest = divmod(abs(quantity_milli), MILLI)
    text = _grouped(whole, thousands)
    if rest:
        text += point + str(rest).zfill(3).rstrip("0")
    return (MINUS if quantity_milli < 0 else "") + text
