"""A second person lets one act happen: who asked for what, who allowed it, and that it is used once. No I/O.

Held in memory on purpose: a permission must not outlive the minutes it was given for, and after a restart the till asks
again. Never breaks: an approval fits one act as it was asked for, the same line, sum and basket, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from edge.checkout.state import OperatorAtTill, TillState
from shared.clock import Clock
from shared.errors import NeedsPerson, PermanentError

__all__ = ["APPROVABLE", "LASTS_S", "Approvals", "Asked", "fingerprint"]

LASTS_S: Final = 300.0
"""From asking, not from approving (UX.md, section 4: a request lasts 5 min)."""
MOST_KEPT: Final = 50
"""Requests of one till; the oldest is forgotten first, and asked for again."""

APPROVABLE: Final[Mapping[str, frozenset[str]]] = {
    "void_line": frozenset({"void_line"}),
    "quantity": frozenset({"void_line"}),
    "price": frozenset({"price_change"}),
    "discount": frozenset({"discount"}),
    "cancel_sale": frozenset({"cancel_sale"}),
    "return_lines": frozenset({"return", "return_over_limit"}),
    "open_drawer": frozenset({"open_drawer"}),
    "cash_movement": frozenset({"cash_move"}),
}
"""Operation -> rights that a second person can lend it. Any other right must be one's own: USR-403."""


@dataclass(frozen=True)
class Asked:
    """One act that waits for a second person. request_id: of the operation that was refused."""

    request_id: UUID
    operation: str
    right: str
    fingerprint: str
    expires_at: float
    """Monotonic seconds."""
    approver: OperatorAtTill | None = None


class Approvals:
    """The requests of one till. The journal's thread asks and looks, the event loop approves and drops."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: dict[UUID, Asked] = {}
        self._lock = threading.Lock()

    def ask(self, asked_id: UUID, operation: str, right: str, mark: str) -> None:
        """A request that may be approved from now on; the same one again begins anew."""
        with self._lock:
            self._asked.pop(asked_id, None)
            self._asked[asked_id] = Asked(asked_id, operation, right, mark, self._clock.monotonic() + LASTS_S)
            while len(self._asked) > MOST_KEPT:
                del self._asked[next(iter(self._asked))]

    @property
    def newest(self) -> Asked | None:
        """What the till waits for, approved already or not; None when nothing is waited for any more."""
        with self._lock:
            newest = next(reversed(self._asked.values()), None)
        return newest if newest is not None and self._clock.monotonic() < newest.expires_at else None

    def approve(self, request_id: UUID, person: OperatorAtTill) -> Asked:
        """Raises PermanentError USR-420 no such request any more, NeedsPerson USR-403 a person without the right."""
        with self._lock:
            asked = self._live(request_id)
            if asked is None:
                raise PermanentError("USR-420")
            if asked.right not in person.rights:
                raise NeedsPerson("USR-403", right=asked.right)
            approved = self._asked[request_id] = replace(asked, approver=person)
        return approved

    def approver(self, request_id: UUID | None, operation: str, right: str, mark: str) -> UUID | None:
        """Who has allowed exactly this and has the right; None when nobody has, or something has changed since."""
        with self._lock:
            asked = self._live(request_id)
        if asked is None or asked.approver is None or right not in asked.approver.rights:
            return None
        return asked.approver.operator_id if (asked.operation, asked.fingerprint) == (operation, mark) else None

    def drop(self, request_id: UUID | None) -> None:
        """Used, or given up."""
        with self._lock:
            if request_id is not None:
                self._asked.pop(request_id, None)

    def _live(self, request_id: UUID | None) -> Asked | None:
        asked = self._asked.get(request_id) if request_id is not None else None
        return asked if asked is not None and self._clock.monotonic() < asked.expires_at else None


def fingerprint(operation: str, given: Mapping[str, Any], state: TillState) -> str:
    """What an approval is bound to: the operation's arguments, the sale on the screen, and what it would change there.

    Scanning goes on beside a request, so only the line in question counts, except for an act on the whole sale.
    """
    sale = state.sale
    basket = state.basket
    about: object = None
    if operation == "cancel_sale":
        about = [repr(line) for line in basket.live_lines]
    elif "line_id" in given:
        about = [repr(line) for line in basket.lines if line.id == given["line_id"]]
    bound = [operation, dict(given), str(sale.sale_id) if sale else None, about]
    return hashlib.sha256(json.dumps(bound, sort_keys=True, default=str).encode()).hexdigest()
