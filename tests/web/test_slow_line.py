"""Head office over 256 kbit/s: each step shows its content, and all until then came within its bytes (UIX-18).

Budgets are bytes, never time: they are the same on every machine. At this speed 32 kB take a second.
"""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from cloud.audit.service import COMMAND_LINE
from cloud.catalogue import service as catalogue
from cloud.catalogue.schemas import ImportedProduct
from shared.clock import SystemClock
from tests.slow_line import SlowLine
from tests.web.head_office import Shop, sign_in

pytestmark = pytest.mark.browser

SALES, PRODUCTS = 60, 60
"""More than the first page of each list."""
PATIENCE_MS = 60_000
SIGN_IN, HOME, LISTS = 125_000, 300_000, 330_000
"""The second holds the shell, and the letters of all languages where the machine has none of its own (106 kB); both
are fetched once for a long time. The third leaves 30 kB for three lists and a sale."""


async def _fill(shop: Shop) -> None:
    await shop.sell(*(f"{number:03}" for number in range(SALES)))
    items = [
        ImportedProduct(code=f"{shop.id}-{number:03}", name=f"Coffee beans {number} 250 g", unit="pcs", tax_code="A")
        for number in range(PRODUCTS)
    ]
    async with shop.office.database.transaction() as tx:
        await catalogue.import_products(tx, actor=COMMAND_LINE, at=SystemClock().now(), items=items)


async def test_each_step_is_usable_within_its_bytes(shop: Shop) -> None:
    await _fill(shop)
    expect.set_options(timeout=PATIENCE_MS)
    page = await shop.page(None, role=None)
    page.set_default_timeout(PATIENCE_MS)
    line = await SlowLine.under(page)

    await page.goto(shop.office.url)
    await expect(page.get_by_label("Login")).to_be_visible()
    assert 0 < line.bytes <= SIGN_IN

    await sign_in(page, await shop.person())
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    await expect(page.locator("[data-figure=revenue]")).to_contain_text("148,800")
    assert line.bytes <= HOME

    await page.get_by_role("link", name="Sales", exact=True).click()
    await expect(page.get_by_role("rowheader")).to_have_count(50)
    await page.get_by_role("link", name=shop.number("059")).click()
    await expect(page.get_by_role("region", name="Lines").get_by_role("row")).to_have_count(3)
    await page.get_by_role("link", name="Stock", exact=True).click()
    await page.get_by_role("link", name="Products", exact=True).click()
    await expect(page.get_by_role("rowheader", name="Coffee beans").first).to_be_visible()
    assert line.bytes <= LISTS
    assert line.failed == []
