"""Head office's application in tests: a real database, a clock that is moved by hand, people who are signed in.

Not a test. Folders' conftest.py take the fixtures they need from here.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy import insert, select

from cloud.access import repository, service
from cloud.access.dependencies import SESSION_COOKIE
from cloud.access.rights import Preset
from cloud.app import create_app, furnish
from cloud.audit.service import COMMAND_LINE
from cloud.database import METADATA, Database
from cloud.fleet.models import branches, nodes
from cloud.settings import Settings

__all__ = ["START", "HandClock", "Office", "add_branch", "add_node", "office", "opened", "small_office"]

structlog.configure(processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.ReturnLoggerFactory())
# Its own default draws every traceback with all local values, which takes ten seconds each.

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Office:
    """The application, and clients that speak to it as a browser of its own pages would."""

    app: FastAPI
    database: Database
    clock: HandClock
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Nobody yet."""
        transport = httpx.ASGITransport(self.app, client=("10.0.0.7", 50000))
        client = httpx.AsyncClient(transport=transport, base_url="http://office.test/api/v1", headers=headers)
        self._clients.append(client)
        return client

    async def add_user(self, *roles: tuple[Preset, str | None], login: str | None = None, **more: Any) -> UUID:
        login = login or "u" + secrets.token_hex(6)
        for branch in sorted({branch for _, branch in roles if branch is not None}):
            await add_branch(self, branch)
        async with self.database.transaction() as tx:
            return await service.add_user(
                tx,
                actor=COMMAND_LINE,
                at=self.clock.now(),
                login=login,
                name=more.pop("name", login),
                roles=roles,
                **more,
            )

    async def open_session(self, user_id: UUID) -> str:
        token = secrets.token_urlsafe(32)
        now = self.clock.now()
        row = {"user_id": user_id, "created_at": now, "expires_at": now + timedelta(hours=12), "address": "10.0.0.7"}
        async with self.database.transaction() as tx:
            await repository.insert_session(tx, {**row, "token_hash": repository.hash_token(token)})
        return token

    async def signed_in(self, *roles: tuple[Preset, str | None], **user: Any) -> httpx.AsyncClient:
        """A person with these roles, at one of our own pages."""
        user_id = await self.add_user(*roles, **user)
        client = self.client(Origin="http://office.test")
        client.cookies.set(SESSION_COOKIE, await self.open_session(user_id))
        return client

    async def owner(self) -> httpx.AsyncClient:
        return await self.signed_in((Preset.OWNER, None))

    async def contents(self) -> dict[str, list[Any]]:
        """Every row of every table, to show that nothing has changed."""
        async with self.database.transaction() as tx:
            return {
                name: sorted((tuple(row) for row in await tx.execute(select(table))), key=str)
                for name, table in METADATA.tables.items()
            }

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@cache
def _application(public_url: str) -> FastAPI:
    """Made once: putting its routes together takes longer than most tests."""
    nothing = "sqlite+aiosqlite:///:memory:"
    return create_app(Settings(nothing, public_url=public_url), Database.open(nothing))


@asynccontextmanager
async def opened(database: Database, public_url: str = "http://office.test") -> AsyncIterator[Office]:
    clock = HandClock()
    app = _application(public_url)
    furnish(app, Settings(str(database.engine.url), public_url=public_url), database, clock=clock)
    office = Office(app, database, clock)
    yield office
    await office.close()


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """The application over a fresh database; the test runs once with each dialect."""
    async with opened(database) as office:
        yield office


@pytest.fixture
async def small_office(sqlite_url: str) -> AsyncIterator[Office]:
    """The same on SQLite only, for what does not reach the database's own ways."""
    database = Database.open(sqlite_url)
    async with opened(database) as office:
        yield office
    await database.close()


async def add_branch(office: Office, name: str, *, currency: str = "AMD", country: str = "AM") -> None:
    """Unless there is one."""
    row = {
        "id": name,
        "name": name.title(),
        "kind": "shop",
        "country": country,
        "currency": currency,
        "zone": "Asia/Yerevan",
        "language": "hy",
        "is_active": True,
        "created_at": office.clock.now(),
    }
    async with office.database.transaction() as tx:
        if await tx.scalar(select(branches.c.id).where(branches.c.id == name)) is None:
            await tx.execute(insert(branches).values(row))


async def add_node(office: Office, branch: str, name: str, secret: str, *, partition: int = 7) -> None:
    row = {
        "id": name,
        "branch": branch,
        "partition": partition,
        "secret_hash": sha256(secret.encode()).hexdigest(),
        "broker_hash": "",
        "created_at": office.clock.now(),
    }
    async with office.database.transaction() as tx:
        await tx.execute(insert(nodes).values(row))
