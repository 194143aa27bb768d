"""The live stream over real connections: what each reader hears, how it goes on, and who waits for whom."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert

from cloud.access.dependencies import SESSION_COOKIE
from cloud.access.rights import Preset
from cloud.app import create_app
from cloud.database import Database
from cloud.fleet.models import exceptions
from cloud.ingest.announcements import Announcements, Summary
from cloud.live import endpoints, feed
from cloud.live.feed import START as BEGINNING
from cloud.live.feed import Position
from cloud.sales.models import sales
from cloud.serving import OfficeServer, make_server
from cloud.settings import Settings
from shared.ids import uuid7
from tests.cloud.office import HandClock, Office, add_branch

PATIENCE_S = 10


@dataclass
class Served:
    office: Office
    announcements: Announcements
    server: OfficeServer

    async def sell(self, branch: str, number: str, total: int = 100) -> UUID:
        """A sale arrives, as ingest would store and announce it."""
        sale = uuid7()
        moment = self.office.clock.now()
        row = {
            "id": sale,
            "number": number,
            "branch": branch,
            "node": f"{branch}-gw1",
            "till": "till-1",
            "businessdate": moment.date(),
            "at": moment,
            "opened_at": moment,
            "currency": "AMD",
            "subtotal_minor": total,
            "discount_minor": 0,
            "total_minor": total,
            "tax_minor": 0,
            "rounding_minor": 0,
            "line_count": 1,
            "receipt_count": 1,
            "event_id": uuid7(),
        }
        summary = Summary(sales=(str(sale),), facts=1)
        async with self.office.database.transaction() as tx:
            await tx.execute(insert(sales).values(row))
            await self.announcements.announce(tx, summary)
        self.announcements.committed(summary)
        return sale

    async def raise_exception(self, branch: str) -> None:
        moment = self.office.clock.now()
        row = {
            "id": uuid7(),
            "key": f"FIS-502:{branch}",
            "about": branch,
            "code": "FIS-502",
            "branch": branch,
            "at": moment,
            "raised_at": moment,
            "subject": "sale",
            "parameters": {"till": 1},
        }
        summary = Summary(exceptions=(str(row["id"]),))
        async with self.office.database.transaction() as tx:
            await tx.execute(insert(exceptions).values(row))
            await self.announcements.announce(tx, summary)
        self.announcements.committed(summary)

    @asynccontextmanager
    async def listen(
        self, *roles: tuple[Preset, str | None], token: str | None = None, after: str | None = None
    ) -> AsyncIterator[Ear]:
        token = token or await self.office.open_session(await self.office.add_user(*roles))
        headers = {"Last-Event-ID": after} if after else {}
        async with (
            httpx.AsyncClient(base_url=self.server.address, cookies={SESSION_COOKIE: token}) as client,
            client.stream("GET", "/api/v1/stream", headers=headers, timeout=PATIENCE_S) as answer,
        ):
            assert answer.status_code == 200
            yield Ear(answer)


@dataclass
class Heard:
    name: str
    data: Any


class Ear:
    """Reads server-sent events by their specification."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.last_id = ""

    async def _field(self) -> tuple[str, str] | None:
        async with asyncio.timeout(PATIENCE_S):
            line = await anext(self._lines, None)
        if line is None:
            return None
        name, _, value = line.partition(": ")
        if name == "id":
            self.last_id = value
        return name, value

    async def next(self) -> Heard | None:
        """The next event; None at the end of the stream."""
        name, data = "message", ""
        while (field := await self._field()) is not None:
            match field:
                case ("event", value):
                    name = value
                case ("data", value):
                    data += value
                case ("", _) if data:
                    return Heard(name, json.loads(data))
        return None

    async def until(self, name: str, **fields: Any) -> Heard:
        """The next event of this name whose data has these fields."""
        while True:
            heard = await self.next()
            assert heard is not None
            if heard.name == name and fields.items() <= heard.data.items():
                return heard

    async def position(self) -> str:
        """Read on to where the stream says that it stands now."""
        while not self.last_id:
            assert await self._field() is not None
        return self.last_id


@pytest.fixture
async def served(office: Office) -> AsyncIterator[Served]:
    await add_branch(office, "kentron")
    await add_branch(office, "gyumri-1")
    announcements = Announcements(office.database)
    settings = Settings(str(office.database.engine.url), public_url="http://office.test", port=0)
    app = create_app(settings, office.database, clock=office.clock, announcements=announcements)
    server = make_server(settings, app)
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE_S):
        await server.ready.wait()
    yield Served(office, announcements, server)
    server.should_exit = True
    async with asyncio.timeout(PATIENCE_S):
        await task


async def test_each_reader_hears_its_branches_and_rights(served: Served) -> None:
    async with (
        served.listen((Preset.OWNER, None)) as owner,
        served.listen((Preset.MANAGER, "gyumri-1")) as manager,
        served.listen((Preset.SECURITY, "kentron")) as security,
    ):
        figures = [(await owner.until("panel")).data["branch"] for _ in range(2)]
        assert sorted(figures) == ["gyumri-1", "kentron"]
        await served.sell("kentron", "1", total=620)
        await served.raise_exception("kentron")
        await served.sell("gyumri-1", "2")
        sale = (await owner.until("sale")).data
        assert (sale["number"], sale["branch"], sale["total_minor"], sale["at"]) == (
            "1",
            "kentron",
            620,
            "2026-11-21T10:00:00Z",
        )
        assert (await owner.until("sale")).data["number"] == "2"
        assert (await manager.until("sale")).data["number"] == "2"
        assert (await security.until("sale")).data["number"] == "1"
        assert (await security.until("exception")).data["code"] == "FIS-502"


