"""The one price calculation: what a basket costs, its tax, and what cash rounds to. Pure.

Till and cloud both call `calculate`; nobody else adds up money. The order is fixed: line sum (rounded to the currency's
line step), line discount, share of the receipt's discount, tax by group, and last the rounding of the cash part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.money import Currency, divide_half_away, line_amount, round_to_step, spread

__all__ = [
    "RATE_SCALE",
    "Calculation",
    "LineInput",
    "LineResult",
    "TaxGroup",
    "TaxRate",
    "calculate",
    "cash_rounding",
    "percent_of",
    "rates_on",
    "returned_share",
]

RATE_SCALE: Final = 10_000
"""A rate of 20 % is 2,000."""


@dataclass(frozen=True)
class TaxRate:
    """One dated row of a country's tax table."""

    code: str
    """Letter as the registers know it: A, B, C ..."""
    rate: int
    """In 1/10,000."""
    valid_from: date
    inclusive: bool = True
    """True when shelf prices contain the tax."""


@dataclass(frozen=True)
class LineInput:
    """A line before calculation. unit_price in 1/10,000 minor units, quantity in thousandths, both >= 0."""

    unit_price: int
    quantity_milli: int
    tax_code: str
    discount_rate: int = 0
    """Share taken off this line, in 1/10,000."""
    discount_minor: int = 0
    """Amount taken off this line, minor units; together with the share never more than the line's sum."""


@dataclass(frozen=True)
class LineResult:
    """gross_minor before discounts; amount_minor is what the line costs; tax_minor is contained or added."""

    gross_minor: int
    discount_minor: int
    amount_minor: int
    tax_minor: int


@dataclass(frozen=True)
class TaxGroup:
    """Totals of one tax letter. gross = net + tax."""

    code: str
    rate: int
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True)
class Calculation:
    lines: tuple[LineResult, ...]
    subtotal_minor: int
    """Before discounts."""
    discount_minor: int
    total_minor: int
    """What is to be paid, before cash rounding."""
    taxes: tuple[TaxGroup, ...]


def rates_on(table: Sequence[TaxRate], day: date) -> Mapping[str, TaxRate]:
    """The row in force on this day, for each letter."""
    in_force: dict[str, TaxRate] = {}
    for row in sorted(table, key=lambda row: row.valid_from):
        if row.valid_from <= day:
            in_force[row.code] = row
    return in_force


def percent_of(amount_minor: int, rate: int, step: int) -> int:
    """A share (1/10,000) of an amount, rounded half away from zero to step."""
    return divide_half_away(amount_minor * rate, RATE_SCALE * step) * step


def calculate(
    lines: Sequence[LineInput],
    *,
    currency: Currency,
    rates: Mapping[str, TaxRate],
    receipt_discount_minor: int = 0,
) -> Calculation:
    """What the lines cost together.

    rates: the table in force, by letter; a line whose letter is missing raises KeyError.
    receipt_discount_minor: spread over the lines by their sums, largest remainder, never below zero.
    """
    gross = [line_amount(line.unit_price, line.quantity_milli, currency.line_step) for line in lines]
    own = [
        min(sum_minor, percent_of(sum_minor, line.discount_rate, currency.line_step) + line.discount_minor)
        for line, sum_minor in zip(lines, gross, strict=True)
    ]
    after_own = [sum_minor - off for sum_minor, off in zip(gross, own, strict=True)]
    shared_off = spread(min(receipt_discount_minor, sum(after_own)), after_own)
    due = [sum_minor - off for sum_minor, off in zip(after_own, shared_off, strict=True)]

    tax_of_line = [0] * len(lines)
    groups = []
    for code in sorted({line.tax_code for line in lines}):
        rate = rates[code]
        members = [index for index, line in enumerate(lines) if line.tax_code == code]
        sums = [due[index] for index in members]
        base = sum(sums)
        divisor = RATE_SCALE + rate.rate if rate.inclusive else RATE_SCALE
        tax = divide_half_away(base * rate.rate, divisor)
        for index, part in zip(members, spread(tax, sums), strict=True):
            tax_of_line[index] = part
        net = base - tax if rate.inclusive else base
        groups.append(TaxGroup(code, rate.rate, net, tax, net + tax))
    return Calculation(
        lines=tuple(LineResult(gross[i], gross[i] - due[i], due[i], tax_of_line[i]) for i in range(len(lines))),
        subtotal_minor=sum(gross),
        discount_minor=sum(gross) - sum(due),
        total_minor=sum(group.gross_minor for group in groups),
        taxes=tuple(groups),
    )


def cash_rounding(cash_minor: int, currency: Currency) -> int:
    """What is added to (or, negative, taken off) the part of a total that is paid or given back in cash."""
    return round_to_step(cash_minor, currency.cash_step) - cash_minor


def returned_share(amount_minor: int, sold_milli: int, before_milli: int, now_milli: int) -> int:
    """Money of a line that goes back when now_milli of it is returned after before_milli already was.

    Shares of successive returns add up to the line's amount exactly, however it is cut.
    0 <= before, 0 < now, before + now <= sold.
    """
    until_now = divide_half_away(amount_minor * (before_milli + now_milli), sold_milli)
    return until_now - divide_half_away(amount_minor * before_milli, sold_milli)
