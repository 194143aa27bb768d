from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date
from itertools import product
from typing import Any

import pytest

from edge.checkout import fiscal_receipts, fiscal_store
from edge.checkout.documents import dump_receipt
from edge.checkout.fiscal_engine import FiscalEngine
from edge.checkout.fiscal_ledger import Done, JobLedger, Outcomes, settle_by_person
from edge.checkout.fiscal_store import Job, JobKind, JobState, NewJob, enqueue
from edge.checkout.register_status import RegisterState
from edge.devices.fiscal_printer.contract import (
    DocumentKind,
    FiscalLine,
    FiscalPayment,
    FiscalReceipt,
    PaymentForm,
    RegisterCondition,
)
from edge.journal import Journal, Transaction
from shared.clock import SystemClock
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TransientError
from shared.ids import uuid7
from tests.edge.checkout.model_register import Crash, Fault, ModelRegister, Paper, Quirks

SOON = 0.002
"""Seconds between questions in these tests; the engine's own pace is 3 s."""


def receipt(number: str, total_minor: int = 600, payments: tuple[int, ...] = (600,)) -> FiscalReceipt:
    lines = (
        FiscalLine("MILK", 2_000, 1_000_000, 0, 200, "B"),
        FiscalLine("COFFEE", 1_000, (total_minor - 200) * 10_000, 0, total_minor - 200, "B"),
    )
    paid = tuple(FiscalPayment(PaymentForm.CASH, amount) for amount in payments)
    return FiscalReceipt(DocumentKind.SALE, lines, paid, total_minor, "Anna S.", 1, comments=(number,))


def job_of(paper: FiscalReceipt, kind: JobKind = JobKind.SALE, document: str | None = None) -> NewJob:
    return NewJob(
        job_id=uuid7(),
        register="register-1",
        till="till-1",
        shift_id=uuid7(),
        businessdate=date(2026, 11, 21),
        operator=uuid7(),
        kind=kind,
        of_id=uuid7(),
        part=1,
        parts=1,
        currency="GBP",
        total_minor=paper.total_minor,
        document=dump_receipt(paper) if document is None else document,
    )


