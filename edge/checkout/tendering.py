"""Paying: which forms were put against a total, what is left, the rounding of cash, and the change. Pure.

Never breaks: the forms that count add up to the total plus one rounding of the cash part; what is not cash never
exceeds what is left. A form that was taken counts until it has been given back, one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from edge.checkout.denominations import notes
from shared.errors import NeedsPerson, PermanentError
from shared.events import MAX_MINOR, Payment, PaymentForm
from shared.money import Currency, round_to_step
from shared.pricing import cash_rounding

__all__ = [
    "ACCEPTED_FORMS",
    "CardOutcome",
    "PaymentProblem",
    "Settlement",
    "Tender",
    "TenderState",
    "card_outcome",
    "open_tender",
    "payments_of",
    "settle",
    "suggestions",
    "take_back",
]

ACCEPTED_FORMS: Final = frozenset({PaymentForm.CASH, PaymentForm.CARD, PaymentForm.TRANSFER})
"""Points and certificates need their ledgers; they are refused with PAY-413 until those exist."""

MOST_SUGGESTIONS: Final = 4
"""As many as stand in one row beside the sum field (UX.md, section 3)."""


class PaymentProblem(PermanentError):
    """PAY-410 more than is left, PAY-411 no such coins, PAY-412 no such payment, PAY-413 form not accepted, PAY-414
    nothing left to pay, PAY-415 not in that state, PAY-416 sum out of range."""


class TenderState(StrEnum):
    WAITING = "waiting"
    """A card is being read at the terminal; the cashier says how it ended. Counts as if it were accepted."""
    UNKNOWN = "unknown"
    """PAY-501: nobody knows yet. Counts, and nothing goes on before a person has settled it."""
    ACCEPTED = "accepted"
    REVERSING = "reversing"
    """Being given back at the terminal. Counts until the cashier says it is done."""
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"


_COUNTS: Final = frozenset({TenderState.WAITING, TenderState.UNKNOWN, TenderState.ACCEPTED, TenderState.REVERSING})


class CardOutcome(StrEnum):
    """What the cashier reads on the stand-alone terminal."""

    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    REVERSED = "reversed"
    NOT_REVERSED = "not_reversed"


_AFTER: Final[Mapping[tuple[TenderState, CardOutcome], TenderState]] = {
    (TenderState.WAITING, CardOutcome.APPROVED): TenderState.ACCEPTED,
    (TenderState.WAITING, CardOutcome.DECLINED): TenderState.DECLINED,
    (TenderState.WAITING, CardOutcome.UNKNOWN): TenderState.UNKNOWN,
    (TenderState.UNKNOWN, CardOutcome.APPROVED): TenderState.ACCEPTED,
    (TenderState.UNKNOWN, CardOutcome.DECLINED): TenderState.DECLINED,
    (TenderState.REVERSING, CardOutcome.REVERSED): TenderState.TAKEN_BACK,
    (TenderState.REVERSING, CardOutcome.NOT_REVERSED): TenderState.ACCEPTED,
}


@dataclass(frozen=True, slots=True)
class Tender:
    """One form put against the total. For cash the sum is what the customer gave, else what it pays. Minor units."""

    tender_id: UUID
    form: PaymentForm
    amount_minor: int
    state: TenderState = TenderState.ACCEPTED

    @property
    def counts(self) -> bool:
        return self.state in _COUNTS

    @property
    def is_cash(self) -> bool:
        return self.form is PaymentForm.CASH


@dataclass(frozen=True)
class Settlement:
    """Where a total stands with the forms put against it. Minor units."""

    total_minor: int
    other_minor: int
    """Paid by anything but cash."""
    cash_given_minor: int
    cash_due_minor: int
    """What cash must cover, rounded."""
    rounding_minor: int
    """Of the cash part; what it would be when nothing has been given yet."""
    left_minor: int
    """Still to pay, not rounded; 0 when paid."""
    cash_left_minor: int
    """Still to pay if the rest is cash."""
    change_minor: int
    paid: bool
    """Covered in full; a card may still be waited for."""
    has_cash: bool

    @property
    def rounding_taken_minor(self) -> int:
        """The rounding that really applies: none without cash."""
        return self.rounding_minor if self.has_cash else 0


def settle(total_minor: int, tenders: Sequence[Tender], currency: Currency) -> Settlement:
    other = sum(tender.amount_minor for tender in tenders if tender.counts and not tender.is_cash)
    cash = [tender for tender in tenders if tender.counts and tender.is_cash]
    given = sum(tender.amount_minor for tender in cash)
    cash_part = total_minor - other
    rounding = cash_rounding(cash_part, currency)
    due = cash_part + rounding
    paid = cash_part == 0 or (bool(cash) and given >= due)
    return Settlement(
        total_minor=total_minor,
        other_minor=other,
        cash_given_minor=given,
        cash_due_minor=due,
        rounding_minor=rounding,
        left_minor=0 if paid else cash_part - given,
        cash_left_minor=0 if paid else due - given,
        change_minor=max(0, given - due) if paid else 0,
        paid=paid,
        has_cash=bool(cash),
    )


def open_tender(
    tender_id: UUID,
    form: PaymentForm,
    amount_minor: int | None,
    *,
    total_minor: int,
    tenders: Sequence[Tender],
    currency: Currency,
) -> Tender:
    """The next form of payment; no amount means all that is left. Raises PaymentProblem.

    A sum in cash must be payable in the currency's coins, so that the rounding stays one and the change exact.
    """
    standing = settle(total_minor, tenders, currency)
    if form not in ACCEPTED_FORMS:
        raise PaymentProblem("PAY-413", form=form)
    if standing.paid:
        raise PaymentProblem("PAY-414")
    if form is PaymentForm.CASH:
        return Tender(tender_id, form, _cash_sum(amount_minor, standing.cash_left_minor, currency))
    amount = standing.left_minor if amount_minor is None else amount_minor
    _check_sum(amount)
    if amount > standing.left_minor:
        raise PaymentProblem("PAY-410", form=form, left_minor=standing.left_minor)
    return Tender(tender_id, form, amount, TenderState.WAITING if form is PaymentForm.CARD else TenderState.ACCEPTED)


def _cash_sum(amount_minor: int | None, due_minor: int, currency: Currency) -> int:
    if amount_minor is None:
        return due_minor
    _check_sum(amount_minor)
    if round_to_step(amount_minor, currency.cash_step) != amount_minor:
        raise PaymentProblem("PAY-411", step_minor=currency.cash_step)
    return amount_minor


def _check_sum(amount_minor: int) -> None:
    if not 0 < amount_minor <= MAX_MINOR:
        raise PaymentProblem("PAY-416", amount_minor=amount_minor)


def _find(tenders: Sequence[Tender], tender_id: UUID) -> Tender:
    for tender in tenders:
        if tender.tender_id == tender_id:
            return tender
    raise PaymentProblem("PAY-412", tender=str(tender_id))


def card_outcome(tenders: Sequence[Tender], tender_id: UUID, outcome: CardOutcome) -> TenderState:
    """The state after what the terminal's slip says. Raises PaymentProblem PAY-412, PAY-415."""
    tender = _find(tenders, tender_id)
    if (tender.state, outcome) not in _AFTER:
        raise PaymentProblem("PAY-415", state=tender.state, outcome=outcome)
    return _AFTER[tender.state, outcome]


