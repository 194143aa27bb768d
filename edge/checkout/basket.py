"""The open basket: an immutable value, and the fold of its stored changes. Pure.

Here: when two scans are one line, and what each change does; the public face of lines and changes. Not here: rights,
look-ups, payment (`tendering`), storage.
Never breaks: the same changes in the same order give the same basket, on any machine, without a catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from edge.checkout.changes import (
    AgeAsked,
    AgeConfirmed,
    AgeRefused,
    Change,
    CustomerSet,
    DiscountSet,
    Inverse,
    LineAdded,
    LineIncreased,
    LineVoided,
    NextQuantitySet,
    PaymentLeft,
    PaymentStarted,
    PriceChanged,
    QuantityChanged,
    ReferenceSet,
    Repriced,
    TenderChanged,
    TenderPut,
    UndoDone,
    VoidTakenBack,
    dump_change,
    load_change,
)
from edge.checkout.lines import (
    MAX_LINES,
    MAX_QUANTITY_MILLI,
    MAX_UNIT_PRICE,
    AgeCheck,
    BasketError,
    CustomerSnapshot,
    Line,
    LineDiscount,
    ProductSnapshot,
    TaxSnapshot,
)
from edge.checkout.tendering import Tender
from shared.events import ExternalReference

__all__ = [
    "EMPTY",
    "MAX_LINES",
    "MAX_QUANTITY_MILLI",
    "MAX_UNIT_PRICE",
    "AgeAsked",
    "AgeCheck",
    "AgeConfirmed",
    "AgeRefused",
    "Basket",
    "BasketError",
    "Change",
    "CustomerSet",
    "CustomerSnapshot",
    "DiscountSet",
    "Line",
    "LineAdded",
    "LineDiscount",
    "LineIncreased",
    "LineVoided",
    "NextQuantitySet",
    "PaymentLeft",
    "PaymentStarted",
    "PriceChanged",
    "ProductSnapshot",
    "QuantityChanged",
    "ReferenceSet",
    "Repriced",
    "TaxSnapshot",
    "TenderChanged",
    "TenderPut",
    "UndoDone",
    "VoidTakenBack",
    "apply",
    "dump_change",
    "fold",
    "load_change",
    "merge_target",
    "undoing",
]

UNDO_DEPTH: Final = 50
"""Taking back more than this is cancelling the sale."""


@dataclass(frozen=True)
class Basket:
    """A sale that is not paid yet. Empty ones are equal to EMPTY."""

    lines: tuple[Line, ...] = ()
    newest: str | None = None
    """Id of the line touched last."""
    customer: CustomerSnapshot | None = None
    reference: ExternalReference | None = None
    next_quantity_milli: int | None = None
    paying: bool = False
    total_shown: bool = False
    """True once the customer has been shown the total: voids after that are what security looks at first."""
    tenders: tuple[Tender, ...] = ()
    scans: int = 0
    """Items added so far, one by one: two scans of the same make one line and count twice."""
    waiting: tuple[Line, ...] = ()
    """Age-restricted goods about which somebody must still say whether the customer is old enough."""
    age_check: AgeCheck | None = None
    inverses: tuple[Inverse, ...] = field(default=(), compare=False)
    """What would take back the newest acts, newest last."""

    @property
    def asked_age(self) -> int | None:
        """The age that somebody must look for now: that of the strictest item."""
        ages = [line.product.minimum_age for line in self.waiting if line.product.minimum_age is not None]
        return max(ages, default=None)

    def needs_age(self, product: ProductSnapshot) -> bool:
        """Whether nobody has looked for this product's age in this sale yet."""
        known = self.age_check.minimum_age if self.age_check else 0
        return product.minimum_age is not None and product.minimum_age > known

    @property
    def live_lines(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.voided)

    def line(self, line_id: str) -> Line:
        """Raises BasketError SAL-404."""
        for line in reversed(self.lines):
            if line.id == line_id:
                return line
        raise BasketError("SAL-404", line=line_id)

    def live_line(self, line_id: str) -> Line:
        """Raises BasketError SAL-404, SAL-405."""
        line = self.line(line_id)
        if line.voided:
            raise BasketError("SAL-405", line_no=line.no)
        return line


EMPTY: Final = Basket()


def merge_target(basket: Basket, wanted: Line) -> Line | None:
    """The line that another of `wanted` makes larger, if there is one.

    Only when product, price, lot, expiry and discount are equal; never packs with their own label or serial numbers.
    """
    if wanted.from_label or wanted.serials:
        return None
    for line in reversed(basket.lines):
        if (
            line.product == wanted.product
            and line.unit_price == wanted.unit_price
            and not line.voided
            and line.price_source is wanted.price_source
            and line.lot == wanted.lot
            and line.expiry == wanted.expiry
            and line.discount == wanted.discount
            and not line.from_label
            and not line.serials
            and line.quantity_milli + wanted.quantity_milli <= MAX_QUANTITY_MILLI
        ):
            return line
    return None


