"""The till's operations by name: their arguments, the right each needs, and who decides it.

The list is the page protocol. Bad arguments are refused with SAL-401 and the field's name before anything is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.checkout import enrolling, paying, returning, selling, shift_keeping
from edge.checkout.act import Act
from edge.checkout.basket import CustomerSnapshot
from edge.checkout.printing import enqueue_print
from edge.checkout.returns import ReturnRequest
from edge.checkout.scanning import Resolver
from edge.checkout.state import ParkedSale
from edge.checkout.tendering import CardOutcome
from shared.errors import PermanentError
from shared.events import ExternalReference, PaymentForm
from shared.money import PRICE_SCALE

__all__ = ["OPERATIONS", "Operation", "Pieces", "Preparing", "ReturnLines", "parse", "parse_arguments"]

Whole = Annotated[int, Field(strict=True, ge=-(10**16), le=10**16)]
Reason = Annotated[str, Field(min_length=1, max_length=200)]
LineId = Annotated[str, Field(max_length=60)]
Short = Annotated[str, Field(max_length=60)]


class Arguments(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Nothing(Arguments):
    pass


class Scan(Arguments):
    raw: Annotated[str, Field(max_length=100_000)]
    """Longer than any symbol is answered with SCN-401, not cut off here."""
    source: Short = ""
    add_to: Literal["this"] | None = None
    """The cashier's answer to SAL-230: it belongs to the sale that is being paid."""


class Add(Arguments):
    product_id: UUID
    quantity_milli: Whole | None = None


class Quantity(Arguments):
    line_id: LineId
    quantity_milli: Whole


class OneLine(Arguments):
    line_id: LineId


class Age(Arguments):
    answer: Literal["yes", "no"]


class NextQuantity(Arguments):
    quantity_milli: Whole


class Price(Arguments):
    """unit_price in 1/10,000 minor units, or unit_price_minor."""

    line_id: LineId
    unit_price: Whole | None = None
    unit_price_minor: Whole | None = None
    reason: Reason

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if (self.unit_price is None) == (self.unit_price_minor is None):
            raise ValueError("exactly one of unit_price and unit_price_minor")
        return self

    @property
    def scaled(self) -> int:
        return self.unit_price if self.unit_price is not None else (self.unit_price_minor or 0) * PRICE_SCALE


class Discount(Arguments):
    """rate in 1/10,000. Neither, or zero, takes the discount away."""

    line_id: LineId
    rate: Whole = 0
    amount_minor: Whole = 0
    reason: Reason


class Customer(Arguments):
    customer_id: UUID | None


class Enrol(Arguments):
    phone: Annotated[str, Field(min_length=1, max_length=32)]
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    consent: bool = Field(strict=True)
    language: Annotated[str, Field(max_length=8)] | None = None


class Reference(Arguments):
    scheme: Annotated[str, Field(min_length=1, max_length=40)]
    number: Annotated[str, Field(min_length=1, max_length=60)]
    issued_on: date | None = Field(default=None, alias="date")

    def as_reference(self) -> ExternalReference:
        return ExternalReference(scheme=self.scheme, number=self.number, issued_on=self.issued_on)


class WithReason(Arguments):
    reason: Reason


class Park(Arguments):
    name: Short = ""


class Retrieve(Arguments):
    basket_id: UUID


class PutTender(Arguments):
    form: PaymentForm
    amount_minor: Whole | None = None


class Take(Arguments):
    """receipt: `none` when the customer wants no paper of the receipt printer; a register prints all the same."""

    receipt: Literal["print", "none"] = "print"


class ConfirmCard(Arguments):
    tender_id: UUID
    outcome: CardOutcome


class OneTender(Arguments):
    tender_id: UUID


class OpenShift(Arguments):
    float_minor: Whole


Pieces = Annotated[tuple[tuple[Whole, Whole], ...], Field(max_length=40)]
"""(value_minor, how many) of notes and coins."""


class CountShift(Arguments):
    """pieces, or counted_minor where only the sum is known."""

    counted_minor: Whole | None = None
    pieces: Pieces | None = None
    slips_minor: Whole

    @model_validator(mode="after")
    def _one_count(self) -> Self:
        if (self.counted_minor is None) == (self.pieces is None):
            raise ValueError("exactly one of counted_minor and pieces")
        return self


class CashMovement(Arguments):
    amount_minor: Whole
    reason: Reason


