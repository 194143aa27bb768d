"""Head office's screens in Chromium against the real program: its process, its database, its live stream."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Response, async_playwright, expect

from cloud.access.rights import Preset
from cloud.database import Database
from cloud.ingest.applier import Applier
from shared.clock import SystemClock
from shared.events import ReceiptOutcomeUnknown
from tests.cloud.deliveries import Gateway, open_gateway, printed
from tradepost.office_home import OfficeHome

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOGIN, PASSWORD = "head.office", "stage-lights-and-scales"
MANAGER, MANAGER_PASSWORD = "mariam", "doors-open-at-nine"
SIGN_IN_BUDGET, SHELL_BUDGET = 120_000, 260_000
"""Bytes of code as they travel (brotli). Source: UX T11."""

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Office:
    """A running head office with one branch, and the branch's gateway."""

    url: str
    database: Database
    gateway: Gateway
    sent: int = 0

    async def deliver(self) -> None:
        """What the gateway has written since the last time reaches head office, as ingest takes it in."""
        applier = Applier(self.database, SystemClock())
        await applier.apply([self.gateway.birth(), self.gateway.batch(self.sent + 1)])
        self.sent = len(self.gateway.bodies)

    async def sell(self, *keys: str, **stamp: Any) -> None:
        for key in keys:
            self.gateway.sell(key, **stamp)
        await self.deliver()


@pytest.fixture(scope="session")
def screens() -> None:
    """Built, as installing does it: costs a hash when they are fresh."""
    spec = importlib.util.spec_from_file_location("build_screens", ROOT / "web/build_screens.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build()


async def _start(home: Path) -> tuple[Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tradepost", "cloud", "--home", str(home), "--listen", "127.0.0.1:0", stdout=PIPE
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    return process, ready["ready"]


def _open_for_business(home: OfficeHome) -> None:
    home.prepare()
    home.add_branch("abovyan", "Abovyan 12", currency="AMD", zone="Asia/Yerevan", country="AM")
    home.add_branch("gyumri", "Gyumri 1", currency="AMD", zone="Asia/Yerevan", country="AM")
    home.add_user(LOGIN, "Aram K.", role=Preset.OWNER, branch=None, password=PASSWORD, pin=None)
    home.add_user(MANAGER, "Mariam H.", role=Preset.CASHIER, branch="gyumri", password=MANAGER_PASSWORD, pin=None)


@pytest.fixture
async def office(tmp_path: Path, screens: None) -> AsyncIterator[Office]:
    home = OfficeHome(tmp_path / "office")
    await asyncio.to_thread(_open_for_business, home)
    process, url = await _start(home.folder)
    database = Database.open(home.database_url)
    yield Office(url, database, await open_gateway(database))
    await database.close()
    process.terminate()
    await process.wait()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


Opening = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_page(browser: Browser, office: Office) -> Opening:
    """A page of somebody who reads English, at its first address."""

    async def open_(path: str = "/", *, width: int = 1280) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": 844}, locale="en-GB", timezone_id="Asia/Yerevan"
        )
        page = await context.new_page()
        await page.goto(office.url + path)
        return page

    return open_


async def sign_in(page: Page, login: str = LOGIN, password: str = PASSWORD) -> None:
    await page.get_by_label("Login").fill(login)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


def doubtful(of: str) -> ReceiptOutcomeUnknown:
    """The register has not said whether this sale's receipt printed."""
    known = printed(of, of).model_dump(include=set(ReceiptOutcomeUnknown.model_fields))
    return ReceiptOutcomeUnknown(**known, code="FIS-502")


def figure(page: Page, name: str) -> Any:
    return page.locator(f"[data-figure={name}]")


async def code_bytes(responses: list[Response]) -> int:
    """What the code weighed on its way: all of it compressed."""
    code = [one for one in responses if one.url.endswith((".js", ".css"))]
    assert {one.headers["content-encoding"] for one in code} == {"br"}
    sizes = [await one.request.sizes() for one in code]
    return sum(size["responseBodySize"] for size in sizes)


async def test_a_wrong_password_is_refused_and_nobody_is_signed_in(open_page: Opening) -> None:
    page = await open_page()
    await sign_in(page, password="not-the-password")
    await expect(page.get_by_role("alert")).to_contain_text("USR-213")
    await expect(page.get_by_label("Password")).to_have_value("")
    await expect(page.get_by_label("Password")).to_be_focused()
    await page.reload()
    await expect(page.get_by_role("heading", name="Sign in to head office")).to_be_visible()


async def test_guessing_is_locked_out_with_the_time_to_wait(open_page: Opening) -> None:
    page = await open_page()
    button = page.get_by_role("button", name="Sign in")
    await button.wait_for()
    while await button.count():
        await sign_in(page, password="not-the-password")
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_label("Password")).to_have_value("")
    await expect(page.get_by_role("alert")).to_contain_text("USR-310")
    await expect(page.get_by_role("button", name="Wait")).to_be_disabled()


async def test_the_panel_shows_today_and_changes_as_a_branch_sells(open_page: Opening, office: Office) -> None:
    await office.sell("one", "two")
    page = await open_page()
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    await expect(figure(page, "revenue")).to_contain_text("AMD 4,960")
    await expect(figure(page, "average")).to_contain_text("AMD 2,480")
    await expect(figure(page, "sales")).to_contain_text("2")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Abovyan 12"))
    await expect(row).to_contain_text("Online")
    await office.sell("three")
    await expect(row).to_contain_text("7,440")
    await expect(figure(page, "revenue")).to_contain_text("AMD 7,440")


