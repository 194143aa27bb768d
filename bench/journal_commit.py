"""A durable sale commit on the gateway, beside the least that the disk can do for it.

Workload: what completing a sale writes (its fact of two lines, the intent to print, the basket's end, the operation) in
one transaction, journal FULL, one after the other; and ten such works that wait together.
Ceiling: a preallocated page overwritten and fdatasync'ed on the same file system, in turn with the commits.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

from bench.figures import Plan, Ratio, Round, at_least, at_most
from edge.journal import Journal, NodeIdentity, Transaction
from edge.journal.transaction import time_text
from shared.clock import SystemClock
from shared.ids import uuid7
from tests.shared.samples import SALE

_PAGE: Final = 4096
_TILL: Final = "till-1"
_SHIFT: Final = str(UUID(int=7))


@dataclass(frozen=True)
class Size:
    commits: int


SIZES: Final = {"full": Size(1_000), "quick": Size(200), "tiny": Size(20)}
PLAN: Final = Plan(
    ratios=(Ratio("probe_over_commit", "commit_ms_p50", "probe_ms_p50", is_time=True),),
    bounds={
        "commit_ms_p50": at_most(1.0),
        "probe_over_commit": at_least(0.25, 0.4),
        "ten_in_a_group_over_singles": at_least(2.0),
    },
)


def _take(tx: Transaction) -> None:
    """What `take` writes, by the tables it writes to; `tests/edge/checkout` says that it does."""
    sale_id, moment = str(uuid7()), time_text(tx.now)
    execute = tx.connection.execute
    execute("SELECT outcome FROM operations WHERE op_id = ?", (sale_id,)).fetchone()
    execute("SELECT n FROM tills WHERE till = ?", (_TILL,)).fetchone()
    number = f"abovyan-1-1-{sale_id[-12:]}"
    fact = tx.append("sale.completed", sale_id, SALE, till=_TILL)
    execute("UPDATE baskets SET state = 'sold' WHERE basket_id = ?", (sale_id,))
    execute(
        "INSERT INTO sales (sale_id, number, event_id, till, shift_id, sold_at, currency, total_minor)"
        " VALUES (?, ?, ?, ?, ?, ?, 'AMD', ?)",
        (sale_id, number, str(fact.event_id), _TILL, _SHIFT, moment, SALE.total_minor),
    )
    execute(
        "INSERT INTO drawer (shift_id, kind, form, amount_minor, of_id) VALUES (?, 'sale', 'cash', ?, ?)",
        (_SHIFT, SALE.total_minor, sale_id),
    )
    execute(
        "INSERT INTO fiscal_jobs (job_id, register, till, kind, of_id, part, parts, currency, total_minor, document,"
        " lines, state, changed_at) VALUES (?, 'register-1', ?, 'sale', ?, 1, 1, 'AMD', ?, '{}', '[]', 'pending', ?)",
        (str(uuid7()), _TILL, sale_id, SALE.total_minor, moment),
    )
    count = int(fact.sequence)
    execute(
        "INSERT INTO operations (op_id, till, n, at, operator, name, basket_id, changes, outcome)"
        " VALUES (?, ?, ?, ?, ?, 'take', ?, '[]', '{\"ok\":true}')",
        (str(uuid7()), _TILL, count, moment, _SHIFT, sale_id),
    )
    execute(
        "INSERT INTO tills (till, n, last_id) VALUES (?, ?, ?)"
        " ON CONFLICT (till) DO UPDATE SET n = excluded.n, last_id = excluded.last_id",
        (_TILL, count, sale_id),
    )


async def _commits(journal: Journal, probe: int, commits: int) -> tuple[list[float], list[float], list[float]]:
    singles, probes, groups = [], [], []
    page = os.urandom(_PAGE)
    for number in range(commits):
        begun = time.perf_counter()
        await journal.write(_take)
        singles.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        os.pwrite(probe, page, (number % 16) * _PAGE)
        os.fdatasync(probe)
        probes.append(time.perf_counter() - begun)
    for _ in range(commits // 10):
        begun = time.perf_counter()
        await asyncio.gather(*(journal.write(_take) for _ in range(10)))
        groups.append((time.perf_counter() - begun) / 10)
    return singles, probes, groups


def measure(size: Size) -> Round:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        probe = os.open(Path(folder) / "probe", os.O_RDWR | os.O_CREAT)
        os.posix_fallocate(probe, 0, 16 * _PAGE)
        os.pwrite(probe, os.urandom(16 * _PAGE), 0)
        os.fsync(probe)
        journal = Journal.open(Path(folder) / "journal.db", node=NodeIdentity("bench", "gw-01"), clock=SystemClock())
        singles, probes, groups = asyncio.run(_commits(journal, probe, size.commits))
        journal.close()
        os.close(probe)
    return {
        "commit_ms_p50": median(singles) * 1000,
        "commit_ms_p99": sorted(singles)[len(singles) * 99 // 100] * 1000,
        "probe_ms_p50": median(probes) * 1000,
        "ten_in_a_group_over_singles": median(singles) / median(groups),
    }
