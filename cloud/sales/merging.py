"""What the till tells in several facts: a receipt (unknown, refused, fiscalised) and a shift (opened, closed).

The facts of one row may arrive in any order; the row ends the same.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from cloud.bulk import insert_new, one_of, put
from cloud.fleet.exceptions import Answered
from cloud.ingest.effects import Effects, NewFact
from cloud.sales import models as tables
from cloud.sales.till_events import Row

__all__ = ["merge_receipts", "merge_shifts"]

_RECEIPT_STATES = {
    "receipt.fiscalised": "fiscalised",
    "receipt.refused": "refused",
    "receipt.outcome_unknown": "unknown",
}
_RECEIPT_NEWS = (
    "at",
    "state",
    "register_serial",
    "document_no",
    "fiscal_memory_no",
    "register_time",
    "is_adopted",
    "code",
    "maker_code",
    "event_id",
)


def _receipt(fact: NewFact) -> Row:
    receipt = fact.payload
    return {
        "id": receipt.receipt_id,
        "of_id": receipt.of_id,
        "kind": receipt.kind,
        "part": receipt.part,
        "parts": receipt.parts,
        "branch": fact.envelope.branch,
        "node": fact.envelope.node,
        "till": fact.envelope.till,
        "at": fact.envelope.time,
        "currency": receipt.currency,
        "total_minor": receipt.total_minor,
        "state": _RECEIPT_STATES[fact.name],
        "register_serial": receipt.register_serial,
        "document_no": getattr(receipt, "document_no", None),
        "fiscal_memory_no": getattr(receipt, "fiscal_memory_no", None),
        "register_time": getattr(receipt, "register_time", None),
        "is_adopted": getattr(receipt, "adopted", False),
        "code": getattr(receipt, "code", None),
        "maker_code": getattr(receipt, "maker_code", None),
        "event_id": fact.envelope.id,
    }


async def merge_receipts(effects: Effects) -> None:
    """Keep the newest word on each receipt; fiscalised is the last one, whatever comes after it.

    Facts of one receipt are told apart by their ids, which grow with time.
    """
    newest: dict[UUID, Row] = {}
    for fact in effects.of(*_RECEIPT_STATES):
        row = _receipt(fact)
        known = newest.get(row["id"])
        if known is None or _outranks(row, known):
            newest[row["id"]] = row
        if row["code"] is not None:
            effects.raise_(
                row["code"],
                fact,
                f"receipt:{row['id']}",
                row["of_id"],
                register=row["register_serial"],
                maker_code=row["maker_code"] or "",
                total_minor=row["total_minor"],
                currency=row["currency"],
            )
    new = await insert_new(effects.tx, tables.receipts, list(newest.values()))
    again = [row for receipt_id, row in newest.items() if receipt_id not in new]
    later = "excluded.state = 'fiscalised' OR receipts.state <> 'fiscalised' AND excluded.event_id > receipts.event_id"
    await put(effects.tx, tables.receipts, again, ["id"], _RECEIPT_NEWS, where=later)
    doubtful = {row["id"] for row in again} | {row["id"] for row in newest.values() if row["state"] != "fiscalised"}
    doubtful |= {fact.payload.receipt_id for fact in effects.of("receipt.refused", "receipt.outcome_unknown")}
    if doubtful:
        printed = (
            tables.receipts.c.state == "fiscalised",
            one_of(effects.tx.dialect.name, tables.receipts.c.id, doubtful),
        )
        settled = await effects.tx.scalars(select(tables.receipts.c.id).where(*printed))
        effects.answered += [Answered(f"receipt:{receipt_id}") for receipt_id in settled]


def _outranks(row: Row, known: Row) -> bool:
    if "fiscalised" in (row["state"], known["state"]):
        return bool(known["state"] != "fiscalised")
    return bool(row["event_id"] > known["event_id"])


_OPENED = ("float_minor", "opened_at", "opened_by")
_CLOSED = (
    "closed_at",
    "closed_by",
    "sale_count",
    "return_count",
    "sold_minor",
    "returned_minor",
    "expected_cash_minor",
    "counted_cash_minor",
    "expected_card_minor",
    "counted_card_minor",
    "difference_minor",
    "closure_no",
    "register_serial",
    "register_turnover_minor",
)


def _shift(fact: NewFact, opened_at: Any) -> Row:
    shift = fact.payload
    return {
        "id": shift.shift_id,
        "branch": fact.envelope.branch,
        "node": fact.envelope.node,
        "till": fact.envelope.till,
        "number": shift.number,
        "currency": shift.currency,
        "businessdate": fact.businessdate,
        "opened_at": opened_at,
    }


async def merge_shifts(effects: Effects) -> None:
    """Keep both halves of each shift; whichever fact comes first makes the row."""
    opened = {
        fact.payload.shift_id: {
            **_shift(fact, fact.envelope.time),
            "opened_by": fact.envelope.operator,
            "float_minor": fact.payload.float_minor,
        }
        for fact in effects.of("shift.opened")
    }
    await put(effects.tx, tables.shifts, list(opened.values()), ["id"], _OPENED)
    closed: dict[UUID, Row] = {}
    for fact in effects.of("shift.closed"):
        shift = fact.payload
        closed[shift.shift_id] = {
            **_shift(fact, shift.opened_at),
            "closed_at": fact.envelope.time,
            "closed_by": fact.envelope.operator,
            "sale_count": shift.sales,
            "return_count": shift.returns,
            "sold_minor": shift.sold_minor,
            "returned_minor": shift.returned_minor,
            "expected_cash_minor": shift.expected_cash_minor,
            "counted_cash_minor": shift.counted_cash_minor,
            "expected_card_minor": shift.expected_card_minor,
            "counted_card_minor": shift.counted_card_minor,
            "difference_minor": shift.difference_minor,
            "closure_no": shift.closure_no,
            "register_serial": shift.register_serial,
            "register_turnover_minor": shift.register_turnover_minor,
        }
        if shift.difference_minor:
            effects.raise_(
                "SAL-141",
                fact,
                f"shift:{shift.shift_id}",
                shift.shift_id,
                number=shift.number,
                difference_minor=shift.difference_minor,
                currency=shift.currency,
                till=fact.envelope.till or "",
            )
    await put(effects.tx, tables.shifts, list(closed.values()), ["id"], _CLOSED)
