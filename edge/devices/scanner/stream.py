"""The driver that all scanners share: a transport, a decoder, and an ordered queue between wire and taker.

What differs between scanners lies in their decoders and profiles. No basket, no catalogue, no journal.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar
from uuid import UUID

from edge.devices.scanner.contract import (
    Deliver,
    Scan,
    ScannerCounters,
    ScannerEvent,
    ScannerState,
    ScanTrouble,
)
from edge.protocols.scanner import Dropped, DropReason, Event, Frame, RepeatFilter, TypedKeys
from edge.transports.contract import Transport
from shared.clock import Clock
from shared.errors import TransientError
from shared.ids import uuid7

__all__ = ["Decoder", "StreamScanner"]

_log = logging.getLogger(__name__)

_Outcome = TypeVar("_Outcome")

_MOST_WAITING: Final = 1024
"""Scans read and not yet taken. At this many the driver stops reading and the wire holds the rest back: scans are never
thrown away to make room."""

_TYPED_KEYS_TOLD: Final = 4
"""Keys by hand until a trouble is raised: a shortest article number from a scanner that is set too slow."""


class Decoder(Protocol):
    """A codec of `edge.protocols.scanner`."""

    @property
    def deadline(self) -> float | None: ...

    def feed(self, data: bytes, at_s: float) -> Sequence[Event]: ...

    def tick(self, at_s: float) -> Sequence[Event]: ...


class StreamScanner:
    """Restartable: after DEV-301 the same object is opened again; scans not yet taken survive that."""

    def __init__(
        self,
        device_id: str,
        transport: Transport,
        new_decoder: Callable[[], Decoder],
        *,
        clock: Clock,
        repeat_window_s: float = 0.0,
        no_read: str | None = None,
        new_id: Callable[[], UUID] = uuid7,
    ) -> None:
        """no_read: what this scanner sends when it saw no code; None when it sends nothing."""
        self._device_id = device_id
        self._transport = transport
        self._new_decoder = new_decoder
        self._clock = clock
        self._no_read = no_read
        self._new_id = new_id
        self._state = ScannerState.CLOSED
        self._counters = ScannerCounters()
        self._waiting: deque[ScannerEvent] = deque()
        self._repeats = RepeatFilter(repeat_window_s)
        self._decoder = new_decoder()
        self._typed_keys = 0
        self._something_new = asyncio.Event()
        self._room = asyncio.Event()

    @property
    def device_id(self) -> str:
        return self._device_id

    @property
    def address(self) -> str:
        return self._transport.address

    @property
    def state(self) -> ScannerState:
        return self._state

    @property
    def counters(self) -> ScannerCounters:
        return self._counters

    async def open(self) -> None:
        try:
            await self._transport.open()
        except TransientError:
            self._state = ScannerState.LOST
            raise
        self._decoder = self._new_decoder()
        self._state = ScannerState.READY

    async def close(self) -> None:
        await self._transport.close()
        self._state = ScannerState.CLOSED

    async def run(self, deliver: Deliver) -> None:
        reading = asyncio.create_task(self._read_on(), name=f"scanner {self._device_id}")
        reading.add_done_callback(lambda _: self._something_new.set())
        try:
            while True:
                while self._waiting:
                    # Taken off only when it has been taken: a cancelled hand-over is repeated, never skipped.
                    await deliver(self._waiting[0])
                    self._waiting.popleft()
                    self._room.set()
                if reading.done():
                    await reading
                self._something_new.clear()
                await self._something_new.wait()
        finally:
            await _finish(reading)

    async def _read_on(self) -> None:
        reading: asyncio.Task[bytes] | None = None
        try:
            while True:
                await self._has_room()
                reading = reading or asyncio.create_task(self._transport.read())
                arrived, _ = await asyncio.wait({reading}, timeout=self._patience_s())
                now_s = self._clock.monotonic()
                if arrived:
                    data, reading = reading.result(), None
                    self._take(self._decoder.feed(data, now_s), now_s)
                else:
                    self._take(self._decoder.tick(now_s), now_s)
        except TransientError:
            self._state = ScannerState.LOST
            if self._decoder.deadline is not None:
                self._trouble("SCN-302", reason="unplugged", length=0)
            raise
        finally:
            rest = None if reading is None else await _finish(reading)
            if rest:
                # Read in the very moment of being cancelled: these bytes are not on the wire any more.
                now_s = self._clock.monotonic()
                self._take(self._decoder.feed(rest, now_s), now_s)

    def _patience_s(self) -> float | None:
        deadline = self._decoder.deadline
        return None if deadline is None else max(0.0, deadline - self._clock.monotonic())

    async def _has_room(self) -> None:
        while len(self._waiting) >= _MOST_WAITING:
            self._room.clear()
            await self._room.wait()

    def _take(self, events: Sequence[Event], now_s: float) -> None:
        for event in events:
            match event:
                case Frame():
                    self._take_frame(event, now_s)
                case Dropped(DropReason.OVERSIZE, limit):
                    self._trouble("SCN-401", limit=limit)
                case Dropped(reason, length):
                    self._trouble("SCN-302", reason=reason.value, length=length)
                case TypedKeys(count):
                    self._take_typed(count)

    def _take_frame(self, frame: Frame, now_s: float) -> None:
        if frame.text == self._no_read:
            self._trouble("SCN-101")
        elif self._repeats.is_repeat(frame.raw, now_s):
            self._counters.repeats += 1
        else:
            self._counters.scans += 1
            self._append(Scan(self._new_id(), self._device_id, self._clock.now(), frame.raw, frame.text, frame.aim))

    def _take_typed(self, count: int) -> None:
        self._counters.typed_keys += count
        self._typed_keys += count
        if self._typed_keys >= _TYPED_KEYS_TOLD:
            self._trouble("SCN-103", keys=self._typed_keys)
            self._typed_keys = 0

    def _trouble(self, code: str, **parameters: str | int) -> None:
        if code in ("SCN-302", "SCN-401"):
            self._counters.lost += 1
        _log.debug("scan trouble", extra={"device_id": self._device_id, "code": code, "parameters": parameters})
        self._append(ScanTrouble(self._device_id, self._clock.now(), code, parameters))

    def _append(self, event: ScannerEvent) -> None:
        self._waiting.append(event)
        self._something_new.set()


async def _finish(task: asyncio.Task[_Outcome]) -> _Outcome | None:
    """Cancel and wait. The outcome is looked at, so that asyncio does not report it as forgotten."""
    task.cancel()
    await asyncio.wait({task})
    return None if task.cancelled() or task.exception() else task.result()
