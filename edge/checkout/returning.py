"""Goods back, papers again, and what a person says of a paper that nobody else can tell of.

Never breaks: a return names the receipts it gives back, and is planned from what the journal holds in the same
transaction that writes it, so that two returns at once cannot take the same piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from edge.checkout import payloads
from edge.checkout.act import Act, Desk
from edge.checkout.documents import PaperHead, dump_receipt, refund_payments, return_receipt
from edge.checkout.fiscal_ledger import Outcomes, settle_by_person
from edge.checkout.fiscal_store import Job, JobKind, JobState, NewJob, find_job, jobs_of, move, reading
from edge.checkout.numbers import return_number
from edge.checkout.printing import enqueue_print
from edge.checkout.returns import ReturnPart, ReturnPlan, ReturnRequest, plan_return
from edge.checkout.shift_keeping import CASH_OUTCOMES, CLOSURE_OUTCOMES
from edge.checkout.sold import Sold, find_sale
from edge.checkout.splitting import PartPayment
from edge.devices.fiscal_printer.contract import OriginalReceipt
from edge.journal import AppendedFact
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError
from shared.events import ExternalReference, SaleReturned
from shared.ids import uuid7

__all__ = ["OUTCOMES", "plan_of", "print_again", "return_lines", "settle_unknown"]

OUTCOMES: dict[JobKind, Outcomes] = {JobKind.CLOSURE: CLOSURE_OUTCOMES, JobKind.CASH: CASH_OUTCOMES}


def plan_of(desk: Desk, sold: Sold, requests: Sequence[ReturnRequest]) -> ReturnPlan:
    """Raises ReturnProblem; NeedsPerson SAL-422 while a receipt of the sale has not come to its end."""
    if not sold.is_settled:
        raise NeedsPerson("SAL-422", number=sold.sale.number)
    return plan_return(
        sold.sale,
        requests,
        returned_milli=sold.returned_milli,
        refunded=sold.refunded,
        paper=sold.paper,
        limits=desk.limits,
        currency=desk.currency,
    )


def return_lines(
    act: Act,
    sale_id: UUID,
    requests: Sequence[ReturnRequest],
    reference: ExternalReference | None,
    limit_minor: int | None = None,
) -> None:
    """limit_minor: above this sum a return needs the right `return_over_limit`; None is no limit."""
    shift = act.open_shift()
    act.need_register_ready()
    sold = find_sale(reading(act.tx), sale_id)
    plan = plan_of(act.desk, sold, requests)
    if limit_minor is not None and plan.total_minor + plan.rounding_minor > limit_minor:
        act.need_right("return_over_limit")
    return_id = uuid7()
    number = return_number(act.desk.branch, act.desk.number, shift.number, act.take_number())
    owed = _owed(act, plan, sold)
    returned = payloads.sale_returned(
        return_id, number, sold.sale, plan, reference, len(owed), approved_by=act.approved_by
    )
    fact = act.fact("sale.returned", return_id, returned)
    _store(act, returned, plan, fact)
    for refund in plan.refunds:
        rounding = refund.exact_minor - refund.amount_minor
        act.drawer("return", refund.form.value, -refund.amount_minor, return_id, rounding)
    _owe_receipts(act, returned, owed)
    act.state = replace(act.state, last_id=return_id)
    act.result = {
        "return_id": str(return_id),
        "number": number,
        "total_minor": plan.total_minor,
        "refund_minor": plan.total_minor + plan.rounding_minor,
        "forms": [{"form": refund.form.value, "amount_minor": refund.amount_minor} for refund in plan.refunds],
        "receipts": returned.receipts,
    }


def _store(act: Act, returned: SaleReturned, plan: ReturnPlan, fact: AppendedFact) -> None:
    shift = act.open_shift()
    ids = (str(returned.return_id), str(returned.original_sale_id))
    act.tx.connection.execute(
        "INSERT INTO returns (return_id, sale_id, number, event_id, till, shift_id, returned_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*ids, returned.number, str(fact.event_id), act.desk.till, str(shift.shift_id), act.now_text),
    )
    act.tx.connection.executemany(
        "INSERT INTO returned_lines (return_id, sale_id, line_no, quantity_milli) VALUES (?, ?, ?, ?)",
        [(*ids, line.original_line_no, line.quantity_milli) for line in returned.lines],
    )
    act.tx.connection.executemany(
        "INSERT INTO refunds (return_id, sale_id, form, amount_minor, exact_minor) VALUES (?, ?, ?, ?, ?)",
        [(*ids, refund.form.value, refund.amount_minor, refund.exact_minor) for refund in plan.refunds],
    )
    act.tx.connection.execute("UPDATE shifts SET returns = returns + 1 WHERE shift_id = ?", (str(shift.shift_id),))


@dataclass(frozen=True)
class _Owed:
    """One return receipt to print, against one printed receipt of the sale."""

    part: ReturnPart
    payments: Sequence[PartPayment]
    original: Job


def _owed(act: Act, plan: ReturnPlan, sold: Sold) -> list[_Owed]:
    """One for each of the sale's receipts that is touched; what was never printed needs none."""
    if act.desk.register is None:
        return []
    originals = {job.part: job for job in sold.jobs if job.state is JobState.DONE}
    shares = refund_payments(plan.refunds, [part.total_minor for part in plan.parts])
    return [
        _Owed(part, share, originals[part.original_part])
        for part, share in zip(plan.parts, shares, strict=True)
        if part.original_part in originals
    ]