async def test_a_sale_opens_with_its_lines_payment_and_fiscal_document(open_page: Opening, office: Office) -> None:
    await office.sell("one")
    page = await open_page("/sales")
    await sign_in(page)
    await page.get_by_role("link", name="abovyan-1-1-one").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sale abovyan-1-1-one")
    await expect(page.get_by_role("region", name="Lines").get_by_role("row")).to_have_count(3)
    await expect(page.get_by_role("region", name="Payments")).to_contain_text("Cash")
    await expect(page.get_by_role("region", name="Receipts").get_by_role("rowheader", name="5521")).to_be_visible()
    await page.get_by_role("button", name="Back to Sales").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sales")


async def test_new_sales_wait_behind_a_button(open_page: Opening, office: Office) -> None:
    await office.sell("one")
    page = await open_page("/sales")
    await sign_in(page)
    await expect(page.get_by_role("rowheader")).to_have_count(1)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await office.sell("two", "three")
    button = page.get_by_role("button", name="2 new")
    await expect(button).to_be_visible()
    await expect(page.get_by_role("rowheader")).to_have_count(1)
    await button.click()
    await expect(page.get_by_role("rowheader")).to_have_count(3)
    await expect(button).to_have_count(0)


async def test_a_list_is_sorted_and_narrowed_in_its_address(open_page: Opening, office: Office) -> None:
    await office.sell("aa", "bb", "cc")
    page = await open_page("/sales?sort=number&order=asc")
    await sign_in(page)
    first = page.get_by_role("rowheader").first
    await expect(first).to_have_text("abovyan-1-1-aa")
    await page.get_by_role("button", name="Number").click()
    await expect(first).to_have_text("abovyan-1-1-cc")
    await expect(page).to_have_url(re.compile("order=desc"))
    await page.get_by_role("searchbox").fill("1-bb")
    await expect(page.get_by_role("rowheader")).to_have_count(1)
    await page.reload()
    await expect(page.get_by_role("rowheader")).to_have_text(["abovyan-1-1-bb"])
    await page.get_by_label("Branch").select_option("gyumri")
    await expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()


async def test_an_exception_is_settled_with_a_reason(open_page: Opening, office: Office) -> None:
    office.gateway.write("receipt.outcome_unknown", doubtful("one"))
    await office.deliver()
    page = await open_page()
    await sign_in(page)
    await page.get_by_role("link", name=re.compile("Open: .*FIS-502")).click()
    await page.get_by_role("button", name="Settle FIS-502").click()
    await page.get_by_label("Why it is settled").fill("The slip is in the drawer")
    await page.get_by_role("button", name="Settle", exact=True).click()
    await expect(page.get_by_role("button", name="Settle FIS-502")).to_have_count(0)
    await page.goto(office.url + "/exceptions?state=settled")
    await expect(page.get_by_text("The slip is in the drawer")).to_be_visible()


async def test_a_silent_branch_stands_first_and_is_named_as_missing(open_page: Opening, office: Office) -> None:
    await office.sell("one")
    await Applier(office.database, SystemClock()).apply([office.gateway.death()])
    page = await open_page()
    await sign_in(page)
    await expect(page.get_by_text("Missing: Abovyan 12")).to_be_visible()
    await expect(page.get_by_role("listitem").first).to_contain_text("Abovyan 12 silent")


async def test_signing_out_ends_the_session(open_page: Opening) -> None:
    page = await open_page("/products")
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Products")
    await page.get_by_role("button", name="Account of Aram K.").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in to head office")).to_be_visible()
    answer = await page.request.get(page.url.rsplit("/", 1)[0] + "/api/v1/session")
    assert answer.status == 401


async def test_what_nobody_gave_a_right_to_is_locked_and_says_which(open_page: Opening) -> None:
    page = await open_page("/products")
    await sign_in(page, MANAGER, MANAGER_PASSWORD)
    await expect(page.get_by_text("This needs the right: see the catalogue.")).to_be_visible()


async def test_the_language_is_chosen_before_signing_in(open_page: Opening) -> None:
    page = await open_page()
    await page.get_by_label("Language").select_option("ru")
    await expect(page.locator("html")).to_have_attribute("lang", "ru")


async def test_code_stays_within_its_budgets(open_page: Opening, office: Office) -> None:
    page = await open_page("/openapi-has-no-page")
    fetched: list[Response] = []
    page.on("response", lambda response: fetched.append(response))
    await page.goto(office.url)
    await page.get_by_label("Login").wait_for()
    await page.wait_for_load_state("networkidle")
    assert 0 < await code_bytes(fetched) <= SIGN_IN_BUDGET
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    assert SIGN_IN_BUDGET / 2 < await code_bytes(fetched) <= SHELL_BUDGET


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["/", "/sales", "/branches", "/devices?health=all", "/products", "/customers"])
async def test_pages_pass_axe_and_fit_their_window(open_page: Opening, office: Office, path: str, width: int) -> None:
    await office.sell("one")
    page = await open_page(path, width=width)
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    await page.wait_for_load_state("domcontentloaded")
    axe = (ROOT / "web/node_modules/axe-core/axe.min.js").read_text()
    await page.evaluate(axe)
    found = await page.evaluate(
        "tags => axe.run({runOnly: tags, rules: {'target-size': {enabled: true}}})"
        ".then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.target.join(' '))]))",
        AXE_TAGS,
    )
    assert found == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
