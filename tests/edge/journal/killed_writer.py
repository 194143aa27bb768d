"""A gateway that only writes: five tasks, works of one to three facts, some that fail. Reports what it was promised."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from edge.journal import AppendedFact, Journal, NodeIdentity, Transaction
from shared.clock import SystemClock
from shared.events import DrawerOpened
from tests.edge.journal.killing import Report

TASKS = 5


def run(arguments: dict[str, Any], report: Report) -> None:
    asyncio.run(_write(Path(arguments["journal"]), report))


async def _write(path: Path, report: Report) -> None:
    journal = Journal.open(path, node=NodeIdentity("branch-1", "node-1"), clock=SystemClock())
    await asyncio.gather(*(_keep_writing(journal, number, report) for number in range(TASKS)))


async def _keep_writing(journal: Journal, number: int, report: Report) -> None:
    for count in range(1_000_000):
        if count % 4 == number % 4:
            try:
                await journal.write(_fail)
            except LookupError:
                continue
        for fact in await journal.write(lambda tx, count=count: _append(tx, 1 + count % 3)):  # type: ignore[misc]
            report(f"{fact.sequence} {fact.event_id}")


def _append(tx: Transaction, count: int) -> list[AppendedFact]:
    return [tx.append("drawer.opened", "drawer", DrawerOpened(reason="x" * 190)) for _ in range(count)]


def _fail(tx: Transaction) -> None:
    _append(tx, 2)
    raise LookupError
