"""Facts of the till -> what was sold, returned, printed and counted. One statement a table, whatever the batch's size.

Rows are inserted strictly: a number or id that is taken makes the database refuse the fact (EVT-404), so that nothing
is skipped in silence. Receipts and shifts are told in several facts and are merged instead.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table

from cloud.bulk import Record, append, insert
from cloud.ingest.effects import Effects, NewFact
from cloud.sales import models as tables
from cloud.sales.merging import merge_receipts, merge_shifts
from cloud.sales.returned import guard_returned_quantities
from cloud.sales.till_events import Row, happened, till_event_rows
from shared.events import Payment, TaxAmount

__all__ = ["project"]


async def project(effects: Effects) -> None:
    """Apply all kinds of facts that this part keeps."""
    await _sales(effects)
    rows: dict[Table, list[Row]] = {}
    _returns(effects, rows)
    till_event_rows(effects, rows)
    for table, new in rows.items():
        await insert(effects.tx, table, new)
    await merge_receipts(effects)
    await merge_shifts(effects)
    await guard_returned_quantities(effects)


def _reference(payload: Any) -> Row:
    reference = payload.reference
    if reference is None:
        return {"reference_scheme": None, "reference_number": None, "reference_date": None}
    return {
        "reference_scheme": reference.scheme,
        "reference_number": reference.number,
        "reference_date": reference.issued_on,
    }


_SALE_AS_IT_IS: Final = (
    "number",
    "opened_at",
    "currency",
    "subtotal_minor",
    "discount_minor",
    "total_minor",
    "rounding_minor",
    "customer_id",
)
_SALE: Final = (
    "id",
    "event_id",
    "branch",
    "node",
    "till",
    "shift",
    "operator",
    "businessdate",
    "at",
    "tax_minor",
    "line_count",
    "receipt_count",
    "reference_scheme",
    "reference_number",
    "reference_date",
    *_SALE_AS_IT_IS,
)
_LINE_AS_IT_IS: Final = (
    "line_no",
    "product_code",
    "name",
    "unit",
    "quantity_milli",
    "unit_price",
    "price_source",
    "gross_minor",
    "amount_minor",
    "tax_code",
    "tax_rate",
    "tax_minor",
    "lot",
    "expiry",
    "scan",
)
_LINE: Final = ("sale_id", "product_id", "discount_minor", "serials", *_LINE_AS_IT_IS)
_DISCOUNT: Final = ("sale_id", "line_no", "position", "reason", "amount_minor")
_TAX_AS_IT_IS: Final = ("code", "rate", "net_minor", "tax_minor", "gross_minor")
_TAX: Final = ("sale_id", "position", *_TAX_AS_IT_IS)
_PAYMENT_AS_IT_IS: Final = ("form", "amount_minor", "given_minor", "change_minor", "reference")
_PAYMENT: Final = ("sale_id", "position", "payment_id", "is_stated_by_person", *_PAYMENT_AS_IT_IS)
_of_sale, _of_line = itemgetter(*_SALE_AS_IT_IS), itemgetter(*_LINE_AS_IT_IS)
_of_tax, _of_payment = itemgetter(*_TAX_AS_IT_IS), itemgetter(*_PAYMENT_AS_IT_IS)
"""From a payload's fields, by vars(): an attribute of a model costs four times as much, and a sale has a hundred."""


