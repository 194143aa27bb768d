"""HTTP of access: the session, users, tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response as AnyResponse

from cloud.access import repository, service, signing_in
from cloud.access.dependencies import (
    SESSION_COOKIE,
    Caller,
    CurrentClock,
    CurrentDatabase,
    Identity,
    SignedIn,
    Transaction,
    refuse_other_sites,
    require,
)
from cloud.access.models import api_tokens, users
from cloud.access.rights import PRESETS, Right
from cloud.access.schemas import (
    BadgesChange,
    Me,
    NewTokenShown,
    OwnPasswordChange,
    PasswordChange,
    PinChange,
    PresetShown,
    RoleGiven,
    SignIn,
    TokenDraft,
    TokenShown,
    UserChange,
    UserDraft,
    UserShown,
)
from cloud.audit.listing import answer
from cloud.editing import ExpectedVersion, show_version
from cloud.errors import Forbidden, NotFound, NotSignedIn, answer_of, language_of
from cloud.paging import Listing, Page, PageRequest

__all__ = ["router"]

router = APIRouter()

UserManager = Annotated[Caller, Depends(require("manage_users", everywhere=True))]


@router.post("/session", tags=["session"], operation_id="sign_in")
async def sign_in(
    body: SignIn, request: Request, response: Response, database: CurrentDatabase, clock: CurrentClock
) -> Me:
    """Open a session with login and password; the answer carries its cookie."""
    if "origin" in request.headers:
        refuse_other_sites(request)
    settings = request.app.state.settings
    session = await signing_in.sign_in(
        database,
        login=body.login,
        password=body.password,
        address=_address(request),
        now=clock.now(),
        lasts=timedelta(hours=settings.session_hours),
    )
    response.set_cookie(
        SESSION_COOKIE,
        session.token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="strict",
        secure=settings.public_url.startswith("https:") or request.url.scheme == "https",
    )
    async with database.transaction() as tx:
        roles = (await repository.roles_of(tx, [session.user_id]))[session.user_id]
    return _me(Identity(session.user_id, session.name, repository.grants_of(roles), session.language))


@router.get("/session", tags=["session"], operation_id="get_session")
async def get_session(identity: SignedIn) -> Me:
    """Who I am and what I may do where."""
    return _me(identity)


@router.delete("/session", tags=["session"], operation_id="sign_out", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(request: Request, response: Response, _: SignedIn, tx: Transaction) -> None:
    """End this session."""
    await signing_in.sign_out(tx, request.cookies.get(SESSION_COOKIE, ""))
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")


@router.put(
    "/session/password",
    tags=["session"],
    operation_id="change_own_password",
    status_code=status.HTTP_204_NO_CONTENT,
    response_model=None,
)
async def change_own_password(
    body: OwnPasswordChange, request: Request, identity: SignedIn, tx: Transaction, clock: CurrentClock
) -> AnyResponse | None:
    """Change my password; my other sessions end."""
    try:
        await service.change_own_password(
            tx,
            actor=identity,
            at=clock.now(),
            old=body.old,
            new=body.new,
            token=request.cookies.get(SESSION_COOKIE, ""),
            address=_address(request),
        )
    except NotSignedIn as error:
        return answer_of(error, language_of(request))  # not raised, so that the counted try is committed
    return None


@router.get("/roles", tags=["users"], operation_id="list_roles")
async def list_roles(_: SignedIn) -> list[PresetShown]:
    """The presets and what each grants."""
    return [PresetShown(role=preset, rights=sorted(rights)) for preset, rights in PRESETS.items()]


@router.get("/users", tags=["users"], operation_id="list_users", response_model=Page[UserShown])
async def list_users(
    caller: UserManager, query: PageRequest, tx: Transaction, database: CurrentDatabase, clock: CurrentClock
) -> Page[UserShown] | AnyResponse:
    """Everybody who may come in."""
    return await answer(tx, database, _USERS, query, actor=caller, at=clock.now())


@router.post("/users", tags=["users"], operation_id="create_user", status_code=status.HTTP_201_CREATED)
async def create_user(
    body: UserDraft, response: Response, caller: UserManager, tx: Transaction, clock: CurrentClock
) -> UserShown:
    user_id = await service.add_user(
        tx,
        actor=caller,
        at=clock.now(),
        login=body.login,
        name=body.name,
        language=body.language,
        roles=[(given.role, given.branch) for given in body.roles],
        password=body.password,
        pin=body.pin,
        badges=body.badges,
    )
    return await _show(tx, user_id, response)


@router.get("/users/{user_id}", tags=["users"], operation_id="get_user")
async def get_user(user_id: UUID, response: Response, _: UserManager, tx: Transaction) -> UserShown:
    return await _show(tx, user_id, response)


@router.put("/users/{user_id}", tags=["users"], operation_id="change_user")
async def change_user(
    user_id: UUID,
    body: UserChange,
    expected: ExpectedVersion,
    response: Response,
    caller: UserManager,
    tx: Transaction,
    clock: CurrentClock,
) -> UserShown:
    await service.change_user(
        tx,
        actor=caller,
        at=clock.now(),
        user_id=user_id,
        expected=expected,
        name=body.name,
        language=body.language,
        is_active=body.is_active,
        roles=[(given.role, given.branch) for given in body.roles],
    )
    return await _show(tx, user_id, response)


@router.post("/users/{user_id}/shut-out", tags=["users"], operation_id="shut_out_user")
async def shut_out_user(
    user_id: UUID, response: Response, caller: UserManager, tx: Transaction, clock: CurrentClock
) -> UserShown:
    """Deactivate now: sessions end here at once, tills follow with their next replica."""
    await service.shut_out(tx, actor=caller, at=clock.now(), user_id=user_id)
    return await _show(tx, user_id, response)


@router.put(
    "/users/{user_id}/password",
    tags=["users"],
    operation_id="set_user_password",
    status_code=status.HTTP_204_NO_CONTENT,
)
async def set_user_password(
    user_id: UUID, body: PasswordChange, caller: UserManager, tx: Transaction, clock: CurrentClock
) -> None:
    """Replace somebody's password; their sessions end."""
    await service.set_password(tx, actor=caller, at=clock.now(), user_id=user_id, password=body.password)


