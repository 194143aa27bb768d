"""The till's page over 256 kbit/s: it opens within its bytes, and a scan is a line (UIX-18)."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.scenarios.conftest import FLOAT
from tests.scenarios.shop import Shop
from tests.scenarios.till_page import ENTRY, TillPage
from tests.slow_line import SlowLine
from tradepost.stage import MANAGER_PIN

pytestmark = pytest.mark.browser

BUDGET = 200_000
"""Until somebody can scan: page, words and letters. Six seconds, once; after that only what is sold travels."""
PATIENCE_MS = 60_000


async def test_the_till_is_usable_within_its_bytes(context: BrowserContext, shop: Shop) -> None:
    shop.put_right()
    till = TillPage(await context.new_page())
    till.page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    line = await SlowLine.under(till.page)
    await till.page.goto(shop.till_url)
    await till.sign_in(MANAGER_PIN)
    await till.make_ready(FLOAT)
    await expect(till.field(ENTRY)).to_be_enabled()
    assert 0 < line.bytes <= BUDGET
    assert line.failed == []
