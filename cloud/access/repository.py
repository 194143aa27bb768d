"""All SQL of access: users, grants, sessions, tokens, attempts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access.models import EVERYWHERE, api_tokens, badges, login_attempts, role_grants, sessions, users
from cloud.access.rights import PRESETS, Preset
from cloud.fleet.models import branches

__all__ = [
    "Known",
    "Role",
    "active_owners",
    "badges_of",
    "find_session",
    "find_token",
    "find_user",
    "find_user_by_login",
    "forget_attempts",
    "grants_of",
    "hash_token",
    "held_by_others",
    "insert_session",
    "insert_token",
    "insert_user",
    "is_pin_held_by_other",
    "known_branches",
    "lock_attempts",
    "purge",
    "replace_badges",
    "replace_roles",
    "roles_of",
    "store_attempts",
    "tokens",
    "update_user",
    "users_list",
    "withdraw_sessions",
    "withdraw_token",
]

Role = tuple[Preset, str | None]
"""A preset and the branch it is given for; None for all."""


@dataclass(frozen=True)
class Known:
    """A user or a program whose secret was right."""

    id: UUID
    name: str
    language: str
    grants: Mapping[str | None, frozenset[str]]


def hash_token(token: str) -> str:
    """Tokens are 256 random bits, so one SHA-256 is enough; there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


# --- who is asking


async def find_session(tx: AsyncConnection, token: str, now: datetime) -> Known | None:
    """The active user of a session that has not expired."""
    statement = (
        select(users.c.id, users.c.name, users.c.language)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.token_hash == hash_token(token), sessions.c.expires_at > now, users.c.is_active)
    )
    user = (await tx.execute(statement)).first()
    if user is None:
        return None
    return Known(user.id, user.name, user.language, grants_of((await roles_of(tx, [user.id]))[user.id]))


async def find_token(tx: AsyncConnection, token: str, now: datetime) -> Known | None:
    """The program of a token that is neither withdrawn nor expired."""
    statement = select(api_tokens).where(
        api_tokens.c.token_hash == hash_token(token),
        api_tokens.c.withdrawn_at.is_(None),
        api_tokens.c.expires_at.is_(None) | (api_tokens.c.expires_at > now),
    )
    row = (await tx.execute(statement)).first()
    if row is None:
        return None
    branches: Sequence[str | None] = [None] if row.branches is None else row.branches
    return Known(row.id, row.name, "en", dict.fromkeys(branches, frozenset(row.rights)))


def grants_of(roles: Iterable[Role]) -> dict[str | None, frozenset[str]]:
    """Rights by branch (None: everywhere) of these roles together."""
    grants: dict[str | None, frozenset[str]] = {}
    for preset, branch in roles:
        grants[branch] = grants.get(branch, frozenset()) | frozenset(map(str, PRESETS[preset]))
    return grants


# --- users


def users_list() -> Select[Any]:
    return select(users)


async def find_user(tx: AsyncConnection, user_id: UUID, *, lock: bool = False) -> RowMapping | None:
    statement = select(users).where(users.c.id == user_id)
    return (await tx.execute(statement.with_for_update() if lock else statement)).mappings().first()


async def find_user_by_login(tx: AsyncConnection, login: str) -> RowMapping | None:
    return (await tx.execute(select(users).where(users.c.login == login))).mappings().first()


async def roles_of(tx: AsyncConnection, user_ids: Iterable[UUID]) -> dict[UUID, list[Role]]:
    """Roles of each user, in a stable order."""
    roles: dict[UUID, list[Role]] = {user_id: [] for user_id in user_ids}
    rows = await tx.execute(
        select(role_grants)
        .where(role_grants.c.user_id.in_(list(roles)))
        .order_by(role_grants.c.role, role_grants.c.branch)
    )
    for row in rows:
        roles[row.user_id].append((Preset(row.role), None if row.branch == EVERYWHERE else row.branch))
    return roles