class Shop:
    """A journal and a register that outlive any number of engines."""

    def __init__(self, journal: Journal, register: ModelRegister) -> None:
        self.journal = journal
        self.register = register
        self.ended: list[tuple[JobKind, Done | None]] = []

    async def put(self, *jobs: NewJob) -> None:
        await self.journal.write(lambda tx: [enqueue(tx, job) for job in jobs])

    def engine(self) -> FiscalEngine:
        outcomes = Outcomes(
            done=lambda tx, job, result: self.ended.append((job.kind, result)),
            refused=lambda tx, job: self.ended.append((job.kind, None)),
        )
        return FiscalEngine(
            "register-1",
            self.register,
            self.journal,
            clock=SystemClock(),
            outcomes={JobKind.CLOSURE: outcomes, JobKind.CASH: outcomes},
            retry_s=SOON,
            idle_check_s=SOON,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FiscalEngine]:
        engine = self.engine()
        task = asyncio.create_task(engine.run())
        yield engine
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def run_until_crash(self) -> None:
        """One life of the gateway that is known to end by itself."""
        with pytest.raises(Crash):
            await self.engine().run()

    async def live_through(self, job: NewJob) -> None:
        """One life of the gateway, until it dies of what is planned or the job has come to its end."""
        engine = self.engine()
        life, end = asyncio.create_task(engine.run()), asyncio.create_task(engine.finished(job.job_id))
        await asyncio.wait({life, end}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        self.register.heal()
        for task in (life, end):
            task.cancel()
            with suppress(Crash, asyncio.CancelledError):
                await task

    async def run_until_finished(self, *jobs: NewJob) -> list[Job]:
        async with self.running() as engine:
            return [await asyncio.wait_for(engine.finished(job.job_id), 10) for job in jobs]

    def job(self, job: NewJob) -> Job:
        found = fiscal_store.find_job(self.journal.read, job.job_id)
        assert found is not None
        return found

    def facts(self, name: str) -> list[dict[str, Any]]:
        rows = self.journal.read("SELECT body FROM facts WHERE name = ? ORDER BY number", (name,))
        return [json.loads(row["body"])["data"] for row in rows]


@pytest.fixture
def shop(journal: Journal) -> Shop:
    return Shop(journal, ModelRegister())


async def until(engine: FiscalEngine, holds: Any) -> None:
    """Wait until this holds, looking after every change the engine tells of."""
    changed = asyncio.Event()
    engine.on_change(changed.set)
    while not holds():
        await asyncio.wait_for(changed.wait(), 10)
        changed.clear()


# -- the ordinary day -------------------------------------------------------------------------------------------------


async def test_receipts_are_printed_in_the_order_of_the_sales_and_their_numbers_are_facts(shop: Shop) -> None:
    jobs = [job_of(receipt(f"sale-{n}", 600 + n, (600 + n,))) for n in range(3)]
    await shop.put(*jobs)
    done = await shop.run_until_finished(*jobs)
    assert shop.register.papers == [Paper(101 + n, DocumentKind.SALE, 600 + n, (f"sale-{n}",)) for n in range(3)]
    assert [job.result_no for job in done] == [101, 102, 103]
    facts = shop.facts("receipt.fiscalised")
    assert [(fact["receipt_id"], fact["document_no"], fact["adopted"]) for fact in facts] == [
        (str(job.job_id), 101 + n, False) for n, job in enumerate(jobs)
    ]
    assert shop.facts("receipt.outcome_unknown") == []


async def test_new_work_is_begun_at_once(shop: Shop) -> None:
    async with shop.running() as engine:
        await until(engine, lambda: engine.status.state is RegisterState.OK)
        job = job_of(receipt("sale-1"))
        await shop.put(job)
        engine.wake()
        assert (await asyncio.wait_for(engine.finished(job.job_id), 10)).state is JobState.DONE


# -- every crash, every loss ------------------------------------------------------------------------------------------

STEPS = range(9)
"""Question of the position, opening, two lines, two payments, close, number; one more than there are."""
QUIRKS = [Quirks(numbers, items) for numbers, items in product((True, False), (True, False))]


@pytest.mark.parametrize("quirks", QUIRKS)
@pytest.mark.parametrize("fault", list(Fault))
async def test_whatever_fails_at_whatever_step_the_receipt_is_printed_once(
    journal: Journal, quirks: Quirks, fault: Fault
) -> None:
    for at in STEPS:
        shop = Shop(journal, ModelRegister(quirks))
        job = job_of(receipt("sale-1", payments=(400, 200)))
        await shop.put(job)
        shop.register.plan(fault, at + 2)  # connecting and looking at the condition come first
        with suppress(Crash, TimeoutError):
            await asyncio.wait_for(
                shop.engine().run(), 0.05 if fault not in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER) else 5
            )
        [done] = await shop.run_until_finished(job)
        assert shop.register.papers == [Paper(done.result_no or 0, DocumentKind.SALE, 600, ("sale-1",))], at
        assert shop.register.open is None
    assert len(shop.facts("receipt.fiscalised")) == len(STEPS)


CRASHES = (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)


@pytest.mark.parametrize("quirks", QUIRKS[::3])
@pytest.mark.parametrize(("first", "second"), list(product(CRASHES, CRASHES)))
async def test_two_power_cuts_at_any_two_steps_still_print_once(
    journal: Journal, quirks: Quirks, first: Fault, second: Fault
) -> None:
    scenarios = list(product(range(1, 8), range(12)))
    for first_at, second_at in scenarios:
        shop = Shop(journal, ModelRegister(quirks))
        job = job_of(receipt("sale-1", payments=(400, 200)))
        await shop.put(job)
        shop.register.plan(first, first_at + 2)
        await shop.run_until_crash()
        shop.register.plan(second, second_at)
        await shop.live_through(job)
        [done] = await shop.run_until_finished(job)
        assert shop.register.papers == [Paper(done.result_no or 0, DocumentKind.SALE, 600, ("sale-1",))]
    assert len(shop.facts("receipt.fiscalised")) == len(scenarios)


POINTS = ["fiscal.intent_committed", "fiscal.register_did_it", "fiscal.reply_read", "fiscal.number_committed"]


