"""What can happen to an open basket, one small value each, and their JSON: the till stores these, not baskets. Pure.

Never breaks: a change that was stored once can be read for ever; new kinds and optional fields may be added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from edge.checkout.lines import AgeCheck, CustomerSnapshot, Line, LineDiscount
from edge.checkout.tendering import Tender, TenderState
from shared.events import ExternalReference, PriceSource

__all__ = [
    "AgeAsked",
    "AgeConfirmed",
    "AgeRefused",
    "Change",
    "CustomerSet",
    "DiscountSet",
    "Inverse",
    "LineAdded",
    "LineIncreased",
    "LineVoided",
    "NextQuantitySet",
    "PaymentLeft",
    "PaymentStarted",
    "PriceChanged",
    "QuantityChanged",
    "ReferenceSet",
    "Repriced",
    "TenderChanged",
    "TenderPut",
    "UndoDone",
    "VoidTakenBack",
    "dump_change",
    "load_change",
]


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


@dataclass(frozen=True, slots=True)
class AgeAsked:
    """A line that waits until somebody has looked how old the customer is."""

    line: Line
    kind: Literal["age_asked"] = "age_asked"


@dataclass(frozen=True, slots=True)
class AgeConfirmed:
    """Old enough: what waited may be added, and the sale asks no more up to this age."""

    check: AgeCheck
    kind: Literal["age_confirmed"] = "age_confirmed"


@dataclass(frozen=True, slots=True)
class AgeRefused:
    """What waited is not sold."""

    kind: Literal["age_refused"] = "age_refused"


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
    | AgeAsked
    | AgeConfirmed
    | AgeRefused
)

_adapter: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


def dump_change(change: Change) -> str:
    """The change as JSON, to be stored."""
    return _adapter.dump_json(change, exclude_defaults=False).decode()


def load_change(text: str | bytes) -> Change:
    return _adapter.validate_json(text)
