"""Lines of the open sale: scan, add, change, void, take back, park, cancel. Each function is one operation's decision.

Never breaks: what goes out of a basket is a fact with its time, and a fact says whether the total had been shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from edge.checkout import payloads
from edge.checkout.act import Act
from edge.checkout.basket import (
    MAX_QUANTITY_MILLI,
    AgeAsked,
    AgeCheck,
    AgeConfirmed,
    AgeRefused,
    Basket,
    CustomerSet,
    CustomerSnapshot,
    DiscountSet,
    Line,
    LineAdded,
    LineDiscount,
    LineIncreased,
    LineVoided,
    NextQuantitySet,
    PaymentLeft,
    PriceChanged,
    ProductSnapshot,
    QuantityChanged,
    ReferenceSet,
    Repriced,
    UndoDone,
    VoidTakenBack,
    merge_target,
    undoing,
)
from edge.checkout.scan_results import LastScan, ScanKind
from edge.checkout.scanning import Badge, Card, Goods, Question, ReceiptNumber, Resolution, Unresolved
from edge.checkout.state import OpenSale, OperatorAtTill, ParkedSale
from shared.errors import NeedsPerson, PermanentError
from shared.events import ExternalReference, PriceSource, ScanUnresolved
from shared.money import MILLI, line_amount

__all__ = [
    "add",
    "answer_age",
    "cancel_sale",
    "change_price",
    "change_quantity",
    "discount",
    "next_quantity",
    "park",
    "retrieve",
    "scan",
    "set_customer",
    "set_reference",
    "undo",
    "void_line",
]

UNDONE_BY_HAND = "taken back"
"""Reason of a price that an undo gives back."""


# -- scanning and adding ----------------------------------------------------------------------------------------------


def scan(act: Act, resolution: Resolution, *, add_to_this: bool = False) -> None:
    """Whatever the code means here, done: a line, a customer, another cashier, a receipt to look at."""
    match resolution:
        case Badge(operator):
            act.state = replace(act.state, operator=OperatorAtTill(operator.id, operator.name, operator.rights))
            act.result = {"operator": {"id": str(operator.id), "name": operator.name}}
            act.last_scan = LastScan(act.op_id, ScanKind.LOOK, operator.name)
        case Card(customer):
            set_customer(act, customer)
            act.last_scan = LastScan(act.op_id, ScanKind.ACCEPTED, customer.name)
        case ReceiptNumber(number):
            act.need_right("sell")
            act.result = {"number": number}
            act.last_scan = LastScan(act.op_id, ScanKind.LOOK, number, sale_number=number)
        case Question(barcode, choices):
            act.need_right("sell")
            act.open_shift()
            parameters: dict[str, Any] = {"barcode": barcode, "count": len(choices)}
            act.error = NeedsPerson("SCN-202", **parameters)
            act.last_scan = LastScan(
                act.op_id, ScanKind.LOOK, code="SCN-202", parameters=parameters, raw=barcode, choices=choices
            )
        case Unresolved():
            _unresolved(act, resolution)
        case Goods():
            act.need_right("sell")
            _sell(act, resolution, add_to_this=add_to_this)


def _unresolved(act: Act, scanned: Unresolved) -> None:
    parameters: dict[str, Any] = dict(scanned.parameters)
    act.error = PermanentError(scanned.code, **parameters)
    act.last_scan = LastScan(
        act.op_id, ScanKind.REFUSED, code=scanned.code, parameters=scanned.parameters, raw=scanned.raw
    )
    if scanned.problem is not None:
        payload = ScanUnresolved(problem=scanned.problem, raw=scanned.raw[:4096], symbology=scanned.symbology)
        act.fact("scan.unresolved", act.desk.till, payload)


def add(act: Act, goods: Goods, quantity_milli: int | None) -> None:
    """A product chosen by hand; the quantity that waits for the next item counts unless one is given."""
    wanted = goods if quantity_milli is None else replace(goods, quantity_milli=quantity_milli)
    _sell(act, wanted, add_to_this=True, counted=quantity_milli is not None)


def _sell(act: Act, goods: Goods, *, add_to_this: bool, counted: bool = False) -> None:
    act.open_shift()
    held = any(tender.counts for tender in act.state.basket.tenders) and not add_to_this
    again = _same_pack(act.state.basket, goods)
    confirmed = act.around.last_scan is not None and (act.around.last_scan.code, act.around.last_scan.raw) == (
        "SCN-203",
        goods.raw,
    )
    if held:
        _look(act, goods, "SAL-230")
    elif again is not None and (goods.serial is not None or not confirmed):
        _look(act, goods, "SCN-203")
    else:
        _put_line(act, goods, counted=counted)


def _same_pack(basket: Basket, goods: Goods) -> Line | None:
    """A line of this very pack: its number, or a label with the same digits."""
    for line in basket.live_lines:
        if goods.serial is not None and line.product == goods.product and goods.serial in line.serials:
            return line
        if goods.from_label and line.from_label and line.scan == goods.raw:
            return line
    return None


def _look(act: Act, goods: Goods, code: str) -> None:
    parameters = {"item": goods.product.name}
    act.error = NeedsPerson(code, **parameters)
    act.last_scan = LastScan(
        act.op_id, ScanKind.LOOK, goods.product.name, code=code, parameters=parameters, raw=goods.raw or ""
    )


def _put_line(act: Act, goods: Goods, *, counted: bool) -> None:
    sale = act.sale
    times = sale.basket.next_quantity_milli
    quantity = goods.quantity_milli
    if times is not None and not counted and not goods.from_label and goods.serial is None:
        quantity = quantity * times // MILLI
    if not 0 < quantity <= MAX_QUANTITY_MILLI:
        raise PermanentError("SAL-406", quantity_milli=quantity)
    line = Line(
        id=str(act.op_id),
        no=0,
        product=_with_tax_of(sale.basket, goods),
        quantity_milli=quantity,
        unit_price=goods.unit_price,
        price_source=goods.price_source,
        from_label=goods.from_label,
        scan=goods.raw,
        lot=goods.lot,
        expiry=goods.expiry,
        serials=(goods.serial,) if goods.serial else (),
    )
    if sale.basket.needs_age(line.product):
        _ask_age(act, line)
        return
    shown = _put(act, line)
    act.result = {"line_id": shown.id, "line_no": shown.no, "quantity_milli": shown.quantity_milli}
    act.last_scan = _accepted(act, goods, shown)


def _put(act: Act, line: Line) -> Line:
    """The line as it stands in the basket: its own, or the equal one that it has made larger."""
    target = merge_target(act.sale.basket, line)
    basket = act.change(LineAdded(line) if target is None else LineIncreased(target.id, line.quantity_milli))
    return basket.line(line.id if target is None else target.id)


def _ask_age(act: Act, line: Line) -> None:
    """The item waits beside the basket; scanning goes on, paying does not."""
    act.change(AgeAsked(line))
    error = act.age_question()
    act.error = error
    act.last_scan = LastScan(
        act.op_id, ScanKind.LOOK, line.product.name, code=error.code, parameters=error.parameters, raw=line.scan or ""
    )


def answer_age(act: Act, *, old_enough: bool) -> None:
    """What somebody has seen on the customer's document, once a sale for the strictest item."""
    act.open_shift()
    waiting, age = act.state.basket.waiting, act.state.basket.asked_age
    if age is None:
        raise PermanentError("SAL-410", state="open")
    if not old_enough:
        act.change(AgeRefused())
        return
    act.change(AgeConfirmed(AgeCheck(age, act.operator.operator_id, act.now_text)))
    for line in waiting:
        shown = _put(act, line)
        amount = line_amount(shown.unit_price, line.quantity_milli, act.desk.currency.line_step)
        act.last_scan = LastScan(act.op_id, ScanKind.ACCEPTED, shown.product.name, amount)


