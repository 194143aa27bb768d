"""One reader of the feed for a whole process, and the many screens that listen. Nobody waits for a slow listener.

Recent events stand in memory, shared; each listener has only a position. Whoever falls behind reads the feed itself.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.database import Database
from cloud.live import feed
from cloud.live.events import Event, tell
from cloud.live.feed import News, Position
from shared.clock import Clock

__all__ = ["Hub", "Wakes"]

log = structlog.get_logger()

REMEMBERED: Final = 2_000
"""Events in memory: a minute of a busy company, about a megabyte."""
ROWS_AT_ONCE: Final = 200
"""Feed rows read in one transaction."""
LOOK_EVERY_S: Final = 1.0
"""Without a wake-up: what another process wrote on SQLite, or while the listening connection was lost."""
LOOK_AGAIN_S: Final = 0.05
"""After a wake-up that showed nothing: a transaction that began earlier still holds the order open."""
LOOKS_AGAIN: Final = 20
PANEL_EVERY_S: Final = 1.0
"""Figures go out at most this often: nobody reads faster, and the rollup is read once for all screens."""
TRIM_EVERY_S: Final = 600.0

Wakes = Callable[[], AsyncIterator[object]]
"""Starts listening; yields whenever something may be new; may raise ConnectionError."""
Figures = Callable[[AsyncConnection], Awaitable[dict[str, Event]]]
"""Panel figures of every branch."""


class Hub:
    """Run `run` as a task; `close` ends it and every listener."""

    def __init__(self, database: Database, clock: Clock, figures: Figures, wakes: Wakes) -> None:
        self._database = database
        self._clock = clock
        self._figures = figures
        self._wakes = wakes
        self._events: list[Event] = []
        self._positions: list[Position] = []
        self._begins = feed.START
        """Everything after this position, up to `_upto`, is in `_events`."""
        self._upto = feed.START
        self._panel: dict[str, Event] = {}
        self._panel_changes = 0
        self._panel_changed_at: dict[str, int] = {}
        self._news = asyncio.Event()
        self._wake = asyncio.Event()
        self._is_ready = asyncio.Event()
        self.is_closing = False
        self.listeners = 0
        """Screens that listen now."""

    # --- for listeners

    @contextmanager
    def listener(self) -> Iterator[None]:
        """Be counted while listening: panel figures are worked out only for somebody."""
        self.listeners += 1
        self._wake.set()
        try:
            yield
        finally:
            self.listeners -= 1

    async def now(self) -> Position:
        """The position from which a listener without a past begins."""
        await self._is_ready.wait()
        return self._upto

    async def is_known(self, position: Position) -> bool:
        """A listener can go on from here without having missed anything."""
        await self._is_ready.wait()
        if self._begins <= position <= self._upto:
            return True
        async with self._database.reading() as tx:
            return position <= self._upto and await feed.is_known(tx, position)

    async def after(self, position: Position) -> tuple[list[Event], Position]:
        """Events after a position and the position to ask from next; at once, and nothing when there is nothing."""
        if position >= self._begins:
            place = bisect_right(self._positions, position)
            return self._events[place:], max(position, self._upto)
        async with self._database.reading() as tx:
            news = await feed.read(tx, position, ROWS_AT_ONCE)
            news = [row for row in news if row.position <= self._upto]
            return await tell(tx, news), news[-1].position if news else self._upto

    def panel_after(self, change: int) -> tuple[list[Event], int]:
        """Figures of the branches that changed since `change` (0: all), and the number to ask with next."""
        changed = [self._panel[branch] for branch, at in self._panel_changed_at.items() if at > change]
        return changed, self._panel_changes

    def upcoming(self) -> asyncio.Event:
        """What to wait for; take it before reading, so that nothing slips in between."""
        return self._news

    async def wait(self, upcoming: asyncio.Event, timeout_s: float) -> None:
        """Until there may be something new, the hub closes, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await upcoming.wait()

    def close(self) -> None:
        """End every listener and the run, without waiting."""
        self.is_closing = True
        self._wake.set()
        self._tell_listeners()

    # --- the one reader

    async def run(self) -> None:
        """Until `close`. A database that does not answer is asked again; listeners notice nothing but the pause."""
        listening = asyncio.create_task(self._listen(), name="live wake-ups")
        trouble = ""
        try:
            while not self.is_closing:
                try:
                    await self._follow()
                except Exception as error:  # the supervisor of this task: whatever it was, look again
                    if trouble != repr(error):
                        trouble = repr(error)
                        log.error("live feed cannot be read", exc_info=error)
                    await self._rest(LOOK_EVERY_S)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _follow(self) -> None:
        if not self._is_ready.is_set():
            async with self._database.reading() as tx:
                self._begins = self._upto = await feed.newest(tx)
            self._is_ready.set()
        panel_due = trim_due = self._clock.monotonic()
        looks = 0
        while not self.is_closing:
            looks = LOOKS_AGAIN if self._wake.is_set() else looks - 1
            self._wake.clear()
            async with self._database.reading() as tx:
                news = await feed.read(tx, self._upto, ROWS_AT_ONCE)
                events = await tell(tx, news) if news else []
                if self.listeners and self._clock.monotonic() >= panel_due:
                    self._keep_panel(await self._figures(tx))
                    panel_due = self._clock.monotonic() + PANEL_EVERY_S
            if self._clock.monotonic() >= trim_due:
                async with self._database.transaction() as tx:
                    await feed.trim(tx)
                trim_due = self._clock.monotonic() + TRIM_EVERY_S
            if news:
                self._keep(news, events)
            if len(news) < ROWS_AT_ONCE:
                await self._rest(LOOK_AGAIN_S if looks > 0 and not news else LOOK_EVERY_S)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _listen(self) -> None:
        while True:
            try:
                async for _ in self._wakes():
                    self._wake.set()
            except Exception as error:  # as above: the connection may end in any of its driver's ways
                log.warning("live wake-ups lost", kind=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    def _keep(self, news: list[News], events: list[Event]) -> None:
        self._upto = news[-1].position
        self._events += events
        self._positions += [event.position or self._upto for event in events]
        surplus = len(self._events) - REMEMBERED
        if surplus > 0:
            self._begins = self._positions[surplus - 1]
            del self._events[:surplus], self._positions[:surplus]
        self._tell_listeners()

    def _keep_panel(self, figures: dict[str, Event]) -> None:
        changed = [branch for branch, event in figures.items() if self._panel.get(branch) != event]
        if changed:
            self._panel_changes += 1
            self._panel |= figures
            self._panel_changed_at |= dict.fromkeys(changed, self._panel_changes)
            self._tell_listeners()

    def _tell_listeners(self) -> None:
        # Every listener waits on the event of its time; a new one is put in place before it goes off.
        news, self._news = self._news, asyncio.Event()
        news.set()
