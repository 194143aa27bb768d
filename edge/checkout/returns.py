"""Taking goods back: what is left of each line, what money goes back, and in which forms. Pure.

Never breaks: over all returns of a sale no line gives back more than was sold, no form more than was paid with it, and
when everything has come back exactly everything has been given back. Source of the order of forms: UX.md, "Return".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.checkout.splitting import Limits, merge_taxes
from shared.errors import PermanentError
from shared.events import PaymentForm, SaleCompleted, SaleLine
from shared.money import Currency, divide_half_away, round_to_step, spread
from shared.pricing import RATE_SCALE, TaxGroup, returned_share

__all__ = [
    "PaperLine",
    "Refund",
    "Refunded",
    "ReturnPart",
    "ReturnPiece",
    "ReturnPlan",
    "ReturnProblem",
    "ReturnRequest",
    "ReturnResult",
    "left_of",
    "plan_return",
]

REFUND_ORDER: Final = (
    PaymentForm.CARD,
    PaymentForm.POINTS,
    PaymentForm.CERTIFICATE,
    PaymentForm.TRANSFER,
    PaymentForm.CASH,
)
"""Cash last: it is the form that can be stolen with a return that never happened."""


class ReturnProblem(PermanentError):
    """SAL-421 more than is left of the line, SAL-423 the sale has no such line, SAL-424 nothing asked for, SAL-425 the
    same line twice."""


@dataclass(frozen=True)
class ReturnRequest:
    line_no: int
    quantity_milli: int
    reason: str
    sellable: bool


@dataclass(frozen=True)
class PaperLine:
    """Which part of a sale's line stands on which of its receipts."""

    part: int
    line_no: int
    from_milli: int
    quantity_milli: int


@dataclass(frozen=True)
class Refunded:
    """Given back earlier. exact_minor is before the rounding of cash."""

    form: PaymentForm
    amount_minor: int
    exact_minor: int


@dataclass(frozen=True)
class Refund:
    form: PaymentForm
    amount_minor: int
    exact_minor: int


@dataclass(frozen=True)
class ReturnResult:
    """One line that goes back."""

    line: SaleLine
    request: ReturnRequest
    amount_minor: int
    tax_minor: int


@dataclass(frozen=True)
class ReturnPiece:
    """One line of one return receipt."""

    line: SaleLine
    quantity_milli: int
    amount_minor: int
    tax_minor: int


@dataclass(frozen=True)
class ReturnPart:
    """One return receipt: it gives back goods of one receipt of the sale."""

    original_part: int
    pieces: tuple[ReturnPiece, ...]
    taxes: tuple[TaxGroup, ...]
    total_minor: int


@dataclass(frozen=True)
class ReturnPlan:
    results: tuple[ReturnResult, ...]
    parts: tuple[ReturnPart, ...]
    taxes: tuple[TaxGroup, ...]
    total_minor: int
    rounding_minor: int
    refunds: tuple[Refund, ...]


def left_of(sale: SaleCompleted, returned_milli: Mapping[int, int]) -> dict[int, int]:
    """Quantity of each line that may still come back, by line number."""
    return {line.line_no: line.quantity_milli - returned_milli.get(line.line_no, 0) for line in sale.lines}


def plan_return(
    sale: SaleCompleted,
    requests: Sequence[ReturnRequest],
    *,
    returned_milli: Mapping[int, int],
    refunded: Sequence[Refunded],
    paper: Sequence[PaperLine],
    limits: Limits,
    currency: Currency,
) -> ReturnPlan:
    """What taking these lines back means. Raises ReturnProblem, and then nothing may be taken back.

    returned_milli, refunded: what earlier returns of this sale took, by line and by form.
    paper: where the sale's lines stand; a return receipt names one original, so a return may need several.
    """
    by_no = {line.line_no: line for line in sale.lines}
    _check(requests, by_no, left_of(sale, returned_milli))
    inclusive = _inclusive_codes(sale)
    pieces = [
        piece
        for request in requests
        for piece in _pieces_of(by_no[request.line_no], request, returned_milli.get(request.line_no, 0), paper)
    ]
    parts = tuple(_part_of(number, members, inclusive) for number, members in _papers(pieces, limits))
    total = sum(part.total_minor for part in parts)
    refunds = _refunds(total, sale, refunded, currency)
    return ReturnPlan(
        results=tuple(_result_of(by_no[request.line_no], request, parts) for request in requests),
        parts=parts,
        taxes=merge_taxes([part.taxes for part in parts]),
        total_minor=total,
        rounding_minor=sum(refund.amount_minor - refund.exact_minor for refund in refunds),
        refunds=refunds,
    )


