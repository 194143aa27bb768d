"""Signing in with a password, and what stops guessing. An attempt is counted before it is looked at.

Counters are kept in the database by login and by address, so that neither many processes nor a restart help a guesser.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access import passwords, repository
from cloud.audit.service import Entry, record
from cloud.database import Database
from cloud.errors import NotSignedIn, TooMany

__all__ = [
    "ADDRESS_FREE",
    "FORGOTTEN_AFTER",
    "LOGIN_FREE",
    "Session",
    "count_attempt",
    "sign_in",
    "sign_out",
    "take_back_attempt",
    "wait_after",
]

LOGIN_FREE: Final = 5
"""Wrong passwords for one login before it must wait: more than a tired person needs."""
ADDRESS_FREE: Final = 30
"""Wrong passwords from one address: a whole shop may sit behind it."""
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
"""About 100 guesses a day and login remain; a person locked out by a stranger is back in a quarter of an hour."""
FORGOTTEN_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Session:
    token: str
    """For the cookie; the table keeps its hash."""
    user_id: UUID
    name: str
    language: str
    expires_at: datetime


@dataclass(frozen=True)
class _Person:
    user_id: UUID
    name: str


def wait_after(failures: int, free: int) -> timedelta:
    """How long a subject waits after its n-th failure in a row: nothing, then doubling."""
    if failures < free:
        return timedelta(0)
    doubled: timedelta = FIRST_WAIT * 2 ** min(failures - free, 10)
    return min(doubled, LONGEST_WAIT)


async def sign_in(
    database: Database, *, login: str, password: str, address: str, now: datetime, lasts: timedelta
) -> Session:
    """Open a session. Three short steps, so that no lock is held while a password is hashed.

    Raises NotSignedIn USR-213 (which of the two was wrong is not said); TooMany USR-310, the password not looked at.
    """
    login = login.strip().lower()[:60]
    async with database.transaction() as tx:
        await count_attempt(tx, login, address, now)
        user = await repository.find_user_by_login(tx, login)
    is_right = await asyncio.to_thread(passwords.is_password, password, user["password_hash"] if user else None)
    if user is None or not is_right or not user["is_active"]:
        raise NotSignedIn("USR-213")
    session = Session(secrets.token_urlsafe(32), user["id"], user["name"], user["language"], now + lasts)
    async with database.transaction() as tx:
        await take_back_attempt(tx, login, address, now)
        await repository.purge(tx, now=now, attempts_before=now - FORGOTTEN_AFTER)
        row = {"user_id": session.user_id, "created_at": now, "expires_at": session.expires_at, "address": address[:60]}
        await repository.insert_session(tx, {**row, "token_hash": repository.hash_token(session.token)})
        await record(
            tx, _Person(session.user_id, session.name), now, [Entry("signed_in", "user", str(session.user_id))]
        )
    return session


async def sign_out(tx: AsyncConnection, token: str) -> None:
    """End this session; nothing happens when it is over already."""
    await repository.withdraw_sessions(tx, token=token)


async def count_attempt(tx: AsyncConnection, login: str, address: str, now: datetime) -> None:
    """Before a password is looked at; the caller's transaction commits it, whatever the password proves to be.

    Raises TooMany USR-310.
    """
    free = {_by_address(address): ADDRESS_FREE, _by_login(login): LOGIN_FREE}
    counters = await repository.lock_attempts(tx, sorted(free), now)
    # One further off than the longest was written down before the clock was put back: it would hold for as long.
    waits = [row["open_at"] - now for row in counters.values() if row["open_at"] - now <= LONGEST_WAIT]
    wait = max(waits, default=timedelta(0))
    if wait > timedelta(0):
        raise TooMany("USR-310", seconds=int(wait.total_seconds()) + 1)
    for subject, row in counters.items():
        failures = 1 if now - row["last_at"] > FORGOTTEN_AFTER else row["failures"] + 1
        wait = wait_after(failures, free[subject])
        await repository.store_attempts(tx, subject, failures=failures, last_at=now, open_at=now + wait)


async def take_back_attempt(tx: AsyncConnection, login: str, address: str, now: datetime) -> None:
    """The password was right. The login begins anew; of the address only this attempt is taken back, or one known
    password would free it."""
    by_login, by_address = _by_login(login), _by_address(address)
    counters = await repository.lock_attempts(tx, sorted((by_login, by_address)), now)
    failures = max(counters[by_address]["failures"] - 1, 0)
    await repository.store_attempts(tx, by_address, failures=failures, last_at=now, open_at=now)
    await repository.forget_attempts(tx, by_login)


def _by_login(login: str) -> str:
    return f"login:{login}"


def _by_address(address: str) -> str:
    return f"address:{address[:60]}"
