"""Looking up a bar code on the gateway, over the same endpoint with no I/O.

Workload: price checks (a scan that shows its product and its price and touches no basket) of codes drawn from 100,000,
one after the other over the page's line, each answered after its view. Ceiling: the same program, whose resolver has
the same answers in memory; line, authentication, view and answer are those of every operation. Blocks in turn.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.branch import MeasuredBranch, barcode, open_branch
from bench.figures import Plan, Ratio, Round, at_least
from tests.edge.terminal.page import Page

_BLOCK: Final = 100
_PROGRAMS: Final = (("lookups", ("-m", "tradepost", "edge")), ("without_io", ("-m", "bench.gateway_without_io")))


@dataclass(frozen=True)
class Size:
    products: int
    lookups: int


SIZES: Final = {"full": Size(100_000, 3_000), "quick": Size(20_000, 600), "tiny": Size(200, 100)}
PLAN: Final = Plan(
    ratios=(Ratio("over_no_io", "lookup_ms_p50", "without_io_ms_p50", is_time=True),),
    bounds={"over_no_io": at_least(0.6, 0.8)},
)


def measure(size: Size) -> Round:
    with ExitStack() as stack:
        branches = {}
        for name, program in _PROGRAMS:
            branch = stack.enter_context(open_branch(size.products, has_register=False))
            branch.start(program)
            branches[name] = branch
        return asyncio.run(_measure(branches, size))


async def _measure(branches: dict[str, MeasuredBranch], size: Size) -> Round:
    chance = random.Random(7)
    codes = [barcode(number) for number in chance.sample(range(size.products), size.lookups)]
    times: dict[str, list[float]] = {name: [] for name in branches}
    pages = {}
    for name, branch in branches.items():
        pages[name] = await branch.page(await branch.token())
        await pages[name].do("open_shift", float_minor=0)
        await pages[name].do("price_check", on=True)
        # The first time fills the memory of the one, and brings the file into the system's for the other.
        await _look_up(pages[name], codes)
    for start in range(0, len(codes), _BLOCK):
        for name, page in pages.items():
            times[name] += await _look_up(page, codes[start : start + _BLOCK])
    for page in pages.values():
        await page.close()
    return {
        "lookup_ms_p50": 1_000 * median(times["lookups"]),
        "lookup_ms_p99": 1_000 * sorted(times["lookups"])[size.lookups * 99 // 100],
        "without_io_ms_p50": 1_000 * median(times["without_io"]),
    }


async def _look_up(page: Page, codes: Sequence[str]) -> list[float]:
    times = []
    for code in codes:
        begun = time.perf_counter()
        await page.do("scan", raw=code)
        times.append(time.perf_counter() - begun)
    return times