def undoing(basket: Basket) -> Inverse | None:
    """The change that takes back the newest act on a line, or None when there is none left."""
    return basket.inverses[-1] if basket.inverses else None


def fold(changes: Iterable[Change], start: Basket = EMPTY) -> Basket:
    basket = start
    for change in changes:
        basket = apply(basket, change)
    return basket


def apply(basket: Basket, change: Change) -> Basket:
    """The basket after the change. Raises BasketError, and then nothing has changed."""
    match change:
        case LineAdded(line):
            return _with_line_added(basket, line)
        case UndoDone(inverse):
            undone = apply(basket, inverse)
            return replace(undone, inverses=basket.inverses[:-1])
        case Repriced(prices):
            by_id = dict(prices)
            lines = tuple(replace(line, unit_price=by_id.get(line.id, line.unit_price)) for line in basket.lines)
            return replace(basket, lines=lines, inverses=())
        case AgeAsked(line):
            return replace(basket, waiting=(*basket.waiting, line), next_quantity_milli=None)
        case AgeConfirmed(check):
            return replace(basket, waiting=(), age_check=check)
        case AgeRefused():
            return replace(basket, waiting=())
        case CustomerSet(customer):
            return replace(basket, customer=customer)
        case ReferenceSet(reference):
            return replace(basket, reference=reference)
        case NextQuantitySet(quantity_milli):
            if quantity_milli is not None:
                _check_quantity(quantity_milli)
            return replace(basket, next_quantity_milli=quantity_milli)
        case PaymentStarted():
            return replace(basket, paying=True, total_shown=True)
        case PaymentLeft():
            return replace(basket, paying=False, tenders=())
        case TenderPut(tender):
            return replace(basket, tenders=(*basket.tenders, tender))
        case TenderChanged(tender_id, state):
            tenders = tuple(replace(t, state=state) if t.tender_id == tender_id else t for t in basket.tenders)
            return replace(basket, tenders=tenders)
        case _:
            return _with_line_changed(basket, change)


def _with_line_added(basket: Basket, line: Line) -> Basket:
    if len(basket.lines) >= MAX_LINES:
        raise BasketError("SAL-411", most=MAX_LINES)
    _check_quantity(line.quantity_milli)
    _check_price(line.unit_price)
    return replace(
        basket,
        lines=(*basket.lines, replace(line, no=len(basket.lines) + 1)),
        newest=line.id,
        next_quantity_milli=None,
        scans=basket.scans + 1,
        inverses=_pushed(basket, LineVoided(line.id)),
    )


LineChange = LineIncreased | QuantityChanged | LineVoided | VoidTakenBack | PriceChanged | DiscountSet


def _with_line_changed(basket: Basket, change: LineChange) -> Basket:
    line = basket.line(change.line_id) if isinstance(change, VoidTakenBack) else basket.live_line(change.line_id)
    next_quantity = basket.next_quantity_milli
    inverse: Inverse
    match change:
        case LineIncreased(_, by_milli):
            _check_quantity(line.quantity_milli + by_milli)
            after = replace(line, quantity_milli=line.quantity_milli + by_milli)
            inverse, next_quantity = QuantityChanged(line.id, line.quantity_milli), None
        case QuantityChanged(_, quantity_milli):
            _check_quantity(quantity_milli)
            after = replace(line, quantity_milli=quantity_milli)
            inverse = QuantityChanged(line.id, line.quantity_milli)
        case LineVoided():
            after, inverse = replace(line, voided=True), VoidTakenBack(line.id)
        case VoidTakenBack():
            after, inverse = replace(line, voided=False), LineVoided(line.id)
        case PriceChanged(_, unit_price, source):
            _check_price(unit_price)
            after = replace(line, unit_price=unit_price, price_source=source)
            inverse = PriceChanged(line.id, line.unit_price, line.price_source)
        case DiscountSet(_, discount):
            _check_discount(discount)
            after, inverse = replace(line, discount=discount), DiscountSet(line.id, line.discount)
    return replace(
        basket,
        lines=(*basket.lines[: line.no - 1], after, *basket.lines[line.no :]),
        newest=line.id,
        next_quantity_milli=next_quantity,
        scans=basket.scans + isinstance(change, LineIncreased),
        inverses=_pushed(basket, inverse),
    )


def _pushed(basket: Basket, inverse: Inverse) -> tuple[Inverse, ...]:
    return (*basket.inverses[-(UNDO_DEPTH - 1) :], inverse)


def _check_quantity(quantity_milli: int) -> None:
    if not 0 < quantity_milli <= MAX_QUANTITY_MILLI:
        raise BasketError("SAL-406", quantity_milli=quantity_milli)


def _check_price(unit_price: int) -> None:
    if not 0 <= unit_price <= MAX_UNIT_PRICE:
        raise BasketError("SAL-407", unit_price=unit_price)


def _check_discount(discount: LineDiscount | None) -> None:
    if discount is None:
        return
    if not discount.reason or not 0 <= discount.rate <= 10_000 or discount.amount_minor < 0:
        raise BasketError("SAL-408", rate=discount.rate, amount_minor=discount.amount_minor)