def _check(requests: Sequence[ReturnRequest], by_no: Mapping[int, SaleLine], left: Mapping[int, int]) -> None:
    if not requests:
        raise ReturnProblem("SAL-424")
    if len({request.line_no for request in requests}) < len(requests):
        raise ReturnProblem("SAL-425")
    for request in requests:
        if request.line_no not in by_no:
            raise ReturnProblem("SAL-423", line_no=request.line_no)
        if not 0 < request.quantity_milli <= left[request.line_no]:
            raise ReturnProblem("SAL-421", line_no=request.line_no, left_milli=left[request.line_no])


def _inclusive_codes(sale: SaleCompleted) -> frozenset[str]:
    """Letters whose line amounts contain the tax: their lines add up to the group's gross, not to its net."""
    sums: dict[str, int] = defaultdict(int)
    for line in sale.lines:
        sums[line.tax_code] += line.amount_minor
    gross: dict[str, int] = defaultdict(int)
    for tax in sale.taxes:
        gross[tax.code] += tax.gross_minor
    return frozenset(code for code, amount in sums.items() if amount == gross[code])


def _pieces_of(
    line: SaleLine, request: ReturnRequest, before_milli: int, paper: Sequence[PaperLine]
) -> list[tuple[int, ReturnPiece]]:
    """The wanted quantity, cut where the sale's own receipts cut the line; the shares add up however it is cut."""
    pieces = []
    end = before_milli + request.quantity_milli
    for place in (place for place in paper if place.line_no == line.line_no):
        start = max(before_milli, place.from_milli)
        stop = min(end, place.from_milli + place.quantity_milli)
        if start < stop:
            amount = returned_share(line.amount_minor, line.quantity_milli, start, stop - start)
            tax = returned_share(line.tax_minor, line.quantity_milli, start, stop - start)
            pieces.append((place.part, ReturnPiece(line, stop - start, amount, tax)))
    return pieces


def _papers(pieces: Sequence[tuple[int, ReturnPiece]], limits: Limits) -> list[tuple[int, list[ReturnPiece]]]:
    by_part: dict[int, list[ReturnPiece]] = defaultdict(list)
    for part, piece in pieces:
        by_part[part].append(piece)
    return [
        (part, members[start : start + limits.lines])
        for part, members in sorted(by_part.items())
        for start in range(0, len(members), limits.lines)
    ]


def _part_of(original_part: int, pieces: list[ReturnPiece], inclusive: frozenset[str]) -> ReturnPart:
    groups = []
    taxed = list(pieces)
    for code, rate in sorted({(piece.line.tax_code, piece.line.tax_rate) for piece in pieces}):
        indexes = [n for n, piece in enumerate(pieces) if (piece.line.tax_code, piece.line.tax_rate) == (code, rate)]
        amounts = [pieces[index].amount_minor for index in indexes]
        base = sum(amounts)
        if code in inclusive:
            # The figure the register will compute for this receipt: contained tax moves no money.
            tax = divide_half_away(base * rate, RATE_SCALE + rate)
            for index, share in zip(indexes, spread(tax, amounts), strict=True):
                taxed[index] = replace(pieces[index], tax_minor=share)
            groups.append(TaxGroup(code, rate, base - tax, tax, base))
        else:
            # Added tax is money: what was paid goes back, share by share, and never a unit more.
            tax = sum(pieces[index].tax_minor for index in indexes)
            groups.append(TaxGroup(code, rate, base, tax, base + tax))
    return ReturnPart(original_part, tuple(taxed), tuple(groups), sum(group.gross_minor for group in groups))


def _result_of(line: SaleLine, request: ReturnRequest, parts: Sequence[ReturnPart]) -> ReturnResult:
    mine = [piece for part in parts for piece in part.pieces if piece.line.line_no == line.line_no]
    amount = sum(piece.amount_minor for piece in mine)
    return ReturnResult(line, request, amount, sum(piece.tax_minor for piece in mine))


def _refunds(
    total_minor: int, sale: SaleCompleted, refunded: Sequence[Refunded], currency: Currency
) -> tuple[Refund, ...]:
    paid: dict[PaymentForm, int] = defaultdict(int)
    for payment in sale.payments:
        paid[payment.form] += payment.amount_minor
    paid[PaymentForm.CASH] -= sale.rounding_minor
    before: dict[PaymentForm, int] = defaultdict(int)
    for earlier in refunded:
        before[earlier.form] += earlier.exact_minor
    left = total_minor
    refunds = []
    for form in REFUND_ORDER:
        exact = min(left, paid[form] - before[form])
        if exact <= 0:
            continue
        left -= exact
        amount = exact
        if form is PaymentForm.CASH:
            # Rounded so that the sum of all cash refunds is the rounded sum: a full return gives back what was paid.
            amount = round_to_step(before[form] + exact, currency.cash_step) - round_to_step(
                before[form], currency.cash_step
            )
        refunds.append(Refund(form, amount, exact))
    return tuple(refunds)
