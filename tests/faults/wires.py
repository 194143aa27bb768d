"""A TCP wire of ours between two programs: late, narrow, silent, cut, or cut after so many bytes.

It runs in a thread of its own, so that anyone may turn it at any time. What has been passed on is counted each way.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["BACK", "FORTH", "Weather", "Wire"]

_CHUNK: Final = 4_096
FORTH: Final = "forth"
BACK: Final = "back"


@dataclass(frozen=True)
class Weather:
    """What the wire does to bytes. The default passes everything on at once."""

    delay_s: float = 0.0
    bytes_per_s: int | None = None
    is_silent: bool = False
    """Half open: connections stand, nothing gets through, nobody is told. What was sent meanwhile is lost."""
    is_cut: bool = False
    """Connections are closed, new ones refused by hanging up at once."""
    cuts_after: tuple[str, int] | None = None
    """(direction, bytes): the connection is closed when so many bytes of it have gone that way, counted from now."""


class Wire:
    """Listens on loopback (`port`) and passes on to `target`."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.passed = {FORTH: 0, BACK: 0}
        self.connections = 0
        self._weather = Weather()
        self._left: int | None = None
        self._loop = asyncio.new_event_loop()
        self._links: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port: int = self._do(self._listen())

    def turn(self, weather: Weather) -> None:
        """From now on it is like this. A wire that was silent loses the connections it had."""
        self._do(self._turn(weather))

    def cut_now(self) -> None:
        """Close every connection; new ones are welcome."""
        self._do(self._cut())

    def stop(self) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    # -- in the wire's thread -----------------------------------------------------------------------------------------

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _turn(self, weather: Weather) -> None:
        was_silent = self._weather.is_silent
        self._weather = weather
        self._left = weather.cuts_after[1] if weather.cuts_after else None
        if weather.is_cut or (was_silent and not weather.is_silent):
            await self._cut()

    async def _cut(self) -> None:
        for writer in [writer for link in self._links for writer in link]:
            writer.transport.abort()
        self._links.clear()

    async def _stop(self) -> None:
        self._server.close()
        await self._cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self._weather.is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        link = (writer, far_writer)
        self._links.add(link)
        for direction, source, sink in ((FORTH, reader, far_writer), (BACK, far_reader, writer)):
            task = self._loop.create_task(self._pass_on(direction, source, sink, lambda: self._hang_up(link)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _hang_up(self, link: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
        self._links.discard(link)
        for writer in link:
            writer.close()

    async def _pass_on(
        self,
        direction: str,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        hang_up: Callable[[], None],
    ) -> None:
        with suppress(OSError):
            while data := await source.read(_CHUNK):
                weather = self._weather
                if weather.is_silent:
                    continue
                if weather.delay_s or weather.bytes_per_s:
                    await asyncio.sleep(weather.delay_s + len(data) / (weather.bytes_per_s or 1e12))
                is_last = False
                if weather.cuts_after and weather.cuts_after[0] == direction and self._left is not None:
                    is_last = len(data) >= self._left
                    data, self._left = data[: self._left], max(self._left - len(data), 0)
                self.passed[direction] += len(data)
                sink.write(data)
                await sink.drain()
                if is_last:
                    self._left = None
                    break
        hang_up()
