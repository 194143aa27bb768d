"""What `tradepost backup` and `tradepost restore` do: the whole database of head office into folders, and back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from cloud.backup.manifest import Manifest
from cloud.backup.restoring import restore
from cloud.backup.service import BackupFailed, back_up
from cloud.database import Database
from shared.clock import SystemClock

__all__ = ["make_backup", "put_back"]


def make_backup(database_url: str, places: Sequence[str], *, keep: int) -> dict[str, Manifest]:
    """Place -> what lies there now. Raises BackupFailed SRV-320 when one failed; the others have theirs."""

    async def work() -> dict[str, Manifest]:
        database = Database.open(database_url)
        try:
            outcomes = await back_up(database, places, clock=SystemClock(), keep=keep)
        finally:
            await database.close()
        for outcome in outcomes.values():
            if isinstance(outcome, BackupFailed):
                raise outcome
        return {place: outcome for place, outcome in outcomes.items() if isinstance(outcome, Manifest)}

    return asyncio.run(work())


def put_back(path: Path, database_url: str) -> Manifest:
    """path: a backup's data or manifest, or a folder with backups, whose newest is taken. Raises RestoreRefused."""
    return asyncio.run(restore(path, database_url, clock=SystemClock()))
