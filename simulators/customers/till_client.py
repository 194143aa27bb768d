"""A till as a page knows it: one WebSocket, operations with ids that are repeated after a broken link, pushed state.

Nothing here knows prices or products. An operation is answered exactly once, however often it had to be sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from shared.ids import uuid7

__all__ = ["Interrupted", "OperationRefused", "TillClient"]

_RECONNECT_S: Final = 0.2
"""Between attempts while the gateway is away; it is on the same machine or the branch's own network."""

_OTHERS_MOST_S: Final = 60.0
"""How long somebody who took over the customers' till may keep it."""
IN_USE_ELSEWHERE: Final = "SAL-232"


class OperationRefused(Exception):
    """The till answered no. `code` is its stable code."""

    def __init__(self, operation: str, error: dict[str, Any]) -> None:
        super().__init__(f"{operation}: {error.get('code')} {error.get('parameters', {})}")
        self.code = str(error.get("code"))


class Interrupted(Exception):
    """The link broke, nothing moved for too long, or another page has the till: look at the screen before going on."""


class TillClient:
    """One till. Use as an async context manager; `state` is the newest view of it."""

    def __init__(self, url: str, till: str, pin: str) -> None:
        self._url = url.rstrip("/")
        self._till = till
        self._pin = pin
        self._tab = str(uuid7())
        self._token = ""
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._waiting: dict[str, tuple[dict[str, Any], asyncio.Future[dict[str, Any]]]] = {}
        self._changed = asyncio.Event()
        self._revision = 0
        self._links = 0
        self._task: asyncio.Task[None] | None = None
        self.state: dict[str, Any] = {}

    async def __aenter__(self) -> TillClient:
        self._task = asyncio.create_task(self._stay_connected())
        await self.until(lambda state: bool(state))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def do(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Do it once and wait until the screen shows it; returns the answer's result. Raises OperationRefused."""
        return await self.shown(self.start(operation, **arguments))

    async def shown(self, answer: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        """The result of an operation that was started, once the screen shows it. Raises OperationRefused."""
        message = await answer
        links = self._links
        while self._links == links and self._revision < message["rev"]:
            await self._next_change()
        return message.get("result") or {}

    def start(self, operation: str, **arguments: Any) -> asyncio.Future[dict[str, Any]]:
        """Send now, await `shown` later: several operations may be under way in order."""
        message = {"op": operation, "id": str(uuid7()), **arguments}
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[message["id"]] = (message, answer)
        self._outbox.put_nowait(message)
        return answer

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first state, from now on, for which this holds, over any number of broken links."""
        while not holds(self.state):
            await self._next_change()
        return self.state

    async def moving_until(self, holds: Callable[[dict[str, Any]], bool], patience_s: float) -> dict[str, Any]:
        """Like `until`, but raises Interrupted when the link breaks or the screen stands still for this long."""
        links = self._links
        while not holds(self.state):
            try:
                await asyncio.wait_for(self._next_change(), patience_s)
            except TimeoutError as error:
                raise Interrupted("nothing moves") from error
            if self._links != links:
                raise Interrupted("the link broke")
        return self.state

    async def take_back(self) -> None:
        """Make the till ours again, when another page has let go of it or has kept the customers waiting too long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.until(_is_free), _OTHERS_MOST_S)
        if not self.state["lease"]["mine"]:
            await self.do("claim")

    async def _next_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _stay_connected(self) -> None:
        while True:
            try:
                await self._log_in()
                address = self._url.replace("http", "ws", 1) + f"/api/till/ws?till={self._till}&tab={self._tab}"
                headers = {"Authorization": f"Bearer {self._token}"}
                async with connect(address, additional_headers=headers, max_size=2**24, proxy=None) as link:
                    await self._talk(link)
            except (OSError, URLError, WebSocketException, InvalidHandshake, TimeoutError):
                await asyncio.sleep(_RECONNECT_S)

    async def _log_in(self) -> None:
        body = json.dumps({"pin": self._pin, "till": self._till}).encode()
        request = Request(  # noqa: S310 - the address is the demo's own
            self._url + "/api/till/login", data=body, headers={"Content-Type": "application/json"}
        )
        answer = await asyncio.to_thread(lambda: urlopen(request, timeout=10).read())  # noqa: S310
        self._token = json.loads(answer)["token"]

    async def _talk(self, link: ClientConnection) -> None:
        # Whatever is unanswered is sent again, in its order; the till knows each operation by its id.
        self._links += 1
        self._revision = 0
        self._outbox = asyncio.Queue()
        self._outbox.put_nowait({"op": "claim", "id": str(uuid7())})
        for message, _ in self._waiting.values():
            self._outbox.put_nowait(message)
        sender = asyncio.create_task(self._send_from_outbox(link))
        try:
            async for frame in link:
                self._take(json.loads(frame))
        finally:
            sender.cancel()

    async def _send_from_outbox(self, link: ClientConnection) -> None:
        # A link that breaks here is noticed by the reader.
        with contextlib.suppress(WebSocketException, OSError):
            while True:
                await link.send(json.dumps(await self._outbox.get()))

    def _take(self, message: dict[str, Any]) -> None:
        if "re" in message:
            sent, answer = self._waiting.pop(message["re"], (None, None))
            if sent is None or answer is None or answer.done():
                return
            if message["ok"]:
                answer.set_result(message)
            elif message["error"].get("code") == IN_USE_ELSEWHERE:
                answer.set_exception(Interrupted("another page has the till"))
            else:
                answer.set_exception(OperationRefused(sent["op"], message["error"]))
        if "state" in message:
            self.state, self._revision = message["state"], message["rev"]
            self._changed.set()


def _is_free(state: dict[str, Any]) -> bool:
    return bool(state["lease"]["mine"]) or not state["lease"]["holder"]
