"""How the register counts: whole minor units, halves away from zero, remainders to the largest shares."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["decimal_text", "parse_decimal", "portion", "round_half_away", "spread"]

_DECIMAL = re.compile(r"([+-]?)([0-9]{1,10})(?:\.([0-9]{1,3}))?")


def round_half_away(numerator: int, denominator: int) -> int:
    """Quotient to the nearest whole number, halves away from zero. denominator > 0."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def portion(amount: int, percent_hundredths: int) -> int:
    """`percent_hundredths` (1,000 = 10 %) of an amount."""
    return round_half_away(amount * percent_hundredths, 10_000)


def spread(amount: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Split an amount over groups in proportion to their sums, without losing a unit.

    Shares must not be negative. Units left over go to the largest remainders, ties to the earlier group.
    """
    whole = sum(shares.values())
    if whole == 0:
        return {}
    sign = 1 if amount >= 0 else -1
    exact = {group: abs(amount) * share for group, share in shares.items() if share}
    parts = {group: value // whole for group, value in exact.items()}
    left = abs(amount) - sum(parts.values())
    for group in sorted(exact, key=lambda group: -(exact[group] % whole))[:left]:
        parts[group] += 1
    return {group: sign * part for group, part in parts.items()}


def parse_decimal(text: str, decimals: int) -> int:
    """`-1.5` with 2 decimals is -150. Raises ValueError for anything else than a number of so many decimals."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ValueError(f"no number: {text!r}")
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if len(fraction) > decimals:
        raise ValueError(f"more than {decimals} decimals: {text!r}")
    value = int(whole + fraction.ljust(decimals, "0"))
    return -value if sign == "-" else value


def decimal_text(value: int, decimals: int) -> str:
    """-150 with 2 decimals is `-1.50`."""
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits
