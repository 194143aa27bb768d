"""What the branch may ask of a Scanner (UnifiedPOS category), however it is connected.

A scanner is never commanded here; it delivers. What a scan names is resolved elsewhere (`shared.gs1`, the till).
The rule that must never break: scans are handed over in order, each at least once, or a trouble says which were lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

__all__ = ["Deliver", "Scan", "ScanTrouble", "Scanner", "ScannerCounters", "ScannerEvent", "ScannerState"]


class ScannerState(StrEnum):
    CLOSED = "closed"
    READY = "ready"
    LOST = "lost"
    """Unplugged, or its port cannot be opened; the supervisor opens it again."""


@dataclass(frozen=True)
class Scan:
    """One whole scan. `shared.gs1.interpret` takes its text and aim, or both in one as `full_text`."""

    scan_id: UUID
    """Born here; a scan handed over twice (the taker was interrupted) has the same id."""
    device_id: str
    at: datetime
    raw: bytes
    """As the device sent it, without prefix and suffix."""
    text: str
    """The data: decoded, separators put back, without AIM identifier."""
    aim: str | None

    @property
    def full_text(self) -> str:
        """What a sale's line keeps of the scan."""
        return f"{self.aim or ''}{self.text}"


@dataclass(frozen=True)
class ScanTrouble:
    """Something was read that is no scan; the person should know. Nothing was added to any basket.

    SCN-101 the scanner saw no code · SCN-103 keys typed by hand on the scanner's node, or a scanner slower than its
    setting (keys) · SCN-302 a scan arrived in part (reason, length) · SCN-401 longer than any symbol (limit).
    """

    device_id: str
    at: datetime
    code: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)


ScannerEvent = Scan | ScanTrouble
Deliver = Callable[[ScannerEvent], Awaitable[None]]


@dataclass
class ScannerCounters:
    """Since the driver was built; for the device's health."""

    scans: int = 0
    repeats: int = 0
    """Suppressed as the same item still lying before the window."""
    lost: int = 0
    """Troubles SCN-302 and SCN-401."""
    typed_keys: int = 0


class Scanner(Protocol):
    """One scanner. open -> run -> close, any number of times; `run` ends by an error or by being cancelled."""

    @property
    def device_id(self) -> str: ...

    @property
    def address(self) -> str:
        """Port or path, as shown to a person."""
        ...

    @property
    def state(self) -> ScannerState: ...

    @property
    def counters(self) -> ScannerCounters: ...

    async def open(self) -> None:
        """Raises TransientError DEV-301 when the port cannot be opened or belongs to somebody else."""
        ...

    async def run(self, deliver: Deliver) -> None:
        """Hand over every scan, one after the other, awaiting each; reading goes on meanwhile.

        Raises TransientError DEV-301 when the scanner has gone, after what had arrived was handed over. When it is
        cancelled, or `deliver` raises, the scan under way and those behind it are handed over by the next run.
        """
        ...

    async def close(self) -> None: ...