async def test_panel_hides_what_the_reader_may_not_see(served: Served) -> None:
    async with served.listen((Preset.SECURITY, "kentron")) as security:
        figures = (await security.until("panel")).data
        assert figures["branch"] == "kentron"
        assert figures["money"][0]["net_minor"] == 0
    async with served.listen((Preset.HEAD_OFFICE, None)) as head_office:
        await served.raise_exception("kentron")
        served.office.clock.pass_(seconds=2)
        assert (await head_office.until("panel", branch="kentron", exceptions=1)).data["exceptions"] == 1


async def test_goes_on_where_it_broke_off(served: Served) -> None:
    token = await served.office.open_session(await served.office.add_user((Preset.OWNER, None)))
    await served.sell("kentron", "0")
    async with served.listen(token=token) as first:
        await first.position()
        await served.sell("kentron", "1")
        await first.until("sale", number="1")
        position = first.last_id
    for number in range(2, 5):
        await served.sell("kentron", str(number))
    async with served.listen(token=token, after=position) as second:
        heard = [(await second.until("sale")).data["number"] for _ in range(3)]
    assert heard == ["2", "3", "4"]


async def test_goes_on_after_the_server_was_started_again(served: Served) -> None:
    async with served.listen((Preset.OWNER, None)) as first:
        position = await first.position()
    await served.sell("kentron", "1")
    await served.sell("kentron", "2")
    # Another process has nothing in memory: it reads what was missed from the feed.
    app = create_app(served.server._app.state.settings, served.office.database, clock=HandClock())
    async with app.router.lifespan_context(app):
        parsed = Position.parse(position)
        assert parsed is not None
        await app.state.hub.now()
        events, _ = await app.state.hub.after(parsed)
    assert [json.loads(event.data)["number"] for event in events if event.name == "sale"] == ["1", "2"]


async def test_whoever_missed_too_much_is_told_to_read_again(served: Served) -> None:
    async with served.listen((Preset.OWNER, None)) as first:
        position = Position.parse(await first.position())
    assert position is not None
    await served.sell("kentron", "1")
    await served.sell("kentron", "2")
    async with served.office.database.transaction() as tx:
        await feed.trim(tx, keep=1)
    app = create_app(served.server._app.state.settings, served.office.database, clock=HandClock())
    async with app.router.lifespan_context(app):
        assert not await app.state.hub.is_known(position)
        assert await app.state.hub.is_known(await app.state.hub.now())


async def test_a_place_that_was_never_given_is_answered_with_reset(served: Served) -> None:
    async with served.listen((Preset.OWNER, None), after="99999999-99999999") as ear:
        heard = await ear.next()
        assert heard is not None
        assert heard.name == "reset"
        await served.sell("kentron", "2")
        assert (await ear.until("sale")).data["number"] == "2"


async def test_stream_ends_when_the_session_does(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "HEARTBEAT_S", 0.05)
    token = await served.office.open_session(await served.office.add_user((Preset.OWNER, None)))
    async with served.listen(token=token) as ear:
        await ear.position()
        served.office.clock.pass_(hours=13)
        await ear.until("end")
        assert await ear.next() is None


async def test_a_reader_who_does_not_read_holds_nobody_up(served: Served) -> None:
    async with served.listen((Preset.OWNER, None)) as lazy, served.listen((Preset.OWNER, None)) as quick:
        await lazy.position()
        await quick.position()
        for number in range(30):
            await served.sell("kentron", str(number))
            await quick.until("sale", number=str(number))
        heard = [(await lazy.until("sale")).data["number"] for _ in range(30)]
        assert heard == [str(number) for number in range(30)]


async def test_nobody_and_cashiers_hear_nothing(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.server.address) as nobody:
        assert (await nobody.get("/api/v1/stream")).status_code == 401
    token = await served.office.open_session(await served.office.add_user((Preset.CASHIER, "kentron")))
    async with httpx.AsyncClient(base_url=served.server.address, cookies={SESSION_COOKIE: token}) as cashier:
        assert (await cashier.get("/api/v1/stream")).status_code == 403


async def test_feed_shows_nothing_that_could_still_be_preceded(database: Database) -> None:
    async with database.transaction() as tx:
        await feed.append(tx, {"sales": ["a"]})
        in_flight = await feed.read(tx, BEGINNING, 10)
    visible_at_once = {"sqlite": 1, "postgresql": 0}[database.dialect]
    assert len(in_flight) == visible_at_once
    async with database.transaction() as tx:
        [news] = await feed.read(tx, BEGINNING, 10)
        assert news.said == {"sales": ["a"]}
        assert await feed.newest(tx) == news.position
        assert await feed.is_known(tx, news.position)
        await feed.append(tx, {"sales": [], "unheard of": ["x"]})
    async with database.transaction() as tx:
        assert await feed.read(tx, news.position, 10) == []
        for number in range(5):
            await feed.append(tx, {"nodes": [str(number)]})
    async with database.transaction() as tx:
        await feed.trim(tx, keep=2)
        kept = await feed.read(tx, BEGINNING, 10)
        assert [row.said for row in kept] == [{"nodes": ["3"]}, {"nodes": ["4"]}]
        assert not await feed.is_known(tx, news.position)


@pytest.mark.parametrize("text", ["", "x", "1", "1-", "-1", "1-2-3", "1-x", "9" * 19 + "-1", "١-٢"])
def test_positions_that_are_none(text: str) -> None:
    assert Position.parse(text) is None


def test_position_reads_back() -> None:
    assert Position.parse(str(Position(12, 34))) == Position(12, 34)