@pytest.mark.parametrize("point", POINTS)
async def test_a_power_cut_at_a_named_point_prints_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    armed = [point]

    def reach(name: str) -> None:
        if armed == [name]:
            armed.clear()
            raise Crash

    monkeypatch.setattr(fiscal_receipts, "reach", reach)
    first, second = job_of(receipt("sale-1")), job_of(receipt("sale-2"))
    await shop.put(first, second)
    await shop.run_until_crash()
    await shop.run_until_finished(first, second)
    assert [paper.comments for paper in shop.register.papers] == [("sale-1",), ("sale-2",)]
    assert [fact["document_no"] for fact in shop.facts("receipt.fiscalised")] == [101, 102]


async def test_a_lost_answer_is_settled_although_the_sale_before_had_the_same_total(shop: Shop) -> None:
    first, second = job_of(receipt("sale-1")), job_of(receipt("sale-2"))
    await shop.put(first)
    await shop.run_until_finished(first)
    await shop.put(second)
    shop.register.plan(Fault.CRASH_AFTER, 2 + 5)
    await shop.run_until_crash()
    [done] = await shop.run_until_finished(second)
    assert (done.result_no, len(shop.register.papers)) == (102, 2)
    assert [fact["adopted"] for fact in shop.facts("receipt.fiscalised")] == [False, True]


async def test_a_receipt_the_register_dropped_itself_is_not_taken_for_printed(shop: Shop) -> None:
    """Refused in mid-receipt, cancelled by the driver, and the gateway dies before it hears of either."""
    first, second = job_of(receipt("sale-1")), job_of(receipt("sale-2"))
    await shop.put(first)
    await shop.run_until_finished(first)
    await shop.put(second)
    shop.register.refuse_at_line = NeedsPerson("FIS-201")
    shop.register.plan(Fault.CRASH_AFTER, 2 + 2)
    await shop.run_until_crash()
    assert (shop.register.number, shop.register.open) == (102, None)
    await shop.run_until_finished(second)
    assert [paper.comments for paper in shop.register.papers] == [("sale-1",), ("sale-2",)]


async def test_a_doubt_is_a_fact_once_and_its_end_says_adopted(shop: Shop) -> None:
    job = job_of(receipt("sale-1"))
    await shop.put(job)
    shop.register.plan(Fault.ANSWER_LOST, 2 + 5)
    [done] = await shop.run_until_finished(job)
    assert [fact["code"] for fact in shop.facts("receipt.outcome_unknown")] == ["FIS-502"]
    assert [fact["adopted"] for fact in shop.facts("receipt.fiscalised")] == [True]
    assert (done.result_no, done.fiscal_memory_no, done.register_serial) == (101, "02000600", "DT000600")


async def test_a_number_that_a_full_disk_did_not_take_is_asked_for_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = JobLedger.done
    failures = [NeedsPerson("SRV-201")]

    async def done(ledger: JobLedger, job: Job, result: Done) -> bool:
        if failures:
            raise failures.pop()
        return await stored(ledger, job, result)

    monkeypatch.setattr(JobLedger, "done", done)
    job = job_of(receipt("sale-1"))
    await shop.put(job)
    [printed] = await shop.run_until_finished(job)
    assert (printed.result_no, len(shop.register.papers)) == (101, 1)
    assert [fact["adopted"] for fact in shop.facts("receipt.fiscalised")] == [True]


# -- when a person is needed ------------------------------------------------------------------------------------------


async def test_a_receipt_waits_for_paper_and_prints_once(shop: Shop) -> None:
    job = job_of(receipt("sale-1"))
    shop.register.conditions_now = frozenset({RegisterCondition.PAPER_OUT})
    async with shop.running() as engine:
        await until(engine, lambda: engine.status.code == "FIS-201")
        await shop.put(job)
        engine.wake()
        await shop.register.asked(4)
        assert shop.job(job).state is JobState.PENDING
        assert isinstance(engine.obstacle, NeedsPerson)
        shop.register.conditions_now = frozenset()
        assert (await asyncio.wait_for(engine.finished(job.job_id), 10)).state is JobState.DONE
        await until(engine, lambda: engine.obstacle is None)
    assert len(shop.register.papers) == 1


