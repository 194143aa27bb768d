"""From the total to the sale: payment, forms, and the one transaction that makes a sale and what is owed on paper.

Never breaks: `take` writes the fact, the money and every receipt to print together, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from edge.checkout import payloads
from edge.checkout.act import Act
from edge.checkout.basket import PaymentLeft, PaymentStarted, TenderChanged, TenderPut
from edge.checkout.documents import PaperHead, dump_receipt, sale_receipt
from edge.checkout.fiscal_store import JobKind, NewJob
from edge.checkout.printing import enqueue_print
from edge.checkout.splitting import Bill, allot_payments
from edge.checkout.state import OpenSale
from edge.checkout.tendering import CardOutcome, card_outcome, open_tender, payments_of, settle
from edge.checkout.tendering import take_back as state_after_taking_back
from edge.journal import AppendedFact
from shared.errors import PermanentError
from shared.events import Payment, PaymentForm, SaleCompleted
from shared.ids import uuid7

__all__ = ["back_to_sale", "confirm_card", "pay", "take", "take_back", "tender"]


def pay(act: Act) -> None:
    basket = act.need_selling()
    act.need_age_answered()
    if not basket.live_lines:
        raise PermanentError("SAL-409")
    act.bill()
    act.change(PaymentStarted())


def back_to_sale(act: Act) -> None:
    act.paying_sale()
    act.need_no_money_taken()
    act.change(PaymentLeft())


def tender(act: Act, form: PaymentForm, amount_minor: int | None) -> None:
    """Put a form against the total; its id is the operation's."""
    sale = act.paying_sale()
    act.need_age_answered()
    act.need_register_ready()
    put = open_tender(
        act.op_id,
        form,
        amount_minor,
        total_minor=act.bill().total_minor,
        tenders=sale.basket.tenders,
        currency=act.desk.currency,
    )
    act.change(TenderPut(put))
    act.result = {"tender_id": str(put.tender_id), "state": put.state.value, "amount_minor": put.amount_minor}


def confirm_card(act: Act, tender_id: UUID, outcome: CardOutcome) -> None:
    sale = act.paying_sale()
    state = card_outcome(sale.basket.tenders, tender_id, outcome)
    act.change(TenderChanged(tender_id, state))
    act.result = {"state": state.value}


def take_back(act: Act, tender_id: UUID) -> None:
    sale = act.paying_sale()
    state = state_after_taking_back(sale.basket.tenders, tender_id)
    act.change(TenderChanged(tender_id, state))
    act.result = {"state": state.value}


def take(act: Act, *, wants_paper: bool = True) -> None:
    """The sale is made: from here on it can only be returned. The customer's paper follows by itself.

    wants_paper: of the receipt printer; what a register must print is not the customer's choice.
    """
    sale = act.paying_sale()
    act.need_age_answered()
    bill = act.bill()
    if not bill.lines:
        raise PermanentError("SAL-409")
    act.need_register_ready()
    payments = payments_of(bill.total_minor, sale.basket.tenders, act.desk.currency)
    standing = settle(bill.total_minor, sale.basket.tenders, act.desk.currency)
    completed = payloads.sale_completed(
        sale.sale_id,
        sale.number,
        datetime.fromisoformat(sale.opened_at),
        sale.basket,
        bill,
        payments,
        standing.rounding_taken_minor,
        act.desk.currency,
        receipts=len(bill.parts) if act.desk.register is not None else 0,
    )
    fact = act.fact("sale.completed", sale.sale_id, completed)
    _store(act, sale, completed, fact)
    if wants_paper and act.desk.printer is not None:
        enqueue_print(act.tx, act.desk.printer, act.desk.till, sale.sale_id)
    _owe_receipts(act, completed, bill)
    _count_money(act, sale.sale_id, payments, completed.rounding_minor)
    if any(payment.form is PaymentForm.CASH for payment in payments):
        act.afterwards = "drawer_by_the_way"
    act.state = replace(act.state, sale=None, last_id=sale.sale_id)
    act.result = {
        "sale_id": str(sale.sale_id),
        "number": sale.number,
        "total_minor": completed.total_minor,
        "change_minor": standing.change_minor,
        "receipts": completed.receipts,
    }


def _store(act: Act, sale: OpenSale, completed: SaleCompleted, fact: AppendedFact) -> None:
    shift = act.open_shift()
    reference = completed.reference
    act.tx.connection.execute(
        "INSERT INTO sales (sale_id, number, event_id, till, shift_id, sold_at, currency, total_minor,"
        " reference_scheme, reference_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            str(sale.sale_id),
            sale.number,
            str(fact.event_id),
            act.desk.till,
            str(shift.shift_id),
            act.now_text,
            completed.currency,
            completed.total_minor,
            reference.scheme if reference else None,
            reference.number if reference else None,
        ),
    )
    act.tx.connection.execute("UPDATE baskets SET state = 'sold' WHERE basket_id = ?", (str(sale.sale_id),))
    act.tx.connection.execute("UPDATE shifts SET sales = sales + 1 WHERE shift_id = ?", (str(shift.shift_id),))


def _count_money(act: Act, sale_id: UUID, payments: Sequence[Payment], rounding_minor: int) -> None:
    """A sale is rounded once, in its cash: the first cash payment carries it."""
    for payment in payments:
        rounding = rounding_minor if payment.form is PaymentForm.CASH else 0
        act.drawer("sale", payment.form.value, payment.amount_minor, sale_id, rounding)
        rounding_minor -= rounding


def _owe_receipts(act: Act, sale: SaleCompleted, bill: Bill) -> None:
    """What the register is to print, each receipt complete in itself."""
    if act.desk.register is None:
        return
    shift = act.open_shift()
    head = PaperHead(
        number=sale.number,
        operator=act.operator.name,
        till_no=act.desk.number,
        parts=len(bill.parts),
        reference=sale.reference.number if sale.reference else None,
    )
    shares = allot_payments([part.total_minor for part in bill.parts], sale.payments, sale.rounding_minor)
    for number, (part, share) in enumerate(zip(bill.parts, shares, strict=True), 1):
        act.enqueue(
            NewJob(
                job_id=uuid7(),
                register=act.desk.register,
                till=act.desk.till,
                shift_id=shift.shift_id,
                businessdate=shift.businessdate,
                operator=act.operator.operator_id,
                kind=JobKind.SALE,
                of_id=sale.sale_id,
                part=number,
                parts=len(bill.parts),
                currency=sale.currency,
                total_minor=part.total_minor,
                document=dump_receipt(sale_receipt(part, number, share, head)),
                lines=tuple((piece.line.no, piece.from_milli, piece.quantity_milli) for piece in part.pieces),
            )
        )
