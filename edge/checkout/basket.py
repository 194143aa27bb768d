"""The open basket: an immutable value, and the fold of its stored changes. Pure.

Here: what a line is, when two scans are one line, and what each change does. Not here: rights, look-ups, payment
(`tendering`), storage.
Never breaks: the same changes in the same order give the same basket, on any machine, without a catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from edge.checkout.tendering import Tender, TenderState
from shared.errors import PermanentError
from shared.events import ExternalReference, PriceSource

__all__ = [
    "EMPTY",
    "MAX_LINES",
    "MAX_QUANTITY_MILLI",
    "MAX_UNIT_PRICE",
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

MAX_LINES: Final = 10_000
"""`sale.completed` carries no more; the largest real invoice we have seen has 1,114."""
MAX_QUANTITY_MILLI: Final = 10**9
"""A million pieces; a longer number is a bar code typed into the quantity."""
MAX_UNIT_PRICE: Final = 10**13
"""Ten million whole units: with MAX_QUANTITY_MILLI a line still stays below the largest sum that travels."""
UNDO_DEPTH: Final = 50
"""Taking back more than this is cancelling the sale."""


class BasketError(PermanentError):
    """SAL-404 no such line, SAL-405 the line is voided, SAL-411 full; out of range: SAL-406 quantity, SAL-407 price,
    SAL-408 discount."""


@dataclass(frozen=True, slots=True)
class TaxSnapshot:
    """The tax table's row in force when the line was made. rate in 1/10,000."""

    code: str
    rate: int
    inclusive: bool = True


@dataclass(frozen=True, slots=True)
class ProductSnapshot:
    """What a line must know of its product for ever."""

    product_id: UUID
    code: str
    name: str
    unit: str
    tax: TaxSnapshot


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """Taken off one line: a share (1/10,000) or an amount (minor units), with the reason that stands on the receipt."""

    reason: str
    rate: int = 0
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `id` is the operation that made it, `no` its place for ever: a voided line keeps its number."""

    id: str
    no: int
    product: ProductSnapshot
    quantity_milli: int
    unit_price: int
    price_source: PriceSource = PriceSource.LIST
    discount: LineDiscount | None = None
    voided: bool = False
    from_label: bool = False
    """From a weight or price label: one pack, never merged."""
    scan: str | None = None
    lot: str | None = None
    expiry: date | None = None
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerSnapshot:
    customer_id: UUID
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class LineAdded:
    line: Line
    kind: Literal["line_added"] = "line_added"


@dataclass(frozen=True, slots=True)
class LineIncreased:
    """Another of the same: scanned again, or added to an equal line."""

    line_id: str
    by_milli: int
    kind: Literal["line_increased"] = "line_increased"


@dataclass(frozen=True, slots=True)
class QuantityChanged:
    line_id: str
    quantity_milli: int
    kind: Literal["quantity_changed"] = "quantity_changed"


@dataclass(frozen=True, slots=True)
class LineVoided:
    line_id: str
    kind: Literal["line_voided"] = "line_voided"


@dataclass(frozen=True, slots=True)
class VoidTakenBack:
    line_id: str
    kind: Literal["void_taken_back"] = "void_taken_back"


@dataclass(frozen=True, slots=True)
class PriceChanged:
    """A price set by hand."""

    line_id: str
    unit_price: int
    price_source: PriceSource = PriceSource.CHANGED
    kind: Literal["price_changed"] = "price_changed"


@dataclass(frozen=True, slots=True)
class DiscountSet:
    line_id: str
    discount: LineDiscount | None
    kind: Literal["discount_set"] = "discount_set"


@dataclass(frozen=True, slots=True)
class Repriced:
    """New list prices for a parked basket that comes back: (line id, unit price) of the lines that changed."""

    prices: tuple[tuple[str, int], ...]
    kind: Literal["repriced"] = "repriced"


@dataclass(frozen=True, slots=True)
class CustomerSet:
    customer: CustomerSnapshot | None
    kind: Literal["customer_set"] = "customer_set"


@dataclass(frozen=True, slots=True)
class ReferenceSet:
    reference: ExternalReference | None
    kind: Literal["reference_set"] = "reference_set"


@dataclass(frozen=True, slots=True)
class NextQuantitySet:
    """The next item counts this many; None is one."""

    quantity_milli: int | None
    kind: Literal["next_quantity_set"] = "next_quantity_set"


@dataclass(frozen=True, slots=True)
class PaymentStarted:
    kind: Literal["payment_started"] = "payment_started"


@dataclass(frozen=True, slots=True)
class PaymentLeft:
    kind: Literal["payment_left"] = "payment_left"


@dataclass(frozen=True, slots=True)
class TenderPut:
    tender: Tender
    kind: Literal["tender_put"] = "tender_put"


@dataclass(frozen=True, slots=True)
class TenderChanged:
    tender_id: UUID
    state: TenderState
    kind: Literal["tender_changed"] = "tender_changed"


Inverse = LineVoided | VoidTakenBack | QuantityChanged | PriceChanged | DiscountSet


@dataclass(frozen=True, slots=True)
class UndoDone:
    """The newest act was taken back by `change`; what it undid cannot be undone twice."""

    change: Annotated[Inverse, Field(discriminator="kind")]
    kind: Literal["undo_done"] = "undo_done"


Change = (
    LineAdded
    | LineIncreased
    | QuantityChanged
    | LineVoided
    | VoidTakenBack
    | PriceChanged
    | DiscountSet
    | Repriced
    | CustomerSet
    | ReferenceSet
    | NextQuantitySet
    | PaymentStarted
    | PaymentLeft
    | TenderPut
    | TenderChanged
    | UndoDone
)

_adapter: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


def dump_change(change: Change) -> str:
    """The change as JSON, to be stored."""
    return _adapter.dump_json(change, exclude_defaults=False).decode()


def load_change(text: str | bytes) -> Change:
    return _adapter.validate_json(text)


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
    inverses: tuple[Inverse, ...] = field(default=(), compare=False)
    """What would take back the newest acts, newest last."""

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
