"""Facts of the till -> what was sold, returned, printed and counted. One statement a table, whatever the batch's size.

Rows are inserted strictly: a number or id that is taken makes the database refuse the fact (EVT-404), so that nothing
is skipped in silence. Receipts and shifts are told in several facts and are merged instead.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Table

from cloud.bulk import insert
from cloud.ingest.effects import Effects
from cloud.sales import models as tables
from cloud.sales.merging import merge_receipts, merge_shifts
from cloud.sales.returned import guard_returned_quantities
from cloud.sales.till_events import Row, happened, till_event_rows
from shared.events import Payment, TaxAmount

__all__ = ["project"]


async def project(effects: Effects) -> None:
    """Apply all kinds of facts that this part keeps."""
    rows: dict[Table, list[Row]] = {}
    _sales(effects, rows)
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


def _sales(effects: Effects, rows: dict[Table, list[Row]]) -> None:
    sales: list[Row] = rows.setdefault(tables.sales, [])
    lines: list[Row] = rows.setdefault(tables.sale_lines, [])
    discounts: list[Row] = rows.setdefault(tables.sale_discounts, [])
    taxes: list[Row] = rows.setdefault(tables.sale_taxes, [])
    payments: list[Row] = rows.setdefault(tables.sale_payments, [])
    for fact in effects.of("sale.completed"):
        sale = fact.payload
        sales.append(
            {
                "id": sale.sale_id,
                "number": sale.number,
                **happened(fact),
                "opened_at": sale.opened_at,
                "currency": sale.currency,
                "subtotal_minor": sale.subtotal_minor,
                "discount_minor": sale.discount_minor,
                "total_minor": sale.total_minor,
                "tax_minor": sum(tax.tax_minor for tax in sale.taxes),
                "rounding_minor": sale.rounding_minor,
                "line_count": len(sale.lines),
                "receipt_count": sale.receipts,
                "customer_id": sale.customer_id,
                **_reference(sale),
                "event_id": fact.envelope.id,
            }
        )
        for line in sale.lines:
            lines.append(_line(sale.sale_id, line))
            discounts += (
                {
                    "sale_id": sale.sale_id,
                    "line_no": line.line_no,
                    "position": position,
                    "reason": discount.reason,
                    "amount_minor": discount.amount_minor,
                }
                for position, discount in enumerate(line.discounts)
            )
        taxes += _taxes("sale_id", sale.sale_id, sale.taxes)
        payments += _payments("sale_id", sale.sale_id, sale.payments)


def _line(sale_id: UUID, line: Any) -> Row:
    return {
        "sale_id": sale_id,
        "line_no": line.line_no,
        "product_id": line.product_id,
        "product_code": line.product_code,
        "name": line.name,
        "unit": line.unit,
        "quantity_milli": line.quantity_milli,
        "unit_price": line.unit_price,
        "price_source": line.price_source,
        "gross_minor": line.gross_minor,
        "discount_minor": line.gross_minor - line.amount_minor,
        "amount_minor": line.amount_minor,
        "tax_code": line.tax_code,
        "tax_rate": line.tax_rate,
        "tax_minor": line.tax_minor,
        "lot": line.lot,
        "expiry": line.expiry,
        "serials": line.serials or None,
        "scan": line.scan,
    }


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
