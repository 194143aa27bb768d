"""What head office is told about its backups."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel

__all__ = ["BackupPlace", "Backups"]


class BackupPlace(BaseModel):
    """good_at: the moment whose data the last good backup holds; null when there is none.

    problem: of the last try, null when that was good. is_behind: there is no good backup since the last time one was
    due.
    """

    place: str
    good_at: AwareDatetime | None
    good_name: str | None
    good_bytes: int | None
    tried_at: AwareDatetime | None
    problem: str | None
    is_behind: bool


class Backups(BaseModel):
    """Without places nothing is backed up by this service. next_at: when the next ones are due. keep: in each place."""

    places: list[BackupPlace]
    next_at: AwareDatetime
    keep: int
