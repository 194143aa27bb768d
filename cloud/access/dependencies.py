"""Who is asking, and may they: the only way into an endpoint. Rights are read from the database on every request.

A caller is limited to the branches in which it holds the right that the endpoint asks for; lists apply `Caller.within`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, literal
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access import repository
from cloud.access.rights import Right
from cloud.database import Database
from cloud.errors import Forbidden, NotFound, NotSignedIn
from shared.clock import Clock

__all__ = [
    "SESSION_COOKIE",
    "Caller",
    "CurrentClock",
    "CurrentDatabase",
    "Grants",
    "Identity",
    "Require",
    "SignedIn",
    "Transaction",
    "identify",
    "leaves_a_trace",
    "refuse_other_sites",
    "require",
]

SESSION_COOKIE = "tradepost_session"
OWN_HEADER = "x-tradepost"
"""Programs that use the session cookie without being a browser send it (any value): other sites' pages cannot."""

Grants = Mapping[str | None, frozenset[str]]
"""Branch -> rights there; None stands for every branch."""


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _clock(request: Request) -> Clock:
    clock: Clock = request.app.state.clock
    return clock


CurrentDatabase = Annotated[Database, Depends(_database)]
CurrentClock = Annotated[Clock, Depends(_clock)]


Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def leaves_a_trace(endpoint: Endpoint) -> Endpoint:
    """For GET endpoints whose reading is written down: their transaction may write."""
    endpoint.leaves_a_trace = True  # type: ignore[attr-defined]
    return endpoint


def _only_reads(request: Request) -> bool:
    is_export = request.query_params.get("format") == "csv"  # leaves an audit entry
    may_write = is_export or getattr(request.scope.get("endpoint"), "leaves_a_trace", False)
    return request.method in ("GET", "HEAD") and not may_write


async def _transaction(request: Request, database: CurrentDatabase) -> AsyncIterator[AsyncConnection]:
    async with database.reading() if _only_reads(request) else database.transaction() as tx:
        yield tx


Transaction = Annotated[AsyncConnection, Depends(_transaction, scope="function")]
"""The request's one transaction: committed before the answer is sent, rolled back by any refusal. A GET only reads.

On SQLite one that writes holds the write lock: never open a second one inside.
"""


@dataclass(frozen=True)
class Identity:
    """Somebody known, before any right was asked for."""

    user_id: UUID
    name: str
    grants: Grants
    language: str = "en"
    is_program: bool = False

    def branches_with(self, right: str) -> frozenset[str] | None:
        """Branches in which the right is held; None for all, also those to come."""
        if right in self.grants.get(None, ()):
            return None
        return frozenset(branch for branch, rights in self.grants.items() if branch is not None and right in rights)

    def has(self, right: str) -> bool:
        """The right is held for at least one branch."""
        branches = self.branches_with(right)
        return branches is None or bool(branches)


@dataclass(frozen=True)
class Caller:
    """Who asks, limited to where the endpoint's right is held.

    branches: None for all. rights: everything held in at least one branch, for showing, not for deciding.
    """

    user_id: UUID
    name: str
    branches: frozenset[str] | None
    rights: frozenset[str]
    identity: Identity = field(repr=False, compare=False)

    def within(self, branch_column: ColumnElement[str]) -> ColumnElement[bool]:
        """Condition that limits a statement to the caller's branches."""
        return literal(True) if self.branches is None else branch_column.in_(sorted(self.branches))

    def sees(self, branch: str) -> bool:
        return self.branches is None or branch in self.branches

    def must_see(self, branch: str) -> None:
        """Raises NotFound: a branch that is not the caller's is as if it were not there."""
        if not self.sees(branch):
            raise NotFound("branch", branch)


async def identify(request: Request, tx: AsyncConnection) -> Identity:
    """Whose session or token this request carries. Raises NotSignedIn, or Forbidden for a write from another site."""
    now = request.app.state.clock.now()
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = await repository.find_token(tx, credentials.strip(), now)
        if token is None:
            raise NotSignedIn("USR-210")
        return Identity(token.id, token.name, token.grants, token.language, is_program=True)
    cookie = request.cookies.get(SESSION_COOKIE)
    user = await repository.find_session(tx, cookie, now) if cookie else None
    if user is None:
        raise NotSignedIn("USR-210")
    refuse_other_sites(request)
    return Identity(user.id, user.name, user.grants, user.language)


def refuse_other_sites(request: Request) -> None:
    """A browser adds our cookie to other sites' requests too; writes must prove that our own page sent them.

    Raises Forbidden USR-212. Browsers name the Origin of every write; whoever sends none must send our header.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("origin")
    if origin is None:
        own = OWN_HEADER in request.headers
    else:
        public = urlsplit(request.app.state.settings.public_url)
        here = f"{request.url.scheme}://{request.headers.get('host')}"
        own = origin in (here, f"{public.scheme}://{public.netloc}")
    if not own:
        raise Forbidden("USR-212")


async def _signed_in(request: Request, tx: Transaction) -> Identity:
    identity = await identify(request, tx)
    request.state.who = str(identity.user_id)
    return identity


SignedIn = Annotated[Identity, Depends(_signed_in)]
"""Any session or token; for endpoints about the caller itself."""


@dataclass(frozen=True)
class Require:
    """Dependency: the caller holds this right, somewhere or (everywhere=True) for the whole company."""

    right: Right
    everywhere: bool = False

    async def __call__(self, identity: SignedIn) -> Caller:
        branches = identity.branches_with(self.right)
        if branches is not None and (self.everywhere or not branches):
            raise Forbidden("USR-211", right=self.right)
        held: frozenset[str] = frozenset().union(*identity.grants.values()) if identity.grants else frozenset()
        return Caller(identity.user_id, identity.name, branches, held, identity)


def require(right: str, *, everywhere: bool = False) -> Any:
    """`caller: Annotated[Caller, Depends(require("see_sales"))]`. everywhere: for what no single branch owns."""
    return Require(Right(right), everywhere)
