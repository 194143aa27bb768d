"""Keeping the replica up to date over HTTPS: asked for when announced and every few minutes, page by page.

The rule that must never break: what the branch has stays in use until something newer is whole. A page is applied in
one transaction; a replica that has to begin anew is filled beside the one in use and then takes its place.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from pydantic import ValidationError

from edge.replica.delta import Delta
from edge.replica.replica import Replica
from edge.uplink import refuse_plain_link
from shared.clock import Clock
from shared.errors import NeedsPerson, PermanentError, TradepostError, TransientError

__all__ = ["HeadOfficeUnreachable", "NodeRefused", "ReplicaSync", "SyncTimings", "UnusableAnswer"]

log = logging.getLogger(__name__)

PAGE_ROWS: Final = 2_000
"""Reading so many rows of JSON holds the till up for about 15 ms on a desktop; head office may send fewer."""
PAGE_BYTES: Final = 32 * 1024 * 1024
"""Unpacked; a page of the largest rows is a tenth of it."""


class HeadOfficeUnreachable(TransientError):
    """NET-301 what, or NET-303 status: no answer, or one that says "later"."""


class NodeRefused(NeedsPerson):
    """NET-402 status: head office does not know this node or its secret."""


class UnusableAnswer(PermanentError):
    """NET-403 what: the answer is not a delta that fits."""


@dataclass(frozen=True)
class SyncTimings:
    """All in seconds."""

    poll_s: float = 300.0
    """Only for a branch whose broker is away: news is announced over MQTT."""
    retry_first_s: float = 2.0
    retry_most_s: float = 300.0
    answer_s: float = 60.0
    """A full page over 256 kbit/s takes ten."""


class ReplicaSync:
    """Run `run` under supervision; `announce` may be called from the event loop at any time."""

    def __init__(
        self,
        replica: Replica,
        *,
        cloud_url: str,
        node: str,
        secret: str,
        clock: Clock,
        on_version: Callable[[int], None],
        ca_file: Path | None = None,
        timings: SyncTimings | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """cloud_url: https://host[:port], or http:// on this very machine. on_version: another version is now in use.

        ca_file: who vouches for head office, when it is none of those whom this machine trusts.
        Raises PlainLinkRefused NET-401.
        """
        url = httpx.URL(cloud_url)
        if url.scheme != "https":
            refuse_plain_link(url.host)
        self._replica = replica
        self._url = url.copy_with(path=url.path.rstrip("/") + "/api/v1/replica")
        self._auth = httpx.BasicAuth(node, secret)
        self._clock = clock
        self._on_version = on_version
        self._ca_file = ca_file
        self._told = replica.version
        self._timings = timings or SyncTimings()
        self._jitter = jitter
        self._announced = asyncio.Event()
        self.code: str | None = None
        """Why the last try failed; None when it succeeded."""
        self.on_tried: Callable[[], None] = lambda: None
        """Called after each try."""

    def announce(self, version: int) -> None:
        """Head office says that this version is its newest."""
        if version != self._replica.version:
            self._announced.set()

    async def run(self) -> None:
        """Ends only by cancellation."""
        loop = asyncio.get_running_loop()

        def hurry() -> None:
            loop.call_soon_threadsafe(self._announced.set)

        self._replica.on_damage = hurry
        retry_s = self._timings.retry_first_s
        async with httpx.AsyncClient(
            auth=self._auth,
            timeout=self._timings.answer_s,
            # Whom the machine trusts, as for the broker: httpx would bring a list of its own.
            verify=ssl.create_default_context(cafile=self._ca_file),
        ) as client:
            while True:
                self._announced.clear()
                try:
                    await self.sync(client)
                except TradepostError as error:
                    self._tried(error)
                    wait_s, retry_s = retry_s, min(2 * retry_s, self._timings.retry_most_s)
                else:
                    self._tried(None)
                    wait_s, retry_s = self._timings.poll_s, self._timings.retry_first_s
                await self._wait(wait_s * (0.5 + self._jitter() / 2))

    def _tried(self, error: TradepostError | None) -> None:
        code = None if error is None else error.code
        if error is not None and code != self.code:
            log.warning("head office's data cannot be fetched: %s", error)
        elif error is None and self.code is not None:
            log.info("head office's data is fetched again")
        self.code = code
        self.on_tried()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._announced.wait()
        except TimeoutError:
            return

    async def sync(self, client: httpx.AsyncClient) -> None:
        """Bring the replica to head office's newest version, or raise one of this module's errors."""
        replica = self._replica
        if replica.damaged:
            await asyncio.to_thread(replica.start_over)
        page = await self._fetch(client, replica.version)
        if page is not None and page.since != replica.version:
            await self._begin_anew(client, page)
        else:
            await self._follow(client, replica, page)
        replica.confirm(self._clock.now())
        self._tell(replica.version)

    async def _follow(self, client: httpx.AsyncClient, target: Replica, page: Delta | None) -> None:
        """Apply this page and those after it. None: nothing is newer."""
        while page is not None:
            if page.since != target.version:
                raise UnusableAnswer("NET-403", what=f"changes since {page.since}, asked for {target.version}")
            if not page.complete and page.version <= page.since:
                raise UnusableAnswer("NET-403", what="a page without progress")
            await asyncio.to_thread(target.apply, page)
            if target is self._replica:
                self._tell(target.version)
            if page.complete:
                return
            page = await self._fetch(client, target.version)

    def _tell(self, version: int) -> None:
        if version != self._told:
            self._told = version
            self._on_version(version)

    async def _begin_anew(self, client: httpx.AsyncClient, first: Delta) -> None:
        successor = self._replica.successor()
        try:
            await self._follow(client, successor, first)
        except BaseException:
            successor.close()
            raise
        await asyncio.to_thread(self._replica.succeed, successor)

    async def _fetch(self, client: httpx.AsyncClient, since: int) -> Delta | None:
        """One page; None when head office has nothing newer."""
        headers = {"If-None-Match": f'"{since}"'}
        parameters = {"since": since, "rows": PAGE_ROWS}
        try:
            async with client.stream("GET", self._url, params=parameters, headers=headers) as answer:
                if answer.status_code == httpx.codes.NOT_MODIFIED:
                    return None
                _check(answer)
                body = await _read(answer)
        except httpx.HTTPError as error:
            raise HeadOfficeUnreachable("NET-301", what=str(error) or type(error).__name__) from error
        try:
            return await asyncio.to_thread(Delta.model_validate_json, body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UnusableAnswer("NET-403", what=f"{where}: {first['msg']}"[:200]) from error


def _check(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise NodeRefused("NET-402", status=status)
    if status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
        raise HeadOfficeUnreachable("NET-303", status=status)
    if status != httpx.codes.OK:
        raise UnusableAnswer("NET-403", what=f"status {status}")


async def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > PAGE_BYTES:
            raise UnusableAnswer("NET-403", what="a page beyond every size")
    return bytes(body)
