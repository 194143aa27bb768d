"""Whether head office itself answers, judged by what it settles: a living broker takes facts for a dead office, too.

Pure but for the clock. Never breaks: silence is told from the moment it began, not from when it was noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.clock import Clock

__all__ = ["SILENT_AFTER_S", "HeadOfficeWatch"]

SILENT_AFTER_S: Final = 15.0
"""A fact is settled within a second; after 10 s the node publishes again (docs/delivery.md, N6), which may help."""


@dataclass(frozen=True)
class _Moment:
    wall: datetime
    seconds: float


class HeadOfficeWatch:
    """Tell it what is seen; ask it since when nothing answers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._settled = -1
        self._waiting: _Moment | None = None
        """Since when something waits and nothing has been settled."""
        self._not_synced: _Moment | None = None
        """Since when the replica could not be asked for, with nothing settled after it."""

    def looked(self, to_send: int, settled: int) -> None:
        """to_send: facts not settled at head office. settled: the cursor, which only grows while an epoch lasts."""
        if settled != self._settled:
            self._waiting = self._not_synced = None
        self._settled = settled
        if to_send == 0:
            self._waiting = None
        elif self._waiting is None:
            self._waiting = self._now()

    def synced(self, *, ok: bool) -> None:
        """The replica was asked for; ok: head office answered, whatever the answer was."""
        if ok:
            self._not_synced = None
        elif self._not_synced is None:
            self._not_synced = self._now()

    @property
    def silent_since(self) -> datetime | None:
        """None while head office answers, or nothing shows that it does not."""
        waited = self._waiting
        if waited is not None and self._clock.monotonic() - waited.seconds >= SILENT_AFTER_S:
            return waited.wall
        return self._not_synced.wall if self._not_synced else None

    def _now(self) -> _Moment:
        return _Moment(self._clock.now(), self._clock.monotonic())
