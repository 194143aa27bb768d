"""Facts -> rollups, added up in memory first, so that a batch touches each rollup row once."""

from __future__ import annotations

from typing import Any

from cloud.bulk import add_up
from cloud.ingest.effects import Effects, NewFact, Totals
from cloud.reporting.models import (
    PRODUCTS_KEY,
    PRODUCTS_SUMS,
    SALES_KEY,
    SALES_SUMS,
    products_by_day,
    sales_by_hour,
)

__all__ = ["project"]

_SOLD_MILLI, _SOLD_MINOR, _DISCOUNT_MINOR, _RETURNED_MILLI, _RETURNED_MINOR = range(len(PRODUCTS_SUMS))


async def project(effects: Effects) -> None:
    hours, products = Totals(SALES_SUMS), Totals(PRODUCTS_SUMS)
    ids = effects.ids
    for fact in effects.of("sale.completed"):
        sale = fact.payload
        hours.add(
            _hour(fact),
            sales=1,
            lines=len(sale.lines),
            total_minor=sale.total_minor,
            discount_minor=sale.discount_minor,
            tax_minor=sum([tax.tax_minor for tax in sale.taxes]),
            rounding_minor=sale.rounding_minor,
        )
        branch, day, currency = fact.place.branch, fact.businessdate, sale.currency
        for line in sale.lines:
            row = products[branch, day, ids[line.product_id.int], currency]
            row[_SOLD_MILLI] += line.quantity_milli
            row[_SOLD_MINOR] += line.amount_minor
            row[_DISCOUNT_MINOR] += line.gross_minor - line.amount_minor
    for fact in effects.of("sale.returned"):
        back = fact.payload
        hours.add(
            _hour(fact),
            returns=1,
            returned_minor=back.total_minor,
            returned_tax_minor=sum([tax.tax_minor for tax in back.taxes]),
            returned_rounding_minor=back.rounding_minor,
        )
        for line in back.lines:
            row = products[fact.place.branch, fact.businessdate, ids[line.product_id.int], back.currency]
            row[_RETURNED_MILLI] += line.quantity_milli
            row[_RETURNED_MINOR] += line.amount_minor
    for fact in effects.of("sale.cancelled"):
        hours.add(_hour(fact), cancelled=1, cancelled_minor=fact.payload.total_minor)
    for fact in effects.of("sale.line_voided"):
        hours.add(_hour(fact), voided=1, voided_minor=fact.payload.amount_minor)
    await add_up(effects.tx, sales_by_hour, SALES_KEY, SALES_SUMS, hours)
    await add_up(effects.tx, products_by_day, PRODUCTS_KEY, PRODUCTS_SUMS, products)


def _hour(fact: NewFact) -> tuple[Any, ...]:
    return fact.place.branch, fact.envelope.till or "", fact.businessdate, fact.hour, fact.payload.currency
