"""Backing up: taken once, written to each place on its own; what failed is on head office's list until it is mended.

One place that fails stops no other. An old backup goes only after a new one lies beside it and has been read back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from cloud.backup import repository
from cloud.backup.manifest import Manifest
from cloud.backup.places import Folder, NotAsWritten
from cloud.backup.postgres import ProgramFailed
from cloud.backup.sqlite import Unsound
from cloud.backup.taking import taken
from cloud.database import Database
from cloud.fleet.exceptions import Answered, Raised, raise_all, settle_answered
from cloud.ingest.announcements import Announcements, Summary
from cloud.migrations.runner import is_current
from cloud.stopping import uninterrupted
from shared.clock import Clock
from shared.errors import PermanentError, TransientError

__all__ = ["COMPANY", "KEEP", "BackupFailed", "Outcome", "about", "back_up"]

log = structlog.get_logger()

KEEP: Final = 14
"""Two weeks of nights."""
COMPANY: Final = ""
"""Branch of what belongs to no branch: shown to whoever sees all of them."""

_TROUBLE: Final = (OSError, sqlite3.Error, NotAsWritten, ProgramFailed, Unsound, PermanentError)


class BackupFailed(TransientError):
    """SRV-320 {place}: {problem}."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__("SRV-320", place=place, problem=problem)


Outcome = Manifest | BackupFailed


async def back_up(
    database: Database,
    places: Sequence[str],
    *,
    clock: Clock,
    keep: int = KEEP,
    announcements: Announcements | None = None,
) -> Mapping[str, Outcome]:
    """Place -> what lies there now, or why nothing does. Raises SQLAlchemyError when the database does not answer."""
    now = clock.now()
    outcomes: dict[str, Outcome] = {}
    try:
        async with taken(database, now) as (file, manifest):
            for place in places:
                outcomes[place] = await _put(place, file, manifest, keep)
    except _TROUBLE as error:
        outcomes = {place: BackupFailed(place, _words(error)) for place in places}
    await uninterrupted(_note(database, outcomes, clock.now(), announcements or Announcements(database)))
    return outcomes


def about(place: str) -> str:
    """Of what the exceptions of this place speak."""
    return f"backup:{place}"


async def _put(place: str, file: Path, manifest: Manifest, keep: int) -> Outcome:
    folder = Folder(Path(place))
    try:
        await folder.put(file, manifest)
    except _TROUBLE as error:
        return BackupFailed(place, _words(error))
    try:
        folder.keep(keep)
    except OSError as error:  # the new one is good; the old ones are thrown away next time
        log.warning("old backups stay", place=place, problem=_words(error))
    return manifest


async def _note(
    database: Database, outcomes: Mapping[str, Outcome], now: datetime, announcements: Announcements
) -> None:
    """Where a place stands, and the exception list. A database of an older version has no table for it yet."""
    async with database.transaction() as tx:
        if not await is_current(tx):
            return
        raised = []
        for place, outcome in outcomes.items():
            if isinstance(outcome, Manifest):
                await repository.note_good(tx, place, outcome, now)
                await settle_answered(tx, [Answered(about(place))], now)
                continue
            problem = str(outcome.parameters["problem"])
            await repository.note_failed(tx, place, problem, now)
            if not await repository.has_open_exception(tx, about(place)):
                raised.append(_exception(place, problem, now))
        summary = Summary(exceptions=tuple(str(id) for id in await raise_all(tx, raised, now)))
        await announcements.announce(tx, summary)
    announcements.committed(summary)


def _exception(place: str, problem: str, now: datetime) -> Raised:
    return Raised(
        code="SRV-320",
        about=about(place),
        branch=COMPANY,
        node=None,
        at=now,
        subject=place,
        parameters={"place": place, "problem": problem},
        again=f"{now:%Y%m%dT%H%M%S}",
    )


def _words(error: BaseException) -> str:
    if isinstance(error, PermanentError):
        return f"{error.parameters['file']}: {error.parameters['what']}"[:200]
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (said or type(error).__name__)[:200]
