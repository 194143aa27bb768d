"""`tradepost cloud`: head office in one process, API and one ingest worker. More workers may run beside it."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

from cloud.app import create_app
from cloud.database import Database
from cloud.ingest.announcements import Announcements
from cloud.ingest.worker import BrokerAddress, Worker
from cloud.logs import configure
from cloud.migrations.runner import migrate
from cloud.serving import make_server
from cloud.settings import Broker, Settings
from tradepost.office_home import OFFICE_USER, OfficeHome

__all__ = ["office_settings", "serve_office"]


def office_settings(home: OfficeHome, *, listen: str, broker: str | None, public_url: str | None) -> Settings:
    """Settings of the head office in this folder. broker: mqtt://HOST:PORT, or mqtts:// beyond this machine."""
    given = {"DATABASE_URL": home.database_url, "LISTEN": listen, "PUBLIC_URL": public_url}
    settings = Settings.from_environment({f"TRADEPOST_{name}": value for name, value in given.items() if value})
    if broker is None:
        return settings
    address = Broker.from_url(broker, home.secret_file.read_text())
    return replace(settings, broker=replace(address, username=OFFICE_USER))


async def serve_office(settings: Settings) -> None:
    """Until SIGTERM or Ctrl-C. Prints {"ready": URL} as one JSON line once requests are answered."""
    configure()
    database = Database.open(settings.database_url)
    try:
        await migrate(database)
        announcements = Announcements(database)

        async def wakes() -> AsyncIterator[object]:
            async with announcements.listen() as summaries:
                async for summary in summaries:
                    yield summary

        server = make_server(settings, create_app(settings, database, wakes=wakes))
        serving = asyncio.create_task(server.serve())
        worker = asyncio.create_task(_ingest(settings, database, announcements))
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn says it by a flag only
            await asyncio.sleep(0.01)
        if server.started:
            sys.stdout.write(json.dumps({"ready": server.address}) + "\n")
            sys.stdout.flush()
        await asyncio.wait({serving, worker}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
        await serving
    finally:
        await database.close()


async def _ingest(settings: Settings, database: Database, announcements: Announcements) -> None:
    broker = settings.broker
    if broker is None:
        await asyncio.Event().wait()
        return
    authorities = ssl.get_default_verify_paths().cafile if broker.tls else None
    address = BrokerAddress(broker.host, broker.port, broker.username or "", broker.password or "", authorities)
    await Worker(database, address, announcements=announcements).run()
