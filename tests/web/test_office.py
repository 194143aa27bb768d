"""Head office's screens in Chromium against the real program: its process, its database, its live stream."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, Response, expect

from cloud.access.rights import Preset
from tests.web.head_office import ROOT, Shop, doubtful, sign_in

pytestmark = pytest.mark.browser

SIGN_IN_BUDGET, SHELL_BUDGET = 120_000, 260_000
"""Bytes of code as they travel (brotli). Source: UX T11."""

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = ["/", "/sales", "/branches", "/devices?state=all", "/products", "/customers", "/stock/matrix", "/exceptions"]


def figure(page: Page, name: str) -> Any:
    return page.locator(f"[data-figure={name}]")


async def code_bytes(responses: list[Response]) -> int:
    """What the code weighed on its way: all of it compressed."""
    code = [one for one in responses if one.url.endswith((".js", ".css"))]
    assert {one.headers["content-encoding"] for one in code} == {"br"}
    sizes = [await one.request.sizes() for one in code]
    return sum(size["responseBodySize"] for size in sizes)


async def test_a_wrong_password_is_refused_and_nobody_is_signed_in(shop: Shop) -> None:
    page = await shop.page(role=None)
    await sign_in(page, await shop.person(), "not-the-password")
    await expect(page.get_by_role("alert")).to_contain_text("USR-213")
    await expect(page.get_by_label("Password")).to_have_value("")
    await expect(page.get_by_label("Password")).to_be_focused()
    await page.reload()
    await expect(page.get_by_role("heading", name="Sign in to head office")).to_be_visible()


async def test_guessing_is_locked_out_with_the_time_to_wait(shop: Shop) -> None:
    login, page = await shop.person(), await shop.page(role=None)
    for _ in range(5):
        await sign_in(page, login, "not-the-password")
        await expect(page.get_by_label("Password")).to_have_value("")
        await expect(page.get_by_role("alert")).to_contain_text("USR-213")
    await sign_in(page, login, "not-the-password")
    await expect(page.get_by_role("alert")).to_contain_text("USR-310")
    await expect(page.get_by_role("button", name="Wait")).to_be_disabled()


async def test_the_panel_shows_today_and_changes_as_a_branch_sells(shop: Shop) -> None:
    await shop.sell("one", "two")
    page = await shop.page(role=None)
    await sign_in(page, await shop.person())
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    await expect(figure(page, "revenue")).to_contain_text("AMD 4,960")
    await expect(figure(page, "average")).to_contain_text("AMD 2,480")
    await expect(figure(page, "sales")).to_contain_text("2")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Abovyan 12"))
    await expect(row).to_contain_text("Online")
    await shop.sell("three")
    await expect(row).to_contain_text("7,440")
    await expect(figure(page, "revenue")).to_contain_text("AMD 7,440")


async def test_a_sale_opens_with_its_lines_payment_and_fiscal_document(shop: Shop) -> None:
    await shop.sell("one")
    page = await shop.page("/sales")
    await page.get_by_role("link", name=shop.number("one")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Sale {shop.number('one')}")
    await expect(page.get_by_role("region", name="Lines").get_by_role("row")).to_have_count(3)
    await expect(page.get_by_role("region", name="Payments")).to_contain_text("Cash")
    await expect(page.get_by_role("region", name="Receipts").get_by_role("rowheader", name="5521")).to_be_visible()
    await page.get_by_role("button", name="Back to Sales").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sales")


async def test_new_sales_wait_behind_a_button(shop: Shop) -> None:
    await shop.sell("one")
    page = await shop.page("/sales")
    await expect(page.get_by_role("rowheader")).to_have_count(1)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await shop.sell("two", "three")
    button = page.get_by_role("button", name="2 new")
    await expect(button).to_be_visible()
    await expect(page.get_by_role("rowheader")).to_have_count(1)
    await button.click()
    await expect(page.get_by_role("rowheader")).to_have_count(3)
    await expect(button).to_have_count(0)


async def test_a_list_is_sorted_and_narrowed_in_its_address(shop: Shop) -> None:
    await shop.sell("aa", "bb", "cc")
    page = await shop.page("/sales?sort=number&order=asc")
    first = page.get_by_role("rowheader").first
    await expect(first).to_have_text(shop.number("aa"))
    await page.get_by_role("button", name="Number").click()
    await expect(first).to_have_text(shop.number("cc"))
    await expect(page).to_have_url(re.compile("order=desc"))
    await page.get_by_role("searchbox").fill("-bb")
    await expect(page.get_by_role("rowheader")).to_have_count(1)
    await expect(page).to_have_url(re.compile("q=-bb"))
    await page.reload()
    await expect(page.get_by_role("rowheader")).to_have_text([shop.number("bb")])
    await page.get_by_label("From", exact=True).fill("2099-01-01")
    await expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()


async def test_an_exception_is_settled_with_a_reason(shop: Shop) -> None:
    shop.write("receipt.outcome_unknown", doubtful(shop.key("one")))
    await shop.deliver()
    page = await shop.page()
    await page.get_by_role("link", name=re.compile("Open: .*FIS-502")).click()
    await page.get_by_role("button", name="Settle FIS-502").click()
    await page.get_by_label("Why it is settled").fill("The slip is in the drawer")
    await page.get_by_role("button", name="Settle", exact=True).click()
    await expect(page.get_by_role("button", name="Settle FIS-502")).to_have_count(0)
    await page.goto(shop.office.url + "/exceptions?state=settled")
    await expect(page.get_by_text("The slip is in the drawer")).to_be_visible()


async def test_a_silent_branch_stands_first_and_is_named_as_missing(shop: Shop) -> None:
    await shop.sell("one")
    await shop.apply(shop.gateway.death())
    page = await shop.page()
    await expect(page.get_by_text("Missing: Abovyan 12")).to_be_visible()
    await expect(page.get_by_role("listitem").first).to_contain_text("Abovyan 12 silent")


async def test_signing_out_ends_the_session(shop: Shop) -> None:
    page = await shop.page("/products")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Products")
    await page.get_by_role("button", name="Account of Aram K.").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in to head office")).to_be_visible()
    answer = await page.request.get(f"{shop.office.url}/api/v1/session")
    assert answer.status == 401


async def test_what_nobody_gave_a_right_to_is_locked_and_says_which(shop: Shop) -> None:
    page = await shop.page("/products", role=Preset.CASHIER)
    await expect(page.get_by_text("This needs the right: see the catalogue.")).to_be_visible()


async def test_the_language_is_chosen_before_signing_in(shop: Shop) -> None:
    page = await shop.page(role=None)
    await page.get_by_label("Language").select_option("ru")
    await expect(page.locator("html")).to_have_attribute("lang", "ru")


async def test_a_person_reads_their_own_language_from_signing_in_on(shop: Shop) -> None:
    page = await shop.page(role=None)
    await sign_in(page, await shop.person(language="hy"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Գլխավոր")
    await expect(page.locator("html")).to_have_attribute("lang", "hy")


async def test_code_stays_within_its_budgets(shop: Shop) -> None:
    page = await shop.page(None, role=None)
    fetched: list[Response] = []
    page.on("response", lambda response: fetched.append(response))
    await page.goto(shop.office.url)
    await page.get_by_label("Login").wait_for()
    await page.wait_for_load_state("networkidle")
    assert 0 < await code_bytes(fetched) <= SIGN_IN_BUDGET
    await sign_in(page, await shop.person())
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    assert SIGN_IN_BUDGET / 2 < await code_bytes(fetched) <= SHELL_BUDGET


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
@pytest.mark.parametrize("path", PAGES)
async def test_pages_pass_axe_and_fit_their_window(shop: Shop, path: str, width: int, theme: str) -> None:
    await shop.sell("one")
    page = await shop.page(path, width=width, theme=theme)
    await expect(page.locator("main#main h1")).to_be_visible()
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    await page.evaluate((ROOT / "web/node_modules/axe-core/axe.min.js").read_text())
    found = await page.evaluate(
        "tags => axe.run({runOnly: tags, rules: {'target-size': {enabled: true}}}).then(r => ({"
        "ran: r.passes.map(one => one.id),"
        "broken: r.violations.map(v => [v.id, v.nodes.map(n => n.target.join(' '))])}))",
        AXE_TAGS,
    )
    assert found["broken"] == []
    assert {"color-contrast", "target-size", "document-title"} <= set(found["ran"])
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
