"""Head office as its own program, and Chromium before it. One of each serves a whole file of tests.

Each test has a shop of its own, and people who may see that shop only, so that no test meets what another has left.
Not a test. conftest.py takes the fixtures from here.
"""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import json
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from cloud.access import repository as access_rows
from cloud.access import service as access
from cloud.access.dependencies import SESSION_COOKIE
from cloud.access.rights import Preset
from cloud.audit.service import COMMAND_LINE
from cloud.database import Database
from cloud.ingest.applier import Applier
from shared.clock import SystemClock, business_date
from shared.events import Payload, ReceiptOutcomeUnknown
from tests.cloud.deliveries import Gateway, open_branch, open_gateway, printed, sale
from tradepost.office_home import OfficeHome

__all__ = ["PASSWORD", "ROOT", "Office", "Shop", "browser", "doubtful", "office", "screens", "shop", "sign_in"]

ROOT: Final = Path(__file__).resolve().parents[2]
PASSWORD: Final = "stage-lights-and-scales"
"""Of people who live for one test."""
CHROMIUM_ARGUMENTS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_numbers = itertools.count(1)


def _zone_of_early_afternoon() -> str:
    """Where it is about two o'clock now: no test meets the turn of the business day, whenever it runs."""
    east = (14 - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-east:+d}"


ZONE: Final = _zone_of_early_afternoon()


@dataclass
class Office:
    """The running program and a door to its database."""

    url: str
    database: Database


@dataclass
class Shop:
    """A branch of the test's own, its gateway, and whoever looks at it in a browser."""

    office: Office
    browser: Browser
    id: str
    gateway: Gateway
    sent: int = 0
    contexts: list[BrowserContext] = field(default_factory=list)

    # --- the branch

    def key(self, key: str) -> str:
        """What a sale of this name is called: keys make ids, and those are the company's."""
        return f"{self.id}-{key}"

    def number(self, key: str) -> str:
        return f"abovyan-1-1-{self.key(key)}"

    def write(self, name: str, payload: Payload) -> None:
        """A fact of today."""
        now = datetime.now(UTC)
        self.gateway.write(name, payload, time=now, businessdate=business_date(now, ZoneInfo(ZONE)))

    async def deliver(self) -> None:
        """What the gateway has written since the last time reaches head office, as ingest takes it in."""
        await self.apply(self.gateway.birth(), self.gateway.batch(self.sent + 1))
        self.sent = len(self.gateway.bodies)

    async def apply(self, *messages: Any) -> None:
        await Applier(self.office.database, SystemClock()).apply([*messages])

    async def sell(self, *keys: str, **changes: Any) -> None:
        for key in map(self.key, keys):
            self.write("sale.completed", sale(key, **changes))
            self.write("receipt.fiscalised", printed(key, key))
        await self.deliver()

    # --- people

    async def person(self, role: Preset = Preset.OWNER, *, language: str = "en") -> str:
        """Somebody with this role in this shop only; answers the login."""
        login = f"u{secrets.token_hex(5)}"
        async with self.office.database.transaction() as tx:
            await access.add_user(
                tx,
                actor=COMMAND_LINE,
                at=datetime.now(UTC),
                login=login,
                name="Aram K.",
                roles=[(role, self.id)],
                password=PASSWORD,
                language=language,
            )
        return login

    async def _session(self, role: Preset) -> str:
        login, token, now = await self.person(role), secrets.token_urlsafe(32), datetime.now(UTC)
        async with self.office.database.transaction() as tx:
            user = await access_rows.find_user_by_login(tx, login)
            assert user is not None
            row = {"user_id": user["id"], "created_at": now, "expires_at": now + timedelta(hours=1), "address": "test"}
            await access_rows.insert_session(tx, {**row, "token_hash": access_rows.hash_token(token)})
        return token

    async def page(
        self, path: str | None = "/", *, role: Preset | None = Preset.OWNER, width: int = 1280, theme: Any = "light"
    ) -> Page:
        """A page of somebody who reads English and is signed in with this role; role None: nobody is.

        path None: nothing is opened yet.
        """
        context = await self.browser.new_context(
            viewport={"width": width, "height": 844},
            locale="en-GB",
            timezone_id=ZONE,
            color_scheme=theme,
            reduced_motion="reduce",
        )
        self.contexts.append(context)
        if role is not None:
            await context.add_cookies(
                [{"name": SESSION_COOKIE, "value": await self._session(role), "url": self.office.url}]
            )
        page = await context.new_page()
        if path is not None:
            await page.goto(self.office.url + path)
        return page


async def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    await page.get_by_label("Login").fill(login)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


def doubtful(of: str) -> ReceiptOutcomeUnknown:
    """The register has not said whether this sale's receipt printed."""
    known = printed(of, of).model_dump(include=set(ReceiptOutcomeUnknown.model_fields))
    return ReceiptOutcomeUnknown(**known, code="FIS-502")


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


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory, screens: None) -> AsyncIterator[Office]:
    home = OfficeHome(tmp_path_factory.mktemp("office"))
    await asyncio.to_thread(home.prepare)
    process, url = await _start(home.folder)
    database = Database.open(home.database_url)
    yield Office(url, database)
    await database.close()
    process.terminate()
    await process.wait()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=20_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def shop(office: Office, browser: Browser) -> AsyncIterator[Shop]:
    id = f"shop-{next(_numbers)}"
    await open_branch(office.database, id, name="Abovyan 12", zone=ZONE)
    shop = Shop(office, browser, id, await open_gateway(office.database, id))
    yield shop
    for context in shop.contexts:
        await context.close()
