"""Keeping the broker's files true while head office runs: a gateway made now may connect in a moment, one withdrawn
now may not.

Only where this service manages its broker (its folder is in the settings). Looks at the nodes themselves, so that it
does not matter who changed them: the API, the command line, another process.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.fleet.broker import PASSWORD_FILE, PID_FILE, broker_users, write_broker_files
from cloud.fleet.models import nodes

__all__ = ["BrokerKeeper", "running_broker"]

_PROGRAM: Final = "mosquitto"


def running_broker(folder: Path) -> int | None:
    """Process id of the broker that runs with this folder's files; None when there is none.

    A process of that id must really be a broker: the number may be left over from before a restart of the machine, and
    the signal that makes a broker read its files ends most other programs.
    """
    with contextlib.suppress(OSError, ValueError):
        pid = int((folder / PID_FILE).read_text())
        if Path(f"/proc/{pid}/comm").read_text().strip() == _PROGRAM:
            return pid
    return None


class BrokerKeeper:
    """Writes the files of a broker when they are not what the nodes say. One for each process; several may run."""

    def __init__(self, folder: Path, office: str, office_secret: str) -> None:
        self._folder = folder
        self._office = office
        self._secret = office_secret
        self._known: frozenset[str] | None = None
        """What the broker was last made to read: somebody else may have written the files without telling it."""

    async def look(self, tx: AsyncConnection) -> bool:
        """Write the files if they, or what the broker was told last, are not what the nodes say; answers whether."""
        live = select(nodes.c.id, nodes.c.broker_hash).where(nodes.c.withdrawn_at.is_(None))
        found = frozenset(f"{row.id}:{row.broker_hash}" for row in await tx.execute(live))
        if found == self._known and found == self._written():
            return False
        users = await broker_users(tx, self._office, self._secret)
        await asyncio.to_thread(write_broker_files, self._folder, users, running_broker(self._folder))
        self._known = found
        return True

    def _written(self) -> frozenset[str]:
        """Nodes in the password file, as its lines."""
        with contextlib.suppress(OSError):
            lines = (self._folder / PASSWORD_FILE).read_text().splitlines()
            return frozenset(line for line in lines if not line.startswith(f"{self._office}:"))
        return frozenset()
