"""A till on a real journal and a real replica, with a register in memory: what the stories of a shop are told with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from edge import receipts
from edge.checkout.act import Desk
from edge.checkout.fiscal_engine import FiscalEngine
from edge.checkout.papers import Papers
from edge.checkout.questions import Questions
from edge.checkout.returning import OUTCOMES
from edge.checkout.scanning import Resolver
from edge.checkout.splitting import UNLIMITED
from edge.checkout.state import OperatorAtTill
from edge.checkout.texts import Texts
from edge.checkout.till import Answer, Till
from edge.checkout.view import LinkView, ViewMaker
from edge.journal import Journal, NodeIdentity
from edge.replica import Delta, Replica
from shared.clock import SystemClock
from shared.envelope import Envelope
from shared.facts import Fact, read_fact
from shared.ids import uuid7
from shared.money import currency
from tests.edge.checkout.model_register import ModelRegister

SECRET = "a node's secret"
RIGHTS = (
    "sell",
    "return",
    "void_line",
    "cancel_sale",
    "discount",
    "price_change",
    "open_drawer",
    "cash_move",
    "x_report",
    "close_shift",
)
ANNA = OperatorAtTill(UUID(int=101), "Anna S.", frozenset(RIGHTS))
NEW = OperatorAtTill(UUID(int=102), "Gor T.", frozenset({"sell"}))

WINE, KNIFE = "4850001000105", "4850001000112"
AGES = {10: 18, 11: 21}
"""Years that a customer must have reached, by product."""
MILK, CHEESE, BREAD, COFFEE, CASE = "4850001000013", "CHEESE", "4850001000037", "85123A", "4850001000099"
"""Codes: a bar code, an article code, a bar code, an article code, and a case of 12 milks."""
LABEL = "2112345004327"
"""An own label: item 12345, 0.432 kg."""
LUSINE_CARD, GOR_BADGE = "CARD-12347", "BADGE-00481"


def product_id(n: int) -> UUID:
    return UUID(int=1_000 + n)


_PRODUCTS: Sequence[tuple[int, str, str, str, str, int | None, Sequence[tuple[str, int]]]] = (
    (1, "MILK-1", "Milk 3.2 % 1 l", "pcs", "B", 62_000, ((MILK, 1_000), (CASE, 12_000))),
    (2, CHEESE, "Cheese Lori, weighed", "kg", "B", 420_000, (("12345", 1_000),)),
    (3, "BREAD", "Bread Matnakash", "pcs", "A", 35_000, ((BREAD, 1_000),)),
    (4, COFFEE, "Coffee beans 250 g", "pcs", "B", 390_000, ((COFFEE, 1_000),)),
    (5, "NOPRICE", "No price yet", "pcs", "B", None, ()),
    (6, "NOTAX", "Unknown tax", "pcs", "Z", 100, ()),
    (7, "TWIN", "Twin one", "pcs", "B", 100, ()),
    (8, "TWIN", "Twin two", "pcs", "B", 200, ()),
    (10, "WINE", "Areni dry red 0.75 l", "pcs", "B", 320_000, ((WINE, 1_000),)),
    (11, "KNIFE", "Hunting knife", "pcs", "B", 990_000, ((KNIFE, 1_000),)),
    (9, "DRUG", "Painkiller", "pcs", "B", 50_000, (("04006381333931", 1_000),)),
)
"""Number, code, name, unit, tax, price in minor units, bar codes with their quantities."""


def shop_delta(since: int = 0) -> Delta:
    products: list[dict[str, Any]] = []
    barcodes, prices = [], []
    for n, code, name, unit, tax, price, codes in _PRODUCTS:
        products.append({"id": str(product_id(n)), "code": code, "name": name, "unit": unit, "tax_code": tax})
        if n in AGES:
            products[-1]["minimum_age"] = AGES[n]
        barcodes += [
            {"barcode": barcode, "product_id": str(product_id(n)), "quantity_milli": milli} for barcode, milli in codes
        ]
        if price is not None:
            prices.append({"product_id": str(product_id(n)), "valid_from": "2020-01-01", "unit_price": price * 10_000})
    operators = [
        {"id": str(who.operator_id), "name": who.name, "badges": badges, "rights": sorted(who.rights)}
        for who, badges in ((ANNA, ["BADGE-00480"]), (NEW, [GOR_BADGE]))
    ]
    customers = [{"id": str(UUID(int=12_347)), "number": "12347", "name": "Lusine M.", "cards": [LUSINE_CARD]}]
    taxes = [
        {"code": "A", "rate": 0, "valid_from": "2020-01-01", "inclusive": True},
        {"code": "B", "rate": 2_000, "valid_from": "2020-01-01", "inclusive": True},
    ]
    changes = {
        "products": products,
        "barcodes": barcodes,
        "prices": prices,
        "operators": operators,
        "customers": customers,
        "taxes": taxes,
        "settings": {"in_store_templates": ["2xIIIIIWWWWWC"], "pin_salt": "00" * 16},
    }
    return Delta.model_validate_json(
        json.dumps({"since": since, "version": since + 1, "complete": True, "changes": changes})
    )


class Shop:
    """Everything one till needs. `restart` is a power cut: only journal, replica and register remain."""

    def __init__(self, folder: Path, register: ModelRegister | None, currency_code: str = "GBP") -> None:
        self.folder = folder
        self.register = register
        self.currency = currency(currency_code)
        self.replica = Replica.open(folder / "replica.db", secret=SECRET, currency=currency_code)
        if self.replica.version == 0:
            self.replica.apply(shop_delta())
            self.replica.confirm(datetime.now(UTC))
        self._open()

    def _open(self) -> None:
        self.journal = Journal.open(self.folder / "journal.db", node=NodeIdentity("main", "gw-1"), clock=SystemClock())
        self.engine: FiscalEngine | None = None
        if self.register is not None:
            self.engine = FiscalEngine(
                "register-1",
                self.register,
                self.journal,
                clock=SystemClock(),
                outcomes=OUTCOMES,
                retry_s=0.002,
                idle_check_s=0.002,
            )
        desk = Desk(
            till="till-1",
            number=1,
            branch="main",
            shop=receipts.Shop("Abovyan 12"),
            currency=self.currency,
            zone=ZoneInfo("Asia/Yerevan"),
            register="register-1" if self.engine else None,
            limits=self.engine.limits if self.engine else UNLIMITED,
        )
        self.till = Till(desk, self.journal, Resolver(self.replica), clock=SystemClock(), engine=self.engine)
        self.papers = Papers(desk, self.journal.read, lambda operator: "Anna S.")
        self._view = ViewMaker(self.till, self.papers, self.journal.read)
        self.questions = Questions(
            self.till, self.journal.read, clock=SystemClock(), operator_name=lambda operator: "Anna S."
        )
        self.texts = Texts.of("en", self.currency.code, ZoneInfo("Asia/Yerevan"))
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.till.start()
        if self.engine is not None:
            self._task = asyncio.create_task(self.engine.run())
            await self.until(lambda: self.engine is None or self.engine.obstacle is None)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self.journal.close()

    async def restart(self) -> None:
        await self.stop()
        self._open()
        await self.start()

    async def restart_without_register(self) -> None:
        """Like `restart`, not waiting for a register that may be silent."""
        await self.stop()
        self._open()
        await self.till.start()
        if self.engine is not None:
            self._task = asyncio.create_task(self.engine.run())

    def close(self) -> None:
        self.replica.close()

    # -- acting -------------------------------------------------------------------------------------------------------

    async def perform(
        self, op: str, op_id: UUID | None = None, operator: OperatorAtTill = ANNA, **arguments: Any
    ) -> Answer:
        return await asyncio.wait_for(self.till.perform(op, op_id or uuid7(), arguments, operator), 10)

    async def do(self, op: str, **arguments: Any) -> dict[str, Any]:
        """One operation that is known to be accepted."""
        answer = await self.perform(op, **arguments)
        assert answer.error is None, answer.error
        return dict(answer.result or {})

    async def refused(self, op: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
        """Code and parameters of one that is known to be refused; nothing but `n` has moved."""
        before = self.till.state
        answer = await self.perform(op, **arguments)
        assert answer.error is not None
        after = self.till.state
        assert (after.sale, after.shift, after.parked) == (before.sale, before.shift, before.parked)
        return answer.error.code, answer.error.parameters

    async def ask(self, question: str, operator: OperatorAtTill = ANNA, **arguments: Any) -> dict[str, Any]:
        return await self.questions.ask(question, arguments, operator, self.texts)

    async def scan(self, *codes: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for code in codes:
            result = await self.do("scan", raw=code, source="scanner-1")
        return result

    async def sell(self, *codes: str, form: str = "cash", amount_minor: int | None = None) -> dict[str, Any]:
        """A whole sale; returns when its receipts are printed."""
        await self.scan(*codes)
        await self.do("pay")
        return await self.sell_paid(form, amount_minor)

    async def sell_paid(self, form: str = "cash", amount_minor: int | None = None) -> dict[str, Any]:
        """From the total on the screen to the paper."""
        tender = await self.do("tender", form=form, amount_minor=amount_minor)
        if tender["state"] == "waiting":
            await self.do("confirm_card", tender_id=tender["tender_id"], outcome="approved")
        taken = await self.do("take")
        await self.printed(taken["sale_id"])
        return taken

    async def printed(self, of_id: str) -> None:
        await self.until(
            lambda: (
                not self.journal.read(
                    "SELECT 1 FROM fiscal_jobs WHERE of_id = ? AND state NOT IN ('done', 'refused')", (of_id,)
                )
            )
        )

    async def until(self, holds: Any) -> None:
        changed = asyncio.Event()
        self.till.on_change(changed.set)
        while not holds():
            changed.clear()
            await asyncio.wait_for(changed.wait(), 10)

    # -- looking ------------------------------------------------------------------------------------------------------

    @property
    def view(self) -> dict[str, Any]:
        return self._view.make(self.texts, LinkView(online=False, since=None, to_send=0), None)

    def facts(self, *names: str) -> list[Fact]:
        """Facts of these kinds, or all, in order; each read as head office would."""
        rows = self.journal.read("SELECT name, body FROM facts ORDER BY number")
        return [
            read_fact(Envelope.model_validate_json(row["body"])) for row in rows if not names or row["name"] in names
        ]
