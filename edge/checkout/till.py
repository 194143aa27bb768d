"""One till: every operation decided once, in order, inside the journal; the newest state handed to whoever shows it.

Never breaks: an operation is answered after its commit; a second arrival of its id gets the first answer and does
nothing; what is remembered between operations is checked against the journal before it is used.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from edge.checkout.act import Act, Desk, Surroundings
from edge.checkout.approvals import APPROVABLE, LASTS_S, Approvals, fingerprint
from edge.checkout.basket import CustomerSnapshot, dump_change
from edge.checkout.fiscal_engine import FiscalEngine
from edge.checkout.fiscal_store import JobState
from edge.checkout.operations import OPERATIONS, Operation, Preparing, parse_arguments
from edge.checkout.scan_results import Choice, LastScan
from edge.checkout.scanning import Goods, Resolver, Unresolved
from edge.checkout.second_person import told
from edge.checkout.state import OperatorAtTill, TillState, load_state, stored_n
from edge.devices.cash_drawer.contract import CashDrawer
from edge.journal import Journal, Transaction
from edge.journal.transaction import time_text
from shared.clock import Clock, business_date
from shared.errors import NeedsPerson, PermanentError, TradepostError
from shared.events import Payload

__all__ = ["Answer", "PriceCheck", "Till"]

ENDS_BASKET = frozenset({"take", "cancel_sale", "park"})
"""Operations after which another basket is on the screen."""

NO_MATTER_OF_THE_REGISTER = frozenset({"scan", "add"})
"""Waking the engine makes it ask the register how it is: a millisecond of the processor, and of the line, a scan."""

log = logging.getLogger(__name__)

Outcome = dict[str, Any]


@dataclass(frozen=True)
class PriceCheck:
    """The product whose price is shown, if one has been scanned."""

    item: Choice | None = None


@dataclass(frozen=True)
class Answer:
    """What one operation came to. rev: the first view in which it shows."""

    ok: bool
    rev: int
    result: Mapping[str, Any] | None = None
    error: TradepostError | None = None


class Till:
    """`perform` may be called again before the last answer: the order of the calls is the order of the acts."""

    def __init__(
        self,
        desk: Desk,
        journal: Journal,
        resolver: Resolver,
        *,
        clock: Clock,
        engine: FiscalEngine | None = None,
        drawer: CashDrawer | None = None,
    ) -> None:
        """drawer: one of its own; without it the register's is opened, which also opens by itself on cash."""
        self.desk = desk
        self.resolver = resolver
        self.engine = engine
        self.state = TillState(desk.till)
        """As the last committed operation left it; the event loop's copy."""
        self.last_scan: LastScan | None = None
        self.shown_shift: UUID | None = None
        """The shift whose count or closing is on the screen."""
        self.checked_price: PriceCheck | None = None
        """Set while scans only show their price."""
        self.restored_at: datetime | None = None
        """When an open sale was found at the start; None once something has been done."""
        self.approvals = Approvals(clock)
        self.rev = 1
        self._drawer = drawer
        self._journal = journal
        self._clock = clock
        self._held = self.state
        """The journal writer's copy."""
        self._listeners: list[Callable[[], None]] = []
        self._refreshing: asyncio.Future[None] | None = None
        self._opening: asyncio.Future[None] | None = None
        if engine is not None:
            engine.on_change(self._register_changed)

    async def start(self) -> None:
        """Read the till as the last program left it."""
        self.state = await self._journal.write(self._current)
        if self.state.basket.lines:
            self.restored_at = self._clock.now()
        self._tell()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have this called, in the event loop, whenever the view may have changed."""
        self._listeners.append(listener)

    def changed(self) -> None:
        """Something outside that the view shows has changed: link, lease, printer."""
        self._tell()

    def check_prices(self, *, on: bool) -> None:
        """While on, a scan shows its product and touches no basket."""
        self.checked_price = PriceCheck() if on else None
        self._tell()

    async def _show_price(self, raw: str) -> Answer:
        match self.resolver.scan(raw, self.today):
            case Goods(product=product, unit_price=unit_price):
                self.checked_price = PriceCheck(Choice(product.product_id, product.name, product.code, (), unit_price))
                self._tell()
                return Answer(ok=True, rev=self.rev, result={})
            case Unresolved(code, parameters):
                facts: dict[str, Any] = dict(parameters)
                return await self._refused(PermanentError(code, **facts))
            case _:
                return await self._refused(PermanentError("SCN-201", barcode=raw[:48]))

    # -- operations ---------------------------------------------------------------------------------------------------

    def perform(
        self, name: str, op_id: UUID, given: Mapping[str, Any], operator: OperatorAtTill, *, device: str | None = None
    ) -> Coroutine[Any, Any, Answer]:
        """Hand in one operation now; await the result for its answer. Raises nothing: refusals are answers."""
        try:
            operation = OPERATIONS[name]
            arguments = parse_arguments(operation, given)
        except KeyError:
            return self._refused(PermanentError("SAL-402", operation=name[:40]))
        except TradepostError as error:
            return self._refused(error)
        if self.checked_price is not None and name == "scan":
            return self._show_price(given["raw"])
        prepared: Any
        try:
            prepared = operation.prepare(self._preparing(), arguments)
        except TradepostError as error:
            prepared = error
        asked = _Asked(name, op_id, operation, arguments, prepared, given)
        work = _Work(self, asked, operator, self._surroundings(), device)
        try:
            return self._answer(self._journal.submit(work), work)
        except TradepostError as error:
            return self._refused(error)

    def _preparing(self) -> Preparing:
        return Preparing(self.resolver, self.today, self.state.parked, self._enrolled)

    def _enrolled(self, customer_id: UUID) -> CustomerSnapshot | None:
        rows = self._journal.read("SELECT name FROM enrolled WHERE customer_id = ?", (str(customer_id),))
        return CustomerSnapshot(customer_id, "", rows[0]["name"]) if rows else None

    @property
    def today(self) -> date:
        """The business date that prices and facts count for."""
        shift = self.state.shift
        return shift.businessdate if shift else business_date(self._clock.now(), self.desk.zone)

    @property
    def calendar_day(self) -> date:
        """The day on the wall, for birthdays; the business date may still be yesterday's."""
        return self._clock.now().astimezone(self.desk.zone).date()

    def _surroundings(self) -> Surroundings:
        if self.engine is None:
            return Surroundings(last_scan=self.last_scan)
        return Surroundings(self.engine.obstacle, self.engine.person_may_settle, self.last_scan)

    async def _refused(self, error: TradepostError) -> Answer:
        return Answer(ok=False, rev=self.rev, error=error)

    async def _answer(self, future: Future[Outcome], work: _Work) -> Answer:
        try:
            outcome = await asyncio.wrap_future(future)
            if work.act is not None:
                await self._afterwards(work.act)
            if outcome.get("awaits"):
                outcome = await self._awaited(outcome)
        except TradepostError as error:
            return Answer(ok=False, rev=self.rev, error=error)
        if outcome["ok"]:
            return Answer(ok=True, rev=self.rev, result=outcome["result"])
        return Answer(ok=False, rev=self.rev, result=outcome.get("result"), error=_load_error(outcome["error"]))

    async def _afterwards(self, act: Act) -> None:
        """What a device is told once the operation is durable. Lost with the power, never repeated."""
        if act.error is not None:
            return
        match act.afterwards:
            case "drawer" if self._drawer is not None:
                await self._drawer.open()
            case "drawer" if self.engine is not None:
                await self.engine.open_drawer()
            case "duplicate" if self.engine is not None:
                await self.engine.print_duplicate()
            case "drawer_by_the_way" if self._drawer is not None:
                self._opening = asyncio.ensure_future(self._open_by_the_way(self._drawer))

    async def _open_by_the_way(self, drawer: CashDrawer) -> None:
        """A sale does not fail because its drawer stays shut; the cashier has a key."""
        try:
            await drawer.open()
        except TradepostError as error:
            log.warning("drawer of %s: %s", self.desk.till, error)

    async def _awaited(self, outcome: Outcome) -> Outcome:
        assert self.engine is not None
        job = await self.engine.finished(UUID(outcome["awaits"]))
        await self.refresh()
        if job.state is JobState.REFUSED:
            raise PermanentError(job.code or "FIS-405", maker_code=job.maker_code)
        return outcome

    async def refresh(self) -> None:
        """Read the till again: something besides an operation has moved it on."""
        state = await self._journal.write(self._current)
        if state != self.state:
            self.state = state
            self._tell()

    async def record(self, name: str, subject: str, payload: Payload, operator: OperatorAtTill) -> None:
        """A fact of this till that no operation writes, durable when this returns."""
        shift = self.state.shift

        def work(tx: Transaction) -> None:
            tx.append(
                name,
                subject,
                payload,
                till=self.desk.till,
                shift=shift.shift_id if shift else None,
                businessdate=self.today,
                operator=operator.operator_id,
            )

        await self._journal.write(work)

    # -- inside the journal's transaction -----------------------------------------------------------------------------

    def _current(self, tx: Transaction) -> TillState:
        if stored_n(tx.connection, self.desk.till) != self._held.n or not self._held.n:
            self._held = load_state(tx.connection, self.desk.till)
        return self._held

    def _hold(self, state: TillState) -> None:
        """Remembered before the commit: should that fail, `n` will not agree with the journal, and this is dropped."""
        self._held = state

    # -- in the event loop --------------------------------------------------------------------------------------------

    def _committed(self, name: str, act: Act, state: TillState) -> None:
        if state.n > self.state.n:
            self.state = state
        if act.changes or name in ("take", "cancel_sale"):
            self.restored_at = None
        if act.last_scan is not None:
            self.last_scan = act.last_scan
        elif name in ENDS_BASKET or name == "age":
            # What was scanned belongs to a basket that is gone; the next customer must not be told of it.
            self.last_scan = None
        if act.shown_shift is not None:
            self.shown_shift = act.shown_shift
        elif name in ("open_shift", "lock"):
            self.shown_shift = None
        if self.engine is not None and name not in NO_MATTER_OF_THE_REGISTER:
            self.engine.wake()
        self._tell()

    def _register_changed(self) -> None:
        """The register may have ended something that the till waits for, such as the closing of its shift."""
        rows = self._journal.read("SELECT n FROM tills WHERE till = ?", (self.desk.till,))
        if rows and rows[0]["n"] > self.state.n:
            self._refreshing = asyncio.ensure_future(self.refresh())
        self._tell()

    def _tell(self) -> None:
        self.rev += 1
        for listener in self._listeners:
            listener()


