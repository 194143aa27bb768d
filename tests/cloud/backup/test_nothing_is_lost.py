"""Head office's database is destroyed and restored from the last backup: every sale is there once, nothing twice.

Real: the gateway's journal and uplink, Mosquitto, the ingest worker, both databases. The gateway's clock stands still,
so its patience never ends: only what head office says makes it publish again (docs/delivery.md, N6c).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, func, select

from cloud.access.rights import Preset
from cloud.audit.service import COMMAND_LINE
from cloud.backup.restoring import restore
from cloud.backup.service import back_up
from cloud.catalogue import service as catalogue
from cloud.catalogue.schemas import ProductDraft
from cloud.database import Database
from cloud.fleet.broker import BrokerUser, broker_hash, broker_users
from cloud.fleet.models import exceptions, loss_cases
from cloud.ingest.models import facts, quarantine
from cloud.ingest.worker import Worker
from cloud.live import feed
from cloud.replication.service import delta
from cloud.reporting.models import sales_by_hour
from cloud.sales.models import receipts, sale_lines, sale_payments, sales
from cloud.settings import Broker
from cloud.stock.models import stock_balances, stock_moves
from edge.journal import Journal, Transaction
from edge.uplink import Uplink
from shared.clock import SystemClock
from tests.cloud.branch_beside import journal, uplink
from tests.cloud.deliveries import FixedClock, Gateway, open_branch, open_gateway, printed, sale, uid
from tests.cloud.office import Office, opened
from tests.conftest import StartMosquitto
from tests.edge.uplink.conftest import link_becomes
from tests.services import MosquittoServer

__all__ = ["journal", "uplink"]

OFFICE = "office"
BEFORE, AFTER = 40, 60
"""Sales: in the backup; at head office when it was lost."""
TOTAL = 248_000
"""Of each: two lines of two pieces."""


@pytest.fixture
async def node(database: Database) -> Gateway:
    await open_branch(database)
    return await open_gateway(database)


@pytest.fixture
async def broker(database: Database, node: Gateway, mosquitto: StartMosquitto) -> MosquittoServer:
    async with database.transaction() as tx:
        users = await broker_users(tx, OFFICE, OFFICE)
    return mosquitto([BrokerUser(u.name, broker_hash(u.name), u.address) for u in users])


async def sell(journal: Journal, first: int, last: int) -> None:
    """Sales with these numbers, each with its receipt."""

    def write(tx: Transaction) -> None:
        common: dict[str, Any] = {"till": "till-1", "shift": uid("shift"), "businessdate": date(2026, 11, 21)}
        for key in range(first, last + 1):
            tx.append("sale.completed", str(key), sale(key), operator=uid("anna"), **common)
            tx.append("receipt.fiscalised", str(key), printed(key, key), **common)

    await journal.write(write)


@asynccontextmanager
async def head_office(database: Database, broker: MosquittoServer) -> AsyncIterator[None]:
    """An ingest worker; gone without a goodbye to anybody when the block ends."""
    worker = Worker(database, Broker("127.0.0.1", broker.port, username=OFFICE, password=OFFICE))
    work = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def stored(database: Database) -> list[tuple[int, int]]:
    async with database.reading() as tx:
        rows = await tx.execute(select(facts.c.sequence, facts.c.event_id).order_by(facts.c.sequence))
        return [(row.sequence, row.event_id.int) for row in rows]


async def count(database: Database, table: Table) -> int:
    async with database.reading() as tx:
        return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())


async def total(database: Database, table: Table, column: str) -> int:
    async with database.reading() as tx:
        return int((await tx.execute(select(func.sum(table.c[column])))).scalar_one())


async def judge(database: Database, journal: Journal, sold: int) -> None:
    written = journal.facts_after(journal.epoch, 0, limit=10**6, max_bytes=10**10)
    assert await stored(database) == [(fact.sequence, fact.event_id.int) for fact in written]
    assert len(written) == 2 * sold
    assert [await count(database, table) for table in (quarantine, loss_cases)] == [0, 0]
    async with database.reading() as tx:
        assert list(await tx.scalars(select(exceptions.c.code))) == ["SRV-220"]
    rows = [await count(database, table) for table in (sales, receipts, sale_payments, sale_lines, stock_moves)]
    assert rows == [sold, sold, sold, 2 * sold, 2 * sold]
    money = [(sales, "total_minor"), (sale_payments, "amount_minor"), (sale_lines, "amount_minor")]
    assert [await total(database, *each) for each in money] == [TOTAL * sold] * 3
    assert await total(database, sales_by_hour, "sales") == sold
    for table in (stock_moves, stock_balances):
        assert await total(database, table, "quantity_milli") == -4_000 * sold


async def named_by_the_feed(database: Database) -> set[UUID]:
    async with database.reading() as tx:
        return {UUID(text) for row in await feed.read(tx, feed.START, 10_000) for text in row.said.get("sales", ())}


def broker_goes_on(broker: MosquittoServer) -> None:
    """The gateway does not even notice that head office is another."""


def broker_is_lost_too(broker: MosquittoServer) -> None:
    """With all that it remembered; the gateway has to connect again."""
    broker.kill()
    broker.start()


@pytest.mark.parametrize(
    ("meanwhile", "sold_meanwhile"),
    [(broker_goes_on, 10), (broker_is_lost_too, 0)],  # a new sale shows the gap (N5); without one only N6c remains
)
async def test_every_sale_is_there_once_after_head_office_was_restored(
    database: Database,
    empty_url: str,
    restored: Database,
    broker: MosquittoServer,
    uplink: Uplink,
    journal: Journal,
    places: list[str],
    meanwhile: Callable[[MosquittoServer], None],
    sold_meanwhile: int,
) -> None:
    sold = BEFORE + AFTER + sold_meanwhile
    async with head_office(database, broker):
        await sell(journal, 1, BEFORE)
        await link_becomes(uplink, lambda: uplink.link.to_send == 0)
        await back_up(database, places, clock=SystemClock())
        await sell(journal, BEFORE + 1, BEFORE + AFTER)
        await link_becomes(uplink, lambda: uplink.link.to_send == 0)
        assert await count(database, sales) == BEFORE + AFTER
    await database.close()  # and nobody ever opens it again
    meanwhile(broker)
    await sell(journal, BEFORE + AFTER + 1, sold)

    await restore(Path(places[1]), empty_url, clock=SystemClock())
    assert await count(restored, sales) == BEFORE
    async with head_office(restored, broker), asyncio.timeout(30):
        while len(await stored(restored)) < 2 * sold:  # noqa: ASYNC110 - a database has no event
            await asyncio.sleep(0.05)
        await link_becomes(uplink, lambda: uplink.link.to_send == 0)
    await judge(restored, journal, sold)
    newer = {uid("sale", key) for key in range(BEFORE + 1, sold + 1)}
    assert await named_by_the_feed(restored) == newer


async def test_a_branch_gets_everything_anew_although_numbers_come_again(
    database: Database, empty_url: str, restored: Database, places: list[str]
) -> None:
    """Its mark means changes that nobody knows any more; the same numbers mean others now."""
    await open_branch(database)
    clock = FixedClock()

    async def products(into: Database, *codes: str) -> None:
        async with into.transaction() as tx:
            for code in codes:
                draft = ProductDraft(code=code, name=code, unit="pcs", tax_code="A")
                await catalogue.create_product(tx, actor=COMMAND_LINE, at=clock.now(), draft=draft)

    await products(database, "old")
    await back_up(database, places[:1], clock=clock)
    await products(database, "lost-1", "lost-2")
    async with database.reading() as tx:
        held = (await delta(tx, "abovyan", 0))["version"]
    await restore(Path(places[0]), empty_url, clock=clock)
    await products(restored, "new-1", "new-2", "new-3", "new-4")
    async with restored.reading() as tx:
        page = await delta(tx, "abovyan", held)
    assert page["since"] == 0
    assert {product["code"] for product in page["changes"]["products"]} == {"old", "new-1", "new-2", "new-3", "new-4"}


async def test_whoever_was_signed_in_signs_in_again(
    office: Office, empty_url: str, restored: Database, places: list[str]
) -> None:
    user = await office.add_user((Preset.OWNER, None))
    token = await office.open_session(user)
    await back_up(office.database, places[:1], clock=office.clock)
    await restore(Path(places[0]), empty_url, clock=office.clock)
    async with opened(restored) as again:
        client = again.client(Origin="http://office.test", Cookie=f"tradepost_session={token}")
        assert (await client.get("/session")).json()["error"]["code"] == "USR-210"
        owner = again.client(Origin="http://office.test", Cookie=f"tradepost_session={await again.open_session(user)}")
        assert (await owner.get("/session")).status_code == 200
        [told] = (await owner.get("/exceptions")).json()["items"]
    assert (told["code"], told["parameters"]) == ("SRV-220", {"time": "2026-11-21T10:00+00:00"})
