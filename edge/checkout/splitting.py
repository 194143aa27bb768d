"""What a basket costs, receipt by receipt: a sale above its register's limits becomes several. Pure.

Never breaks: each receipt is a whole calculation of its own (sum, discount, tax as the register will compute them), and
the receipts add up to the sale: lines, payments, rounding and tax, to the minor unit.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from edge.checkout.basket import Line
from shared.errors import PermanentError
from shared.events import Payment, PaymentForm
from shared.money import MILLI, PRICE_SCALE, Currency, line_amount, spread
from shared.pricing import RATE_SCALE, Calculation, LineInput, LineResult, TaxGroup, TaxRate, calculate

__all__ = [
    "UNLIMITED",
    "Bill",
    "Limits",
    "Part",
    "PartPayment",
    "Piece",
    "allot_payments",
    "bill_of",
    "line_input",
    "merge_taxes",
]

MOST_RECEIPTS: Final = 1_000
"""`sale.completed` promises no more receipts for one sale."""


@dataclass(frozen=True)
class Limits:
    """Of one receipt on one register."""

    lines: int
    total_minor: int


UNLIMITED: Final = Limits(lines=10_000, total_minor=10**15)
"""A till without a register."""


@dataclass(frozen=True)
class Piece:
    """A line, or a part of its quantity, as it stands on one receipt."""

    line: Line
    from_milli: int
    """Where in the line's quantity this piece begins."""
    quantity_milli: int
    result: LineResult


@dataclass(frozen=True)
class Part:
    """One receipt."""

    pieces: tuple[Piece, ...]
    total_minor: int
    taxes: tuple[TaxGroup, ...]


@dataclass(frozen=True)
class Bill:
    """The basket's cost. `results` has one entry per live line, in order."""

    lines: tuple[Line, ...]
    results: tuple[LineResult, ...]
    parts: tuple[Part, ...]
    subtotal_minor: int
    discount_minor: int
    total_minor: int
    taxes: tuple[TaxGroup, ...]


@dataclass(frozen=True)
class PartPayment:
    """What one receipt shows of one form. given_minor exceeds amount_minor by the change it prints."""

    form: PaymentForm
    amount_minor: int
    given_minor: int


@dataclass(frozen=True)
class _Cut:
    line: Line
    from_milli: int
    quantity_milli: int
    discount_minor: int
    cost_minor: int
    """Upper bound of what it adds to a receipt's total."""


def line_input(line: Line) -> LineInput:
    discount = line.discount
    return LineInput(
        unit_price=line.unit_price,
        quantity_milli=line.quantity_milli,
        tax_code=line.product.tax.code,
        discount_rate=discount.rate if discount else 0,
        discount_minor=discount.amount_minor if discount else 0,
    )


def bill_of(lines: Sequence[Line], currency: Currency, limits: Limits = UNLIMITED) -> Bill:
    """What the live lines cost. Raises PermanentError SAL-418 when a line fits on no receipt, however it is cut."""
    live = tuple(line for line in lines if not line.voided)
    rates = {line.product.tax.code: TaxRate(*_rate(line)) for line in live}
    whole = calculate([line_input(line) for line in live], currency=currency, rates=rates)
    if len(live) <= limits.lines and whole.total_minor <= limits.total_minor:
        pieces = tuple(
            Piece(line, 0, line.quantity_milli, result) for line, result in zip(live, whole.lines, strict=True)
        )
        parts = (Part(pieces, whole.total_minor, whole.taxes),) if live else ()
        return _bill(live, whole.lines, parts)
    return _cut_bill(live, whole, currency, rates, limits)


def _rate(line: Line) -> tuple[str, int, date, bool]:
    tax = line.product.tax
    return tax.code, tax.rate, date.min, tax.inclusive


def _bill(live: tuple[Line, ...], results: Sequence[LineResult], parts: tuple[Part, ...]) -> Bill:
    return Bill(
        lines=live,
        results=tuple(results),
        parts=parts,
        subtotal_minor=sum(result.gross_minor for result in results),
        discount_minor=sum(result.discount_minor for result in results),
        total_minor=sum(part.total_minor for part in parts),
        taxes=merge_taxes([part.taxes for part in parts]),
    )


def _cut_bill(
    live: tuple[Line, ...], whole: Calculation, currency: Currency, rates: Mapping[str, TaxRate], limits: Limits
) -> Bill:
    filled: list[list[_Cut]] = []
    room_minor = 0
    for line, result in zip(live, whole.lines, strict=True):
        for cut in _cuts_of(line, result, currency, limits):
            if not filled or len(filled[-1]) == limits.lines or cut.cost_minor > room_minor:
                filled.append([])
                room_minor = limits.total_minor
            filled[-1].append(cut)
            room_minor -= cut.cost_minor
    if len(filled) > MOST_RECEIPTS:
        raise PermanentError("SAL-418", line_no=0, most_minor=limits.total_minor)
    parts = tuple(_part_of(cuts, currency, rates) for cuts in filled)
    by_line: dict[int, list[LineResult]] = defaultdict(list)
    for part in parts:
        for piece in part.pieces:
            by_line[piece.line.no].append(piece.result)
    return _bill(live, [_sum_results(by_line[line.no]) for line in live], parts)