class ReturnedLine(Arguments):
    """sellable: back on the shelf; or `condition`, as the page's list has it."""

    line_no: Whole
    quantity_milli: Whole
    reason: Reason
    sellable: bool | None = None
    condition: Literal["good", "problem"] | None = None

    @model_validator(mode="after")
    def _one_state(self) -> Self:
        if (self.sellable is None) == (self.condition is None):
            raise ValueError("exactly one of sellable and condition")
        return self

    def as_request(self) -> ReturnRequest:
        return ReturnRequest(
            self.line_no, self.quantity_milli, self.reason, bool(self.sellable) or self.condition == "good"
        )


class ReturnLines(Arguments):
    sale_id: UUID
    lines: Annotated[tuple[ReturnedLine, ...], Field(max_length=10_000)]
    reference: Reference | None = None

    @property
    def requests(self) -> list[ReturnRequest]:
        return [line.as_request() for line in self.lines]


class Reprint(Arguments):
    sale_id: UUID | None = None
    return_id: UUID | None = None

    @model_validator(mode="after")
    def _one_paper(self) -> Self:
        if (self.sale_id is None) == (self.return_id is None):
            raise ValueError("exactly one of sale_id and return_id")
        return self


class SettleUnknown(Arguments):
    receipt_id: UUID
    answer: Literal["printed", "not_printed"]
    document_no: Annotated[int, Field(strict=True, ge=0, le=10**12)] | None = None


@dataclass(frozen=True)
class Preparing:
    """What may be looked up before an operation is decided."""

    resolver: Resolver
    today: date
    """The business date of the shift, or the branch's own when none is open."""
    parked: Sequence[ParkedSale] = ()
    enrolled: Callable[[UUID], CustomerSnapshot | None] = lambda _: None
    """Who was given a card here and is not in the replica yet."""

    def customer(self, customer_id: UUID) -> CustomerSnapshot:
        """Raises PermanentError CUS-404."""
        return self.enrolled(customer_id) or self.resolver.customer(customer_id)

    def prices_of(self, sale_id: UUID) -> Mapping[UUID, int | None]:
        """Today's list prices of what is in a parked sale."""
        products = {
            line.product.product_id
            for parked in self.parked
            if parked.sale_id == sale_id
            for line in parked.basket.live_lines
        }
        return {product_id: self.resolver.price(product_id, self.today) for product_id in products}


Prepare = Callable[[Preparing, Any], Any]


@dataclass(frozen=True)
class Operation:
    """decide(act, arguments, prepared) runs in the journal's transaction; prepare runs before it, in the event loop."""

    arguments: type[Arguments]
    right: str | None
    decide: Callable[[Act, Any, Any], None]
    prepare: Prepare = lambda preparing, arguments: None


A = TypeVar("A", bound=BaseModel)


def parse_arguments(operation: Operation, given: Mapping[str, Any]) -> Arguments:
    return parse(operation.arguments, given)


