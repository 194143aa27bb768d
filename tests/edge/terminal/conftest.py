from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from edge.checkout.papers import Papers
from edge.checkout.view import LinkView, ViewMaker
from edge.replica import Delta, hash_pin
from edge.terminal.app import Gateway, create_app
from edge.terminal.guards import own_names
from edge.terminal.room import Room
from edge.terminal.screens import Screens
from edge.terminal.serving import serving
from edge.terminal.sessions import Sessions
from shared.clock import SystemClock
from tests.edge.checkout.model_register import ModelRegister
from tests.edge.checkout.shop import ANNA, NEW, Shop
from tests.edge.terminal.page import Page, open_page, sign_in

ANNA_PIN, GOR_PIN = "204816", "135790"


@dataclass
class Branch:
    shop: Shop
    room: Room
    gateway: Gateway
    url: str = ""
    token: str = ""


@cache
def _hashed(pin: str) -> str:
    """argon2id takes its time; once for all tests is enough."""
    return hash_pin(pin, bytes(16)).hex()


def _with_pins(shop: Shop) -> None:
    operators = [
        {
            "id": str(who.operator_id),
            "name": who.name,
            "pin": _hashed(pin),
            "badges": [badge],
            "rights": sorted(who.rights),
        }
        for who, pin, badge in ((ANNA, ANNA_PIN, "BADGE-00480"), (NEW, GOR_PIN, "BADGE-00481"))
    ]
    version = shop.replica.version
    delta = {"since": version, "version": version + 1, "complete": True, "changes": {"operators": operators}}
    shop.replica.apply(Delta.model_validate_json(json.dumps(delta)))
    shop.replica.confirm(datetime.now(UTC))


def make_branch(shop: Shop, screens: Path) -> Branch:
    sessions = Sessions(shop.journal, shop.replica, SystemClock())
    room = Room(
        till=shop.till,
        papers=shop.papers,
        questions=shop.questions,
        view_maker=ViewMaker(shop.till, Papers(shop.till.desk, shop.journal.read, lambda _: ""), shop.journal.read),
        sessions=sessions,
        link=lambda: LinkView(online=False, since=None, to_send=shop.journal.unsent_count()),
        printer=lambda: None,
    )
    gateway = Gateway(
        rooms={"till-1": room},
        sessions=sessions,
        replica=shop.replica,
        texts=lambda language: type(shop.texts).of(language, shop.texts.currency, shop.texts.zone),
        today=lambda: shop.till.today,
        names=own_names(),
        metrics=lambda: "tradepost_unsent_facts 0\n",
        health=lambda: {"status": "ok"},
        screens=Screens(screens),
    )
    return Branch(shop, room, gateway)


@pytest.fixture
async def branch(tmp_path: Path) -> AsyncIterator[Branch]:
    """A gateway on the network with one till, its shift open, and Anna's token."""
    shop = Shop(tmp_path, ModelRegister())
    _with_pins(shop)
    await shop.start()
    await shop.do("open_shift", float_minor=20_000)
    branch = make_branch(shop, tmp_path / "static")
    async with serving(create_app(branch.gateway), "127.0.0.1", 0) as url:
        branch.url = url
        branch.token = (await sign_in(url, pin=ANNA_PIN, till="till-1")).json()["token"]
        yield branch
    await shop.stop()
    shop.close()


@pytest.fixture
async def page(branch: Branch) -> AsyncIterator[Page]:
    page = await open_page(branch.url, branch.token)
    yield page
    await page.close()
