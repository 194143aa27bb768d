"""One shop and one browser for all scenarios; a page of its own for each."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.scenarios.shop import Shop
from tests.scenarios.till_page import TillPage
from tests.services import find_program
from tradepost.processes import Household
from tradepost.stage import MANAGER_PIN

_CHROMIUM: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FLOAT: Final = "20000"


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Household(tmp_path_factory.mktemp("shop")) as household:
        yield Shop(household)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # The driver's own Chromium is not downloaded: the system's is tested.
        path = os.environ.get("TRADEPOST_CHROMIUM") or find_program("chromium")
        browser = await playwright.chromium.launch(executable_path=path, args=_CHROMIUM)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh profile. An error of the page's own, or a request that leaves the gateway, fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("console", lambda said: errors.extend([said.text] if "Content Security Policy" in said.text else []))
    context.on("request", lambda request: errors.extend([] if "//127.0.0.1:" in request.url else [request.url]))
    yield context
    await context.close()
    assert errors == []


@pytest.fixture
async def till(context: BrowserContext, shop: Shop) -> TillPage:
    """The manager at the till, the shift open, the basket empty."""
    shop.put_right()
    till = TillPage(await context.new_page())
    await till.page.goto(shop.till_url)
    await till.sign_in(MANAGER_PIN)
    await till.make_ready(FLOAT)
    return till