def parse(model: type[A], given: Mapping[str, Any]) -> A:
    """Raises PermanentError SAL-401 with the first field that is wrong."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PermanentError("SAL-401", field=where or "-", what=first["msg"]) from error


def _reprint(act: Act, arguments: Reprint, _: object) -> None:
    of_id = arguments.sale_id or arguments.return_id
    assert of_id is not None
    if returning.print_again(act, of_id):
        act.result = {"printed": "again"}
    elif act.desk.printer is not None:
        enqueue_print(act.tx, act.desk.printer, act.desk.till, of_id, is_copy=True)
        act.result = {"printed": "copy"}
    elif act.desk.register is not None and act.state.last_id == of_id:
        act.result = {"printed": "duplicate"}
        act.afterwards = "duplicate"
    else:
        raise PermanentError("SAL-426")


def _open_drawer(act: Act, arguments: WithReason, _: object) -> None:
    shift_keeping.open_drawer(act, arguments.reason)
    act.afterwards = "drawer"


def _sign_out(act: Act, _: Nothing, __: object) -> None:
    act.operator_leaves = True


OPERATIONS: Final[Mapping[str, Operation]] = {
    "scan": Operation(
        Scan,
        None,
        lambda act, a, found: selling.scan(act, found, add_to_this=a.add_to == "this"),
        lambda p, a: p.resolver.scan(a.raw, p.today),
    ),
    "add": Operation(
        Add,
        "sell",
        lambda act, a, goods: selling.add(act, goods, a.quantity_milli),
        lambda p, a: p.resolver.product(a.product_id, p.today),
    ),
    "age": Operation(Age, "sell", lambda act, a, _: selling.answer_age(act, old_enough=a.answer == "yes")),
    "quantity": Operation(
        Quantity, "sell", lambda act, a, _: selling.change_quantity(act, a.line_id, a.quantity_milli)
    ),
    "void_line": Operation(OneLine, "void_line", lambda act, a, _: selling.void_line(act, a.line_id)),
    "undo": Operation(Nothing, "sell", lambda act, a, _: selling.undo(act)),
    "next_quantity": Operation(NextQuantity, "sell", lambda act, a, _: selling.next_quantity(act, a.quantity_milli)),
    "price": Operation(
        Price, "price_change", lambda act, a, _: selling.change_price(act, a.line_id, a.scaled, a.reason)
    ),
    "discount": Operation(
        Discount,
        "discount",
        lambda act, a, _: selling.discount(act, a.line_id, a.rate, a.amount_minor, a.reason),
    ),
    "customer": Operation(
        Customer,
        "sell",
        lambda act, a, customer: selling.set_customer(act, customer),
        lambda p, a: None if a.customer_id is None else p.customer(a.customer_id),
    ),
    "enrol_customer": Operation(
        Enrol,
        "sell",
        lambda act, a, known: enrolling.enrol(
            act, a.phone, a.name.strip(), consent=a.consent, language=a.language, known=known
        ),
        lambda p, a: p.resolver.customer_by_phone(enrolling.phone_digits(a.phone)),
    ),
    "reference": Operation(Reference, "sell", lambda act, a, _: selling.set_reference(act, a.as_reference())),
    "cancel_sale": Operation(WithReason, "cancel_sale", lambda act, a, _: selling.cancel_sale(act, a.reason)),
    "park": Operation(Park, "sell", lambda act, a, _: selling.park(act, a.name)),
    "retrieve": Operation(
        Retrieve,
        "sell",
        lambda act, a, prices: selling.retrieve(act, a.basket_id, prices),
        lambda p, a: p.prices_of(a.basket_id),
    ),
    "pay": Operation(Nothing, "sell", lambda act, a, _: paying.pay(act)),
    "tender": Operation(PutTender, "sell", lambda act, a, _: paying.tender(act, a.form, a.amount_minor)),
    "confirm_card": Operation(ConfirmCard, "sell", lambda act, a, _: paying.confirm_card(act, a.tender_id, a.outcome)),
    "take_back": Operation(OneTender, "sell", lambda act, a, _: paying.take_back(act, a.tender_id)),
    "back_to_sale": Operation(Nothing, "sell", lambda act, a, _: paying.back_to_sale(act)),
    "take": Operation(Take, "sell", lambda act, a, _: paying.take(act, wants_paper=a.receipt == "print")),
    "open_shift": Operation(OpenShift, "sell", lambda act, a, _: shift_keeping.open_shift(act, a.float_minor)),
    "count_shift": Operation(
        CountShift,
        "close_shift",
        lambda act, a, _: shift_keeping.count_shift(act, a.counted_minor, a.slips_minor, a.pieces),
    ),
    "close_shift": Operation(Nothing, "close_shift", lambda act, a, _: shift_keeping.close_shift(act)),
    "cash_movement": Operation(
        CashMovement, "cash_move", lambda act, a, _: shift_keeping.cash_movement(act, a.amount_minor, a.reason)
    ),
    "open_drawer": Operation(WithReason, "open_drawer", _open_drawer),
    "return_lines": Operation(
        ReturnLines,
        "return",
        lambda act, a, limit_minor: returning.return_lines(
            act, a.sale_id, a.requests, a.reference.as_reference() if a.reference else None, limit_minor
        ),
        lambda p, a: p.resolver.return_limit_minor,
    ),
    "reprint": Operation(Reprint, "sell", _reprint),
    "settle_unknown": Operation(
        SettleUnknown,
        "sell",
        lambda act, a, _: returning.settle_unknown(
            act, a.receipt_id, printed=a.answer == "printed", document_no=a.document_no
        ),
    ),
    "claim": Operation(Nothing, None, lambda act, a, _: None),
    "lock": Operation(Nothing, None, _sign_out),
}
"""Operations that change something, each written once. Questions (`find_sale`, `x_report` ...) are in `questions`."""