@dataclass(frozen=True)
class _Asked:
    """An operation as it came in, and what was looked up for it."""

    name: str
    op_id: UUID
    operation: Operation
    arguments: Any
    prepared: Any
    given: Mapping[str, Any]

    @property
    def approval(self) -> UUID | None:
        """The request that a second person is said to have allowed."""
        try:
            return UUID(self.given["approval"])
        except (KeyError, ValueError, TypeError, AttributeError):
            return None

    def mark(self, state: TillState) -> str:
        return fingerprint(self.name, {name: value for name, value in self.given.items() if name != "approval"}, state)


class _Work:
    """One operation on its way through the journal's writer."""

    def __init__(
        self, till: Till, asked: _Asked, operator: OperatorAtTill, around: Surroundings, device: str | None
    ) -> None:
        self._till = till
        self._asked = asked
        self._operator = operator
        self._around = around
        self._device = device
        self.act: Act | None = None
        """Set when this arrival was the first, and is durable."""

    def __call__(self, tx: Transaction) -> Outcome:
        row = tx.connection.execute(
            "SELECT outcome FROM operations WHERE op_id = ?", (str(self._asked.op_id),)
        ).fetchone()
        if row is not None:
            stored: Outcome = json.loads(row["outcome"])
            return stored
        before = self._till._current(tx)
        act = self._decide(tx, before)
        state = self._state_after(act, before)
        outcome = _outcome(act)
        _write(tx, act, state, self._asked.name, outcome)
        self._till._hold(state)
        tx.after_commit(partial(self._durable, act, state))
        return outcome

    def _durable(self, act: Act, state: TillState) -> None:
        self.act = act
        self._till._committed(self._asked.name, act, state)

    def _decide(self, tx: Transaction, before: TillState) -> Act:
        """The act; when it is refused, only its refusal."""
        act, asked = self._new_act(tx, before), self._asked
        tx.connection.execute("SAVEPOINT act")
        try:
            if asked.operation.right is not None:
                act.need_right(asked.operation.right)
            if isinstance(asked.prepared, TradepostError):
                raise asked.prepared
            asked.operation.decide(act, asked.arguments, asked.prepared)
        except (TradepostError, ValidationError) as error:
            tx.connection.execute("ROLLBACK TO act")
            act = self._new_act(tx, before)
            act.error = error if isinstance(error, TradepostError) else _cannot_be_written(error)
            if act.error.code == "USR-250":
                act.error = self._ask_second_person(act, act.error)
        if act.approved_by is not None:
            self._till.approvals.drop(asked.approval)
        tx.connection.execute("RELEASE act")
        return act

    def _second_person(self, before: TillState, right: str) -> UUID:
        asked, approvals = self._asked, self._till.approvals
        if right not in APPROVABLE.get(asked.name, ()):
            raise NeedsPerson("USR-403", right=right)
        approver = approvals.approver(asked.approval, asked.name, right, asked.mark(before))
        if approver is None:
            raise NeedsPerson("USR-250", right=right)
        return approver

    def _ask_second_person(self, act: Act, error: TradepostError) -> TradepostError:
        """From now on the act may be allowed by whoever has the right; what it is about stands in the refusal."""
        asked, right = self._asked, str(error.parameters["right"])
        self._till.approvals.ask(asked.op_id, asked.name, right, asked.mark(act.state))
        facts: dict[str, Any] = {"request": str(asked.op_id), "seconds": int(LASTS_S)}
        return NeedsPerson("USR-250", right=right, **facts, **told(act, asked.name, asked.arguments))

    def _new_act(self, tx: Transaction, before: TillState) -> Act:
        return Act(
            tx,
            self._till.desk,
            before,
            self._asked.op_id,
            self._operator,
            self._around,
            self._device,
            second_person=partial(self._second_person, before),
        )

    def _state_after(self, act: Act, before: TillState) -> TillState:
        operator: OperatorAtTill | None = act.state.operator
        if act.operator_leaves:
            operator = None
        elif operator == before.operator:
            operator = self._operator
        return replace(act.state, n=before.n + 1, operator=operator)


