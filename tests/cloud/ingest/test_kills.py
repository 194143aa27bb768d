"""Ingest is killed at each of its points, twenty times, while a real gateway sells: every fact is in exactly once.

The gateway's clock stands still, so its patience (N6) never ends: only the protocol makes it publish again.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from cloud.database import Database
from cloud.fleet.broker import BrokerUser, broker_hash, broker_users
from cloud.fleet.models import exceptions, loss_cases
from cloud.ingest.models import facts, quarantine
from cloud.reporting.models import sales_by_hour
from cloud.sales.models import receipts, sale_lines, sale_payments, sales
from cloud.stock.models import stock_balances, stock_moves
from edge.journal import Journal, Transaction
from edge.uplink import Uplink
from tests.cloud.branch_beside import journal, uplink
from tests.cloud.deliveries import Gateway, open_branch, open_gateway, printed, sale, uid
from tests.conftest import StartMosquitto
from tests.edge.journal.killing import Child, ForkServer, hits, write_plan
from tests.edge.uplink.conftest import link_becomes
from tests.services import MosquittoServer

__all__ = ["journal", "uplink"]

pytestmark = pytest.mark.faults

KILLS = 20
SALES = 100
"""New ones before each life: their facts alone fill the four batches that may be in flight."""
LONGEST_S = 20
"""A life that has not ended by then does not come to its point any more."""
PAUSE_S = 0.05
"""Between two sales of the till that goes on: enough lives see several transactions."""
OFFICE = "office"
TOTAL = 248_000
"""Of each sale: two lines of 2 pieces."""


class Till:
    """Sells into the journal; every sale has its receipt."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._keys = itertools.count(1)
        self.sold = 0
        self.is_closing = False

    async def sell(self, count: int) -> None:
        def write(tx: Transaction) -> None:
            common: dict[str, Any] = {"till": "till-1", "shift": uid("shift"), "businessdate": date(2026, 11, 21)}
            for key in itertools.islice(self._keys, count):
                tx.append("sale.completed", str(key), sale(key), operator=uid("anna"), **common)
                tx.append("receipt.fiscalised", str(key), printed(key, key), **common)

        await self._journal.write(write)
        self.sold += count

    async def go_on(self) -> None:
        while not self.is_closing:
            await self.sell(1)
            await asyncio.sleep(PAUSE_S)


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer("tests.cloud.ingest.killed_worker") as server:
        yield server


@pytest.fixture
async def node(database: Database) -> Gateway:
    await open_branch(database)
    return await open_gateway(database)


@pytest.fixture
async def broker(database: Database, node: Gateway, mosquitto: StartMosquitto) -> MosquittoServer:
    async with database.transaction() as tx:
        users = await broker_users(tx, OFFICE, OFFICE)
    return mosquitto([BrokerUser(u.name, broker_hash(u.name), u.address) for u in users])


@pytest.fixture
def life(database_url: str, broker: MosquittoServer) -> dict[str, Any]:
    return {"database": database_url, "port": broker.port, "office": OFFICE, "secret": OFFICE}


async def death(child: Child) -> int | None:
    """What ended it; one that does not die by itself is killed, and its point is not hit."""
    killer = asyncio.get_running_loop().call_later(LONGEST_S, child.kill)
    reports = await asyncio.to_thread(lambda: list(child.reports()))
    killer.cancel()
    assert reports == ["alive"]
    return child.signal


async def count(database: Database, table: Table) -> int:
    async with database.transaction() as tx:
        found: int = (await tx.execute(select(func.count()).select_from(table))).scalar_one()
        return found


async def total(database: Database, table: Table, column: str) -> int:
    async with database.transaction() as tx:
        return int((await tx.execute(select(func.sum(table.c[column])))).scalar_one())


async def judge(database: Database, journal: Journal, sold: int) -> None:
    written = journal.facts_after(journal.epoch, 0, limit=10**6, max_bytes=10**10)
    async with database.transaction() as tx:
        stored = (await tx.execute(select(facts.c.sequence, facts.c.event_id).order_by(facts.c.sequence))).all()
    assert [(sequence, event.int) for sequence, event in stored] == [
        (fact.sequence, fact.event_id.int) for fact in written
    ]
    assert len(written) == 2 * sold
    for table in (quarantine, loss_cases, exceptions):
        assert await count(database, table) == 0
    rows = [await count(database, table) for table in (sales, receipts, sale_payments, sale_lines, stock_moves)]
    assert rows == [sold, sold, sold, 2 * sold, 2 * sold]
    money = [(sales, "total_minor"), (sale_payments, "amount_minor"), (sale_lines, "amount_minor")]
    assert [await total(database, *each) for each in money] == [TOTAL * sold] * 3
    assert await total(database, sales_by_hour, "sales") == sold
    for table in (stock_moves, stock_balances):
        assert await total(database, table, "quantity_milli") == -4_000 * sold


@pytest.mark.parametrize("point", ["ingest.before_commit", "ingest.after_commit"])
async def test_killed_at_a_point(
    server: ForkServer,
    life: dict[str, Any],
    uplink: Uplink,
    journal: Journal,
    database: Database,
    tmp_path: Path,
    point: str,
) -> None:
    till = Till(journal)
    going_on = asyncio.create_task(till.go_on())
    for number in range(KILLS):
        await till.sell(SALES)
        child = server.start(life, write_plan(tmp_path, point, skip=number % 3))
        assert await death(child) == signal.SIGKILL
        assert hits(tmp_path) == [point] * (number + 1)
    till.is_closing = True
    await going_on
    survivor = server.start(life)
    await link_becomes(uplink, lambda: uplink.link.to_send == 0)
    survivor.kill()
    assert await death(survivor) == signal.SIGKILL
    await judge(database, journal, till.sold)
