"""A shift from float to Z report, and the drawer in between. Each function is one operation's decision.

Never breaks: what the till expects is told to nobody without the right before the count is stated; a shift is closed in
the same transaction in which its closing report is known to be printed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from sqlite3 import Row
from typing import Any
from uuid import UUID

from edge.checkout.act import Act
from edge.checkout.denominations import sum_of
from edge.checkout.fiscal_ledger import Done, Outcomes
from edge.checkout.fiscal_store import Job, JobKind, NewJob, Reader, reading, unfinished_of_shift
from edge.checkout.shifts import Count, DrawerEntry, EntryKind, Expected, Shift, ShiftState, difference, expected
from edge.checkout.state import shift_of
from edge.journal import Transaction
from edge.journal.transaction import time_text
from shared.clock import business_date
from shared.errors import NeedsPerson, PermanentError
from shared.events import (
    MAX_MINOR,
    CashMoved,
    CashMovement,
    CashPieces,
    DrawerOpened,
    PaymentForm,
    ShiftClosed,
    ShiftOpened,
)
from shared.ids import uuid7

__all__ = [
    "CASH_OUTCOMES",
    "CLOSURE_OUTCOMES",
    "cash_movement",
    "close_shift",
    "count_shift",
    "expected_of",
    "open_drawer",
    "open_shift",
]


def open_shift(act: Act, float_minor: int) -> None:
    if act.state.shift is not None:
        raise PermanentError("SAL-412", shift=act.state.shift.number)
    _check_sum(float_minor)
    [row] = act.tx.connection.execute(
        "SELECT coalesce(max(number), 0) + 1 AS number FROM shifts WHERE till = ?", (act.desk.till,)
    ).fetchall()
    shift = Shift(
        shift_id=uuid7(),
        number=row["number"],
        state=ShiftState.OPEN,
        currency=act.desk.currency.code,
        opened_at=act.now_text,
        businessdate=business_date(act.tx.now, act.desk.zone),
        operator_id=act.operator.operator_id,
        operator_name=act.operator.name,
        float_minor=float_minor,
    )
    act.tx.connection.execute(
        "INSERT INTO shifts (shift_id, till, number, state, currency, businessdate, opened_at, operator_id,"
        " operator_name, float_minor) VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)",
        (
            str(shift.shift_id),
            act.desk.till,
            shift.number,
            shift.currency,
            shift.businessdate.isoformat(),
            shift.opened_at,
            str(shift.operator_id),
            shift.operator_name,
            float_minor,
        ),
    )
    act.state = replace(act.state, shift=shift, last_id=None)
    act.drawer("float", "cash", float_minor, shift.shift_id)
    payload = ShiftOpened(
        shift_id=shift.shift_id, number=shift.number, currency=shift.currency, float_minor=float_minor
    )
    act.fact("shift.opened", shift.shift_id, payload)
    act.result = {"shift_id": str(shift.shift_id), "number": shift.number}


def _check_sum(amount_minor: int) -> None:
    if not 0 <= amount_minor <= MAX_MINOR:
        raise PermanentError("PAY-416", amount_minor=amount_minor)


def expected_of(read: Reader, shift_id: UUID) -> Expected:
    rows = read(
        "SELECT kind, form, amount_minor, rounding_minor FROM drawer WHERE shift_id = ? ORDER BY entry",
        (str(shift_id),),
    )
    return expected(
        [
            DrawerEntry(EntryKind(row["kind"]), PaymentForm(row["form"]), row["amount_minor"], row["rounding_minor"])
            for row in rows
        ]
    )


# -- closing ----------------------------------------------------------------------------------------------------------


def count_shift(
    act: Act, counted_minor: int | None, slips_minor: int, pieces: Sequence[tuple[int, int]] | None = None
) -> None:
    """The blind count, stated once. Everything open must be settled first; unsent facts never stand in the way.

    pieces: notes and coins as they were counted, which then make the sum.
    """
    shift = act.open_shift()
    counted_minor = sum_of(pieces or (), act.desk.currency) if counted_minor is None else counted_minor
    _check_sum(counted_minor)
    _check_sum(slips_minor)
    open_sales = int(bool(act.state.basket.lines))
    unresolved = unfinished_of_shift(reading(act.tx), shift.shift_id)
    if open_sales or act.state.parked or unresolved:
        raise NeedsPerson("SAL-240", open=open_sales, parked=len(act.state.parked), unresolved=unresolved)
    if act.state.sale is not None:
        act.tx.connection.execute(
            "UPDATE baskets SET state = 'cancelled' WHERE basket_id = ?", (str(act.state.sale.sale_id),)
        )
    act.tx.connection.execute(
        "UPDATE shifts SET state = 'counted', counted_minor = ?, slips_minor = ?, counted_pieces = ?"
        " WHERE shift_id = ?",
        (counted_minor, slips_minor, json.dumps(pieces) if pieces is not None else None, str(shift.shift_id)),
    )
    act.state = replace(act.state, sale=None, shift=replace(shift, state=ShiftState.COUNTED))
    act.shown_shift = shift.shift_id
    should_be = expected_of(reading(act.tx), shift.shift_id)
    act.result = {
        "expected_minor": should_be.cash_minor,
        "expected_slips_minor": should_be.card_minor,
        "difference_minor": difference(should_be, Count(counted_minor, slips_minor)),
    }


def close_shift(act: Act) -> None:
    """Ask the register for its closing report; the shift is closed when that is printed."""
    shift = act.state.shift
    if shift is None:
        raise PermanentError("SAL-241")
    if shift.state is ShiftState.OPEN:
        raise NeedsPerson("SAL-242")
    if shift.state is ShiftState.CLOSING:
        raise PermanentError("SAL-244", shift=shift.number)
    act.shown_shift = shift.shift_id
    act.result = {"shift_id": str(shift.shift_id), "number": shift.number}
    if act.desk.register is None:
        _write_closed(act.tx, act.desk.till, shift.shift_id, act.operator.operator_id, None)
        act.state = replace(act.state, shift=None)
        return
    act.tx.connection.execute("UPDATE shifts SET state = 'closing' WHERE shift_id = ?", (str(shift.shift_id),))
    act.state = replace(act.state, shift=replace(shift, state=ShiftState.CLOSING))
    act.enqueue(_job(act, act.desk.register, shift, JobKind.CLOSURE, shift.shift_id, 0, "{}"))


def _job(act: Act, register: str, shift: Shift, kind: JobKind, of_id: UUID, total_minor: int, document: str) -> NewJob:
    return NewJob(
        job_id=uuid7(),
        register=register,
        till=act.desk.till,
        shift_id=shift.shift_id,
        businessdate=shift.businessdate,
        operator=act.operator.operator_id,
        kind=kind,
        of_id=of_id,
        part=1,
        parts=1,
        currency=shift.currency,
        total_minor=total_minor,
        document=document,
    )


def _closed(tx: Transaction, job: Job, result: Done) -> None:
    _write_closed(tx, job.till, job.of_id, job.operator, result)
    # The till's remembered state is older than this now: whoever acts next reads it again.
    tx.connection.execute("UPDATE tills SET shift_id = NULL, n = n + 1 WHERE till = ?", (job.till,))


def _closing_refused(tx: Transaction, job: Job) -> None:
    tx.connection.execute("UPDATE shifts SET state = 'counted' WHERE shift_id = ?", (str(job.of_id),))
    tx.connection.execute("UPDATE tills SET n = n + 1 WHERE till = ?", (job.till,))


def _write_closed(tx: Transaction, till: str, shift_id: UUID, operator: UUID | None, report: Done | None) -> None:
    row: Row = tx.connection.execute("SELECT * FROM shifts WHERE shift_id = ?", (str(shift_id),)).fetchone()
    should_be = expected_of(reading(tx), shift_id)
    count = Count(row["counted_minor"], row["slips_minor"])
    tx.connection.execute(
        "UPDATE shifts SET state = 'closed', closed_at = ? WHERE shift_id = ?", (time_text(tx.now), str(shift_id))
    )
    payload = ShiftClosed(
        shift_id=shift_id,
        number=row["number"],
        currency=row["currency"],
        opened_at=datetime.fromisoformat(row["opened_at"]),
        sales=row["sales"],
        returns=row["returns"],
        sold_minor=should_be.sold_minor,
        returned_minor=should_be.returned_minor,
        rounding_minor=should_be.rounding_minor,
        expected_cash_minor=should_be.cash_minor,
        counted_cash_minor=count.cash_minor,
        expected_card_minor=should_be.card_minor,
        counted_card_minor=count.slips_minor,
        difference_minor=difference(should_be, count),
        counted_pieces=_pieces(row["counted_pieces"]),
        closure_no=report.number if report else None,
        register_serial=report.register_serial if report else None,
        register_turnover_minor=report.turnover_minor if report else None,
    )
    tx.append(
        "shift.closed",
        str(shift_id),
        payload,
        till=till,
        shift=shift_id,
        businessdate=date.fromisoformat(row["businessdate"]),
        operator=operator,
    )


def _pieces(stored: str | None) -> tuple[CashPieces, ...] | None:
    if stored is None:
        return None
    return tuple(CashPieces(value_minor=value, count=count) for value, count in json.loads(stored) if count)


CLOSURE_OUTCOMES = Outcomes(done=_closed, refused=_closing_refused)
"""What follows when the register has printed, or refused, a closing report."""


# -- the drawer -------------------------------------------------------------------------------------------------------


def cash_movement(act: Act, amount_minor: int, reason: str) -> None:
    """Cash in (> 0) or out (< 0) without a sale. With a register it is a fact when the register has counted it."""
    shift = act.open_shift()
    if amount_minor == 0 or abs(amount_minor) > MAX_MINOR:
        raise PermanentError("PAY-416", amount_minor=amount_minor)
    movement_id = uuid7()
    approved_by = str(act.approved_by) if act.approved_by else None
    moved = {"amount_minor": amount_minor, "reason": reason, "approved_by": approved_by}
    act.result = {"movement_id": str(movement_id)}
    if act.desk.register is None:
        _write_moved(act.tx, act.desk.till, shift, movement_id, moved, act.operator.operator_id)
        return
    document = json.dumps(moved)
    job = _job(act, act.desk.register, shift, JobKind.CASH, movement_id, abs(amount_minor), document)
    act.enqueue(job)
    act.awaits = job.job_id


def _moved(tx: Transaction, job: Job, result: Done) -> None:
    shift = shift_of(tx.connection, str(job.shift_id))
    assert shift is not None
    _write_moved(tx, job.till, shift, job.of_id, json.loads(job.document), job.operator)


def _write_moved(
    tx: Transaction, till: str, shift: Shift, movement_id: UUID, moved: dict[str, Any], operator: UUID | None
) -> None:
    """moved: amount_minor, reason and approved_by, as the register's job keeps them."""
    amount_minor = moved["amount_minor"]
    tx.connection.execute(
        "INSERT INTO drawer (shift_id, kind, form, amount_minor, of_id) VALUES (?, 'movement', 'cash', ?, ?)",
        (str(shift.shift_id), amount_minor, str(movement_id)),
    )
    payload = CashMoved(
        movement_id=movement_id,
        direction=CashMovement.IN if amount_minor > 0 else CashMovement.OUT,
        amount_minor=abs(amount_minor),
        currency=shift.currency,
        reason=moved["reason"],
        approved_by=moved.get("approved_by"),
    )
    tx.append(
        "cash.moved",
        str(movement_id),
        payload,
        till=till,
        shift=shift.shift_id,
        businessdate=shift.businessdate,
        operator=operator,
    )


CASH_OUTCOMES = Outcomes(done=_moved, refused=lambda tx, job: None)


def open_drawer(act: Act, reason: str) -> None:
    """The fact first; the drawer is told once it is durable, and at most once."""
    act.open_shift()
    act.fact("drawer.opened", act.desk.till, DrawerOpened(reason=reason, approved_by=act.approved_by))
