"""A journal on a real disk, a clock that stands where it is put, and facts to append."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.journal import AppendedFact, Journal, NodeIdentity, Transaction
from shared.events import DrawerOpened

NODE = NodeIdentity("branch-1", "node-1")


class StandingClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def pass_time(self, by: timedelta) -> None:
        self.time += by
        self.seconds += by.total_seconds()


def drawer(reason: str = "float check") -> Callable[[Transaction], AppendedFact]:
    """A work that appends one fact."""
    return lambda tx: tx.append("drawer.opened", "drawer-1", DrawerOpened(reason=reason))


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
async def journal(path: Path, clock: StandingClock) -> AsyncIterator[Journal]:
    journal = Journal.open(path, node=NODE, clock=clock)
    yield journal
    journal.close()
