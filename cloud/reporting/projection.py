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


async def project(effects: Effects) -> None:
    hours, products = Totals(SALES_KEY, SALES_SUMS), Totals(PRODUCTS_KEY, PRODUCTS_SUMS)
    for fact in effects.of("sale.completed"):
        sale = fact.payload
        hours.add(
            _hour(fact),
            sales=1,
            lines=len(sale.lines),
            total_minor=sale.total_minor,
            discount_minor=sale.discount_minor,
            tax_minor=sum(tax.tax_minor for tax in sale.taxes),
            rounding_minor=sale.rounding_minor,
        )
        for line in sale.lines:
            products.add(
                _product(fact, line),
                sold_milli=line.quantity_milli,
                sold_minor=line.amount_minor,
                discount_minor=line.gross_minor - line.amount_minor,
            )
    for fact in effects.of("sale.returned"):
        back = fact.payload
        hours.add(
            _hour(fact),
            returns=1,
            returned_minor=back.total_minor,
            returned_tax_minor=sum(tax.tax_minor for tax in back.taxes),
            returned_rounding_minor=back.rounding_minor,
        )
        for line in back.lines:
            products.add(_product(fact, line), returned_milli=line.quantity_milli, returned_minor=line.amount_minor)
    for fact in effects.of("sale.cancelled"):
        hours.add(_hour(fact), cancelled=1, cancelled_minor=fact.payload.total_minor)
    for fact in effects.of("sale.line_voided"):
        hours.add(_hour(fact), voided=1, voided_minor=fact.payload.amount_minor)
    await add_up(effects.tx, sales_by_hour, hours.rows(), SALES_KEY, SALES_SUMS)
    await add_up(effects.tx, products_by_day, products.rows(), PRODUCTS_KEY, PRODUCTS_SUMS)


def _hour(fact: NewFact) -> tuple[Any, ...]:
    return fact.place.branch, fact.envelope.till or "", fact.businessdate, fact.hour, fact.payload.currency


def _product(fact: NewFact, line: Any) -> tuple[Any, ...]:
    return fact.place.branch, fact.businessdate, line.product_id, fact.payload.currency
