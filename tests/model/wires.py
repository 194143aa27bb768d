"""A connection whose other end is a trace: it does what the trace says, and nothing by itself. In place of MqttLink."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence

from edge.uplink.mqtt import LinkDown, Received, Taken

__all__ = ["Road", "Wire"]

PATIENCE_S = 20.0
"""A node that has not come to rest by then hangs; it takes milliseconds."""


class _Woken(asyncio.Event):
    """An event that tells when somebody waits for it."""

    def __init__(self, road: Road) -> None:
        super().__init__()
        self._road = road

    async def wait(self) -> bool:  # type: ignore[override]
        if not self.is_set():
            self._road.idle.set()
        return await super().wait()


class Road:
    """Where a node's connections begin. `idle` is set whenever the node waits for something to happen."""

    def __init__(self) -> None:
        self.idle = asyncio.Event()
        self.wire: Wire | None = None
        self._open = asyncio.Event()
        self._packets = itertools.count(1)

    def link(self, *_: object, **__: object) -> Wire:
        """What the uplink calls to make a connection."""
        return Wire(self)

    async def begin(self, wire: Wire) -> None:
        self.idle.set()
        await self._open.wait()
        self._open.clear()
        self.wire = wire

    def next_packet(self) -> int:
        return next(self._packets)

    async def connect(self) -> None:
        self.idle.clear()
        self._open.set()
        await self.rest()

    async def rest(self) -> None:
        """Wait until the node has nothing left to do."""
        async with asyncio.timeout(PATIENCE_S):
            await self.idle.wait()

    async def stir(self) -> None:
        """Wake the node, and wait until it rests again."""
        assert self.wire is not None
        self.idle.clear()
        self.wire.woken.set()
        await self.rest()


class Wire:
    def __init__(self, road: Road) -> None:
        self.out: list[tuple[int, str, bytes]] = []
        """Published and not taken by the broker: packet, topic, payload."""
        self.woken = _Woken(road)
        self.is_lost = False
        self._road = road
        self._events: list[Received | Taken] = []

    async def open(self, *, topics: Sequence[str], will_topic: str, will: bytes) -> None:
        await self._road.begin(self)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        packet = self._road.next_packet()
        self.out.append((packet, topic, payload))
        return packet

    def confirm(self, message: Received) -> None:
        """The trace says itself what is given again."""

    def take_events(self) -> list[Received | Taken]:
        self.woken.clear()
        events, self._events = self._events, []
        if not events and self.is_lost:
            raise LinkDown("NET-301", what="the trace says so")
        return events

    async def leave(self, last_words_in: int) -> None:
        """Nobody hears the last words of a program that dies."""

    async def close(self) -> None:
        self._road.wire = None

    async def happens(self, event: Received | Taken) -> None:
        self._events.append(event)
        await self._road.stir()

    async def lose(self) -> None:
        self.is_lost = True
        await self._road.stir()
