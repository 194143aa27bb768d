"""The engine with the real driver and a register that is a process of its own: whatever breaks, one receipt each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from edge.checkout.fiscal_engine import FiscalEngine
from edge.checkout.fiscal_store import Job, JobState, NewJob, enqueue
from edge.devices.fiscal_printer.datecs_isl import Timing
from edge.journal import Journal
from shared.clock import SystemClock
from tests.edge.checkout.test_fiscal_engine import job_of, receipt
from tests.edge.devices.fiscal_printer.register_process import KINDS, RegisterProcess

QUICK = Timing(read_timeout_s=0.2, sends=3)


@pytest.fixture(params=["P", "X"])
def register(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RegisterProcess]:
    """On a TCP port, which it has again after a restart."""
    process = RegisterProcess(KINDS[request.param], tmp_path, tcp=True)
    yield process.start()
    process.stop()


class Line:
    """One engine on one register."""

    def __init__(self, journal: Journal, register: RegisterProcess) -> None:
        self.journal = journal
        self.engine = FiscalEngine(
            "register-1", register.driver(timing=QUICK), journal, clock=SystemClock(), retry_s=0.05, idle_check_s=0.05
        )
        self._task = asyncio.create_task(self.engine.run())

    async def print(self, *jobs: NewJob) -> list[Job]:
        await self.journal.write(lambda tx: [enqueue(tx, job) for job in jobs])
        self.engine.wake()
        return [await asyncio.wait_for(self.engine.finished(job.job_id), 60) for job in jobs]

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


def sales(register: RegisterProcess) -> list[tuple[int, int]]:
    return [(each["document"], each["total_minor"]) for each in register.memory() if each.get("kind") == "sale"]


@pytest.mark.parametrize(
    ("fault", "fault_at", "doubts"),
    [
        ("lost-answer", "30:1", 1),
        ("lost-answer", "31:1", 1),
        ("lost-answer", "35:1", 1),
        ("lost-answer", "38:1", 1),
        ("drop-reply", "38:1", 0),
        ("garble-reply", "31:1", 0),
        ("nak-storm", "35:3", 0),
        ("paper-out-mid-receipt", "31:1", 1),  # without paper it does not drop the document either
    ],
)
async def test_a_receipt_is_printed_once_whatever_the_wire_does(
    journal: Journal, register: RegisterProcess, fault: str, fault_at: str, doubts: int
) -> None:
    line = Line(journal, register)
    [first] = await line.print(job_of(receipt("sale-1")))
    register.control(fault, fault_at=fault_at)
    second = asyncio.create_task(line.print(job_of(receipt("sale-2"))))
    await _trouble(line, second)
    register.control()
    [done] = await second
    assert [total for _, total in sales(register)] == [600, 600]
    assert [first.result_no, done.result_no] == [number for number, _ in sales(register)]
    assert len(journal.read("SELECT 1 FROM facts WHERE name = 'receipt.outcome_unknown'")) == doubts
    await line.stop()


async def _trouble(line: Line, printing: asyncio.Task[list[Job]]) -> None:
    """Until the engine has said that something is wrong, or it has got over it."""
    said = asyncio.Event()
    line.engine.on_change(said.set)
    while not printing.done() and line.engine.obstacle is None:
        said.clear()
        await asyncio.wait({printing, asyncio.ensure_future(said.wait())}, return_when=asyncio.FIRST_COMPLETED)


@pytest.mark.parametrize("fault", ["die-mid-receipt", "die-before-close", "die-after-close"])
async def test_a_register_that_loses_its_power_in_mid_receipt_prints_it_once(
    journal: Journal, register: RegisterProcess, fault: str
) -> None:
    line = Line(journal, register)
    register.control(fault)
    printing = asyncio.create_task(line.print(job_of(receipt("sale-1")), job_of(receipt("sale-2", 700, (700,)))))
    await asyncio.to_thread(register.wait)
    register.control()
    register.start()
    first, second = await printing
    assert [(first.result_no, 600), (second.result_no, 700)] == sales(register)
    assert {first.state, second.state} == {JobState.DONE}
    await line.stop()
