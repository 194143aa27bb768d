"""One operation at a till, decided inside the journal's transaction: what it may see, change and write.

Never breaks: everything an act does is in its transaction; when it is refused, nothing of it remains but the refusal.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from edge.checkout.basket import EMPTY, Basket, Change, apply
from edge.checkout.fiscal_store import NewJob, enqueue
from edge.checkout.numbers import sale_number
from edge.checkout.scan_results import LastScan
from edge.checkout.shifts import Shift, ShiftState
from edge.checkout.splitting import UNLIMITED, Bill, Limits, bill_of
from edge.checkout.state import OpenSale, OperatorAtTill, TillState
from edge.journal import AppendedFact, Transaction
from edge.journal.transaction import time_text
from edge.receipts import Shop
from shared.errors import NeedsPerson, PermanentError, TradepostError
from shared.events import Payload
from shared.ids import uuid7
from shared.money import Currency

__all__ = ["Act", "Desk", "Surroundings", "born_on_or_before"]


@dataclass(frozen=True)
class Desk:
    """What is fixed about a till while the program runs."""

    till: str
    number: int
    branch: str
    """Its id, which goes into numbers."""
    shop: Shop
    """As papers have it; screens show its name."""
    currency: Currency
    zone: ZoneInfo
    register: str | None = None
    limits: Limits = UNLIMITED
    printer: str | None = None


@dataclass(frozen=True)
class Surroundings:
    """What the gateway knew outside the journal when the operation arrived."""

    obstacle: TradepostError | None = None
    """Why no money may be taken: the register waits, or an outcome is unknown."""
    may_settle: Callable[[UUID], bool] = lambda _: False
    """Whether a person may say what became of this receipt."""
    last_scan: LastScan | None = None


def born_on_or_before(today: date, age: int) -> date:
    """The latest birth date of somebody who is this old today; 29 February comes of age on 1 March."""
    year = today.year - age
    is_leap_day = (today.month, today.day) == (2, 29)
    return date(year, 2, 28) if is_leap_day and not isleap(year) else today.replace(year=year)


def _nobody(right: str) -> UUID:
    raise NeedsPerson("USR-403", right=right)


@dataclass
class Act:
    tx: Transaction
    desk: Desk
    state: TillState
    op_id: UUID
    operator: OperatorAtTill
    around: Surroundings = Surroundings()
    device: str | None = None
    """The scanner, when one brought the operation."""
    changes: list[Change] = field(default_factory=list)
    changed_sale: UUID | None = None
    result: dict[str, Any] = field(default_factory=dict)
    error: TradepostError | None = None
    """A refusal that leaves something behind all the same: the fact of a scan that found nothing."""
    last_scan: LastScan | None = None
    awaits: UUID | None = None
    """The register's job that must end before the operation is answered."""
    afterwards: Literal["drawer", "drawer_by_the_way", "duplicate"] | None = None
    """What a device is told once the operation is durable: at most once, and never when the operation is repeated."""
    shown_shift: UUID | None = None
    """The shift whose count is now on the screen."""
    operator_leaves: bool = False
    second_person: Callable[[str], UUID] = _nobody
    """Who has allowed this act with a right of theirs; raises NeedsPerson: USR-250 to ask for one, USR-403 for no."""
    approved_by: UUID | None = None
    """The second person, once a right of theirs was needed. Goes into the fact."""

    # -- what must hold -----------------------------------------------------------------------------------------------

    def need_right(self, right: str) -> None:
        if right not in self.operator.rights:
            self.approved_by = self.second_person(right)

    def open_shift(self) -> Shift:
        shift = self.state.shift
        if shift is None:
            raise NeedsPerson("SAL-241")
        if shift.state is not ShiftState.OPEN:
            raise PermanentError("SAL-243", shift=shift.number)
        return shift

    def need_selling(self) -> Basket:
        """The basket, when lines may be changed: the shift is open and payment has not begun."""
        self.open_shift()
        if self.state.basket.paying:
            raise PermanentError("SAL-410", state="paying")
        return self.state.basket

    def paying_sale(self) -> OpenSale:
        self.open_shift()
        if self.state.sale is None or not self.state.sale.basket.paying:
            raise PermanentError("SAL-410", state="open")
        return self.state.sale

    def age_question(self) -> NeedsPerson:
        """What somebody must look for before age-restricted goods are sold."""
        basket = self.state.basket
        age = basket.asked_age or 0
        strictest = next(line for line in basket.waiting if line.product.minimum_age == age)
        born_by = born_on_or_before(self.local(self.tx.now).date(), age)
        return NeedsPerson("SAL-210", item=strictest.product.name, age=age, born_by=born_by.isoformat())

    def need_age_answered(self) -> None:
        if self.state.basket.waiting:
            raise self.age_question()

    def need_no_money_taken(self) -> None:
        forms = sorted({tender.form.value for tender in self.state.basket.tenders if tender.counts})
        if forms:
            raise NeedsPerson("PAY-230", forms=", ".join(forms))

    def need_register_ready(self) -> None:
        if self.around.obstacle is not None:
            raise self.around.obstacle

    # -- what it may do -----------------------------------------------------------------------------------------------

    @property
    def now_text(self) -> str:
        return time_text(self.tx.now)

    @property
    def sale(self) -> OpenSale:
        """The sale on the screen, begun now if there is none."""
        if self.state.sale is None:
            shift = self.open_shift()
            number = sale_number(self.desk.branch, self.desk.number, shift.number, self.take_number())
            sale = OpenSale(uuid7(), number, self.now_text, EMPTY)
            self.tx.connection.execute(
                "INSERT INTO baskets (basket_id, till, shift_id, number, state, opened_at)"
                " VALUES (?, ?, ?, ?, 'open', ?)",
                (str(sale.sale_id), self.desk.till, str(shift.shift_id), number, self.now_text),
            )
            self.state = replace(self.state, sale=sale)
        assert self.state.sale is not None
        return self.state.sale

    def take_number(self) -> int:
        """The next number of this shift, for a sale or a return."""
        shift = self.open_shift()
        [row] = self.tx.connection.execute(
            "UPDATE shifts SET next_number = next_number + 1 WHERE shift_id = ? RETURNING next_number - 1 AS n",
            (str(shift.shift_id),),
        ).fetchall()
        return int(row["n"])

    def change(self, change: Change) -> Basket:
        """Apply one change to the sale on the screen. Raises BasketError."""
        sale = self.sale
        basket = apply(sale.basket, change)
        self.state = replace(self.state, sale=replace(sale, basket=basket))
        self.changes.append(change)
        self.changed_sale = sale.sale_id
        return basket

    def put_sale(self, sale: OpenSale | None) -> None:
        self.state = replace(self.state, sale=sale)

    def bill(self) -> Bill:
        return bill_of(self.state.basket.lines, self.desk.currency, self.desk.limits)

    def fact(self, name: str, subject: UUID | str, payload: Payload) -> AppendedFact:
        shift = self.state.shift
        return self.tx.append(
            name,
            str(subject),
            payload,
            till=self.desk.till,
            shift=shift.shift_id if shift else None,
            businessdate=shift.businessdate if shift else None,
            operator=self.operator.operator_id,
            device=self.device,
        )

    def drawer(self, kind: str, form: str, amount_minor: int, of_id: UUID, rounding_minor: int = 0) -> None:
        """rounding_minor: the part of the amount that rounding cash has added or taken off."""
        shift = self.open_shift()
        self.tx.connection.execute(
            "INSERT INTO drawer (shift_id, kind, form, amount_minor, of_id, rounding_minor) VALUES (?, ?, ?, ?, ?, ?)",
            (str(shift.shift_id), kind, form, amount_minor, str(of_id), rounding_minor),
        )

    def enqueue(self, job: NewJob) -> None:
        enqueue(self.tx, job)

    def local(self, moment: datetime) -> datetime:
        """The branch's wall time, without zone, as registers and papers have it."""
        return moment.astimezone(self.desk.zone).replace(tzinfo=None, microsecond=0)
