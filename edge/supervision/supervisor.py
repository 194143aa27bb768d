"""Keeps the gateway's tasks running: starts them in order, starts again what fails, stops them in reverse.

This is the one place where any exception is caught; here it is counted, logged with its trace and reported.
What a failed task had begun is settled by its own next start (journal, fiscal engine), never here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.supervision.restarts import RestartLimits, Restarts
from shared.clock import Clock
from shared.errors import TradepostError

__all__ = ["MemberReport", "MemberState", "Sleep", "Supervisor"]

_log = logging.getLogger(__name__)

STOP_S: Final = 10.0
"""How long one member may take to stop. systemd gives the whole gateway 90 s."""

Sleep = Callable[[float], Awaitable[None]]
Run = Callable[[], Awaitable[None]]


class MemberState(StrEnum):
    WAITING = "waiting"
    """Not started yet."""
    RUNNING = "running"
    RESTARTING = "restarting"
    BACKING_OFF = "backing_off"
    """It fails again and again; tried more and more rarely."""
    FINISHED = "finished"
    """It ended by itself, without an error."""
    STOPPED = "stopped"


@dataclass(frozen=True)
class MemberReport:
    name: str
    state: MemberState
    restarts: int = 0
    """Since the supervisor was started."""
    code: str | None = None
    """Of the last failure, when it was one of ours."""
    failure: str | None = None
    """The last failure in its own words."""


class Supervisor:
    def __init__(
        self,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        limits: RestartLimits | None = None,
        stop_s: float = STOP_S,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._limits = limits or RestartLimits()
        self._stop_s = stop_s
        self._runs: dict[str, Run] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._reports: dict[str, MemberReport] = {}
        self._listeners: list[Callable[[MemberReport], None]] = []
        self._is_stopping = False

    def add(self, name: str, run: Run) -> None:
        """Have this run from `start` on. Cancelled, it must clean up after itself within the time for stopping.

        Added to a supervisor that has been started, it starts at once. Raises ValueError for a name that is taken.
        """
        if name in self._runs:
            raise ValueError(f"{name} is supervised already")
        self._runs[name] = run
        self._reports[name] = MemberReport(name, MemberState.WAITING)
        if self._tasks:
            self._begin(name)

    def start(self) -> None:
        """Start every member, in the order in which they were added."""
        for name in self._runs:
            self._begin(name)

    async def stop(self) -> None:
        """Stop every member in reverse order, one after the other; one that does not stop in time is left behind."""
        self._is_stopping = True
        for name, task in reversed(self._tasks.items()):
            task.cancel()
            _, late = await asyncio.wait([task], timeout=self._stop_s)
            if late:
                _log.error("member does not stop name=%s", name)
            self._tell(name, MemberState.STOPPED)

    def reports(self) -> tuple[MemberReport, ...]:
        return tuple(self._reports.values())

    def on_report(self, callback: Callable[[MemberReport], None]) -> None:
        """Have this called, in the event loop, whenever a member's state changes."""
        self._listeners.append(callback)

    def _begin(self, name: str) -> None:
        self._tasks[name] = asyncio.create_task(self._keep(name, self._runs[name]), name=name)

    async def _keep(self, name: str, run: Run) -> None:
        restarts = Restarts(self._limits)
        while True:
            began = self._clock.monotonic()
            self._tell(name, MemberState.RUNNING)
            try:
                await run()
            except asyncio.CancelledError as error:
                if self._is_stopping:
                    raise
                failure: BaseException = error  # cancelled from within: a fault like any other
            except Exception as error:
                failure = error
            else:
                self._tell(name, MemberState.FINISHED)
                return
            self._count(name, failure)
            if self._is_stopping:
                return
            now = self._clock.monotonic()
            plan = restarts.failed(now, ran_s=now - began)
            self._tell(name, MemberState.BACKING_OFF if plan.is_back_off else MemberState.RESTARTING)
            await self._sleep(plan.wait_s)

    def _count(self, name: str, failure: BaseException) -> None:
        _log.error("member failed name=%s", name, exc_info=failure)
        code = failure.code if isinstance(failure, TradepostError) else None
        words = f"{type(failure).__name__}: {failure}"
        restarts = self._reports[name].restarts + 1
        self._reports[name] = MemberReport(name, self._reports[name].state, restarts, code, words)

    def _tell(self, name: str, state: MemberState) -> None:
        old = self._reports[name]
        if old.state is state:
            return
        self._reports[name] = MemberReport(name, state, old.restarts, old.code, old.failure)
        for listener in self._listeners:
            listener(self._reports[name])
