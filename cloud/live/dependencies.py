"""For endpoints whose change other screens should hear of at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from cloud.ingest.announcements import Announcements

__all__ = ["CurrentAnnouncements"]


def _announcements(request: Request) -> Announcements:
    announcements: Announcements = request.app.state.announcements
    return announcements


CurrentAnnouncements = Annotated[Announcements, Depends(_announcements)]