def _part_of(cuts: Sequence[_Cut], currency: Currency, rates: Mapping[str, TaxRate]) -> Part:
    inputs = [
        LineInput(cut.line.unit_price, cut.quantity_milli, cut.line.product.tax.code, discount_minor=cut.discount_minor)
        for cut in cuts
    ]
    calculation = calculate(inputs, currency=currency, rates=rates)
    pieces = tuple(
        Piece(cut.line, cut.from_milli, cut.quantity_milli, result)
        for cut, result in zip(cuts, calculation.lines, strict=True)
    )
    return Part(pieces, calculation.total_minor, calculation.taxes)


def _cuts_of(line: Line, result: LineResult, currency: Currency, limits: Limits) -> list[_Cut]:
    if _cost(line, result.amount_minor) <= limits.total_minor:
        return [_Cut(line, 0, line.quantity_milli, result.discount_minor, _cost(line, result.amount_minor))]
    quantities = _cut_quantities(line, currency, limits)
    sums = [line_amount(line.unit_price, quantity, currency.line_step) for quantity in quantities]
    discounts = spread(result.discount_minor, sums)
    cuts, start = [], 0
    for quantity, gross, discount in zip(quantities, sums, discounts, strict=True):
        cuts.append(_Cut(line, start, quantity, discount, _cost(line, gross - discount)))
        start += quantity
    return cuts


def _cut_quantities(line: Line, currency: Currency, limits: Limits) -> list[int]:
    """Quantities whose sums are exact, so that cutting a line never changes what it costs."""
    scale = PRICE_SCALE * MILLI * currency.line_step
    quantum = scale // math.gcd(line.unit_price, scale)
    if line.quantity_milli % MILLI == 0:
        quantum = math.lcm(quantum, MILLI)
    quantum_cost = _cost(line, line_amount(line.unit_price, quantum, currency.line_step))
    most = limits.total_minor // quantum_cost * quantum
    if most == 0:
        raise PermanentError("SAL-418", line_no=line.no, most_minor=limits.total_minor)
    whole, rest = divmod(line.quantity_milli, most)
    return [most] * whole + ([rest] if rest else [])


def _cost(line: Line, amount_minor: int) -> int:
    tax = line.product.tax
    return amount_minor if tax.inclusive else amount_minor + -(-amount_minor * tax.rate // RATE_SCALE)


def _sum_results(results: Sequence[LineResult]) -> LineResult:
    return LineResult(
        gross_minor=sum(result.gross_minor for result in results),
        discount_minor=sum(result.discount_minor for result in results),
        amount_minor=sum(result.amount_minor for result in results),
        tax_minor=sum(result.tax_minor for result in results),
    )


def merge_taxes(groups: Sequence[Sequence[TaxGroup]]) -> tuple[TaxGroup, ...]:
    """The tax groups of several receipts as one table, by letter and rate."""
    merged: dict[tuple[str, int], TaxGroup] = {}
    for group in (group for part in groups for group in part):
        before = merged.get((group.code, group.rate), TaxGroup(group.code, group.rate, 0, 0, 0))
        merged[group.code, group.rate] = TaxGroup(
            group.code,
            group.rate,
            before.net_minor + group.net_minor,
            before.tax_minor + group.tax_minor,
            before.gross_minor + group.gross_minor,
        )
    return tuple(merged[key] for key in sorted(merged))


def allot_payments(
    totals: Sequence[int], payments: Sequence[Payment], rounding_minor: int
) -> tuple[tuple[PartPayment, ...], ...]:
    """The payments of a sale laid out over its receipts in order; each receipt gets exactly its total.

    The register knows no cash rounding: it is taken out of the last cash. What is not cash goes first, so that change,
    which only cash gives, stands on the last receipt. Change is printed only where nothing was rounded, since the
    register computes it from its own total.
    """
    ordered = sorted(payments, key=lambda payment: payment.form is PaymentForm.CASH)
    amounts = [payment.amount_minor for payment in ordered]
    if rounding_minor:
        amounts[-1] -= rounding_minor
    change = 0 if rounding_minor else sum(payment.change_minor for payment in ordered)
    receipts: list[tuple[PartPayment, ...]] = []
    index = 0
    for total in totals:
        shown: list[PartPayment] = []
        while total > 0:
            take = min(total, amounts[index])
            if take:
                shown.append(PartPayment(ordered[index].form, take, take))
            amounts[index] -= take
            total -= take
            index += amounts[index] == 0
        receipts.append(tuple(shown) or (PartPayment(PaymentForm.CASH, 0, 0),))
    if change:
        *others, last = receipts[-1]
        receipts[-1] = (*others, PartPayment(last.form, last.amount_minor, last.amount_minor + change))
    return tuple(receipts)
