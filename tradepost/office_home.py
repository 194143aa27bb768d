"""Head office's folder on one machine: its database, its broker's files, and what an administrator does from a shell.

office.db          SQLite, unless another database is named
office-secret      head office's own password at the broker (0600)
broker/            passwords, acl, mosquitto.conf
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access import service as access
from cloud.access.rights import Preset, Right
from cloud.audit.service import COMMAND_LINE
from cloud.catalogue import service as catalogue
from cloud.catalogue.schemas import TaxDraft
from cloud.database import Database
from cloud.fleet import broker
from cloud.fleet import service as fleet
from cloud.migrations.runner import migrate
from shared.clock import SystemClock

__all__ = ["OFFICE_USER", "OfficeHome", "write_secret"]

T = TypeVar("T")

OFFICE_USER: Final = "head-office"
"""Name of head office's own account at the broker."""


def write_secret(path: Path, text: str) -> None:
    """A file that only its owner reads; never readable by others, not even for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)


class OfficeHome:
    """One head office. Every method is one transaction; nothing is half done."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        self.folder = folder
        self.broker_folder = folder / "broker"
        self.broker_folder.mkdir(parents=True, exist_ok=True)
        self.database_url = database_url or f"sqlite+aiosqlite:///{(folder / 'office.db').absolute()}"
        self._clock = SystemClock()

    @property
    def secret_file(self) -> Path:
        """Made when first asked for."""
        path = self.folder / "office-secret"
        if not path.exists():
            write_secret(path, secrets.token_urlsafe(32))
        return path

    def prepare(self) -> None:
        """Bring the database to today's tables."""

        async def work() -> None:
            database = Database.open(self.database_url)
            try:
                await migrate(database)
            finally:
                await database.close()

        asyncio.run(work())

    def add_branch(self, id: str, name: str, *, currency: str, zone: str, country: str, language: str = "en") -> None:
        self._do(
            lambda tx: fleet.add_branch(
                tx, id=id, name=name, currency=currency, zone=zone, country=country, language=language, now=self._now()
            )
        )

    def add_node(self, branch: str, into: Path, *, cloud_url: str, mqtt: tuple[str, int, bool]) -> str:
        """A new gateway's node.json in this folder, and the broker's files with it in them. Answers the node's id."""
        made = self._do(lambda tx: fleet.add_node(tx, branch, now=self._now()))
        host, port, tls = mqtt
        into.mkdir(parents=True, exist_ok=True)
        node = {
            "node": made.node,
            "branch": made.branch,
            "partition": made.partition,
            "secret": made.secret,
            "cloud_url": cloud_url,
            "mqtt": {"host": host, "port": port, "tls": tls},
        }
        write_secret(into / "node.json", json.dumps(node, indent=1))
        self.write_broker_files()
        return made.node

    def write_broker_files(self, broker_pid: int | None = None) -> None:
        users = self._do(lambda tx: broker.broker_users(tx, OFFICE_USER, self.secret_file.read_text()))
        broker.write_broker_files(self.broker_folder, users, broker_pid)

    def add_user(
        self,
        login: str,
        name: str,
        *,
        role: Preset,
        branch: str | None,
        password: str | None,
        pin: str | None,
        language: str = "en",
    ) -> UUID:
        return self._do(
            lambda tx: access.add_user(
                tx,
                actor=COMMAND_LINE,
                at=self._now(),
                login=login,
                name=name,
                roles=[(role, branch)],
                password=password,
                pin=pin,
                language=language,
            )
        )

    def add_token(self, name: str, rights: Sequence[Right]) -> str:
        made = self._do(
            lambda tx: access.add_token(tx, actor=COMMAND_LINE, at=self._now(), name=name, rights=list(rights))
        )
        return made.token

    def set_tax(self, country: str, code: str, rate: int, valid_from: date) -> None:
        draft = TaxDraft(country=country, code=code, rate=rate, valid_from=valid_from)
        self._do(lambda tx: catalogue.set_tax(tx, actor=COMMAND_LINE, at=self._now(), draft=draft))

    def _now(self) -> datetime:
        return self._clock.now()

    def _do(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async def run() -> T:
            database = Database.open(self.database_url)
            try:
                async with database.transaction() as tx:
                    return await work(tx)
            finally:
                await database.close()

        return asyncio.run(run())
