"""HTTP of backups: how it stands with each place. Making and restoring them is for the machine's own shell."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from cloud.access.dependencies import Caller, CurrentClock, Transaction, require
from cloud.backup import repository
from cloud.backup.nightly import last_due
from cloud.backup.schemas import BackupPlace, Backups
from cloud.settings import Settings

__all__ = ["router"]

router = APIRouter(tags=["backups"])

Reader = Annotated[Caller, Depends(require("see_devices", everywhere=True))]


@router.get("/backups", operation_id="get_backups")
async def get_backups(_: Reader, request: Request, tx: Transaction, clock: CurrentClock) -> Backups:
    """When the last good backup was written to each place, and what went wrong since."""
    settings: Settings = request.app.state.settings
    due = last_due(clock.now(), settings.backup_at)
    known = await repository.places_of(tx, settings.backup_to)
    places = [_shown(place, known.get(place, _NEVER)) for place in settings.backup_to]
    for place in places:
        place.is_behind = place.good_at is None or place.good_at < due
    return Backups(places=places, next_at=due + timedelta(days=1), keep=settings.backup_keep)


_NEVER = dict.fromkeys(("good_at", "good_name", "good_bytes", "tried_at", "problem"))


def _shown(place: str, row: Any) -> BackupPlace:
    return BackupPlace(**{name: row[name] for name in _NEVER}, place=place, is_behind=True)