def take_back(tenders: Sequence[Tender], tender_id: UUID) -> TenderState:
    """The state after asking to give this form back. A card is given back at the terminal, which a person confirms."""
    tender = _find(tenders, tender_id)
    if tender.state is TenderState.ACCEPTED:
        return TenderState.REVERSING if tender.form is PaymentForm.CARD else TenderState.TAKEN_BACK
    raise PaymentProblem("PAY-415", state=tender.state, outcome="take_back")


def payments_of(total_minor: int, tenders: Sequence[Tender], currency: Currency) -> tuple[Payment, ...]:
    """The payments of a sale that is paid, change taken off the cash given last.

    Raises NeedsPerson PAY-231 while a card is waited for, PAY-232 while something is left to pay, PAY-501 unknown.
    """
    standing = settle(total_minor, tenders, currency)
    for tender in tenders:
        if tender.state is TenderState.UNKNOWN:
            raise NeedsPerson("PAY-501", tender=str(tender.tender_id))
        if tender.state in (TenderState.WAITING, TenderState.REVERSING):
            raise NeedsPerson("PAY-231", tender=str(tender.tender_id))
    if not standing.paid:
        raise NeedsPerson("PAY-232", left_minor=standing.left_minor)
    change = standing.change_minor
    payments = []
    for tender in reversed([tender for tender in tenders if tender.counts]):
        back = min(change, tender.amount_minor) if tender.is_cash else 0
        change -= back
        payments.append(
            Payment(
                payment_id=tender.tender_id,
                form=tender.form,
                amount_minor=tender.amount_minor - back,
                given_minor=tender.amount_minor,
                change_minor=back,
                stated_by_person=tender.form is PaymentForm.CARD,
            )
        )
    return tuple(reversed(payments))


def suggestions(cash_left_minor: int, currency: Currency) -> tuple[int, ...]:
    """Sums a customer is likely to hand over: exact, rounded up twice, and the notes that cover it. Ascending."""
    if cash_left_minor <= 0:
        return ()
    magnitude = currency.unit
    while magnitude * 10 <= cash_left_minor:
        magnitude *= 10
    steps = [step for step in (magnitude // 10, magnitude) if step >= currency.cash_step]
    candidates = [cash_left_minor, *(-(-cash_left_minor // step) * step for step in steps)]
    candidates += [note for note in notes(currency) if note >= cash_left_minor]
    return tuple(sorted(set(candidates))[:MOST_SUGGESTIONS])