def _with_tax_of(basket: Basket, goods: Goods) -> ProductSnapshot:
    """One receipt knows one rate a letter: the rate that the basket's first line of this letter had."""
    for line in basket.live_lines:
        if line.product.tax.code == goods.product.tax.code:
            return replace(goods.product, tax=line.product.tax)
    return goods.product


def _accepted(act: Act, goods: Goods, line: Line) -> LastScan:
    amount = line_amount(line.unit_price, line.quantity_milli, act.desk.currency.line_step)
    today = act.local(act.tx.now).date()
    if goods.best_before is not None and goods.best_before < today:
        parameters = {"item": goods.product.name, "date": goods.best_before.isoformat()}
        return LastScan(act.op_id, ScanKind.LOOK, goods.product.name, amount, "STK-121", parameters)
    kind = ScanKind.LOOK if act.state.basket.paying else ScanKind.ACCEPTED
    return LastScan(act.op_id, kind, goods.product.name, amount)


# -- lines ------------------------------------------------------------------------------------------------------------


def change_quantity(act: Act, line_id: str, quantity_milli: int) -> None:
    """An absolute quantity. Less than before is a void of the difference, and needs its right."""
    line = act.need_selling().live_line(line_id)
    if line.serials or line.from_label:
        raise PermanentError("SAL-405", line_no=line.no)
    if quantity_milli < line.quantity_milli:
        act.need_right("void_line")
    act.change(QuantityChanged(line_id, quantity_milli))
    _tell_less(act, line)


