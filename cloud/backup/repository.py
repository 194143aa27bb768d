"""All SQL of backups: which places are behind, who writes where, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.backup.manifest import Manifest
from cloud.backup.models import backup_places
from cloud.bulk import insert_new
from cloud.fleet.models import exceptions

__all__ = ["CLAIM", "RETRY", "claim", "has_open_exception", "note_failed", "note_good", "places_of", "release", "renew"]

CLAIM: Final = timedelta(minutes=3)
"""How long a place waits when the process that wrote there died; renewed three times in that while."""
RETRY: Final = timedelta(hours=1)
"""A full disk or a server that is away is not better a minute later; a morning has several tries."""

_PLACE = backup_places.c


async def claim(tx: AsyncConnection, places: Sequence[str], *, owner: str, due: datetime, now: datetime) -> list[str]:
    """Those of the places without a good backup since `due` that nobody else is at: they are this owner's now."""
    await _make_known(tx, places)
    statement = (
        update(backup_places)
        .where(
            _PLACE.place.in_(places),
            or_(_PLACE.good_at.is_(None), _PLACE.good_at < due),
            or_(_PLACE.tried_at.is_(None), _PLACE.tried_at < due, _PLACE.tried_at <= now - RETRY),
            or_(_PLACE.claimed_until.is_(None), _PLACE.claimed_until <= now),
        )
        .values(claimed_by=owner, claimed_until=now + CLAIM)
        .returning(_PLACE.place)
    )
    claimed = set(await tx.scalars(statement))
    return [place for place in places if place in claimed]


async def renew(tx: AsyncConnection, owner: str, now: datetime) -> None:
    await tx.execute(update(backup_places).where(_PLACE.claimed_by == owner).values(claimed_until=now + CLAIM))


async def release(tx: AsyncConnection, owner: str) -> None:
    """What its owner gives up without a result; somebody else may begin at once."""
    mine = _PLACE.claimed_by == owner
    await tx.execute(update(backup_places).where(mine).values(claimed_by=None, claimed_until=None))


async def note_good(tx: AsyncConnection, place: str, manifest: Manifest, now: datetime) -> None:
    good = {"good_at": manifest.made_at, "good_name": manifest.name, "good_bytes": manifest.size, "problem": None}
    await _note(tx, place, now, good)


async def note_failed(tx: AsyncConnection, place: str, problem: str, now: datetime) -> None:
    await _note(tx, place, now, {"problem": problem[:200]})


async def places_of(tx: AsyncConnection, places: Collection[str]) -> dict[str, RowMapping]:
    rows = (await tx.execute(select(backup_places).where(_PLACE.place.in_(list(places))))).mappings()
    return {row["place"]: row for row in rows}


async def has_open_exception(tx: AsyncConnection, about: str) -> bool:
    statement = select(exceptions.c.id).where(exceptions.c.about == about, exceptions.c.settled_at.is_(None)).limit(1)
    return await tx.scalar(statement) is not None


async def _note(tx: AsyncConnection, place: str, now: datetime, values: Mapping[str, Any]) -> None:
    await _make_known(tx, [place])
    free = {"claimed_by": None, "claimed_until": None, "tried_at": now}
    await tx.execute(update(backup_places).where(_PLACE.place == place).values({**free, **values}))


async def _make_known(tx: AsyncConnection, places: Sequence[str]) -> None:
    unknown = dict.fromkeys(
        ("claimed_by", "claimed_until", "tried_at", "problem", "good_at", "good_name", "good_bytes")
    )
    await insert_new(tx, backup_places, [{"place": place, **unknown} for place in places])
