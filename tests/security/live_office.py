"""Head office as a server in a thread of its own, with something of everything in its tables. Not a test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import select

from cloud.access import service
from cloud.access.rights import Preset, Right
from cloud.app import create_app
from cloud.audit.service import COMMAND_LINE
from cloud.database import Database
from cloud.fleet.models import exceptions
from cloud.ingest.applier import Applier
from cloud.ingest.models import quarantine
from cloud.serving import OfficeServer, make_server
from cloud.settings import Settings
from shared.clock import SystemClock
from shared.ids import uuid7
from tests.cloud.deliveries import open_branch, open_gateway, printed, returned, sale, uid

__all__ = ["LiveOffice", "fill", "running_office"]


@dataclass
class LiveOffice:
    url: str = ""
    token: str = ""
    node: str = ""
    known: dict[str, str] = field(default_factory=dict)
    """Values of path parameters under which there is something."""


async def fill(database: Database, office: LiveOffice) -> None:
    now = SystemClock().now()
    await open_branch(database)
    gateway = await open_gateway(database)
    async with database.transaction() as tx:
        made = await service.add_token(tx, actor=COMMAND_LINE, at=now, name="tests", rights=list(Right))
        owner = await service.add_user(
            tx, actor=COMMAND_LINE, at=now, login="boss", name="Boss", roles=[(Preset.OWNER, None)]
        )
        person = await service.add_user(
            tx, actor=COMMAND_LINE, at=now, login="gor", name="Gor", roles=[(Preset.CASHIER, "abovyan")], pin="204816"
        )
    assert owner != person
    gateway.write("sale.completed", sale(1))
    gateway.write("receipt.fiscalised", printed(1, 1))
    gateway.write("sale.returned", returned(1, 1))
    gateway.write("receipt.fiscalised", printed(2, "unknown"))
    values = gateway.values()
    values[3]["data"]["total_minor"] = "much"
    await Applier(database, SystemClock()).apply([gateway.birth(), gateway.damaged(values)])
    async with database.reading() as tx:
        held = await tx.scalar(select(quarantine.c.id))
        exception = await tx.scalar(select(exceptions.c.id))
    assert held is not None
    assert exception is not None
    office.token, office.node = made.token, gateway.address.node
    office.known = {
        "branch": "abovyan",
        "node": gateway.address.node,
        "user_id": str(person),
        "token_id": str(made.id),
        "sale_id": str(uid("sale", 1)),
        "return_id": str(uid("return", 1)),
        "quarantine_id": str(held),
        "exception_id": str(exception),
        "list": "retail",
        "currency": "AMD",
        "valid_from": "2027-01-01",
    }


def _ask(office: LiveOffice) -> None:
    """What is easiest made over HTTP."""
    headers = {"Authorization": f"Bearer {office.token}"}
    with httpx.Client(base_url=office.url + "/api/v1", headers=headers, trust_env=False) as http:

        def make(path: str, body: dict[str, Any], **more: str) -> str:
            answer = http.post(path, json=body, headers=more)
            assert answer.status_code < 300, answer.text
            return str(answer.json()["id"])

        product = {"code": "10482", "name": "Coffee beans", "unit": "pcs", "tax_code": "A", "barcodes": []}
        office.known["product_id"] = make("/products", product)
        office.known["customer_id"] = make("/customers", {"name": "Lusine", "phones": ["077123456"], "number": "K1"})
        price = {"currency": "AMD", "unit_price": 1, "valid_from": "2027-01-01"}
        assert http.post(f"/products/{office.known['product_id']}/prices", json=price).status_code < 300
        make(f"/nodes/{office.node}/commands", {"name": "open_drawer"}, **{"Idempotency-Key": str(uuid7())})


@contextmanager
def running_office(database_url: str) -> Iterator[LiveOffice]:
    """database_url: of a migrated, empty database."""
    office, ready = LiveOffice(), threading.Event()
    served: list[OfficeServer] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        database = Database.open(database_url)
        await fill(database, office)
        settings = Settings(database_url, port=0)
        server = make_server(settings, create_app(settings, database))
        served.append(server)
        loops.append(asyncio.get_running_loop())
        serving = asyncio.create_task(server.serve())
        await server.ready.wait()
        office.url = server.address
        ready.set()
        await serving
        await database.close()

    def run() -> None:
        try:
            asyncio.run(serve())
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="head office")
    thread.start()
    ready.wait(60)
    try:
        assert office.url, "head office did not start"
        _ask(office)
        yield office
    finally:
        if loops:
            loops[0].call_soon_threadsafe(served[0].leave)
        thread.join(30)