def void_line(act: Act, line_id: str) -> None:
    line = act.need_selling().live_line(line_id)
    act.change(LineVoided(line_id))
    _tell_less(act, line)


def undo(act: Act) -> None:
    """Take back the newest act on a line. What would need a right by hand needs it here."""
    basket = act.need_selling()
    inverse = undoing(basket)
    if inverse is None:
        raise PermanentError("SAL-413")
    line = basket.line(inverse.line_id)
    match inverse:
        case LineVoided():
            act.need_right("void_line")
        case QuantityChanged(_, quantity_milli) if quantity_milli < line.quantity_milli:
            act.need_right("void_line")
        case PriceChanged(_, unit_price):
            act.need_right("price_change")
            _tell_price(act, line, unit_price, UNDONE_BY_HAND)
        case DiscountSet():
            act.need_right("discount")
        case VoidTakenBack() | QuantityChanged():
            pass
    act.change(UndoDone(inverse))
    if not line.voided:
        _tell_less(act, line)


def _tell_less(act: Act, before: Line) -> None:
    """The fact of a line, or a part of one, that was taken out."""
    sale = act.sale
    after = sale.basket.line(before.id)
    gone = before.quantity_milli - (0 if after.voided else after.quantity_milli)
    if gone > 0:
        payload = payloads.line_voided(
            sale.sale_id,
            before,
            gone,
            act.desk.currency,
            after_total=sale.basket.total_shown,
            approved_by=act.approved_by,
        )
        act.fact("sale.line_voided", sale.sale_id, payload)


def next_quantity(act: Act, quantity_milli: int) -> None:
    act.need_selling()
    act.change(NextQuantitySet(None if quantity_milli == MILLI else quantity_milli))


def change_price(act: Act, line_id: str, unit_price: int, reason: str) -> None:
    """unit_price in 1/10,000 minor units."""
    line = act.need_selling().live_line(line_id)
    act.change(PriceChanged(line_id, unit_price, PriceSource.CHANGED))
    _tell_price(act, line, unit_price, reason)


def _tell_price(act: Act, line: Line, unit_price: int, reason: str) -> None:
    payload = payloads.price_changed(
        act.sale.sale_id, line, unit_price, reason, act.desk.currency, approved_by=act.approved_by
    )
    act.fact("sale.price_changed", act.sale.sale_id, payload)


def discount(act: Act, line_id: str, rate: int, amount_minor: int, reason: str) -> None:
    """A share (1/10,000) or an amount off one line; neither takes the discount away."""
    line = act.need_selling().live_line(line_id)
    wanted = LineDiscount(reason, rate, amount_minor, act.approved_by) if rate or amount_minor else None
    step = act.desk.currency.line_step
    gross = line_amount(line.unit_price, line.quantity_milli, step)
    if amount_minor > gross or amount_minor % step or (rate and amount_minor):
        raise PermanentError("SAL-408", rate=rate, amount_minor=amount_minor)
    act.change(DiscountSet(line_id, wanted))


