from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from edge.checkout import receipt_queue
from edge.checkout.housekeeping import KEEP_OPERATIONS, forget_old
from edge.checkout.printing import PrintState, enqueue_print, move_print, print_of
from edge.checkout.receipt_queue import ReceiptQueue
from edge.devices.pos_printer.contract import (
    OnWait,
    PrinterCondition,
    PrinterIdentity,
    PrinterLimits,
    PrinterState,
    PrintResult,
)
from edge.receipts import Document, preview
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TradepostError, TransientError
from shared.events import DeviceHealth
from tests.edge.checkout.model_register import ModelRegister
from tests.edge.checkout.shop import BREAD, MILK, Shop


class Paper:
    """A receipt printer that keeps what it printed."""

    def __init__(self) -> None:
        self.printed: list[str] = []
        self.trouble: TradepostError | None = None
        self.conditions: frozenset[PrinterCondition] = frozenset()
        self.tried = asyncio.Event()

    @property
    def limits(self) -> PrinterLimits:
        return PrinterLimits(576, 48)

    async def connect(self) -> PrinterIdentity:
        return PrinterIdentity("", "", "", "")

    async def disconnect(self) -> None:
        return

    async def state(self) -> PrinterState:
        if isinstance(self.trouble, TransientError):
            raise self.trouble
        return PrinterState(self.conditions, drawer_pin_high=False)

    async def print(self, document: Document, *, on_wait: OnWait | None = None) -> PrintResult:
        self.tried.set()
        if isinstance(self.trouble, OutcomeUnknown):
            self.printed.append(preview(document, 42))
        if self.trouble is not None:
            raise self.trouble
        self.printed.append(preview(document, 42))
        return PrintResult(frozenset(), 0, frozenset())


class Desk:
    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.paper = Paper()
        self.health: list[tuple[DeviceHealth, tuple[str, ...]]] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ReceiptQueue]:
        queue = ReceiptQueue(
            "printer-1",
            self.paper,
            self.shop.journal,
            papers={"till-1": self.shop.papers},
            texts=self.shop.texts,
            report=lambda health, conditions: self.health.append((health, tuple(each.code for each in conditions))),
        )
        queue.on_change(self.shop.till.changed)
        task = asyncio.create_task(queue.run())
        yield queue
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def owe(self, of_id: str, *, is_copy: bool = False) -> UUID:
        return await self.shop.journal.write(
            lambda tx: enqueue_print(tx, "printer-1", "till-1", UUID(of_id), is_copy=is_copy)
        )

    async def until(self, of_id: str, state: PrintState) -> None:
        def holds() -> bool:
            job = print_of(self.shop.journal.read, UUID(of_id))
            return job is not None and job.state is state

        await self.shop.until(holds)


