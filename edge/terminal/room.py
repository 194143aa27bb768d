"""A till with everybody who looks at it: pages and programs, one of them active, and the scanners that belong to it.

Never breaks: one page at a time acts on a till; the others see it and are told who has it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from edge.checkout.papers import Papers
from edge.checkout.questions import Questions
from edge.checkout.scan_results import LastScan, ScanKind
from edge.checkout.state import OperatorAtTill
from edge.checkout.texts import Texts
from edge.checkout.till import Answer, Till
from edge.checkout.view import DeviceView, LinkView, ViewMaker
from edge.devices.scanner import Scan, ScannerEvent
from edge.terminal.sessions import Sessions
from shared.errors import NeedsPerson, PermanentError, TradepostError
from shared.ids import uuid7

__all__ = ["Looker", "Room"]

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Looker:
    """One page or program on the line."""

    tab: str
    """The page's own id: it keeps the lease over a broken line."""
    label: str
    """Who and where, for the others: SAL-232 names it."""
    wake: Callable[[], None]
    token_hash: bytes = b""
    operator: OperatorAtTill | None = None


@dataclass(eq=False)
class Room:
    """One till."""

    till: Till
    papers: Papers
    questions: Questions
    view_maker: ViewMaker
    sessions: Sessions
    link: Callable[[], LinkView]
    printer: Callable[[], DeviceView | None]
    lookers: list[Looker] = field(default_factory=list)
    holder: Looker | None = None
    _views: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.till.on_change(self._wake_all)

    @property
    def id(self) -> str:
        return self.till.desk.till

    def _wake_all(self) -> None:
        for looker in self.lookers:
            looker.wake()

    # -- who looks, and who acts --------------------------------------------------------------------------------------

    def enter(self, looker: Looker) -> None:
        """A page has come. A till that nobody has, or that this very page had, is its own at once."""
        self.lookers.append(looker)
        if self.holder is None or self.holder.tab == looker.tab:
            self.holder = looker
            self.till.changed()

    def leave(self, looker: Looker) -> None:
        self.lookers.remove(looker)
        if self.holder is looker:
            self.holder = None
            self.till.changed()

    def claim(self, looker: Looker) -> None:
        """Raises NeedsPerson USR-401 for a page nobody is signed in on."""
        self._allowed(self._signed_in(looker))
        if self.holder is not looker:
            self.holder = looker
            self.till.changed()

    def need_lease(self, looker: Looker) -> None:
        """Raises NeedsPerson SAL-232."""
        if self.holder is None:
            self.holder = looker
        if self.holder is not looker:
            raise NeedsPerson("SAL-232", holder=self.holder.label)

    def acting(self, looker: Looker) -> OperatorAtTill:
        """Whose act it is: the person whom a badge has put at the till, else who signed in on the page.

        Raises NeedsPerson USR-401 while nobody is signed in, or when head office has taken the person away.
        """
        at_till = self.till.state.operator if self.holder is looker else None
        person = self._signed_in(looker)
        return self._allowed(person and (at_till or person))

    def _signed_in(self, looker: Looker) -> OperatorAtTill | None:
        """Asked anew each time: a session may have ended, or been handed over, on another line."""
        session = self.sessions.reread(looker.token_hash)
        looker.operator = session.operator if session is not None else None
        return looker.operator

    def _allowed(self, person: OperatorAtTill | None) -> OperatorAtTill:
        allowed = self.sessions.now_allowed(person) if person is not None else None
        if allowed is None:
            raise NeedsPerson("USR-401")
        return allowed

    # -- what is seen -------------------------------------------------------------------------------------------------

    def view(self, looker: Looker, texts: Texts) -> tuple[int, dict[str, Any]]:
        """The newest view for this page. Made once for each language, however many look."""
        rev, shown = self._views.get(texts.language, (0, {}))
        if rev != self.till.rev:
            rev, shown = self.till.rev, self.view_maker.make(texts, self.link(), self.printer())
            self._views[texts.language] = (rev, shown)
        holder = self.holder.label if self.holder else None
        return rev, {**shown, "lease": {"mine": self.holder is looker, "holder": holder}}

    # -- the till's own scanners --------------------------------------------------------------------------------------

    async def take_scan(self, event: ScannerEvent) -> None:
        """Whatever a scanner of this till delivers; nothing it brings stops the next scan."""
        if not isinstance(event, Scan):
            parameters = dict(event.parameters)
            self._show(LastScan(uuid7(), ScanKind.LOOK, code=event.code, parameters=parameters))
            return
        person = self.till.state.operator
        allowed = self.sessions.now_allowed(person) if person is not None else None
        if allowed is None:
            await self._badge_at_a_locked_till(event)
            return
        if self._approves(event.scan_id, event.text) is not None:
            return
        before = self.till.state.operator
        answer = await self.till.perform(
            "scan", event.scan_id, {"raw": event.full_text, "source": event.device_id}, allowed, device=event.device_id
        )
        self._show_refusal(event, answer)
        await self._follow_badge(before)

    def _approves(self, op_id: UUID, code: str) -> Answer | None:
        """While an act waits for a second person, a badge is that person's and moves nobody away from the till."""
        waiting = self.till.approvals.newest
        badge = self.till.resolver.badge(code) if waiting is not None and waiting.approver is None else None
        person = badge and self.sessions.now_allowed(OperatorAtTill(badge.id, badge.name, badge.rights))
        if waiting is None or not person:
            return None
        try:
            self.approve(waiting.request_id, person)
        except TradepostError as error:
            self._show(LastScan(op_id, ScanKind.REFUSED, person.name, code=error.code, parameters=error.parameters))
            return self.refusal(error)
        self._show(LastScan(op_id, ScanKind.LOOK, person.name))
        return Answer(ok=True, rev=self.till.rev, result={"approved": str(waiting.request_id)})

    def approve(self, request_id: UUID, person: OperatorAtTill) -> None:
        """This person lets that act happen once. Raises PermanentError USR-420, NeedsPerson USR-403."""
        self.till.approvals.approve(request_id, person)
        self.till.changed()

    async def _badge_at_a_locked_till(self, event: Scan) -> None:
        """Nobody is signed in: only a badge does something, and only where a page is waiting for it."""
        operator = self.till.resolver.badge(event.text)
        if operator is None or self.holder is None:
            self._show(LastScan(event.scan_id, ScanKind.REFUSED, code="USR-401"))
            return
        person = OperatorAtTill(operator.id, operator.name, operator.rights)
        await self.till.perform("claim", event.scan_id, {}, person, device=event.device_id)
        await self._follow_badge(None)

    def _show_refusal(self, event: Scan, answer: Answer) -> None:
        """A scan that was refused before it was resolved still says so on the screen."""
        error = answer.error
        shown = self.till.last_scan
        if error is not None and (shown is None or shown.id != event.scan_id):
            refused = LastScan(
                event.scan_id, ScanKind.REFUSED, code=error.code, parameters=error.parameters, raw=event.full_text
            )
            self._show(refused)

    def _show(self, scan: LastScan) -> None:
        self.till.last_scan = scan
        self.till.changed()

    async def _follow_badge(self, before: OperatorAtTill | None) -> None:
        """Who took the till over by badge has the page, too."""
        now, holder = self.till.state.operator, self.holder
        if holder is not None and now is not None and now != before and now != holder.operator:
            holder.operator = now
            await self.sessions.hand_over(holder.token_hash, now)
            self.till.changed()

    async def perform(self, looker: Looker, name: str, op_id: UUID, given: dict[str, Any]) -> Answer:
        if name == "lock" and self.holder is not looker:
            await self.sessions.hand_over(looker.token_hash, None)
            return Answer(ok=True, rev=self.till.rev, result={})
        before = self.till.state.operator
        # Claiming puts the page's own person at the till, whoever was there before.
        person = self._allowed(self._signed_in(looker)) if name == "claim" else self.acting(looker)
        approved = self._approves(op_id, str(given.get("raw"))) if name == "scan" else None
        if approved is not None:
            return approved
        answer = await self.till.perform(name, op_id, given, person)
        if name == "scan":
            await self._follow_badge(before)
        elif name == "lock" and answer.ok:
            looker.operator = None
            await self.sessions.hand_over(looker.token_hash, None)
        return answer

    def refusal(self, error: TradepostError) -> Answer:
        return Answer(ok=False, rev=self.till.rev, error=error)

    def unknown(self, name: str) -> Answer:
        return self.refusal(PermanentError("SAL-402", operation=name[:40]))