def _cannot_be_written(error: ValidationError) -> PermanentError:
    """A fact that would break its own schema: nothing is done, and whoever asked hears which field."""
    first = error.errors(include_url=False, include_input=False)[0]
    return PermanentError("SAL-490", field=".".join(str(part) for part in first["loc"]), what=first["msg"][:120])


def _outcome(act: Act) -> Outcome:
    if act.error is None:
        return {"ok": True, "result": act.result, "awaits": str(act.awaits) if act.awaits else None}
    error = act.error
    return {
        "ok": False,
        "result": act.result or None,
        "error": {
            "kind": type(error).__name__,
            "code": error.code,
            "parameters": error.parameters,
            "maker_code": error.maker_code,
        },
    }


def _load_error(stored: Mapping[str, Any]) -> TradepostError:
    kind = NeedsPerson if stored["code"][4] == "2" else PermanentError
    return kind(stored["code"], maker_code=stored["maker_code"], **stored["parameters"])


def _write(tx: Transaction, act: Act, state: TillState, name: str, outcome: Outcome) -> None:
    changes = f"[{','.join(dump_change(change) for change in act.changes)}]" if act.changes else None
    tx.connection.execute(
        "INSERT INTO operations (op_id, till, n, at, operator, name, basket_id, changes, outcome)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            str(act.op_id),
            state.till,
            state.n,
            time_text(tx.now),
            str(act.operator.operator_id),
            name,
            str(act.changed_sale) if act.changed_sale else None,
            changes,
            json.dumps(outcome, ensure_ascii=False, separators=(",", ":")),
        ),
    )
    operator = state.operator
    tx.connection.execute(
        "INSERT INTO tills (till, n, basket_id, shift_id, operator_id, operator_name, operator_rights, last_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (till) DO UPDATE SET n = excluded.n,"
        " basket_id = excluded.basket_id, shift_id = excluded.shift_id, operator_id = excluded.operator_id,"
        " operator_name = excluded.operator_name, operator_rights = excluded.operator_rights,"
        " last_id = excluded.last_id",
        (
            state.till,
            state.n,
            str(state.sale.sale_id) if state.sale else None,
            str(state.shift.shift_id) if state.shift else None,
            str(operator.operator_id) if operator else None,
            operator.name if operator else None,
            json.dumps(sorted(operator.rights)) if operator else None,
            str(state.last_id) if state.last_id else None,
        ),
    )