@router.put("/users/{user_id}/pin", tags=["users"], operation_id="set_user_pin", status_code=status.HTTP_204_NO_CONTENT)
async def set_user_pin(
    user_id: UUID, body: PinChange, caller: UserManager, tx: Transaction, clock: CurrentClock
) -> None:
    """Replace or take away the six digits for tills."""
    await service.set_pin(tx, actor=caller, at=clock.now(), user_id=user_id, pin=body.pin)


@router.put(
    "/users/{user_id}/badges", tags=["users"], operation_id="set_user_badges", status_code=status.HTTP_204_NO_CONTENT
)
async def set_user_badges(
    user_id: UUID, body: BadgesChange, caller: UserManager, tx: Transaction, clock: CurrentClock
) -> None:
    """Replace somebody's badges."""
    await service.set_badges(tx, actor=caller, at=clock.now(), user_id=user_id, codes=body.badges)


@router.get("/tokens", tags=["tokens"], operation_id="list_tokens", response_model=Page[TokenShown])
async def list_tokens(
    caller: UserManager, query: PageRequest, tx: Transaction, database: CurrentDatabase, clock: CurrentClock
) -> Page[TokenShown] | AnyResponse:
    """Programs that may come in, also those that no longer may."""
    return await answer(tx, database, _TOKENS, query, actor=caller, at=clock.now())


@router.post("/tokens", tags=["tokens"], operation_id="create_token", status_code=status.HTTP_201_CREATED)
async def create_token(body: TokenDraft, caller: UserManager, tx: Transaction, clock: CurrentClock) -> NewTokenShown:
    """A token for a program; nobody gives away rights they do not hold."""
    for right in body.rights:
        held = caller.identity.branches_with(right)
        if held is not None and (body.branches is None or not held.issuperset(body.branches)):
            raise Forbidden("USR-211", right=right)
    token = await service.add_token(
        tx,
        actor=caller,
        at=clock.now(),
        name=body.name,
        rights=body.rights,
        branches=body.branches,
        expires_at=body.expires_at,
    )
    return NewTokenShown(id=token.id, token=token.token)


@router.delete(
    "/tokens/{token_id}", tags=["tokens"], operation_id="withdraw_token", status_code=status.HTTP_204_NO_CONTENT
)
async def withdraw_token(token_id: UUID, caller: UserManager, tx: Transaction, clock: CurrentClock) -> None:
    """The token opens nothing from now on."""
    await service.withdraw_token(tx, actor=caller, at=clock.now(), token_id=token_id)


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _me(identity: Identity) -> Me:
    held = {right: identity.branches_with(right) for right in Right if identity.has(right)}
    rights = {right: None if branches is None else sorted(branches) for right, branches in held.items()}
    return Me(
        id=identity.user_id,
        name=identity.name,
        language=identity.language,
        rights=rights,
        is_program=identity.is_program,
    )


async def _show(tx: AsyncConnection, user_id: UUID, response: Response) -> UserShown:
    row = await repository.find_user(tx, user_id)
    if row is None:
        raise NotFound("user", user_id)
    show_version(response, row["version"])
    return (await _present_users(tx, [row]))[0]


async def _present_users(tx: AsyncConnection, rows: Sequence[RowMapping]) -> list[UserShown]:
    ids = [row["id"] for row in rows]
    roles, badges = await repository.roles_of(tx, ids), await repository.badges_of(tx, ids)
    return [
        UserShown(
            id=row["id"],
            login=row["login"],
            name=row["name"],
            language=row["language"],
            is_active=row["is_active"],
            roles=[RoleGiven(role=preset, branch=branch) for preset, branch in roles[row["id"]]],
            has_password=row["password_hash"] is not None,
            has_pin=row["pin_hash"] is not None,
            badges=len(badges[row["id"]]),
            created_at=row["created_at"],
            version=row["version"],
        )
        for row in rows
    ]


async def _present_tokens(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[TokenShown]:
    return [TokenShown.model_validate(dict(row)) for row in rows]


def _columns(*columns: Any) -> dict[str, Any]:
    return {column.name: column for column in columns}


_USERS = Listing(
    name="users",
    statement=repository.users_list(),
    key=users.c.id,
    sortable=_columns(users.c.name, users.c.login, users.c.language, users.c.is_active, users.c.created_at),
    default="name",
    item=UserShown,
    present=_present_users,
    search=[users.c.search],
)

_TOKENS = Listing(
    name="tokens",
    statement=repository.tokens(),
    key=api_tokens.c.id,
    sortable=_columns(api_tokens.c.name, api_tokens.c.created_at, api_tokens.c.expires_at, api_tokens.c.withdrawn_at),
    default="name",
    item=TokenShown,
    present=_present_tokens,
    search=[api_tokens.c.name],
)
