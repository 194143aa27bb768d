"""From a till's commit to a client of the panel's event stream, through everything that lies between.

Workload: a real gateway whose cashier sells every 50 to 100 ms, real Mosquitto, `tradepost cloud` on PostgreSQL (API,
stream and one ingest worker), one client of the stream. Time: from the gateway's own time in the fact, taken in the
transaction before its commit, to the moment the client has read the `sale` event.
Idle: nobody else sells. Half: other nodes' tills sell beside it, one sale a message as tills send them, at half of the
rate at which this very traffic saturates. Nothing waits for company: ingest takes what has come while the transaction
before was under way, so there is no batching delay.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, Final

import httpx

from bench.branch import SECRET, MeasuredBranch, barcode, open_branch
from bench.figures import Plan, Round, at_most
from bench.office import OFFICE_SECRET, Company, HeadOffice
from bench.publishers import Publishers
from cloud.access.rights import Right
from tests.edge.terminal.page import Page
from tests.services import free_port
from tradepost.office_home import OfficeHome, write_secret
from tradepost.processes import Household

_PAUSE_S: Final = (0.05, 0.1)
_WARM: Final = 10
_PATIENCE_S: Final = 60.0


@dataclass(frozen=True)
class Size:
    products: int
    idle_sales: int
    nodes: int
    burst_each: int
    """Messages of each node by which saturation is found."""
    half_each: int
    """And beside the till that is measured."""


SIZES: Final = {
    "full": Size(2_000, 300, 20, 60, 120),
    "quick": Size(2_000, 60, 20, 15, 25),
    "tiny": Size(100, 3, 2, 3, 6),
}
PLAN: Final = Plan(
    bounds={
        "idle_ms_p50": at_most(10),
        "idle_ms_p99": at_most(50),
        "half_ms_p50": at_most(10),
        "half_ms_p99": at_most(50),
    },
)


def measure(size: Size) -> Round:
    office = HeadOffice()
    try:
        company = asyncio.run(office.found(size.nodes + 1, secret=SECRET))
        company.sell(size.burst_each + size.half_each)
        with Household(office.broker.folder / "household") as household:
            return _in_company(office, company, household, size)
    finally:
        office.close()


def _in_company(office: HeadOffice, company: Company, household: Household, size: Size) -> Round:
    url = office.new_database()
    home = OfficeHome(household.folder / "office", url)
    write_secret(home.folder / "office-secret", OFFICE_SECRET)
    token = home.add_token("bench", tuple(Right))
    cloud = household.tradepost(
        "office", "cloud", "--home", str(home.folder), "--listen", f"127.0.0.1:{free_port()}",
        "--broker", f"mqtt://127.0.0.1:{office.broker.port}", "--database", url,
    )  # fmt: skip
    phases = {
        "burst": company.messages(1, size.burst_each, 1)[:-1],
        "half": company.messages(size.burst_each + 1, size.burst_each + size.half_each, 1)[:-1],
    }
    address = company.gateways[-1].address
    node = {
        "node": address.node,
        "branch": address.branch,
        "partition": address.partition,
        "mqtt": {"host": "127.0.0.1", "port": office.broker.port, "tls": False},
    }
    with (
        open_branch(size.products, has_register=False, node=node) as branch,
        Publishers(household.folder, office.broker.port, company.nodes()[:-1], phases) as publishers,
    ):
        branch.start()
        return asyncio.run(_measure(branch, publishers, _Ear(cloud.ready["ready"], token), size))


async def _measure(branch: MeasuredBranch, publishers: Publishers, ear: _Ear, size: Size) -> Round:
    page = await branch.page(await branch.token())
    await page.do("open_shift", float_minor=0)
    listening = asyncio.create_task(ear.listen())
    till = _Till(page, size.products)
    try:
        await till.sell(_WARM)
        await ear.hear(till.sold)
        till.sold.clear()
        await till.sell(size.idle_sales)
        idle = await ear.hear(till.sold)
        saturated = await asyncio.to_thread(publishers.send, "burst")
        rate = saturated.messages / saturated.seconds
        till.sold.clear()
        others = asyncio.create_task(asyncio.to_thread(publishers.send, "half", rate / 2))
        await till.sell_until(others)
        half = await ear.hear(till.sold)
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await page.close()
    return {
        **_percentiles("idle", idle),
        **_percentiles("half", half),
        "saturated_single_sales_per_s": rate,
        "half_sales_measured": len(half),
    }


def _percentiles(name: str, times: list[float]) -> dict[str, float]:
    ordered = sorted(1_000 * one for one in times)
    return {f"{name}_ms_p50": median(ordered), f"{name}_ms_p99": ordered[len(ordered) * 99 // 100]}


@dataclass
class _Till:
    page: Page
    products: int
    sold: list[str] = field(default_factory=list)
    """Ids of the sales."""
    chance: random.Random = field(default_factory=lambda: random.Random(11))

    async def sell(self, count: int) -> None:
        for _ in range(count):
            await self._sell_one()

    async def sell_until(self, others: asyncio.Task[Any]) -> None:
        while not others.done():
            await self._sell_one()
        await others

    async def _sell_one(self) -> None:
        await self.page.do("scan", raw=barcode(self.chance.randrange(self.products)))
        await self.page.do("pay")
        await self.page.do("tender", form="cash", amount_minor=self.page.state["payment"]["left_in_cash_minor"])
        taken = await self.page.do("take")
        self.sold.append(taken["sale_id"])
        await asyncio.sleep(self.chance.uniform(*_PAUSE_S))


class _Ear:
    """One client of the stream."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._took: dict[str, float] = {}
        self._heard = asyncio.Event()

    async def listen(self) -> None:
        async with (
            httpx.AsyncClient(base_url=self._url, headers=self._headers, trust_env=False, timeout=None) as client,
            client.stream("GET", "/api/v1/stream") as answer,
        ):
            answer.raise_for_status()
            event = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "sale":
                    self._note(json.loads(value), time.time())

    def _note(self, sale: dict[str, Any], now: float) -> None:
        # An event may come twice; the first is the one that a screen shows.
        self._took.setdefault(sale["id"], now - datetime.fromisoformat(sale["at"]).timestamp())
        self._heard.set()

    async def hear(self, sold: list[str]) -> list[float]:
        """How long each of these sales took, in seconds, once all have been heard of. Raises TimeoutError."""
        async with asyncio.timeout(_PATIENCE_S):
            while not set(sold) <= set(self._took):
                self._heard.clear()
                await self._heard.wait()
        return [self._took[sale] for sale in sold]
