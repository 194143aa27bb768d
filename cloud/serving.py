"""Running head office as a process: the web application and, where a broker is named, the ingest worker beside it."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI

from cloud.app import create_app
from cloud.database import Database
from cloud.ingest.announcements import Announcements
from cloud.ingest.worker import Worker
from cloud.migrations.runner import migrate
from cloud.settings import Settings

__all__ = ["OfficeServer", "make_server", "serve"]

_ENDINGS: Final = (signal.SIGTERM, signal.SIGINT)

GOODBYE_S: Final = 5
"""Requests under way may end; then the process goes."""


class OfficeServer(uvicorn.Server):
    """Ends the live streams before it waits for open connections: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app
        self.ready = asyncio.Event()
        """Set once it listens; `address` is known then."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C end the serving, not the process: uvicorn's own way raises them again afterwards, and
        whoever composed this process could not give its leases back and close its database."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in _ENDINGS:
            loop.add_signal_handler(number, self.leave)
        try:
            yield
        finally:
            for number in _ENDINGS:
                loop.remove_signal_handler(number)

    def leave(self) -> None:
        """Stop serving; asked twice, do not wait for requests under way."""
        self._app.state.hub.close()
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.hub.close()
        await super().shutdown(sockets)

    @property
    def address(self) -> str:
        """http://host:port as it really listens; for port 0 known once started."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http{'s' if self.config.is_ssl else ''}://{host}:{port}"


def make_server(settings: Settings, app: FastAPI) -> OfficeServer:
    """A server that is not started: `await server.serve()`; stop it with `server.should_exit = True`."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=GOODBYE_S,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
    return OfficeServer(config, app)


async def serve(settings: Settings, *, on_ready: Callable[[str], None] | None = None) -> None:
    """Migrate the database, then serve and ingest until SIGTERM or Ctrl-C.

    on_ready: is told the address once requests are answered.
    """
    database = Database.open(settings.database_url)
    try:
        await migrate(database)
        announcements = Announcements(database)
        app = create_app(settings, database, announcements=announcements)
        server = make_server(settings, app)
        tasks = [asyncio.create_task(_say_ready(server, on_ready), name="readiness")]
        if settings.broker is not None:
            worker = Worker(database, settings.broker, announcements=announcements)
            app.state.readiness["ingest"] = lambda: worker.is_ready
            tasks.append(asyncio.create_task(worker.run(), name="ingest"))
        try:
            await server.serve()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await database.close()


async def _say_ready(server: OfficeServer, on_ready: Callable[[str], None] | None) -> None:
    await server.ready.wait()
    if on_ready is not None:
        on_ready(server.address)