async def test_paper_that_runs_out_in_mid_receipt_costs_no_second_receipt(shop: Shop) -> None:
    job = job_of(receipt("sale-1"))
    await shop.put(job)
    shop.register.refuse_at_line = NeedsPerson("FIS-201")
    await shop.run_until_finished(job)
    assert len(shop.register.papers) == 1
    assert shop.facts("receipt.outcome_unknown") == []


async def test_a_receipt_refused_for_good_is_a_fact_and_lets_the_next_one_pass(shop: Shop) -> None:
    first, second = job_of(receipt("sale-1")), job_of(receipt("sale-2"))
    await shop.put(first, second)
    shop.register.refuse_at_line = PermanentError("FIS-401", maker_code="syntax", command="31")
    refused, done = await shop.run_until_finished(first, second)
    assert (refused.state, refused.code, refused.maker_code) == (JobState.REFUSED, "FIS-401", "syntax")
    assert done.state is JobState.DONE
    assert [(fact["code"], fact["maker_code"]) for fact in shop.facts("receipt.refused")] == [("FIS-401", "syntax")]
    assert [paper.comments for paper in shop.register.papers] == [("sale-2",)]


async def test_what_the_register_cannot_tell_is_asked_of_a_person_and_nothing_is_printed(shop: Shop) -> None:
    first, second = job_of(receipt("sale-1")), job_of(receipt("sale-2"))
    await shop.put(first, second)
    shop.register.plan(Fault.CRASH_AFTER, 2 + 5)
    await shop.run_until_crash()
    shop.register.number += 3  # somebody printed reports by hand
    async with shop.running() as engine:
        await until(engine, lambda: engine.person_may_settle(first.job_id))
        assert (engine.status.state, engine.status.code) == (RegisterState.UNKNOWN, "FIS-502")
        assert isinstance(engine.obstacle, OutcomeUnknown)
        assert (shop.job(first).state, shop.job(second).state) == (JobState.UNKNOWN, JobState.PENDING)
        assert await shop.journal.write(lambda tx: settle_by_person(tx, shop.job(first), 101, {}))
        engine.wake()
        await asyncio.wait_for(engine.finished(second.job_id), 10)
    assert [paper.comments for paper in shop.register.papers] == [("sale-1",), ("sale-2",)]
    assert shop.job(first).result_no == 101


async def test_nothing_printed_says_the_person_and_it_is_printed(shop: Shop) -> None:
    job = job_of(receipt("sale-1"))
    await shop.put(job)
    shop.register.plan(Fault.CRASH_AFTER, 2 + 0)
    await shop.run_until_crash()
    shop.register.number += 3
    async with shop.running() as engine:
        await shop.journal.write(lambda tx: None)
        await shop.journal.write(_force_unknown(job))
        engine.wake()
        await until(engine, lambda: engine.person_may_settle(job.job_id))
        assert await shop.journal.write(lambda tx: settle_by_person(tx, shop.job(job), None, {}))
        engine.wake()
        await asyncio.wait_for(engine.finished(job.job_id), 10)
    assert len(shop.register.papers) == 1


def _force_unknown(job: NewJob) -> Any:
    def work(tx: Transaction) -> None:
        tx.connection.execute(
            "UPDATE fiscal_jobs SET state = 'unknown', position_no = 1 WHERE job_id = ?", (str(job.job_id),)
        )

    return work


async def test_an_answer_that_comes_too_late_changes_nothing(shop: Shop) -> None:
    job = job_of(receipt("sale-1"))
    await shop.put(job)
    await shop.run_until_finished(job)
    assert not await shop.journal.write(lambda tx: settle_by_person(tx, shop.job(job), 999, {}))
    assert shop.job(job).result_no == 101


async def test_a_register_that_was_exchanged_is_not_asked_about_the_others_receipts(shop: Shop) -> None:
    job = job_of(receipt("sale-1"))
    await shop.put(job)
    shop.register.plan(Fault.CRASH_AFTER, 2 + 1)
    await shop.run_until_crash()
    shop.register.serial, shop.register.open = "DT999999", None
    async with shop.running() as engine:
        await until(engine, lambda: engine.person_may_settle(job.job_id))
    assert shop.register.papers == []


