"""Whatever a cashier does in whatever order: the money adds up, the facts are valid, nothing is done twice."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.checkout.fiscal_store import reading
from edge.checkout.shift_keeping import expected_of
from edge.checkout.till import Answer
from edge.devices.fiscal_printer.contract import DocumentKind, RegisterLimits
from shared.events import PaymentForm, SaleCompleted, SaleReturned
from shared.ids import uuid7
from tests.edge.checkout.model_register import ModelRegister
from tests.edge.checkout.shop import BREAD, CHEESE, COFFEE, LABEL, LUSINE_CARD, MILK, Shop

T = TypeVar("T")

CODES = [MILK, BREAD, COFFEE, CHEESE, LABEL, LUSINE_CARD, "TWIN", "nothing"]
MONEY = st.integers(1, 60).map(lambda notes: notes * 50_000)
QUANTITIES = st.integers(1, 12_000)


class TillMachine(RuleBasedStateMachine):
    @initialize(currency_code=st.sampled_from(["GBP", "AMD"]))
    def open_shop(self, currency_code: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.register = ModelRegister(limits=RegisterLimits(5, 34, 36, 3_000_000))
        self.shop = self.run(self._open(currency_code))
        self.done: list[tuple[str, UUID, dict[str, Any], Answer]] = []
        self.act("open_shift", float_minor=10_000)

    async def _open(self, currency_code: str) -> Shop:
        shop = Shop(self.folder, self.register, currency_code)
        await shop.start()
        return shop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def act(self, op: str, **arguments: Any) -> Answer:
        op_id = uuid7()
        answer = self.run(self.shop.perform(op, op_id, **arguments))
        if answer.error is not None:
            assert re.fullmatch(r"[A-Z]{3}-[1-5]\d\d", answer.error.code), answer.error
            assert answer.error.code not in ("SAL-490", "SRV-490"), answer.error
        self.done.append((op, op_id, arguments, answer))
        return answer

    def some_line(self, at: int) -> str:
        lines = self.shop.till.state.basket.lines
        return lines[at % len(lines)].id if lines else "none"

    # -- a cashier ----------------------------------------------------------------------------------------------------

    @rule(codes=st.lists(st.sampled_from(CODES), min_size=1, max_size=4))
    def scan(self, codes: list[str]) -> None:
        for code in codes:
            self.act("scan", raw=code)

    @rule(at=st.integers(0, 9), quantity=QUANTITIES)
    def change_quantity(self, at: int, quantity: int) -> None:
        self.act("quantity", line_id=self.some_line(at), quantity_milli=quantity)

    @rule(at=st.integers(0, 9))
    def void(self, at: int) -> None:
        self.act("void_line", line_id=self.some_line(at))

    @rule()
    def undo(self) -> None:
        self.act("undo")

    @rule(at=st.integers(0, 9), price=st.integers(0, 90_000_000))
    def change_price(self, at: int, price: int) -> None:
        self.act("price", line_id=self.some_line(at), unit_price=price, reason="by hand")

    @rule(at=st.integers(0, 9), rate=st.integers(0, 10_000))
    def discount(self, at: int, rate: int) -> None:
        self.act("discount", line_id=self.some_line(at), rate=rate, reason="promised")

    @rule(quantity=QUANTITIES)
    def next_counts(self, quantity: int) -> None:
        self.act("next_quantity", quantity_milli=quantity)

    @rule()
    def pay(self) -> None:
        self.act("pay")

    @rule(form=st.sampled_from(["cash", "card", "transfer", "points"]), amount=st.none() | MONEY)
    def put(self, form: str, amount: int | None) -> None:
        self.act("tender", form=form, amount_minor=amount)

    @rule(outcome=st.sampled_from(["approved", "approved", "declined", "unknown", "reversed", "not_reversed"]))
    def card_says(self, outcome: str) -> None:
        for tender in self.shop.till.state.basket.tenders[-1:]:
            self.act("confirm_card", tender_id=str(tender.tender_id), outcome=outcome)

    @rule()
    def give_back(self) -> None:
        for tender in self.shop.till.state.basket.tenders:
            self.act("take_back", tender_id=str(tender.tender_id))

    @rule(leaving=st.sampled_from(["back_to_sale", "park", "cancel_sale"]))
    def leave(self, leaving: str) -> None:
        self.act(leaving, reason="left", name="somebody")

    @rule(at=st.integers(0, 3))
    def retrieve(self, at: int) -> None:
        parked = self.shop.till.state.parked
        self.act("retrieve", basket_id=str(parked[at % len(parked)].sale_id if parked else uuid7()))

    @rule()
    def take(self) -> None:
        self.act("take")

    @rule(codes=st.lists(st.sampled_from(CODES[:5]), min_size=1, max_size=9), card=st.booleans())
    def sell(self, codes: list[str], card: bool) -> None:
        """A whole sale, so that returns have something to take back."""
        self.scan(codes)
        self.pay()
        self.put("card" if card else "cash", None)
        self.card_says("approved")
        self.take()

    @rule(which=st.integers(0, 5), at=st.integers(0, 5), quantity=QUANTITIES)
    def bring_back(self, which: int, at: int, quantity: int) -> None:
        sales = self.shop.facts("sale.completed")
        if not sales:
            return
        sale = sales[which % len(sales)].payload
        assert isinstance(sale, SaleCompleted)
        self.run(self.shop.printed(str(sale.sale_id)))
        line = {"line_no": sale.lines[at % len(sale.lines)].line_no, "quantity_milli": quantity}
        self.act("return_lines", sale_id=str(sale.sale_id), lines=[{**line, "reason": "r", "sellable": True}])

    @rule(amount=st.sampled_from([5_000, -5_000, -(10**9)]))
    def move_cash(self, amount: int) -> None:
        self.act("cash_movement", amount_minor=amount, reason="bank")

    # -- and what befalls a till --------------------------------------------------------------------------------------

    @rule()
    def power_cut(self) -> None:
        before = self.shop.till.state
        self.run(self.shop.restart())
        assert self.shop.till.state == before

    @rule(at=st.integers(0, 20))
    def arrive_again(self, at: int) -> None:
        op, op_id, arguments, first = self.done[at % len(self.done)]
        n = self.shop.till.state.n
        again = self.run(self.shop.perform(op, op_id, **arguments))
        assert (again.ok, again.result) == (first.ok, first.result)
        assert (again.error and again.error.code) == (first.error and first.error.code)
        assert self.shop.till.state.n == n

    # -- always -------------------------------------------------------------------------------------------------------

    @invariant()
    def the_view_can_be_drawn(self) -> None:
        if hasattr(self, "shop"):
            assert self.shop.view["basket"]["total_minor"] >= 0

    def teardown(self) -> None:
        if not hasattr(self, "shop"):
            return
        try:
            self.run(self._settle())
            self._check_the_books()
        finally:
            self.run(self.shop.stop())
            self.shop.close()
            with contextlib.suppress(RuntimeError):
                self.loop.close()
            shutil.rmtree(self.folder)

    async def _settle(self) -> None:
        for fact in self.shop.facts("sale.completed", "sale.returned"):
            await self.shop.printed(fact.envelope.subject)

    def _check_the_books(self) -> None:
        facts = self.shop.facts()
        sales = [fact.payload for fact in facts if isinstance(fact.payload, SaleCompleted)]
        returns = [fact.payload for fact in facts if isinstance(fact.payload, SaleReturned)]
        cash = 10_000
        cash += sum(p.amount_minor for sale in sales for p in sale.payments if p.form is PaymentForm.CASH)
        cash -= sum(p.amount_minor for back in returns for p in back.refunds if p.form is PaymentForm.CASH)
        for fact in facts:
            if fact.name == "cash.moved":
                moved = fact.payload.amount_minor  # type: ignore[attr-defined]
                cash += moved if fact.payload.direction.value == "in" else -moved  # type: ignore[attr-defined]
        shift = self.shop.till.state.shift
        assert shift is not None
        should_be = self.run(self._expected(shift.shift_id))
        assert should_be.cash_minor == cash
        on_paper = Counter[DocumentKind]()
        for paper in self.register.papers:
            on_paper[paper.kind] += paper.total_minor
        assert on_paper[DocumentKind.SALE] == sum(sale.total_minor for sale in sales)
        assert on_paper[DocumentKind.RETURN] == sum(back.total_minor for back in returns)
        assert len({sale.number for sale in sales}) == len(sales)
        self._check_what_came_back(sales, returns)

    async def _expected(self, shift_id: UUID) -> Any:
        return await self.shop.journal.write(lambda tx: expected_of(reading(tx), shift_id))

    def _check_what_came_back(self, sales: list[SaleCompleted], returns: list[SaleReturned]) -> None:
        left = Counter({(sale.sale_id, line.line_no): line.quantity_milli for sale in sales for line in sale.lines})
        for back in returns:
            for line in back.lines:
                left[back.original_sale_id, line.original_line_no] -= line.quantity_milli
        assert min(left.values(), default=0) >= 0


TestTill = TillMachine.TestCase
TestTill.settings = settings(max_examples=12, stateful_step_count=30, deadline=None)
