"""From the till's values to the facts' payloads. Pure: what is written here is checked again by `shared.events`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from edge.checkout.basket import Basket, Line
from edge.checkout.returns import ReturnPlan
from edge.checkout.splitting import Bill
from shared.events import (
    AgeChecked,
    DiscountTaken,
    ExternalReference,
    LineVoided,
    Payment,
    PriceChanged,
    ReturnedLine,
    SaleCancelled,
    SaleCompleted,
    SaleLine,
    SaleReturned,
    TaxAmount,
)
from shared.ids import uuid7
from shared.money import Currency, line_amount
from shared.pricing import LineResult, TaxGroup

__all__ = ["line_voided", "price_changed", "sale_cancelled", "sale_completed", "sale_returned"]


def _taxes(groups: Sequence[TaxGroup]) -> tuple[TaxAmount, ...]:
    return tuple(
        TaxAmount(
            code=group.code,
            rate=group.rate,
            net_minor=group.net_minor,
            tax_minor=group.tax_minor,
            gross_minor=group.gross_minor,
        )
        for group in groups
    )


def _sale_line(line: Line, result: LineResult) -> SaleLine:
    discounts: tuple[DiscountTaken, ...] = ()
    if result.discount_minor:
        reason = line.discount.reason if line.discount else "-"
        approved_by = line.discount.approved_by if line.discount else None
        discounts = (DiscountTaken(reason=reason, amount_minor=result.discount_minor, approved_by=approved_by),)
    return SaleLine(
        line_no=line.no,
        product_id=line.product.product_id,
        product_code=line.product.code,
        name=line.product.name,
        unit=line.product.unit,
        quantity_milli=line.quantity_milli,
        unit_price=line.unit_price,
        price_source=line.price_source,
        gross_minor=result.gross_minor,
        discounts=discounts,
        amount_minor=result.amount_minor,
        tax_code=line.product.tax.code,
        tax_rate=line.product.tax.rate,
        tax_minor=result.tax_minor,
        lot=line.lot,
        expiry=line.expiry,
        serials=line.serials,
        scan=line.scan,
    )


def _age_check(basket: Basket) -> AgeChecked | None:
    check = basket.age_check
    if check is None:
        return None
    return AgeChecked(
        minimum_age=check.minimum_age,
        checked_by=check.checked_by,
        checked_at=datetime.fromisoformat(check.checked_at),
    )


def sale_completed(
    sale_id: UUID,
    number: str,
    opened_at: datetime,
    basket: Basket,
    bill: Bill,
    payments: tuple[Payment, ...],
    rounding_minor: int,
    currency: Currency,
    receipts: int,
) -> SaleCompleted:
    """receipts: how many a register will print for it."""
    return SaleCompleted(
        sale_id=sale_id,
        number=number,
        currency=currency.code,
        opened_at=opened_at,
        lines=tuple(_sale_line(line, result) for line, result in zip(bill.lines, bill.results, strict=True)),
        subtotal_minor=bill.subtotal_minor,
        discount_minor=bill.discount_minor,
        total_minor=bill.total_minor,
        rounding_minor=rounding_minor,
        taxes=_taxes(bill.taxes),
        payments=payments,
        customer_id=basket.customer.customer_id if basket.customer else None,
        receipts=receipts,
        reference=basket.reference,
        age_check=_age_check(basket),
    )


def sale_cancelled(
    sale_id: UUID,
    number: str,
    basket: Basket,
    bill: Bill,
    reason: str,
    currency: Currency,
    approved_by: UUID | None,
) -> SaleCancelled:
    return SaleCancelled(
        sale_id=sale_id,
        number=number,
        currency=currency.code,
        reason=reason,
        line_count=len(basket.live_lines),
        total_minor=bill.total_minor,
        approved_by=approved_by,
    )


def line_voided(
    sale_id: UUID,
    line: Line,
    quantity_milli: int,
    currency: Currency,
    *,
    after_total: bool,
    approved_by: UUID | None,
) -> LineVoided:
    """quantity_milli: how much of the line is taken out; its whole quantity when the line is voided."""
    return LineVoided(
        sale_id=sale_id,
        line_no=line.no,
        product_id=line.product.product_id,
        product_code=line.product.code,
        name=line.product.name,
        quantity_milli=quantity_milli,
        amount_minor=line_amount(line.unit_price, quantity_milli, currency.line_step),
        currency=currency.code,
        after_total=after_total,
        approved_by=approved_by,
    )


def price_changed(
    sale_id: UUID, line: Line, new_unit_price: int, reason: str, currency: Currency, approved_by: UUID | None
) -> PriceChanged:
    return PriceChanged(
        sale_id=sale_id,
        line_no=line.no,
        product_id=line.product.product_id,
        product_code=line.product.code,
        currency=currency.code,
        old_unit_price=line.unit_price,
        new_unit_price=new_unit_price,
        quantity_milli=line.quantity_milli,
        reason=reason,
        approved_by=approved_by,
    )


def sale_returned(
    return_id: UUID,
    number: str,
    sale: SaleCompleted,
    plan: ReturnPlan,
    reference: ExternalReference | None,
    receipts: int,
    approved_by: UUID | None,
) -> SaleReturned:
    return SaleReturned(
        return_id=return_id,
        number=number,
        original_sale_id=sale.sale_id,
        original_number=sale.number,
        currency=sale.currency,
        lines=tuple(
            ReturnedLine(
                original_line_no=result.line.line_no,
                product_id=result.line.product_id,
                product_code=result.line.product_code,
                name=result.line.name,
                unit=result.line.unit,
                quantity_milli=result.request.quantity_milli,
                amount_minor=result.amount_minor,
                tax_code=result.line.tax_code,
                tax_rate=result.line.tax_rate,
                tax_minor=result.tax_minor,
                reason=result.request.reason,
                sellable=result.request.sellable,
                lot=result.line.lot,
            )
            for result in plan.results
        ),
        total_minor=plan.total_minor,
        rounding_minor=plan.rounding_minor,
        taxes=_taxes(plan.taxes),
        refunds=tuple(
            Payment(
                payment_id=uuid7(),
                form=refund.form,
                amount_minor=refund.amount_minor,
                given_minor=refund.amount_minor,
                stated_by_person=refund.form.value == "card",
            )
            for refund in plan.refunds
        ),
        customer_id=sale.customer_id,
        receipts=receipts,
        reference=reference,
        approved_by=approved_by,
    )
