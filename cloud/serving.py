"""Running the application as a process's web server."""

from __future__ import annotations

import asyncio
import socket
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from cloud.settings import Settings

__all__ = ["OfficeServer", "make_server"]

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

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.state.hub.close()
        super().handle_exit(sig, frame)

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