async def test_a_strange_document_without_payment_is_dropped_and_one_with_payment_stops_the_work(shop: Shop) -> None:
    job = job_of(receipt("sale-1"))
    await shop.put(job)
    shop.register._begin(receipt("somebody else's"))
    await shop.run_until_finished(job)
    assert [paper.comments for paper in shop.register.papers] == [("sale-1",)]
    second = job_of(receipt("sale-2"))
    await shop.put(second)
    shop.register._begin(receipt("somebody else's"))
    shop.register._sell(100)
    shop.register._pay(100)
    async with shop.running() as engine:
        await until(engine, lambda: engine.status.code == "FIS-411")
        assert shop.job(second).state is JobState.PENDING
        shop.register._close()
        await asyncio.wait_for(engine.finished(second.job_id), 10)


async def test_a_register_that_is_off_waits_and_goes_on_by_itself(shop: Shop) -> None:
    job = job_of(receipt("sale-1"))
    await shop.put(job)
    shop.register.silent = True
    async with shop.running() as engine:
        await shop.register.asked(3)
        assert isinstance(engine.obstacle, TransientError)
        assert engine.status.state is RegisterState.STOPPED
        shop.register.silent = False
        await asyncio.wait_for(engine.finished(job.job_id), 10)
    assert len(shop.register.papers) == 1


# -- the register's day -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", list(Fault))
async def test_the_day_is_closed_once_whatever_fails(journal: Journal, fault: Fault) -> None:
    for at in range(3):
        shop = Shop(journal, ModelRegister())
        job = job_of(receipt("-"), JobKind.CLOSURE, "{}")
        await shop.put(job)
        shop.register.plan(fault, at + 2)
        await shop.live_through(job)
        [done] = await shop.run_until_finished(job)
        assert (shop.register.closure, done.result_no) == (8, 8)
        assert [kind for kind, _ in shop.ended] == [JobKind.CLOSURE]


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("amount", [500, -500])
async def test_service_cash_moves_once_whatever_fails(journal: Journal, fault: Fault, amount: int) -> None:
    for at in range(4):
        shop = Shop(journal, ModelRegister(drawer=1_000))
        job = job_of(receipt("-"), JobKind.CASH, json.dumps({"amount_minor": amount}))
        await shop.put(job)
        shop.register.plan(fault, at + 2)
        await shop.live_through(job)
        [done] = await shop.run_until_finished(job)
        moved = amount if done.state is JobState.DONE else 0
        assert shop.register.drawer == 1_000 + moved
        assert len(shop.ended) == 1


async def test_a_drawer_with_too_little_refuses_and_says_so(shop: Shop) -> None:
    job = job_of(receipt("-"), JobKind.CASH, json.dumps({"amount_minor": -500}))
    await shop.put(job)
    [refused] = await shop.run_until_finished(job)
    assert (refused.state, refused.code) == (JobState.REFUSED, "FIS-210")
    assert shop.ended == [(JobKind.CASH, None)]


async def test_nothing_that_takes_a_number_runs_while_an_outcome_is_unknown(shop: Shop) -> None:
    job = job_of(receipt("sale-1"))
    await shop.put(job)
    shop.register.plan(Fault.CRASH_AFTER, 2 + 5)
    await shop.run_until_crash()
    engine = shop.engine()
    for ask in (engine.x_report, engine.print_duplicate, engine.open_drawer):
        with pytest.raises(OutcomeUnknown) as refused:
            await ask()
        assert refused.value.code == "FIS-502"
    assert shop.register.number == 101


async def test_reports_copies_and_the_drawer_are_asked_for_in_between(shop: Shop) -> None:
    async with shop.running() as engine:
        assert (await engine.x_report()).closure_no == 7
        await engine.print_duplicate()
        await engine.open_drawer()
    assert shop.register.drawer_openings == 1


async def test_paper_near_its_end_is_said_and_stops_nothing(shop: Shop) -> None:
    shop.register.conditions_now = frozenset({RegisterCondition.PAPER_NEAR_END})
    async with shop.running() as engine:
        await until(engine, lambda: engine.status.code == "FIS-101")
        assert engine.obstacle is None
        job = job_of(receipt("sale-1"))
        await shop.put(job)
        engine.wake()
        await asyncio.wait_for(engine.finished(job.job_id), 10)
