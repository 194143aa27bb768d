"""Time as a thing that is handed in. Wall time may jump; durations are measured on the monotonic clock only."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Protocol
from zoneinfo import ZoneInfo

__all__ = ["Clock", "SystemClock", "business_date"]

DAY_STARTS_AT = time_of_day(4, 0)
"""A shop open past midnight still sells on yesterday's date; 04:00 is when the last of them have closed."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall time, aware, UTC. May jump both ways."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, for durations."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def business_date(opened_at: datetime, zone: ZoneInfo, starts_at: time_of_day = DAY_STARTS_AT) -> date:
    """The date that a shift opened at this moment counts for: branch-local, the day beginning at `starts_at`."""
    local = opened_at.astimezone(zone)
    return local.date() if local.time() >= starts_at else local.date() - timedelta(days=1)