@pytest.fixture
def desk(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(receipt_queue, "RETRY_S", 0.002)
    monkeypatch.setattr(receipt_queue, "IDLE_CHECK_S", 0.002)
    return Desk(shop)


async def test_a_paper_carries_the_fiscal_number_so_it_waits_for_the_register(desk: Desk) -> None:
    assert desk.shop.register is not None
    await desk.shop.scan(MILK)
    await desk.shop.do("pay")
    await desk.shop.do("tender", form="cash")
    desk.shop.register.silent = True
    sold = await desk.shop.do("take")
    await desk.owe(sold["sale_id"])
    async with desk.running() as queue:
        await desk.shop.until(lambda: queue.view.state == "ok")
        assert desk.paper.printed == []
        desk.shop.register.silent = False
        await desk.until(sold["sale_id"], PrintState.DONE)
    [text] = desk.paper.printed
    assert sold["number"] in text
    assert "Fiscal receipt 101" in text


@pytest.mark.parametrize(("receipt", "papers"), [("print", 1), ("none", 0)])
async def test_the_customer_may_want_no_paper_and_the_register_prints_all_the_same(
    tmp_path: Path, receipt: str, papers: int
) -> None:
    shop = Shop(tmp_path, ModelRegister())
    shop.till.desk = replace(shop.till.desk, printer="printer-1")
    await shop.start()
    await shop.do("open_shift", float_minor=0)
    await shop.scan(MILK)
    await shop.do("pay")
    await shop.do("tender", form="cash")
    sold = await shop.do("take", receipt=receipt)
    await shop.printed(sold["sale_id"])
    [owed] = shop.journal.read("SELECT count(*) AS n FROM print_jobs WHERE of_id = ?", (sold["sale_id"],))
    assert shop.register is not None
    assert (owed["n"], len(shop.register.papers)) == (papers, 1)
    await shop.stop()
    shop.close()


async def test_without_paper_it_waits_and_prints_once(desk: Desk) -> None:
    sold = await desk.shop.sell(MILK)
    await desk.owe(sold["sale_id"])
    desk.paper.trouble = NeedsPerson("PRN-240")
    async with desk.running() as queue:
        await desk.shop.until(lambda: queue.view.code == "PRN-240")
        desk.paper.trouble = None
        await desk.until(sold["sale_id"], PrintState.DONE)
    assert len(desk.paper.printed) == 1


async def test_a_printer_that_fell_silent_is_not_sent_the_paper_again(desk: Desk) -> None:
    sold, later = await desk.shop.sell(MILK), await desk.shop.sell(BREAD)
    await desk.owe(sold["sale_id"])
    desk.paper.trouble = OutcomeUnknown("PRN-502")
    async with desk.running():
        await desk.until(sold["sale_id"], PrintState.UNKNOWN)
        desk.paper.trouble = None
        await desk.owe(later["sale_id"])
        await desk.until(later["sale_id"], PrintState.DONE)
    assert [sold["number"] in text for text in desk.paper.printed] == [True, False]


async def test_what_was_being_sent_when_the_power_went_is_unknown(desk: Desk) -> None:
    sold = await desk.shop.sell(MILK)
    job_id = await desk.owe(sold["sale_id"])
    await desk.shop.journal.write(lambda tx: move_print(tx, job_id, PrintState.PENDING, PrintState.SENT))
    async with desk.running():
        await desk.until(sold["sale_id"], PrintState.UNKNOWN)
    assert desk.paper.printed == []


async def test_what_cannot_be_printed_here_lets_the_next_pass_and_a_copy_says_so(desk: Desk) -> None:
    sold, later = await desk.shop.sell(MILK), await desk.shop.sell(BREAD)
    await desk.owe(sold["sale_id"])
    desk.paper.trouble = PermanentError("PRN-410")
    async with desk.running():
        await desk.until(sold["sale_id"], PrintState.REFUSED)
        desk.paper.trouble = None
        await desk.owe(later["sale_id"], is_copy=True)
        await desk.until(later["sale_id"], PrintState.DONE)
    [text] = desk.paper.printed
    assert text.strip().startswith("Copy")


async def test_how_the_printer_is_shows_before_anything_is_printed(desk: Desk) -> None:
    desk.paper.conditions = frozenset({PrinterCondition.PAPER_OUT})
    async with desk.running() as queue:
        await desk.shop.until(lambda: queue.view.code == "PRN-240")
        desk.paper.conditions = frozenset()
        await desk.shop.until(lambda: queue.view.state == "ok")
        desk.paper.trouble = TransientError("PRN-301")
        await desk.shop.until(lambda: queue.view.code == "PRN-301")
    assert desk.health == [
        (DeviceHealth.STOPPED, ("PRN-240",)),
        (DeviceHealth.OK, ()),
        (DeviceHealth.STOPPED, ("PRN-301",)),
    ]


# -- what is forgotten ------------------------------------------------------------------------------------------------


async def test_what_is_old_goes_with_its_fact_and_what_is_open_stays(shop: Shop) -> None:
    sold = await shop.sell(MILK)
    await shop.scan(BREAD)
    await shop.do("park", name="kept")
    await shop.scan(MILK)
    before = shop.till.state
    long_ago = (KEEP_OPERATIONS + timedelta(days=1)).days

    def age(tx: object) -> None:
        connection = tx.connection  # type: ignore[attr-defined]
        for table, column in (
            ("operations", "at"),
            ("sales", "sold_at"),
            ("fiscal_jobs", "changed_at"),
            ("baskets", "opened_at"),
        ):
            connection.execute(
                f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '-{long_ago} days')"
            )

    await shop.journal.write(age)
    assert await shop.journal.write(forget_old) > 0
    assert len(shop.journal.read("SELECT 1 FROM sales")) == 1
    await shop.journal.write(
        lambda tx: tx.connection.execute("DELETE FROM facts WHERE name = 'sale.completed'") and None
    )
    while await shop.journal.write(forget_old):
        pass
    for table in ("sales", "fiscal_jobs"):
        assert shop.journal.read(f"SELECT 1 FROM {table}") == []
    assert shop.journal.read("SELECT 1 FROM baskets WHERE basket_id = ?", (sold["sale_id"],)) == []
    await shop.restart()
    assert shop.till.state.basket == before.basket
    assert [parked.basket for parked in shop.till.state.parked] == [parked.basket for parked in before.parked]
