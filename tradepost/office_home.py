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
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access import service as access
from cloud.access.rights import Preset, Right
from cloud.audit.service import COMMAND_LINE
from cloud.catalogue import service as catalogue
from cloud.catalogue.schemas import TaxDraft
from cloud.database import Database
from cloud.errors import Malformed
from cloud.fields import CountryCode, Words
from cloud.fleet import broker
from cloud.fleet import service as fleet
from cloud.migrations.runner import migrate
from shared.clock import SystemClock
from shared.words import LANGUAGES

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
    """One head office. Every method is one transaction; nothing is half done.

    What cannot be is refused with Malformed SRV-422 or the error of the part that refused it.
    """

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
        name, country = _checked("name", Words, name), _checked("country", CountryCode, country)
        _must_be_spoken(language)
        self._do(
            lambda tx: fleet.add_branch(
                tx, id=id, name=name, currency=currency, zone=zone, country=country, language=language, now=self._now()
            )
        )

    def add_node(self, branch: str, into: Path, *, cloud_url: str, mqtt: tuple[str, int, bool]) -> str:
        """A new gateway's node.json in this folder, and the broker's files with it in them. Answers the node's id.

        Raises Malformed when the folder is another gateway's: its secret is nowhere else.
        """
        into.mkdir(parents=True, exist_ok=True)
        if (into / "node.json").exists():
            raise Malformed("out", f"{into / 'node.json'} is there already")
        made = self._do(lambda tx: fleet.add_node(tx, branch, now=self._now()))
        host, port, tls = mqtt
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

    def withdraw_node(self, node: str) -> None:
        """Shut a gateway out, here and in the broker's files. Raises FleetError DEV-412."""
        self._do(lambda tx: fleet.withdraw_node(tx, node, now=self._now()))
        self.write_broker_files()

    def write_broker_files(self, broker_pid: int | None = None) -> None:
        """What the broker needs to know of every gateway; a broker that runs (pid) reads it again at once."""
        if broker_pid is not None:
            _must_run(broker_pid)
        users = self._do(lambda tx: broker.broker_users(tx, OFFICE_USER, self.secret_file.read_text()))
        broker.write_broker_files(self.broker_folder, users, broker_pid)

    def write_broker_settings(self, host: str, port: int, *, certificate: Path | None, key: Path | None) -> Path:
        """Mosquitto's own configuration. Raises Malformed for a plain listener that other machines can reach."""
        folder = self.broker_folder.absolute()
        settings = broker.BrokerSettings(
            str(folder), port, host, *(None if file is None else str(file.absolute()) for file in (certificate, key))
        )
        try:
            text = broker.mosquitto_conf(settings)
        except ValueError as error:
            raise Malformed("listen", str(error)) from error
        path = folder / "mosquitto.conf"
        path.write_text(text)
        return path

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
        """branch: None for all."""
        name = _checked("name", Words, name)
        _must_be_spoken(language)
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

    def renew_secrets(self, login: str, *, password: str | None, pin: str | None) -> None:
        """None leaves it as it is. Raises NotFound SRV-404 for a login that nobody has."""

        async def work(tx: AsyncConnection) -> None:
            known, now = await access.find_by_login(tx, login), self._now()
            if password is not None:
                await access.set_password(tx, actor=COMMAND_LINE, at=now, user_id=known, password=password)
            if pin is not None:
                await access.set_pin(tx, actor=COMMAND_LINE, at=now, user_id=known, pin=pin)

        self._do(work)

    def add_token(self, name: str, rights: Sequence[Right]) -> str:
        """The token itself, which is shown only now."""
        name = _checked("name", Words, name)
        made = self._do(
            lambda tx: access.add_token(tx, actor=COMMAND_LINE, at=self._now(), name=name, rights=list(rights))
        )
        return made.token

    def set_tax(self, country: str, code: str, rate: int, valid_from: date, *, inclusive: bool = True) -> None:
        """rate in 1/10,000: 20 % is 2000."""
        facts = {"country": country, "code": code, "rate": rate, "valid_from": valid_from, "inclusive": inclusive}
        draft = _checked("", TaxDraft, facts)
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


def _checked(field: str, kind: Any, value: Any) -> Any:
    """The value as the API's own kind of it."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Malformed(field or ".".join(str(part) for part in first["loc"]), first["msg"]) from error


def _must_be_spoken(language: str) -> None:
    if language not in LANGUAGES:
        raise Malformed("language", f"one of {', '.join(LANGUAGES)}")


def _must_run(pid: int) -> None:
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError) as error:
        raise Malformed("pid", f"{pid} is no process of this user") from error
