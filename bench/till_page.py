"""The till's page: what its code weighs on the wire, and how soon it is ready in a slow browser.

Weight: the brotli twins of every script, style sheet and document that a cold page of one language loads, until the
till is ready; fonts apart. Ready: from the navigation to the scan field that takes codes, signed in, in a fresh profile
with nothing cached, Chromium's processor slowed four times; and the sign-in card likewise.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Browser

from bench.branch import MeasuredBranch, open_branch
from bench.figures import Plan, Round, at_most
from bench.screen import open_browser
from edge.terminal.screens import STATIC

_SLOWED: Final = 4
_CODE: Final = (".html", ".js", ".css")
_FONT: Final = ".woff2"
_COOKIE: Final = "tradepost_till"
_WAIT_MS: Final = 60_000
_READY: Final = """(() => {
  const seen = (window.bench = {});
  const look = () => {
    const now = performance.now();
    if (!seen.signIn && document.querySelector("input[type=password]")) seen.signIn = now;
    const entry = document.querySelector("input[data-entry]");
    if (!seen.ready && entry && !entry.disabled) seen.ready = now;
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
})()"""


@dataclass(frozen=True)
class Size:
    products: int
    loads: int


SIZES: Final = {"full": Size(100_000, 5), "quick": Size(20_000, 2), "tiny": Size(200, 1)}
PLAN: Final = Plan(
    bounds={"code_brotli_kb": at_most(200, 120), "ready_slowed_4x_s": at_most(1.5, 1.0)},
    stated={"slowed": _SLOWED},
)


def measure(size: Size) -> Round:
    with open_branch(size.products) as branch:
        return asyncio.run(_measure(branch, size))


async def _measure(branch: MeasuredBranch, size: Size) -> Round:
    branch.start()
    token = await branch.token()
    cashier = await branch.page(token)
    await cashier.do("open_shift", float_minor=0)
    await cashier.close()
    loads = []
    async with open_browser() as browser:
        for _ in range(size.loads):
            card = await _load(browser, branch.url, None, "signIn")
            loads.append({**await _load(browser, branch.url, token, "ready"), "signIn": card["signIn"]})
    code, fonts = (_weight_kb(loads[0]["paths"], kinds) for kinds in (_CODE, (_FONT,)))
    return {
        "code_brotli_kb": code,
        "fonts_kb": fonts,
        "requests": len(loads[0]["paths"]),
        "ready_slowed_4x_s": median(load["ready"] for load in loads) / 1_000,
        "sign_in_slowed_4x_s": median(load["signIn"] for load in loads) / 1_000,
    }


async def _load(browser: Browser, url: str, token: str | None, until: str) -> dict[str, Any]:
    """One cold load: when it was ready, in milliseconds, and the paths of what it loaded until then."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    if token is not None:
        await context.add_cookies([{"name": _COOKIE, "value": token, "url": f"{url}/api/till/"}])
    page = await context.new_page()
    await page.add_init_script(_READY)
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWED})
    await page.goto(url)
    await page.wait_for_function("(name) => bench[name]", arg=until, timeout=_WAIT_MS)
    seen: dict[str, Any] = await page.evaluate("bench")
    loaded = await page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    await context.close()
    return {**seen, "paths": ["/index.html", *(urlsplit(address).path for address in loaded)]}


def _weight_kb(paths: list[str], kinds: tuple[str, ...]) -> float:
    """Of those files that are of these kinds, as they travel: the brotli twin where there is one."""
    files = {STATIC / path.lstrip("/") for path in paths if path.endswith(kinds)}
    packed = [twin if (twin := file.with_name(f"{file.name}.br")).is_file() else file for file in files]
    return sum(file.stat().st_size for file in packed) / 1_000
