"""One ingest worker as a process of its own, as head office composes it; for `ingest_broker`."""

from __future__ import annotations

import asyncio
import os
import signal

from bench.office import OFFICE, OFFICE_SECRET
from cloud.database import Database
from cloud.ingest.announcements import Announcements
from cloud.ingest.worker import Worker
from cloud.logs import configure
from cloud.settings import Broker


async def run() -> None:
    database = Database.open(os.environ["BENCH_DATABASE_URL"])
    port = int(os.environ["BENCH_BROKER_PORT"])
    broker = Broker("127.0.0.1", port, username=OFFICE, password=OFFICE_SECRET)
    worker = Worker(database, broker, announcements=Announcements(database))
    task = asyncio.create_task(worker.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await asyncio.wait([task])
    await database.close()


if __name__ == "__main__":
    configure()
    asyncio.run(run())
