"""Who is signed in at this branch: by PIN or badge, without a link, with a brake on guessing that outlives a restart.

Never breaks: a token is stored only as its hash; a wrong try is counted durably before its answer goes out.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from edge.checkout.state import OperatorAtTill
from edge.journal import Journal, Transaction
from edge.journal.transaction import time_text
from edge.replica import BRANCH_FREE_TRIES, FREE_TRIES, LockOut, Operator, Replica, is_pin
from shared.clock import Clock
from shared.errors import NeedsPerson, TransientError

__all__ = ["SESSION_LASTS", "Session", "Sessions"]

SESSION_LASTS: Final = timedelta(hours=16)
"""The longest shift and what comes after it; a page left open overnight asks for the PIN again."""
TOKEN_BYTES: Final = 32
SELLING_ONLY: Final = frozenset({"sell"})
WHOLE_BRANCH: Final = "*"
"""The place where wrong tries of all places are counted; no till can be named so."""


@dataclass(frozen=True)
class Session:
    token_hash: bytes
    operator: OperatorAtTill | None
    """As they signed in; None while the till is locked."""


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class Sessions:
    def __init__(self, journal: Journal, replica: Replica, clock: Clock) -> None:
        self._journal = journal
        self._replica = replica
        self._clock = clock
        # One PIN at a time: a login costs 19 MiB and tens of milliseconds, and no try may slip past the count.
        self._checking = asyncio.Lock()

    async def log_in(
        self, place: str, *, pin: str | None = None, badge: str | None = None
    ) -> tuple[str, OperatorAtTill]:
        """A new session's token. place, and what is raised: as `identify` has it."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        signed_in = await self.identify(place, pin=pin, badge=badge)
        await self._journal.write(partial(_store_session, token_hash=_hash(token), operator=signed_in))
        return token, signed_in

    async def identify(self, place: str, *, pin: str | None = None, badge: str | None = None) -> OperatorAtTill:
        """Whose PIN or badge this is, with the rights that hold now. place: the till where it was typed, for the brake.

        A right one takes nothing off the count of wrong ones: a cashier would reset it with their own PIN.
        Raises NeedsPerson USR-401 not known, TransientError USR-402 locked (seconds).
        """
        async with self._checking:
            free = {place: FREE_TRIES, WHOLE_BRANCH: BRANCH_FREE_TRIES}
            lock_outs = {counted: self._lock_out(counted) for counted in free}
            now = self._clock.now()
            wait = max(lock_out.wait(now, free[counted]) for counted, lock_out in lock_outs.items())
            if wait > timedelta(0):
                raise TransientError("USR-402", seconds=int(wait.total_seconds()) + 1)
            operator = await self._who(pin, badge)
            if operator is None:
                now = self._clock.now()
                locked = {counted: lock_outs[counted].after_failure(now, free[counted]) for counted in free}
                await self._journal.write(partial(_store_lock_outs, lock_outs=locked))
                raise NeedsPerson("USR-401")
        return self._at_till(operator)

    async def _who(self, pin: str | None, badge: str | None) -> Operator | None:
        if badge is not None:
            return self._replica.operator_by_badge(badge)
        if pin is None or not is_pin(pin):
            return None
        return await asyncio.to_thread(self._replica.operator_by_pin, pin)

    def find(self, token: str) -> Session | None:
        """The session behind a token, while it lasts."""
        return self.reread(_hash(token))

    def reread(self, token_hash: bytes) -> Session | None:
        since = time_text(self._clock.now() - SESSION_LASTS)
        rows = self._journal.read(
            "SELECT operator_id, name, rights FROM sessions WHERE token_hash = ? AND seen_at >= ?", (token_hash, since)
        )
        if not rows:
            return None
        row = rows[0]
        if row["operator_id"] is None:
            return Session(token_hash, None)
        operator = OperatorAtTill(UUID(row["operator_id"]), row["name"], frozenset(json.loads(row["rights"])))
        return Session(token_hash, operator)

    async def hand_over(self, token_hash: bytes, operator: OperatorAtTill | None) -> None:
        """Another person stands at this page now; None locks it."""
        await self._journal.write(partial(_change_operator, token_hash=token_hash, operator=operator))

    async def sign_out(self, token: str) -> None:
        def work(tx: Transaction) -> None:
            tx.connection.execute("DELETE FROM sessions WHERE token_hash = ?", (_hash(token),))

        await self._journal.write(work)

    def now_allowed(self, operator: OperatorAtTill) -> OperatorAtTill | None:
        """This person with the rights that hold now; None when head office no longer knows them.

        A replica that is being filled again knows nobody: whoever was signed in goes on selling.
        """
        known = self._replica.operator(operator.operator_id)
        if known is not None:
            return self._at_till(known)
        if self._replica.version == 0:
            return OperatorAtTill(operator.operator_id, operator.name, operator.rights & SELLING_ONLY)
        return None

    def _at_till(self, operator: Operator) -> OperatorAtTill:
        return OperatorAtTill(operator.id, operator.name, self._replica.rights_of(operator, self._clock.now()))

    def _lock_out(self, place: str) -> LockOut:
        rows = self._journal.read("SELECT failures, locked_until FROM lockouts WHERE place = ?", (place,))
        if not rows:
            return LockOut()
        until = rows[0]["locked_until"]
        return LockOut(rows[0]["failures"], datetime.fromisoformat(until) if until else None)


def _store_lock_outs(tx: Transaction, lock_outs: Mapping[str, LockOut]) -> None:
    tx.connection.executemany(
        "INSERT INTO lockouts (place, failures, locked_until) VALUES (?, ?, ?)"
        " ON CONFLICT (place) DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until",
        [
            (place, lock_out.failures, time_text(lock_out.opens_at) if lock_out.opens_at else None)
            for place, lock_out in lock_outs.items()
        ],
    )


def _store_session(tx: Transaction, token_hash: bytes, operator: OperatorAtTill) -> None:
    tx.connection.execute("DELETE FROM sessions WHERE seen_at < ?", (time_text(tx.now - SESSION_LASTS),))
    tx.connection.execute(
        "INSERT INTO sessions (token_hash, operator_id, name, rights, created_at, seen_at) VALUES (?, ?, ?, ?, ?, ?)",
        (token_hash, *_columns(operator), time_text(tx.now), time_text(tx.now)),
    )


def _change_operator(tx: Transaction, token_hash: bytes, operator: OperatorAtTill | None) -> None:
    tx.connection.execute(
        "UPDATE sessions SET operator_id = ?, name = ?, rights = ?, seen_at = ? WHERE token_hash = ?",
        (*_columns(operator), time_text(tx.now), token_hash),
    )


def _columns(operator: OperatorAtTill | None) -> tuple[str | None, str | None, str]:
    if operator is None:
        return None, None, "[]"
    return str(operator.operator_id), operator.name, json.dumps(sorted(operator.rights))
