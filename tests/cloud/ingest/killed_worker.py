"""An ingest worker, to be killed: a process of its own on a database and a broker that go on."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

import structlog

from cloud.database import Database
from cloud.ingest.worker import Worker
from cloud.settings import Broker
from tests.edge.journal.killing import Report


def run(arguments: dict[str, Any], report: Report) -> None:
    # Standard output is what reports go through.
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet, logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    report("alive")
    asyncio.run(_work(arguments))


async def _work(arguments: dict[str, Any]) -> None:
    broker = Broker("127.0.0.1", arguments["port"], username=arguments["office"], password=arguments["secret"])
    await Worker(Database.open(arguments["database"]), broker).run()
