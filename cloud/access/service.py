"""People, programs and their rights: the use cases. No HTTP here; the command line calls the same functions.

Secrets come in as text once and stay as hashes. Every change is one audit entry in the same transaction.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access import passwords, repository
from cloud.access.repository import Role
from cloud.access.rights import Preset, Right
from cloud.access.signing_in import count_attempt, take_back_attempt
from cloud.audit.service import Actor, Entry, changes, record
from cloud.editing import check_version
from cloud.errors import Conflict, Forbidden, NotFound, NotSignedIn
from cloud.fields import plain
from cloud.paging import fold
from cloud.replication.versions import allocate, pin_salt
from shared.errors import PermanentError
from shared.ids import uuid7

__all__ = [
    "NewToken",
    "add_token",
    "add_user",
    "change_own_password",
    "change_user",
    "find_by_login",
    "set_badges",
    "set_password",
    "set_pin",
    "shut_out",
    "withdraw_token",
]

LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,59}")
TOKEN_PREFIX: Final = "tpt_"  # noqa: S105
"""So that a token found in a log or a repository is recognised for what it is."""


@dataclass(frozen=True)
class NewToken:
    """The only time the token itself is seen."""

    id: UUID
    token: str


def clean_login(login: str) -> str:
    """Logins are compared in lower case. Raises PermanentError USR-417 for one that is not a login."""
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise PermanentError("USR-417", login=login[:60])
    return login


async def add_user(
    tx: AsyncConnection,
    *,
    actor: Actor,
    at: datetime,
    login: str,
    name: str,
    roles: Iterable[Role],
    password: str | None = None,
    pin: str | None = None,
    badges: Collection[str] = (),
    language: str = "en",
) -> UUID:
    """Create a user who may come in at once. Without password: no head office; without PIN and badge: no till.

    Raises NotFound for a branch; Conflict USR-411 (login taken), USR-413 (PIN), USR-414 (badge); PermanentError
    USR-410, USR-412, USR-417; Forbidden USR-218 when an owner is made by somebody who is none.
    """
    version = await allocate(tx, 1)
    roles, login = sorted(set(roles), key=str), clean_login(login)
    await _only_owners_touch_owners(tx, actor, roles)
    await _branches_exist(tx, [branch for _, branch in roles])
    if await repository.find_user_by_login(tx, login) is not None:
        raise Conflict("USR-411", login=login)
    user_id = uuid7()
    row = {
        "id": user_id,
        "login": login,
        "name": plain(name.strip()),
        "search": fold(f"{name} {login}"),
        "password_hash": None if password is None else await _hashed(password, login),
        "pin_hash": None if pin is None else await _pin_hash(tx, pin, user_id),
        "language": language,
        "is_active": True,
        "version": version,
        "created_at": at,
    }
    await repository.insert_user(tx, row)
    await repository.replace_roles(tx, user_id, roles)
    await _give_badges(tx, user_id, badges)
    await record(tx, actor, at, [Entry("created", "user", str(user_id), new=_shown(row, roles))])
    return user_id


async def change_user(
    tx: AsyncConnection,
    *,
    actor: Actor,
    at: datetime,
    user_id: UUID,
    expected: int,
    name: str,
    language: str,
    is_active: bool,
    roles: Iterable[Role],
) -> int:
    """Save an edited user; answers the new version. A user who is no longer active loses every session now.

    Raises NotFound, EditConflict, Forbidden USR-218, Conflict USR-416 for the last owner.
    """
    version = await allocate(tx, 1)
    stored, old_roles = await _locked(tx, actor, user_id)
    roles = sorted(set(roles), key=str)
    await _only_owners_touch_owners(tx, actor, roles)
    await _branches_exist(tx, [branch for _, branch in roles])
    new = {"name": plain(name.strip()), "language": language, "is_active": is_active}
    theirs, yours = _shown(stored, old_roles), _shown({**stored, **new}, roles)
    check_version("user", stored=stored["version"], expected=expected, yours=yours, theirs=theirs)
    await repository.update_user(tx, user_id, **new, search=fold(f"{name} {stored['login']}"), version=version)
    await repository.replace_roles(tx, user_id, roles)
    await _keep_an_owner(tx, old_roles)
    if not is_active:
        await repository.withdraw_sessions(tx, user_id=user_id)
    await _note(tx, actor, at, user_id, *changes(theirs, yours))
    return version


async def shut_out(tx: AsyncConnection, *, actor: Actor, at: datetime, user_id: UUID) -> int:
    """Deactivate a user now: sessions end here, tills follow with the next replica. Answers the new version."""
    version = await allocate(tx, 1)
    _, old_roles = await _locked(tx, actor, user_id)
    await repository.update_user(tx, user_id, is_active=False, version=version)
    await _keep_an_owner(tx, old_roles)
    await repository.withdraw_sessions(tx, user_id=user_id)
    await _note(tx, actor, at, user_id, {"is_active": True}, {"is_active": False})
    return version


async def find_by_login(tx: AsyncConnection, login: str) -> UUID:
    """Whose login this is. Raises PermanentError USR-417, NotFound SRV-404."""
    found = await repository.find_user_by_login(tx, clean_login(login))
    if found is None:
        raise NotFound("user", login)
    user_id: UUID = found["id"]
    return user_id


async def set_password(tx: AsyncConnection, *, actor: Actor, at: datetime, user_id: UUID, password: str) -> None:
    """Replace a user's password and end the user's sessions. Raises PermanentError USR-410."""
    stored, _ = await _locked(tx, actor, user_id)
    await repository.update_user(tx, user_id, password_hash=await _hashed(password, stored["login"]))
    await repository.withdraw_sessions(tx, user_id=user_id)
    await _note(tx, actor, at, user_id, {}, {"password": "changed"})


async def change_own_password(
    tx: AsyncConnection, *, actor: Actor, at: datetime, old: str, new: str, token: str, address: str
) -> None:
    """Replace one's own password; all one's other sessions end.

    Raises NotSignedIn USR-213 when `old` is wrong, and then the transaction is to be committed: the try is counted, or
    a page left open would be a door to guess by. TooMany USR-310 as at the sign-in.
    """
    known = await repository.find_user(tx, actor.user_id) if actor.user_id else None
    if known is None:
        raise NotSignedIn("USR-213")
    # The counters before the user, as a sign-in locks them, or two would wait for each other.
    await count_attempt(tx, known["login"], address, at)
    stored = await repository.find_user(tx, known["id"], lock=True)
    if stored is None or not await asyncio.to_thread(passwords.is_password, old, stored["password_hash"]):
        raise NotSignedIn("USR-213")
    await take_back_attempt(tx, known["login"], address, at)
    await repository.update_user(tx, stored["id"], password_hash=await _hashed(new, stored["login"]))
    await repository.withdraw_sessions(tx, user_id=stored["id"], but=token)
    await _note(tx, actor, at, stored["id"], {}, {"password": "changed"})


async def set_pin(tx: AsyncConnection, *, actor: Actor, at: datetime, user_id: UUID, pin: str | None) -> None:
    """Replace or (None) take away the six digits for tills. A till asks for the PIN alone, so it is unique.

    Raises PermanentError USR-412, Conflict USR-413.
    """
    version = await allocate(tx, 1)
    await _locked(tx, actor, user_id)
    pin_hash = None if pin is None else await _pin_hash(tx, pin, user_id)
    await repository.update_user(tx, user_id, pin_hash=pin_hash, version=version)
    await _note(tx, actor, at, user_id, {}, {"pin": "taken away" if pin is None else "changed"})


async def set_badges(tx: AsyncConnection, *, actor: Actor, at: datetime, user_id: UUID, codes: Collection[str]) -> None:
    """Replace a user's badges. Raises Conflict USR-414 when one is somebody else's."""
    version = await allocate(tx, 1)
    await _locked(tx, actor, user_id)
    before = len((await repository.badges_of(tx, [user_id]))[user_id])
    await _give_badges(tx, user_id, codes)
    await repository.update_user(tx, user_id, version=version)
    await _note(tx, actor, at, user_id, {"badges": before}, {"badges": len(set(codes))})


async def add_token(
    tx: AsyncConnection,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    rights: Collection[Right],
    branches: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> NewToken:
    """A token for a program, limited to these rights and branches (None: all), shown once. Raises NotFound."""
    await _branches_exist(tx, branches or ())
    token = NewToken(uuid7(), TOKEN_PREFIX + secrets.token_urlsafe(32))
    limits = {"rights": sorted(rights), "branches": None if branches is None else sorted(set(branches))}
    row = {"id": token.id, "name": plain(name.strip()), "created_at": at, "expires_at": expires_at, **limits}
    await repository.insert_token(tx, {**row, "token_hash": repository.hash_token(token.token)})
    await record(tx, actor, at, [Entry("created", "token", str(token.id), new={"name": row["name"], **limits})])
    return token


async def withdraw_token(tx: AsyncConnection, *, actor: Actor, at: datetime, token_id: UUID) -> None:
    """The token opens nothing from now on. Raises NotFound."""
    if not await repository.withdraw_token(tx, token_id, at):
        raise NotFound("token", token_id)
    await record(tx, actor, at, [Entry("withdrawn", "token", str(token_id))])


async def _locked(tx: AsyncConnection, actor: Actor, user_id: UUID) -> tuple[Any, list[Role]]:
    stored = await repository.find_user(tx, user_id, lock=True)
    if stored is None:
        raise NotFound("user", user_id)
    roles = (await repository.roles_of(tx, [user_id]))[user_id]
    await _only_owners_touch_owners(tx, actor, roles)
    return stored, roles


async def _branches_exist(tx: AsyncConnection, branches: Iterable[str | None]) -> None:
    """Raises NotFound SRV-404: a right in a branch that is misspelt would be a right nowhere."""
    named = {branch for branch in branches if branch is not None}
    for unknown in sorted(named - await repository.known_branches(tx, named)):
        raise NotFound("branch", unknown)


async def _only_owners_touch_owners(tx: AsyncConnection, actor: Actor, roles: Iterable[Role]) -> None:
    # Otherwise the right to manage users would be the right to everything. The server's own shell has it anyway.
    if actor.user_id is None or all(preset is not Preset.OWNER for preset, _ in roles):
        return
    if actor.user_id not in await repository.active_owners(tx):
        raise Forbidden("USR-218")


async def _keep_an_owner(tx: AsyncConnection, old_roles: Iterable[Role]) -> None:
    if (Preset.OWNER, None) in old_roles and not await repository.active_owners(tx):
        raise Conflict("USR-416")


async def _hashed(password: str, login: str) -> str:
    passwords.check_password_rule(password, login)
    return await asyncio.to_thread(passwords.hash_password, password)


async def _pin_hash(tx: AsyncConnection, pin: str, user_id: UUID) -> str:
    pin_hash = await asyncio.to_thread(passwords.hash_pin, pin, await pin_salt(tx))
    if await repository.is_pin_held_by_other(tx, pin_hash, user_id):
        raise Conflict("USR-413")
    return pin_hash


async def _give_badges(tx: AsyncConnection, user_id: UUID, codes: Collection[str]) -> None:
    taken = await repository.held_by_others(tx, list(codes), user_id)
    if taken is not None:
        raise Conflict("USR-414", badge=taken)
    await repository.replace_badges(tx, user_id, codes)


def _shown(row: Any, roles: Iterable[Role]) -> dict[str, Any]:
    fields = {name: row[name] for name in ("login", "name", "language", "is_active")}
    return fields | {"roles": [f"{preset}@{branch or '*'}" for preset, branch in sorted(roles, key=str)]}


async def _note(
    tx: AsyncConnection, actor: Actor, at: datetime, user_id: UUID, old: dict[str, Any], new: dict[str, Any]
) -> None:
    if new:
        await record(tx, actor, at, [Entry("changed", "user", str(user_id), old or None, new)])
