"""From a scan to its line on the till's page, and a thousand scans one behind the other of which none may be lost.

Workload: journal FULL, 100,000 products, headless Chromium. `serial`: from just before the bytes are written to the
scanner's pseudo-terminal; `keys`: from the browser's own stamp of the last key of a scanner that types; both to the
moment the line stands in the document (MutationObserver), and to the frame that shows it. Baskets of 25 lines, a scan
every 90 to 130 ms. Then scans back to back, equal codes and distinct ones: as fast as the serial line takes them, and
as fast as a scanner types (2 ms a key). A scan that is lost or counted twice raises: it is no figure. Codes whose keys
this machine could not bring together as a scanner does are `torn`; they may be lost, and are not scans.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from playwright.async_api import expect

from bench.branch import PIN, MeasuredBranch, barcode, name_of, open_branch
from bench.figures import Plan, Round, at_most
from bench.screen import Screen, open_browser
from tests.edge.terminal.page import Page
from tests.scenarios.till_page import TillPage

_BASKET: Final = 25
_PAUSE_S: Final = (0.09, 0.13)
_WARM: Final = 10
"""Scans before the first that counts: what a page compiles at first it does not compile all day."""
_TYPED_S: Final = 0.028
"""A code of 13 digits and Enter at 2 ms a key."""
_STILL_S: Final = 20.0
_TORN_S: Final = 2.0
"""Quiet after which a torn code is no longer waited for."""
_LOOK_S: Final = 0.1


@dataclass(frozen=True)
class Size:
    products: int
    scans: int
    back_to_back: int


SIZES: Final = {"full": Size(100_000, 250, 1_000), "quick": Size(20_000, 75, 200), "tiny": Size(200, 25, 30)}
PLAN: Final = Plan(
    bounds={
        "serial_ms_p50": at_most(10),
        "serial_ms_p99": at_most(33, 20),
        "keys_ms_p50": at_most(10),
        "keys_ms_p99": at_most(33, 20),
        "lost": at_most(0),
    }
)


class ScansLost(Exception):
    """What was scanned is not what the till counts."""


def measure(size: Size) -> Round:
    with open_branch(size.products) as branch:
        return asyncio.run(_measure(branch, size))


async def _measure(branch: MeasuredBranch, size: Size) -> Round:
    branch.start()
    async with open_browser() as browser:
        screen = await Screen.open(browser, branch.url)
        till = TillPage(screen.page)
        await till.sign_in(PIN)
        await till.open_shift("20000")
        # The witness comes second: the first page has the till.
        witness = await branch.page(await branch.token(), "witness")
        bench = _Bench(branch, screen, till, witness, size, random.Random(5))
        await bench.baskets(bench.by_serial, _WARM)
        await bench.baskets(bench.by_keys, _WARM)
        found: dict[str, float] = {}
        for name, scan in (("serial", bench.by_serial), ("keys", bench.by_keys)):
            found |= _percentiles(name, await bench.baskets(scan, size.scans))
        for name, scan in (("serial", bench.serial_at_once), ("keys", bench.keys_at_once)):
            for kind, step in (("equal", 0), ("distinct", 1)):
                found[f"{name}_{kind}_scans_per_s"] = await bench.back_to_back(scan, step)
        await witness.close()
        return {**found, "lost": 0, "torn": bench.torn}


def _percentiles(name: str, times: Sequence[tuple[float, float]]) -> dict[str, float]:
    to_line, to_frame = (sorted(1_000 * one[place] for one in times) for place in (0, 1))
    last = len(times) * 99 // 100
    return {
        f"{name}_ms_p50": median(to_line),
        f"{name}_ms_p99": to_line[last],
        f"{name}_to_frame_ms_p50": median(to_frame),
        f"{name}_to_frame_ms_p99": to_frame[last],
    }


@dataclass
class _Bench:
    branch: MeasuredBranch
    screen: Screen
    till: TillPage
    witness: Page
    """A second page on the same till, which only looks."""
    size: Size
    chance: random.Random
    torn: int = 0

    # -- one scan at a time -------------------------------------------------------------------------------------------

    async def by_serial(self, codes: Sequence[str]) -> list[float]:
        """When each code's bytes went out."""
        begun = []
        for code in codes:
            begun.append(self.branch.scan(code))
            await asyncio.sleep(self.chance.uniform(*_PAUSE_S))
        return begun

    async def by_keys(self, codes: Sequence[str]) -> list[float]:
        """When the browser had each code's Enter."""
        for code in codes:
            await self.screen.burst(code)
            await asyncio.sleep(self.chance.uniform(*_PAUSE_S))
        return await self.screen.ends()

    async def baskets(
        self, scan: Callable[[Sequence[str]], Awaitable[list[float]]], scans: int
    ) -> list[tuple[float, float]]:
        """(to the line, to its frame) of each scan, in seconds, over as many baskets as it takes."""
        times = []
        for start in range(0, scans, _BASKET):
            numbers = self.chance.sample(range(self.size.products), min(_BASKET, scans - start))
            await self.screen.forget()
            begun = await scan([barcode(number) for number in numbers])
            counted = await self._counted(len(numbers))
            lines = {line["name"]: line for line in await self.screen.lines(counted)}
            moments = dict(zip(map(name_of, numbers), begun, strict=True))
            times += [(line["at"] - moments[name], line["frame"] - moments[name]) for name, line in lines.items()]
            await self.till.cancel_sale("Other")
        return times

    # -- back to back -------------------------------------------------------------------------------------------------

    async def serial_at_once(self, codes: Sequence[str]) -> None:
        def write() -> None:
            for code in codes:
                self.branch.scan(code)

        await asyncio.to_thread(write)

    async def keys_at_once(self, codes: Sequence[str]) -> None:
        due = time.perf_counter()
        for code in codes:
            await self.screen.burst(code, at_pace=True)
            due += _TYPED_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    async def back_to_back(self, scan: Callable[[Sequence[str]], Awaitable[None]], step: int) -> float:
        """Scans a second. step: from one product to the next; 0 scans the same one. Raises ScansLost."""
        wanted = self.size.back_to_back
        numbers = [place * step % self.size.products for place in range(wanted)]
        await self.screen.forget()
        begun = time.perf_counter()
        await scan([barcode(number) for number in numbers])
        counted = await self._counted(wanted)
        spent = time.perf_counter() - begun
        basket = _basket(self.witness)
        lines = counted if step else 1
        pieces = sum(line["quantity_milli"] for line in basket["lines"]) // 1_000
        if basket["line_count"] != lines or (not step and pieces != counted):
            raise ScansLost(f"{counted} scans, {basket['line_count']} lines of {lines}, {pieces} pieces shown")
        await expect(self.till.total).to_have_text(basket["total_text"])
        await self.till.cancel_sale("Other")
        return wanted / spent

    async def _counted(self, wanted: int) -> int:
        """How many scans the till has counted, when that is all of them. Raises ScansLost when any but a torn one is
        missing, or one was counted twice.
        """
        still_since, seen = time.monotonic(), -1
        while seen < wanted and time.monotonic() - still_since < _STILL_S:
            scans = int(_basket(self.witness)["scans"])
            if scans != seen:
                still_since, seen = time.monotonic(), scans
            elif seen >= wanted - await self.screen.torn() and time.monotonic() - still_since > _TORN_S:
                break
            await asyncio.sleep(_LOOK_S)
        torn = await self.screen.torn()
        self.torn += torn
        if not wanted - torn <= seen <= wanted:
            raise ScansLost(f"{seen} of {wanted} scans were counted, {torn} were torn")
        return seen


def _basket(page: Page) -> dict[str, Any]:
    basket: dict[str, Any] = page.state["basket"]
    return basket
