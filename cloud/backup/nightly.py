"""When a backup is made: once a night in each place, however many processes of head office run.

A night that was missed is made up at the next start. The clock is handed in; claims stand in the database.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cloud.backup import repository
from cloud.backup.manifest import Manifest
from cloud.backup.service import KEEP, Outcome, back_up
from cloud.database import Database
from cloud.ingest.announcements import Announcements
from cloud.stopping import stop_if_cancelled, uninterrupted
from shared.clock import Clock

__all__ = ["Nightly", "last_due"]

log = structlog.get_logger()

LOOK_EVERY_S: Final = 30.0


def last_due(now: datetime, at: time) -> datetime:
    """The newest moment, not after now, at which a backup is to be made. at: UTC."""
    today = datetime.combine(now.astimezone(UTC).date(), at, UTC)
    return today if today <= now else today - timedelta(days=1)


class Nightly:
    """Of one process. `run` ends only by cancellation."""

    def __init__(
        self,
        database: Database,
        places: Sequence[str],
        at: time,
        *,
        clock: Clock,
        keep: int = KEEP,
        announcements: Announcements | None = None,
    ) -> None:
        self._database = database
        self._places = places
        self._at = at
        self._clock = clock
        self._keep = keep
        self._announcements = announcements
        self._owner = secrets.token_hex(8)

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("backups are not looked after", kind=type(error).__name__)
            except Exception as error:  # the supervisor of this task: one night without must not be the last
                log.error("backups stumbled", exc_info=error)
            stop_if_cancelled()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> list[str]:
        """Back up to the places that are behind and that no other process is at; answers them."""
        mine: list[str] = []
        try:
            mine += await uninterrupted(self._claim())
            if mine:
                await self._back_up(mine)
        except BaseException:
            await uninterrupted(self._release())
            raise
        return mine

    async def _claim(self) -> list[str]:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            due = last_due(now, self._at)
            return await repository.claim(tx, self._places, owner=self._owner, due=due, now=now)

    async def _back_up(self, mine: Sequence[str]) -> None:
        """The claim stays ours for as long as the work takes; its outcome ends it."""
        renewing = asyncio.create_task(self._renew(), name="backup claim")
        try:
            outcomes = await back_up(
                self._database, mine, clock=self._clock, keep=self._keep, announcements=self._announcements
            )
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])  # its own cancellation is not ours
        _log(outcomes)

    async def _release(self) -> None:
        """Whatever ended the work lets others begin."""
        async with self._database.transaction() as tx:
            await repository.release(tx, self._owner)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(repository.CLAIM.total_seconds() / 3)
            with suppress(SQLAlchemyError, OSError):
                await uninterrupted(self._hold())

    async def _hold(self) -> None:
        async with self._database.transaction() as tx:
            await repository.renew(tx, self._owner, self._clock.now())


def _log(outcomes: Mapping[str, Outcome]) -> None:
    for place, outcome in outcomes.items():
        if isinstance(outcome, Manifest):
            log.info("backup written", place=place, name=outcome.name, bytes=outcome.size)
        else:
            log.warning("backup failed", place=place, problem=outcome.parameters["problem"])
