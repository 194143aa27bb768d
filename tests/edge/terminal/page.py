"""A page of the till as the wire knows it: HTTP to sign in, one WebSocket, nothing of our code in between."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from shared.ids import uuid7

__all__ = ["Page", "open_page", "sign_in"]


async def sign_in(url: str, **credential: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        return await http.post("/api/till/login", json=credential)


class Page:
    """`state` is the newest view; `heard` every message in order."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.state: dict[str, Any] = {}
        self.rev = -1
        self.heard: list[dict[str, Any]] = []
        self._answers: dict[str, dict[str, Any]] = {}
        self.has_ended = False
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for text in self.line:
                message = json.loads(text)
                self.heard.append(message)
                if "state" in message:
                    self.state, self.rev = message["state"], message["rev"]
                if "re" in message:
                    self._answers[message["re"]] = message
                self._news.set()
        finally:
            self.has_ended = True
            self._news.set()

    async def until(self, holds: Any) -> Any:
        """The first truth of this, looked at after every message. Raises ConnectionClosed when the line ends first."""
        while not (truth := holds(self)):
            if self.has_ended:
                raise ConnectionClosed(None, None)
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 10)
        return truth

    async def send(self, op: str, op_id: str | None = None, **arguments: Any) -> str:
        op_id = op_id or str(uuid7())
        await self.line.send(json.dumps({"op": op, "id": op_id, **arguments}))
        return op_id

    async def answer(self, op_id: str) -> dict[str, Any]:
        await self.until(lambda page: op_id in page._answers)
        return self._answers[op_id]

    async def ask(self, op: str, op_id: str | None = None, **arguments: Any) -> dict[str, Any]:
        return await self.answer(await self.send(op, op_id, **arguments))

    async def do(self, op: str, **arguments: Any) -> dict[str, Any]:
        answer = await self.ask(op, **arguments)
        assert answer["ok"], answer
        return dict(answer.get("result") or {})

    async def close(self) -> None:
        await self.line.close()
        with suppress(ConnectionClosed):
            await self._reader


async def open_page(url: str, token: str, tab: str = "tab-1", till: str = "till-1", lang: str = "en") -> Page:
    address = url.replace("http", "ws", 1) + f"/api/till/ws?till={till}&tab={tab}&lang={lang}"
    line = await connect(address, additional_headers={"Authorization": f"Bearer {token}"}, max_size=2**24, proxy=None)
    page = Page(line)
    await page.until(lambda page: page.state)
    return page
