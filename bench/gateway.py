"""What a gateway without vision needs: memory after a day's sales, and how soon it sells after it was started.

Workload: 100,000 products, register and printer on their wires, 1,000 sales of two lines, each printed; a page open.
Memory is that of every process of the gateway. Pages that its neighbours here map too (the interpreter, libraries)
count in part only, so Rss stands beside Pss: alone on its machine a gateway has nearly that.
Ready to sell: from the start of the process to the answer of the first scan of a page that was signed in before, the
register found and ready; after a clean stop and after a power cut.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import httpx
from websockets.exceptions import WebSocketException

from bench.branch import MeasuredBranch, barcode, open_branch
from bench.figures import Plan, Round, at_most
from bench.machine import cpu_s, family_of, memory_mb
from tests.edge.terminal.page import Page

_LINES: Final = 2
_RECONNECT_S: Final = 0.01


@dataclass(frozen=True)
class Size:
    products: int
    sales: int
    starts: int


SIZES: Final = {"full": Size(100_000, 1_000, 5), "quick": Size(20_000, 100, 2), "tiny": Size(100, 2, 1)}
PLAN: Final = Plan(
    bounds={"pss_mb": at_most(110, 80), "ready_to_sell_s": at_most(2.0, 1.0)},
)


def measure(size: Size) -> Round:
    with open_branch(size.products) as branch:
        return asyncio.run(_measure(branch, size))


async def _measure(branch: MeasuredBranch, size: Size) -> Round:
    branch.start()
    token = await branch.token()
    page = await branch.page(token)
    await _until_register(page)
    await page.do("open_shift", float_minor=0)
    at_start = memory_mb(family_of(branch.pid))
    begun = time.perf_counter()
    for number in range(size.sales):
        await _sell(page, [barcode((number * 7919 + line) % size.products) for line in range(_LINES)])
    sold_s = time.perf_counter() - begun
    await _fetch_page(branch.url)
    family = family_of(branch.pid)
    memory = {"pss_mb": memory_mb(family), "rss_mb": memory_mb(family, "Rss")}
    await page.close()
    clean, cut = [], []
    for _ in range(size.starts):
        branch.stop()
        clean.append(await _start(branch, token))
        branch.kill()
        cut.append(await _start(branch, token))
    return {
        **memory,
        "pss_before_the_sales_mb": at_start,
        "processes": len(family),
        "printed_sales_per_s": size.sales / sold_s,
        "ready_to_sell_s": median(start["sells_s"] for start in clean),
        "ready_to_sell_after_power_cut_s": median(start["sells_s"] for start in cut),
        "page_served_s": median(start["serves_s"] for start in clean),
        "cpu_s_until_ready_to_sell": median(start["cpu_s"] for start in clean),
    }


async def _sell(page: Page, codes: list[str]) -> None:
    for code in codes:
        await page.do("scan", raw=code)
    await page.do("pay")
    due = page.state["payment"]["left_in_cash_minor"]
    await page.do("tender", form="cash", amount_minor=due)
    taken = await page.do("take")
    await page.until(lambda page: _is_printed(page.state, taken["sale_id"]))


def _is_printed(state: dict[str, Any], sale_id: str) -> bool:
    receipt = state.get("receipt")
    return bool(receipt and receipt["of_id"] == sale_id and all(part["state"] == "done" for part in receipt["fiscal"]))


async def _until_register(page: Page) -> None:
    await page.until(lambda page: page.state["register"]["state"] == "ok")


async def _fetch_page(url: str) -> None:
    """What a browser loads when the page is opened."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, headers={"Accept-Encoding": "br"}) as http:
        index = (await http.get("/")).text
        for path in re.findall(r'(?:src|href)="(/[^"]+)"', index):
            await http.get(path)


async def _start(branch: MeasuredBranch, token: str) -> dict[str, float]:
    branch.start()
    served = time.perf_counter()
    page = await _connected(branch, token)
    await page.do("scan", raw=barcode(1))
    await _until_register(page)
    sells, spent = time.perf_counter(), cpu_s(branch.pid)
    await page.do("cancel_sale", reason="bench")
    await page.close()
    return {"serves_s": served - branch.started_at, "sells_s": sells - branch.started_at, "cpu_s": spent}


async def _connected(branch: MeasuredBranch, token: str) -> Page:
    while True:
        with suppress(OSError, WebSocketException):
            return await branch.page(token)
        await asyncio.sleep(_RECONNECT_S)