async def badges_of(tx: AsyncConnection, user_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    held: dict[UUID, list[str]] = {user_id: [] for user_id in user_ids}
    rows = await tx.execute(select(badges).where(badges.c.user_id.in_(list(held))).order_by(badges.c.code))
    for row in rows:
        held[row.user_id].append(row.code)
    return held


async def held_by_others(tx: AsyncConnection, codes: Sequence[str], user_id: UUID) -> str | None:
    """The first of these badges that somebody else has."""
    return await tx.scalar(
        select(badges.c.code).where(badges.c.code.in_(codes), badges.c.user_id != user_id).order_by(badges.c.code)
    )


async def is_pin_held_by_other(tx: AsyncConnection, pin_hash: str, user_id: UUID) -> bool:
    return await tx.scalar(select(users.c.id).where(users.c.pin_hash == pin_hash, users.c.id != user_id)) is not None


async def insert_user(tx: AsyncConnection, row: Mapping[str, Any]) -> None:
    await tx.execute(insert(users).values(**row))


async def update_user(tx: AsyncConnection, user_id: UUID, **values: Any) -> None:
    await tx.execute(update(users).where(users.c.id == user_id).values(**values))


async def replace_roles(tx: AsyncConnection, user_id: UUID, roles: Iterable[Role]) -> None:
    await tx.execute(delete(role_grants).where(role_grants.c.user_id == user_id))
    rows = [{"user_id": user_id, "role": preset, "branch": branch or EVERYWHERE} for preset, branch in set(roles)]
    if rows:
        await tx.execute(insert(role_grants), rows)


async def replace_badges(tx: AsyncConnection, user_id: UUID, codes: Iterable[str]) -> None:
    await tx.execute(delete(badges).where(badges.c.user_id == user_id))
    rows = [{"code": code, "user_id": user_id} for code in set(codes)]
    if rows:
        await tx.execute(insert(badges), rows)


async def known_branches(tx: AsyncConnection, names: Iterable[str]) -> set[str]:
    """Those of the names that are branches."""
    return set((await tx.execute(select(branches.c.id).where(branches.c.id.in_(list(names))))).scalars())


async def active_owners(tx: AsyncConnection) -> set[UUID]:
    """Active users who own the whole company."""
    rows = await tx.execute(
        select(users.c.id)
        .join(role_grants, role_grants.c.user_id == users.c.id)
        .where(users.c.is_active, role_grants.c.role == Preset.OWNER, role_grants.c.branch == EVERYWHERE)
    )
    return set(rows.scalars())


# --- sessions and attempts


async def insert_session(tx: AsyncConnection, row: Mapping[str, Any]) -> None:
    await tx.execute(insert(sessions).values(**row))


async def withdraw_sessions(
    tx: AsyncConnection, *, user_id: UUID | None = None, token: str | None = None, but: str | None = None
) -> None:
    """End the session of a token, or all of a user (`but` this token's)."""
    statement = delete(sessions)
    if token is not None:
        statement = statement.where(sessions.c.token_hash == hash_token(token))
    if user_id is not None:
        statement = statement.where(sessions.c.user_id == user_id)
    if but is not None:
        statement = statement.where(sessions.c.token_hash != hash_token(but))
    await tx.execute(statement)


async def lock_attempts(tx: AsyncConnection, subjects: Sequence[str], now: datetime) -> dict[str, RowMapping]:
    """The counters of these subjects, locked until commit; subjects come sorted, so that nobody waits in a circle."""
    new = [{"subject": subject, "failures": 0, "last_at": now, "open_at": now} for subject in subjects]
    if tx.dialect.name == "postgresql":
        await tx.execute(postgresql.insert(login_attempts).on_conflict_do_nothing(), new)
    else:
        await tx.execute(sqlite.insert(login_attempts).on_conflict_do_nothing(), new)
    rows = await tx.execute(
        select(login_attempts)
        .where(login_attempts.c.subject.in_(subjects))
        .order_by(login_attempts.c.subject)
        .with_for_update()
    )
    return {row["subject"]: row for row in rows.mappings()}


async def store_attempts(
    tx: AsyncConnection, subject: str, *, failures: int, last_at: datetime, open_at: datetime
) -> None:
    await tx.execute(
        update(login_attempts)
        .where(login_attempts.c.subject == subject)
        .values(failures=failures, last_at=last_at, open_at=open_at)
    )


async def forget_attempts(tx: AsyncConnection, subject: str) -> None:
    await tx.execute(delete(login_attempts).where(login_attempts.c.subject == subject))


async def purge(tx: AsyncConnection, *, now: datetime, attempts_before: datetime) -> None:
    """Drop what can no longer matter: expired sessions, counters that have been forgotten."""
    await tx.execute(delete(sessions).where(sessions.c.expires_at <= now))
    await tx.execute(delete(login_attempts).where(login_attempts.c.last_at < attempts_before))


# --- tokens of programs


def tokens() -> Select[Any]:
    return select(api_tokens)


async def insert_token(tx: AsyncConnection, row: Mapping[str, Any]) -> None:
    await tx.execute(insert(api_tokens).values(**row))


async def withdraw_token(tx: AsyncConnection, token_id: UUID, now: datetime) -> bool:
    """False when there is no such token, or no more."""
    done = await tx.execute(
        update(api_tokens)
        .where(api_tokens.c.id == token_id, api_tokens.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    return bool(done.rowcount)
