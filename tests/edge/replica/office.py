"""Head office's replica address, scripted, on a real socket."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import uvicorn
import zstandard
from starlette.requests import Request
from starlette.responses import Response

GENERATION_STEP = 1_000


@dataclass
class Office:
    """A change log of one row a version. A mark is the version, and the generation above it."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    generation: int = 0
    """Raised: everybody begins anew."""
    page: int = 2
    instead: list[Response] = field(default_factory=list)
    """Answers to give before the right ones."""
    asked: list[tuple[int, str]] = field(default_factory=list)
    """(since, Authorization) of every request."""
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        since = int(parse_qs(request.url.query)["since"][0])
        self.asked.append((since, request.headers["authorization"]))
        await self._answer(request, since)(scope, receive, send)

    def _answer(self, request: Request, since: int) -> Response:
        if self.instead:
            return self.instead.pop(0)
        first = self.generation * GENERATION_STEP
        newest = first + len(self.rows)
        if request.headers["if-none-match"] == f'"{newest}"':
            return Response(status_code=304)
        if not first <= since <= newest:
            since = 0
        begin = max(since - first, 0)
        upto = min(first + begin + self.page, newest)
        body = {
            "since": since,
            "version": upto,
            "complete": upto == newest,
            "changes": {"products": self.rows[begin : upto - first]},
        }
        assert "zstd" in request.headers["accept-encoding"]
        packed = zstandard.ZstdCompressor().compress(json.dumps(body).encode())
        return Response(packed, headers={"Content-Encoding": "zstd", "ETag": f'"{upto}"'})


@asynccontextmanager
async def serving(office: Office) -> AsyncIterator[Office]:
    config = uvicorn.Config(office, host="127.0.0.1", port=0, lifespan="off", ws="none", log_level="critical")
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    office.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield office
    finally:
        server.should_exit = True
        await task


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
