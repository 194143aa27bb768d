"""All SQL of access: users, grants, sessions, tokens, attempts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access.models import EVERYWHERE, api_tokens, role_grants, sessions, users
from cloud.access.rights import PRESETS, Preset

__all__ = [
    "Known",
    "find_session",
    "find_token",
    "grants_of",
    "hash_token",
]


@dataclass(frozen=True)
class Known:
    """A user or a program whose secret was right."""

    id: UUID
    name: str
    grants: Mapping[str | None, frozenset[str]]


def hash_token(token: str) -> str:
    """Tokens are 256 random bits, so one SHA-256 is enough; there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


async def grants_of(tx: AsyncConnection, user_ids: Iterable[UUID]) -> dict[UUID, dict[str | None, frozenset[str]]]:
    """Rights of each user by branch (None: everywhere)."""
    asked = list(user_ids)
    grants: dict[UUID, dict[str | None, frozenset[str]]] = {user_id: {} for user_id in asked}
    rows = await tx.execute(select(role_grants).where(role_grants.c.user_id.in_(asked)))
    for row in rows:
        branch = None if row.branch == EVERYWHERE else row.branch
        held = grants[row.user_id].get(branch, frozenset())
        grants[row.user_id][branch] = held | frozenset(map(str, PRESETS[Preset(row.role)]))
    return grants


async def find_session(tx: AsyncConnection, token: str, now: datetime) -> Known | None:
    """The active user of a session that has not expired."""
    statement = (
        select(users.c.id, users.c.name)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.token_hash == hash_token(token), sessions.c.expires_at > now, users.c.is_active)
    )
    user = (await tx.execute(statement)).first()
    if user is None:
        return None
    return Known(user.id, user.name, (await grants_of(tx, [user.id]))[user.id])


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
    rights = frozenset(row.rights)
    branches: Sequence[str | None] = [None] if row.branches is None else row.branches
    return Known(row.id, row.name, dict.fromkeys(branches, rights))
