"""Head office as it is measured: durable PostgreSQL, a private Mosquitto with an account for each node, ingest workers.

What nodes send is made here beforehand, by the contract, so that sending it costs next to nothing.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from bench.publishers import Message, Node
from cloud.database import Database
from cloud.fleet.broker import (
    ACL_FILE,
    PASSWORD_FILE,
    BrokerSettings,
    BrokerUser,
    access_rules,
    broker_hash,
    mosquitto_conf,
    password_file,
)
from cloud.fleet.service import add_branch, add_node
from cloud.ingest.models import ingest_leases
from cloud.migrations.runner import migrate
from cloud.sales.models import sales
from shared.events import SaleCompleted
from shared.topics import PARTITIONS, Channel, NodeAddress
from tests.cloud.deliveries import Gateway, sale, uid
from tests.services import MosquittoServer, PostgresCluster, free_port

__all__ = ["OFFICE", "OFFICE_SECRET", "SALES_A_BATCH", "Company", "HeadOffice", "count_sales"]

SALES_A_BATCH: Final = 50
OFFICE: Final = "head-office"
OFFICE_SECRET: Final = "a secret of the measurements"
_LINES: Final = 4
_ASSORTMENT: Final = 2_000
"""Products that the sales are drawn from: a branch does not sell the same four things all day."""
_SETTLE_S: Final = 30.0
_LOOK_S: Final = 0.02


async def count_sales(database: Database) -> int:
    async with database.reading() as tx:
        return int((await tx.execute(select(func.count()).select_from(sales))).scalar_one())


def _varied(made: SaleCompleted, chance: random.Random) -> SaleCompleted:
    lines = []
    for line in made.lines:
        number = chance.randrange(_ASSORTMENT)
        lines.append(line.model_copy(update={"product_id": uid("product", number), "product_code": f"P{number}"}))
    return made.model_copy(update={"lines": tuple(lines)})


@dataclass
class Company:
    """Nodes that exist in the database, each in a branch of its own, and what each will send."""

    gateways: list[Gateway]
    secrets: list[str]

    @classmethod
    async def found(cls, database: Database, nodes: int) -> Company:
        gateways, secrets = [], []
        now = datetime.now(UTC)
        for number in range(nodes):
            branch = f"branch-{number + 1}"
            facts = {"name": branch, "currency": "AMD", "zone": "Asia/Yerevan", "country": "AM", "language": "hy"}
            async with database.transaction() as tx:
                await add_branch(tx, id=branch, now=now - timedelta(days=30), **facts)
                made = await add_node(tx, branch, now=now - timedelta(days=30))
            address = NodeAddress(made.partition, made.branch, made.node)
            gateways.append(Gateway(address, epoch=uid("epoch", made.node), time=now))
            secrets.append(made.secret)
        return cls(gateways, secrets)

    def sell(self, sales_each: int) -> None:
        """Every node writes so many sales into its journal."""
        chance = random.Random(3)
        for gateway in self.gateways:
            today = gateway.time.date()
            for _ in range(sales_each):
                key = f"{gateway.address.node}-{len(gateway.bodies)}"
                gateway.write("sale.completed", _varied(sale(key, lines=_LINES), chance), businessdate=today)

    def broker_users(self) -> list[BrokerUser]:
        return [
            BrokerUser(gateway.address.node, broker_hash(secret), gateway.address)
            for gateway, secret in zip(self.gateways, self.secrets, strict=True)
        ]

    def nodes(self) -> list[Node]:
        return [
            Node(
                name=gateway.address.node,
                secret=secret,
                events=gateway.address.topic(Channel.EVENTS),
                acks=gateway.address.topic(Channel.ACK),
                status=gateway.address.topic(Channel.STATUS),
                birth=gateway.birth().payload,
            )
            for gateway, secret in zip(self.gateways, self.secrets, strict=True)
        ]

    def messages(self, first: int, last: int, size: int) -> list[list[Message]]:
        """Of each node: its sales first..last in messages of this size."""
        return [
            [
                Message(gateway.batch(begin, min(begin + size - 1, last)).payload, min(begin + size - 1, last))
                for begin in range(first, last + 1, size)
            ]
            for gateway in self.gateways
        ]

    def repeats(self, upto: int, size: int, together: int) -> list[list[Message]]:
        """Of each node: everything up to `upto` again, and behind every `together` messages one new sale, by whose ack
        their sender knows that they have been dealt with."""
        sent = []
        for gateway, batches in zip(self.gateways, self.messages(1, upto, size), strict=True):
            mine, fresh = [], upto
            for start in range(0, len(batches), together):
                fresh += 1
                mine += [Message(batch.payload, fresh) for batch in batches[start : start + together]]
                mine.append(Message(gateway.batch(fresh, fresh).payload, fresh))
            sent.append(mine)
        return sent


class HeadOffice:
    """Servers of one round. `open` gives each run a database of its own, with the company already in it."""

    def __init__(self) -> None:
        self.cluster = PostgresCluster(durable=True)
        self._template = self.cluster.create("template_bench")
        self.broker: MosquittoServer
        self._runs = 0

    def close(self) -> None:
        self.broker.stop()
        self.cluster.stop()

    async def found(self, nodes: int, *, secret: str | None = None) -> Company:
        """The company in every database from now on, and its broker. secret: of the last node, for a real gateway."""
        database = Database.open(self._template)
        try:
            await migrate(database)
            company = await Company.found(database, nodes)
        finally:
            await database.close()
        if secret is not None:
            company.secrets[-1] = secret
        users = [BrokerUser(OFFICE, broker_hash(OFFICE_SECRET)), *company.broker_users()]
        port = free_port()
        files = [(PASSWORD_FILE, password_file(users)), (ACL_FILE, access_rules(users))]
        self.broker = MosquittoServer(mosquitto_conf(BrokerSettings("{folder}", port)), port, files)
        return company

    def new_database(self) -> str:
        self._runs += 1
        return self.cluster.create(f"run_{self._runs}", template="template_bench")

    @property
    def database_pid(self) -> int:
        return int((self.cluster.folder / "data" / "postmaster.pid").read_text().split()[0])

    @contextmanager
    def workers(self, url: str, count: int) -> Iterator[list[int]]:
        """Process ids of so many ingest workers that have shared the partitions out among them."""
        environment = {**os.environ, "BENCH_DATABASE_URL": url, "BENCH_BROKER_PORT": str(self.broker.port)}
        command = [sys.executable, "-m", "bench.ingest_worker"]
        with (self.broker.folder / "workers.log").open("ab") as log:
            children = [subprocess.Popen(command, env=environment, stdout=log, stderr=log) for _ in range(count)]
        try:
            asyncio.run(_until_shared(url, count))
            yield [child.pid for child in children]
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(_SETTLE_S)


async def _until_shared(url: str, workers: int) -> None:
    """Until each worker holds its part of the partitions."""
    database = Database.open(url)
    deadline = time.monotonic() + _SETTLE_S
    try:
        while sorted(await _held(database)) != [PARTITIONS // workers] * workers:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{workers} ingest workers did not share the partitions")
            await asyncio.sleep(_LOOK_S)
    finally:
        await database.close()


async def _held(database: Database) -> Sequence[int]:
    async with database.reading() as tx:
        rows = await tx.execute(
            select(func.count()).where(ingest_leases.c.owner.is_not(None)).group_by(ingest_leases.c.owner)
        )
        return [int(row[0]) for row in rows]