# -- the sale ---------------------------------------------------------------------------------------------------------


def set_customer(act: Act, customer: CustomerSnapshot | None) -> None:
    act.open_shift()
    act.change(CustomerSet(customer))


def set_reference(act: Act, reference: ExternalReference | None) -> None:
    act.open_shift()
    act.change(ReferenceSet(reference))


def cancel_sale(act: Act, reason: str) -> None:
    """Drop the sale on the screen. Money that was taken goes back first, form by form."""
    act.open_shift()
    sale = act.state.sale
    if sale is None or not sale.basket.lines:
        raise PermanentError("SAL-409")
    act.need_no_money_taken()
    payload = payloads.sale_cancelled(
        sale.sale_id, sale.number, sale.basket, act.bill(), reason, act.desk.currency, approved_by=act.approved_by
    )
    act.fact("sale.cancelled", sale.sale_id, payload)
    _close_basket(act, sale.sale_id, "cancelled")
    act.put_sale(None)
    act.result = {"number": sale.number}


def _close_basket(act: Act, sale_id: UUID, state: str) -> None:
    act.tx.connection.execute("UPDATE baskets SET state = ? WHERE basket_id = ?", (state, str(sale_id)))


def park(act: Act, name: str) -> None:
    act.open_shift()
    sale = act.state.sale
    if sale is None or not sale.basket.live_lines:
        raise PermanentError("SAL-409")
    act.need_no_money_taken()
    act.need_age_answered()
    if sale.basket.paying:
        act.change(PaymentLeft())
    sale = act.sale
    parked = ParkedSale(sale.sale_id, sale.number, name or sale.number, act.now_text, sale.basket)
    act.tx.connection.execute(
        "UPDATE baskets SET state = 'parked', name = ?, parked_at = ? WHERE basket_id = ?",
        (parked.name, parked.parked_at, str(sale.sale_id)),
    )
    act.changed_sale = sale.sale_id
    act.state = replace(act.state, sale=None, parked=(*act.state.parked, parked))
    act.result = {"basket_id": str(sale.sale_id), "name": parked.name}


def retrieve(act: Act, sale_id: UUID, prices: Mapping[UUID, int | None]) -> None:
    """Bring a parked sale back, at today's prices; lines whose price was set by hand keep it."""
    act.open_shift()
    parked = next((each for each in act.state.parked if each.sale_id == sale_id), None)
    if parked is None:
        raise PermanentError("SAL-414", basket=str(sale_id))
    if act.state.sale is not None:
        if act.state.basket.lines:
            raise NeedsPerson("SAL-415")
        _close_basket(act, act.state.sale.sale_id, "cancelled")
    [row] = act.tx.connection.execute(
        "UPDATE baskets SET state = 'open', name = NULL, parked_at = NULL WHERE basket_id = ? RETURNING opened_at",
        (str(sale_id),),
    ).fetchall()
    left = tuple(each for each in act.state.parked if each is not parked)
    sale = OpenSale(parked.sale_id, parked.number, row["opened_at"], parked.basket)
    act.state = replace(act.state, sale=sale, parked=left)
    changed = _new_prices(parked.basket, prices)
    if changed:
        act.change(Repriced(tuple(changed.items())))
        act.last_scan = LastScan(act.op_id, ScanKind.LOOK, code="SAL-133", parameters={"lines": len(changed)})
    act.result = {"changed": [{"line_id": line_id, "unit_price": price} for line_id, price in changed.items()]}


def _new_prices(basket: Basket, prices: Mapping[UUID, int | None]) -> Mapping[str, int]:
    changed = {}
    for line in basket.live_lines:
        now = prices.get(line.product.product_id)
        if line.price_source is PriceSource.LIST and now is not None and now != line.unit_price:
            changed[line.id] = now
    return changed