async def _sales(effects: Effects) -> None:
    sales: list[Record] = []
    lines: list[Record] = []
    discounts: list[Record] = []
    taxes: list[Record] = []
    payments: list[Record] = []
    ids = effects.ids
    for fact in effects.of("sale.completed"):
        sale = fact.payload
        sale_id = ids[sale.sale_id.int]
        sales.append((sale_id, *_place_and_sums(effects, fact), *_of_sale(vars(sale))))
        for line in sale.lines:
            discount_minor = line.gross_minor - line.amount_minor
            lines.append(
                (sale_id, ids[line.product_id.int], discount_minor, line.serials or None, *_of_line(vars(line)))
            )
            for position, discount in enumerate(line.discounts):
                discounts.append((sale_id, line.line_no, position, discount.reason, discount.amount_minor))
        for position, tax in enumerate(sale.taxes):
            taxes.append((sale_id, position, *_of_tax(vars(tax))))
        for position, payment in enumerate(sale.payments):
            payment_id = ids.make(payment.payment_id.int)
            payments.append((sale_id, position, payment_id, payment.stated_by_person, *_of_payment(vars(payment))))
    await append(effects.tx, tables.sales, _SALE, sales)
    await append(effects.tx, tables.sale_lines, _LINE, lines)
    await append(effects.tx, tables.sale_discounts, _DISCOUNT, discounts)
    await append(effects.tx, tables.sale_taxes, _TAX, taxes)
    await append(effects.tx, tables.sale_payments, _PAYMENT, payments)


def _place_and_sums(effects: Effects, fact: NewFact) -> Record:
    envelope, sale, ids = fact.envelope, fact.payload, effects.ids
    return (
        ids[envelope.id.int],
        envelope.branch,
        envelope.node,
        envelope.till,
        envelope.shift and ids[envelope.shift.int],
        envelope.operator and ids[envelope.operator.int],
        fact.businessdate,
        envelope.time,
        sum([tax.tax_minor for tax in sale.taxes]),
        len(sale.lines),
        sale.receipts,
        *_reference(sale).values(),
    )


def _taxes(owner: str, owner_id: UUID, taxes: tuple[TaxAmount, ...]) -> list[Row]:
    return [
        {
            owner: owner_id,
            "position": position,
            "code": tax.code,
            "rate": tax.rate,
            "net_minor": tax.net_minor,
            "tax_minor": tax.tax_minor,
            "gross_minor": tax.gross_minor,
        }
        for position, tax in enumerate(taxes)
    ]


def _payments(owner: str, owner_id: UUID, payments: tuple[Payment, ...]) -> list[Row]:
    return [
        {
            owner: owner_id,
            "position": position,
            "payment_id": payment.payment_id,
            "form": payment.form,
            "amount_minor": payment.amount_minor,
            "given_minor": payment.given_minor,
            "change_minor": payment.change_minor,
            "is_stated_by_person": payment.stated_by_person,
            "reference": payment.reference,
        }
        for position, payment in enumerate(payments)
    ]


def _returns(effects: Effects, rows: dict[Table, list[Row]]) -> None:
    for fact in effects.of("sale.returned"):
        back = fact.payload
        rows.setdefault(tables.returns, []).append(
            {
                "id": back.return_id,
                "number": back.number,
                "sale_id": back.original_sale_id,
                "sale_number": back.original_number,
                **happened(fact),
                "currency": back.currency,
                "total_minor": back.total_minor,
                "tax_minor": sum(tax.tax_minor for tax in back.taxes),
                "rounding_minor": back.rounding_minor,
                "line_count": len(back.lines),
                "receipt_count": back.receipts,
                "customer_id": back.customer_id,
                "is_to_confirm": back.to_confirm,
                **_reference(back),
                "event_id": fact.envelope.id,
            }
        )
        rows.setdefault(tables.return_lines, []).extend(
            {
                "return_id": back.return_id,
                "position": position,
                "sale_id": back.original_sale_id,
                "sale_line_no": line.original_line_no,
                "product_id": line.product_id,
                "product_code": line.product_code,
                "name": line.name,
                "unit": line.unit,
                "quantity_milli": line.quantity_milli,
                "amount_minor": line.amount_minor,
                "tax_code": line.tax_code,
                "tax_rate": line.tax_rate,
                "tax_minor": line.tax_minor,
                "reason": line.reason,
                "is_sellable": line.sellable,
                "lot": line.lot,
            }
            for position, line in enumerate(back.lines)
        )
        rows.setdefault(tables.return_taxes, []).extend(_taxes("return_id", back.return_id, back.taxes))
        rows.setdefault(tables.refunds, []).extend(_payments("return_id", back.return_id, back.refunds))
