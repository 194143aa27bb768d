"""The till's page in headless Chromium, with a witness in it that notes when a scan's line stands in the document."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from tests.services import find_program

__all__ = ["Screen", "open_browser"]

_CHROMIUM: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TORN_MS: Final = 45
"""Keys of one code that reach the page this far apart are no scanner's any more: UX §4 allows 50 ms."""
_WITNESS: Final = """(() => {
  const clock = () => performance.timeOrigin + performance.now();
  const bench = (window.bench = { lines: [], ends: [], torn: 0, clock });
  const known = new Set();
  let pressed = 0;
  let isTorn = false;
  bench.forget = () => {
    bench.lines.length = bench.ends.length = bench.torn = pressed = 0;
    isTorn = false;
    known.clear();
  };
  window.addEventListener("keydown", (event) => {
    const now = performance.now();
    if (pressed && now - pressed > MOST_MS) isTorn = true;
    pressed = now;
    if (event.key !== "Enter") return;
    bench.ends.push(performance.timeOrigin + event.timeStamp);
    bench.torn += isTorn;
    pressed = 0;
    isTorn = false;
  }, { capture: true });
  new MutationObserver(() => {
    const at = clock();
    const drawn = [];
    for (const row of document.querySelectorAll("tr[data-line]")) {
      if (known.has(row.dataset.line)) continue;
      known.add(row.dataset.line);
      drawn.push({ name: row.cells[1].textContent, at, frame: null });
    }
    if (drawn.length === 0) return;
    bench.lines.push(...drawn);
    requestAnimationFrame(() => { const frame = clock(); for (const line of drawn) line.frame = frame; });
  }).observe(document, { subtree: true, childList: true });
})()""".replace("MOST_MS", str(_TORN_MS))
_CLOCK_LOOKS: Final = 20
_KEY_GAP_S: Final = 0.002
"""How fast a scanner types that is a keyboard, by the keys' own clock."""


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # The driver's own Chromium is not downloaded: the system's is measured.
        path = os.environ.get("TRADEPOST_CHROMIUM") or find_program("chromium")
        browser = await playwright.chromium.launch(executable_path=path, args=_CHROMIUM)
        yield browser
        await browser.close()


class Screen:
    """One page with its witness. Times are seconds of time.time()."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page = page
        self._session = session
        self._ahead_s = 0.0
        """By how much the page's clock is ahead of ours."""
        self._stamped = 0.0

    @classmethod
    async def open(cls, browser: Browser, url: str) -> Screen:
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        page = await context.new_page()
        await page.add_init_script(_WITNESS)
        await page.goto(url)
        screen = cls(page, await context.new_cdp_session(page))
        await screen._compare_clocks()
        return screen

    async def _compare_clocks(self) -> None:
        """By the quickest of several looks: the page's answer was given in its middle."""
        shortest = float("inf")
        for _ in range(_CLOCK_LOOKS):
            before = time.time()
            shown = await self.page.evaluate("bench.clock()")
            after = time.time()
            if after - before < shortest:
                shortest = after - before
                self._ahead_s = shown / 1000 - (before + after) / 2

    async def forget(self) -> None:
        await self.page.evaluate("bench.forget()")

    async def lines(self, count: int) -> list[dict[str, Any]]:
        """The new lines since `forget`, once there are so many: name, when it stood in the document, the next frame."""
        await self.page.wait_for_function(
            "(count) => bench.lines.filter((line) => line.frame).length >= count", arg=count
        )
        seen: list[dict[str, Any]] = await self.page.evaluate("bench.lines")
        return [
            {
                "name": line["name"],
                "at": line["at"] / 1000 - self._ahead_s,
                "frame": line["frame"] / 1000 - self._ahead_s,
            }
            for line in seen
        ]

    async def ends(self) -> list[float]:
        """When each Enter was pressed since `forget`, as the browser stamped it."""
        return [stamp / 1000 - self._ahead_s for stamp in await self.page.evaluate("bench.ends")]

    async def torn(self) -> int:
        """Codes since `forget` whose keys this machine was too busy to bring as close together as a scanner does."""
        count: int = await self.page.evaluate("bench.torn")
        return count

    async def burst(self, code: str, *, at_pace: bool = False) -> None:
        """The code as a scanner types it, Enter last. Returns when the page has had every key.

        at_pace: each key bears the moment that a scanner's own pace gives it; otherwise the browser stamps it when it
        comes, later than we hand it over by what our road into the browser takes.
        """
        keys = [(character, f"Digit{character}", ord(character), character) for character in code]
        keys.append(("Enter", "Enter", 13, "\r"))
        # Never before the key that was stamped last: a scanner's keys come in their order.
        begun = max(time.time() - _KEY_GAP_S * (len(keys) - 1), self._stamped + _KEY_GAP_S)
        self._stamped = begun + _KEY_GAP_S * (len(keys) - 1)
        sent: list[dict[str, Any]] = [
            {"type": "keyDown", "key": key, "code": physical, "windowsVirtualKeyCode": number, "text": text}
            for key, physical, number, text in keys
        ]
        if at_pace:
            sent = [{**key, "timestamp": begun + place * _KEY_GAP_S} for place, key in enumerate(sent)]
        # Handed over at once, so that no round trip widens the gaps; the browser keeps their order.
        await asyncio.gather(*(self._session.send("Input.dispatchKeyEvent", key) for key in sent))
