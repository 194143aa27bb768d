"""A durable sale commit on the gateway, beside the least that the disk can do for it.

Workload: one `sale.completed` fact of two lines a transaction, journal FULL, one after the other.
Ceiling: a preallocated page overwritten and fdatasync'ed on the same file system, in turn with the commits.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from statistics import median

from edge.journal import Journal, NodeIdentity, Transaction
from shared.clock import SystemClock
from tests.shared.samples import SALE

_COMMITS = 400
_PAGE = 4096


def _append(tx: Transaction) -> None:
    tx.append("sale.completed", str(SALE.sale_id), SALE, till="till-1")


async def _commits(journal: Journal, probe: int) -> tuple[list[float], list[float], list[float]]:
    singles, probes, groups = [], [], []
    page = os.urandom(_PAGE)
    for number in range(_COMMITS):
        begun = time.perf_counter()
        await journal.write(_append)
        singles.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        os.pwrite(probe, page, (number % 16) * _PAGE)
        os.fdatasync(probe)
        probes.append(time.perf_counter() - begun)
    for _ in range(_COMMITS // 10):
        begun = time.perf_counter()
        await asyncio.gather(*(journal.write(_append) for _ in range(10)))
        groups.append((time.perf_counter() - begun) / 10)
    return singles, probes, groups


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        probe = os.open(Path(folder) / "probe", os.O_RDWR | os.O_CREAT)
        os.posix_fallocate(probe, 0, 16 * _PAGE)
        os.fsync(probe)
        journal = Journal.open(Path(folder) / "journal.db", node=NodeIdentity("bench", "gw-01"), clock=SystemClock())
        singles, probes, groups = asyncio.run(_commits(journal, probe))
        journal.close()
        os.close(probe)
    return {
        "commit_ms_p50": median(singles) * 1000,
        "probe_ms_p50": median(probes) * 1000,
        "probe_over_commit": median(probes) / median(singles),
        "ten_in_a_group_over_singles": median(singles) / median(groups),
    }