def _owe_receipts(act: Act, returned: SaleReturned, owed: Sequence[_Owed]) -> None:
    if act.desk.printer is not None:
        enqueue_print(act.tx, act.desk.printer, act.desk.till, returned.return_id)
    shift = act.open_shift()
    head = PaperHead(
        number=returned.number,
        operator=act.operator.name,
        till_no=act.desk.number,
        parts=len(owed),
        reference=returned.reference.number if returned.reference else None,
    )
    for number, receipt in enumerate(owed, 1):
        document = return_receipt(receipt.part, number, receipt.payments, head, _original(act, receipt.original))
        act.enqueue(
            NewJob(
                job_id=uuid7(),
                register=act.desk.register or "",
                till=act.desk.till,
                shift_id=shift.shift_id,
                businessdate=shift.businessdate,
                operator=act.operator.operator_id,
                kind=JobKind.RETURN,
                of_id=returned.return_id,
                part=number,
                parts=len(owed),
                currency=returned.currency,
                total_minor=receipt.part.total_minor,
                document=dump_receipt(document),
                lines=tuple((piece.line.line_no, 0, piece.quantity_milli) for piece in receipt.part.pieces),
            )
        )


def _original(act: Act, job: Job) -> OriginalReceipt:
    """The sale's receipt as its register knows it: number, its own clock, fiscal memory."""
    if job.register_time is not None:
        closed_at = datetime.fromisoformat(job.register_time)
    else:
        closed_at = act.local(datetime.fromisoformat(job.changed_at))
    return OriginalReceipt(str(job.result_no), closed_at, job.fiscal_memory_no or "")


def print_again(act: Act, of_id: UUID) -> bool:
    """Put the refused receipts of a sale or return back in the register's queue; False when there are none."""
    refused = [job for job in jobs_of(reading(act.tx), of_id) if job.state is JobState.REFUSED]
    for job in refused:
        move(act.tx, job.job_id, (JobState.REFUSED,), JobState.PENDING, code=None, maker_code=None)
    return bool(refused)


def settle_unknown(act: Act, job_id: UUID, *, printed: bool, document_no: int | None) -> None:
    """What a person has read on the paper. Only when the register cannot tell, or has been silent for a minute."""
    job = find_job(reading(act.tx), job_id)
    if job is None:
        raise PermanentError("FIS-430", receipt=str(job_id))
    if job.state is not JobState.UNKNOWN:
        raise PermanentError("FIS-431", state=job.state.value)
    if not act.around.may_settle(job_id):
        raise OutcomeUnknown("FIS-502")
    number = (job.position_no or 0) + 1 if document_no is None else document_no
    if not settle_by_person(act.tx, job, number if printed else None, OUTCOMES):
        raise PermanentError("FIS-431", state=job.state.value)
    act.result = {"receipt_id": str(job_id)}
