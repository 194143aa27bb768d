"""`python -m simulators.customers PLAN`: the people of a plan, each branch's in order, branches at the same time.

PLAN is a JSON file: {"csv": path, "branches": n, "limit": n|null, "log": path, "pause_s": seconds between visits,
"patience_s": how long a cashier waits for something to move,
"tills": [{"branch": index, "url", "till", "pin", "scanner": fifo path}]}. Every visit that is done is one line in the
log, written and flushed before the next begins: what was bought or brought back as the file has it, and what the till
said of it. Prints {"ready": true} when all tills are reached; ends by itself when
everyone has been served, or on SIGTERM after the visit under way.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simulators.customers.retail import Article, BranchPlan, SaleVisit, make_plan, read_lines
from simulators.customers.shopper import ScannerHand, Shopper
from simulators.customers.till_client import OperationRefused, TillClient


class _Log:
    def __init__(self, path: Path) -> None:
        self._stream = path.open("a", encoding="utf-8")

    def write(self, **entry: Any) -> None:
        self._stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._stream.flush()


async def _play(
    branch: int,
    plan: BranchPlan,
    settings: dict[str, Any],
    articles: dict[str, Article],
    log: _Log,
    stop: asyncio.Event,
) -> None:
    place = settings["tills"][branch]
    async with TillClient(place["url"], place["till"], place["pin"]) as till:
        shopper = Shopper(till, ScannerHand(Path(place["scanner"])), articles, settings["patience_s"])
        await shopper.open_shift()
        for visit in plan.visits:
            if stop.is_set():
                return
            try:
                if isinstance(visit, SaleVisit):
                    sale = await shopper.buy(visit)
                    lines = [[line.code, line.quantity_milli, line.unit_price] for line in visit.lines]
                    log.write(kind="sale", branch=branch, lines=lines, **asdict(sale))
                else:
                    back = await shopper.bring_back(visit)
                    lines = [
                        [part.original.code, part.quantity_milli, part.original.unit_price] for part in visit.parts
                    ]
                    log.write(kind="return", branch=branch, lines=lines, **asdict(back))
            except OperationRefused as refusal:
                log.write(kind="refused", branch=branch, invoice=visit.invoice, code=refusal.code, what=str(refusal))
                raise
            if settings["pause_s"]:
                await _pause(settings["pause_s"], stop)


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _main(settings: dict[str, Any]) -> None:
    plan = make_plan(read_lines(Path(settings["csv"]), settings["limit"]), settings["branches"])
    articles = {article.code: article for article in plan.articles}
    log = _Log(Path(settings["log"]))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    on_stop: Callable[[], None] = stop.set
    loop.add_signal_handler(signal.SIGTERM, on_stop)
    loop.add_signal_handler(signal.SIGINT, on_stop)
    sys.stdout.write(json.dumps({"ready": True, "visits": sum(len(b.visits) for b in plan.branches)}) + "\n")
    sys.stdout.flush()
    async with asyncio.TaskGroup() as group:
        for index, branch in enumerate(plan.branches):
            group.create_task(_play(index, branch, settings, articles, log, stop))
    log.write(kind="end", stopped=stop.is_set())


if __name__ == "__main__":
    asyncio.run(_main(json.loads(Path(sys.argv[1]).read_text())))
