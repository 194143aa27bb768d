"""The view of what is done: the sold basket, how it was paid, and where its papers stand. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from edge.checkout.fiscal_store import Job, JobState
from edge.checkout.texts import Texts
from shared.events import SaleCompleted, SaleReturned

__all__ = ["MOST_LINES", "paid_shown", "receipt_shown", "sold_basket", "sums_shown"]

MOST_LINES: Final = 60
"""As many as a page draws; `line_count` counts all."""


def sums_shown(texts: Texts, subtotal: int, discount: int, total: int) -> dict[str, Any]:
    return {
        "subtotal_text": texts.money(subtotal),
        "discount_text": texts.money(-discount) if discount else None,
        "total_minor": total,
        "total_text": texts.money(total),
        "currency": texts.currency,
    }


def sold_basket(sale: SaleCompleted, jobs: Sequence[Job], texts: Texts) -> dict[str, Any]:
    """The basket as it was sold: it stays on the screen until the next scan."""
    return {
        "id": str(sale.sale_id),
        "number": sale.number,
        "state": _paper_state(jobs),
        "lines": [
            {
                "id": str(line.line_no),
                "no": line.line_no,
                "name": line.name,
                "code": line.product_code,
                "quantity_milli": line.quantity_milli,
                "quantity_text": texts.quantity(line.quantity_milli, line.unit),
                "price_text": texts.price(line.unit_price),
                "sum_text": texts.money(line.gross_minor),
                "sum_minor": line.gross_minor,
                "discounts": [
                    {"text": texts.reason(discount.reason), "sum_text": texts.money(-discount.amount_minor)}
                    for discount in line.discounts
                ],
                "voided": False,
                "newest": False,
            }
            for line in sale.lines[-MOST_LINES:]
        ],
        "age_question": None,
        "line_count": len(sale.lines),
        "scans": 0,
        "next_quantity_text": None,
        **sums_shown(texts, sale.subtotal_minor, sale.discount_minor, sale.total_minor),
        "customer": None,
    }


def _paper_state(jobs: Sequence[Job]) -> str:
    states = {job.state for job in jobs}
    if states & {JobState.UNKNOWN, JobState.CANCELLING}:
        return "unresolved"
    return "completing" if states & {JobState.PENDING, JobState.SENDING} else "done"


def paid_shown(sale: SaleCompleted, texts: Texts) -> dict[str, Any]:
    change = sum(payment.change_minor for payment in sale.payments)
    return {
        "due_minor": sale.total_minor,
        "due_text": texts.money(sale.total_minor),
        "left_minor": 0,
        "left_text": texts.money(0),
        "rounding_text": texts.rounding(sale.rounding_minor) if sale.rounding_minor else None,
        "left_in_cash_minor": 0,
        "left_in_cash_text": None,
        "tenders": [
            {
                "id": str(payment.payment_id),
                "form": payment.form.value,
                "amount_minor": payment.given_minor,
                "amount_text": texts.money(payment.given_minor),
                "state": "accepted",
            }
            for payment in sale.payments
        ],
        "suggestions": [],
        "change_minor": change,
        "change_text": texts.money(change),
    }


def receipt_shown(
    paper: SaleCompleted | SaleReturned, jobs: Sequence[Job], texts: Texts, may_settle: Callable[[UUID], bool]
) -> dict[str, Any]:
    if isinstance(paper, SaleCompleted):
        kind, of_id, sale_id, return_id = "sale", paper.sale_id, paper.sale_id, None
        change = sum(payment.change_minor for payment in paper.payments)
    else:
        kind, of_id, sale_id, return_id = "return", paper.return_id, paper.original_sale_id, str(paper.return_id)
        change = 0
    return {
        "kind": kind,
        "number": paper.number,
        "of_id": str(of_id),
        "sale_id": str(sale_id),
        "return_id": return_id,
        "total_minor": paper.total_minor,
        "total_text": texts.money(paper.total_minor),
        "change_text": texts.money(change),
        "fiscal": [
            {
                "receipt_id": str(job.job_id),
                "state": job.state.value,
                "document_no": job.result_no,
                "code": job.code,
                "part": job.part,
                "parts": job.parts,
                "may_settle": may_settle(job.job_id),
            }
            for job in jobs
        ],
    }
