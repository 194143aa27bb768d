"""A gateway that queues three sales and prints them on a register at a TCP port, to be killed on the way.

Reports the id of each receipt that was promised, once its intent is durable. Totals come in pairs, so that a sale often
has the total of the one before it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from edge.checkout.fiscal_engine import FiscalEngine
from edge.checkout.fiscal_store import enqueue
from edge.devices.fiscal_printer.datecs_isl import datecs_isl
from edge.devices.fiscal_printer.profiles import load_profile
from edge.journal import Journal, NodeIdentity
from edge.transports import from_address
from shared.clock import SystemClock
from tests.edge.checkout.test_fiscal_engine import job_of, receipt
from tests.edge.devices.fiscal_printer.register_process import QUICK
from tests.edge.journal.killing import Report

SALES = 3


def run(arguments: dict[str, Any], report: Report) -> None:
    asyncio.run(_print(arguments, report))


async def _print(arguments: dict[str, Any], report: Report) -> None:
    identity = NodeIdentity("main", "gw-1")
    journal = Journal.open(Path(arguments["journal"]), node=identity, clock=SystemClock())
    [known] = journal.read("SELECT count(*) AS jobs FROM fiscal_jobs")
    for number in range(known["jobs"], known["jobs"] + SALES):
        total = 600 + number // 2
        job = job_of(receipt(f"sale-{number}", total, (total,)))
        await journal.write(lambda tx, job=job: enqueue(tx, job))  # type: ignore[misc]
        report(str(job.job_id))
    driver = datecs_isl(from_address(arguments["address"]), load_profile(arguments["profile"]), timing=QUICK)
    engine = FiscalEngine("register-1", driver, journal, clock=SystemClock(), retry_s=0.05, idle_check_s=0.05)
    life = asyncio.create_task(engine.run())
    for row in journal.read("SELECT job_id FROM fiscal_jobs"):
        await engine.finished(UUID(row["job_id"]))
    life.cancel()
    with suppress(asyncio.CancelledError):
        await life
    journal.close()
