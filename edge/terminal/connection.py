"""One page's line: operations in, answers and views out.

Never breaks: an answer never overtakes the view in which it shows; a page that reads slowly gets the newest view, not
every one; a message that is not ours is refused by its code and the line stays.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from edge.checkout.operations import OPERATIONS
from edge.checkout.questions import QUESTIONS
from edge.checkout.texts import Texts
from edge.checkout.till import Answer
from edge.terminal.errors import error_body
from edge.terminal.room import Looker, Room
from shared.errors import PermanentError, TradepostError, TransientError
from shared.ids import uuid7

__all__ = ["SIGNED_OUT", "Connection"]

log = logging.getLogger(__name__)

SIGNED_OUT: Final = 4401
"""Close code: sign in again."""
MOST_UNANSWERED: Final = 500
"""Operations of one page under way; a page holds 50, a program may hurry. More is refused with SRV-303."""
NEEDS_NO_LEASE: Final = frozenset({"claim", "ping", "lock", "find_sale", "price_check", "quote_return"})


class Connection:
    def __init__(self, socket: WebSocket, room: Room, looker: Looker, texts: Texts) -> None:
        self._socket = socket
        self._room = room
        self._looker = looker
        self._texts = texts
        self._woken = asyncio.Event()
        self._answers: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent_rev = -1
        looker.wake = self._woken.set

    async def run(self) -> None:
        """From the first view to the end of the line."""
        self._room.enter(self._looker)
        sender = asyncio.create_task(self._send_all())
        try:
            await self._take_over()
            while True:
                self._heard(await self._socket.receive_text())
        except WebSocketDisconnect:
            pass
        except (KeyError, RuntimeError):
            # Starlette: a binary frame, or a line that closed while we were reading.
            log.debug("line of %s ended", self._looker.label)
        finally:
            self._room.leave(self._looker)
            sender.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await sender
            for task in self._tasks:
                # What was handed in is done; only its answer has nobody to go to.
                task.cancel()

    async def _take_over(self) -> None:
        """The till's page is this one now: what its scanners bring is this person's."""
        person = self._looker.operator
        if self._room.holder is self._looker and person is not None and person != self._room.till.state.operator:
            await self._room.perform(self._looker, "claim", uuid7(), {})

    # -- in -----------------------------------------------------------------------------------------------------------

    def _heard(self, text: str) -> None:
        """Hand in what was heard, at once and in order."""
        answer: Coroutine[Any, Any, Answer]
        re: str | None = None
        try:
            message = from_json(text)  # unlike json's own, it refuses half letters, which no answer could repeat
            if not isinstance(message, dict):
                raise PermanentError("SAL-401", field="-", what="not an object")
            re = str(message.get("id"))[:60]
            answer = self._begin(str(message.get("op")), message)
        except ValueError:
            answer = self._refused(PermanentError("SAL-401", field="-", what="not JSON"))
        except TradepostError as error:
            answer = self._refused(error)
        task = asyncio.create_task(self._answered(re, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _begin(self, name: str, message: dict[str, Any]) -> Coroutine[Any, Any, Answer]:
        if len(self._tasks) >= MOST_UNANSWERED:
            raise TransientError("SRV-303", most=MOST_UNANSWERED)
        try:
            op_id = UUID(message.get("id"))
        except (ValueError, TypeError, AttributeError) as error:
            raise PermanentError("SAL-401", field="id", what="not a UUID") from error
        if name == "claim":
            self._room.claim(self._looker)
        elif name not in NEEDS_NO_LEASE:
            self._room.need_lease(self._looker)
        arguments = {key: value for key, value in message.items() if key not in ("op", "id")}
        if name in QUESTIONS:
            return self._asked(name, arguments)
        if name in OPERATIONS:
            return self._room.perform(self._looker, name, op_id, arguments)
        raise PermanentError("SAL-402", operation=name[:40])

    async def _asked(self, name: str, arguments: dict[str, Any]) -> Answer:
        if name == "ping":
            return Answer(ok=True, rev=self._room.till.rev, result={})
        operator = self._room.acting(self._looker)
        result = await self._room.questions.ask(name, arguments, operator, self._texts)
        return Answer(ok=True, rev=self._room.till.rev, result=result)

    async def _refused(self, error: TradepostError) -> Answer:
        return self._room.refusal(error)

    async def _answered(self, re: str | None, begun: Coroutine[Any, Any, Answer]) -> None:
        try:
            answer = await begun
        except TradepostError as error:
            answer = self._room.refusal(error)
        except Exception:
            # The page must not wait for ever for our mistake; what was durable shows in the next view.
            log.exception("an operation failed in an unforeseen way")
            answer = self._room.refusal(PermanentError("SRV-490"))
        self._answers.append(json.dumps(self._shown(re, answer), ensure_ascii=False, separators=(",", ":")))
        self._woken.set()

    def _shown(self, re: str | None, answer: Answer) -> dict[str, Any]:
        shown: dict[str, Any] = {"re": re, "ok": answer.ok, "rev": answer.rev}
        if answer.result is not None:
            shown["result"] = self._texts.with_texts(dict(answer.result))
        if answer.error is not None:
            shown["error"] = error_body(answer.error, self._texts)
        return shown

    # -- out ----------------------------------------------------------------------------------------------------------

    async def _send_all(self) -> None:
        try:
            await self._send_while_open()
        except (WebSocketDisconnect, RuntimeError):
            log.debug("line of %s ended", self._looker.label)
        except Exception:
            # A view that cannot be made must not leave a page waiting: it asks again on a new line.
            log.exception("a view could not be made")
            await self._socket.close(1011)

    async def _send_while_open(self) -> None:
        """Views and answers, each view before the answers that it shows; many changes, one view."""
        while self._socket.application_state is WebSocketState.CONNECTED:
            self._woken.clear()
            answers, self._answers = self._answers, []
            if self._sent_rev != self._room.till.rev:
                rev, view = self._room.view(self._looker, self._texts)
                self._sent_rev = rev
                await self._socket.send_text(
                    json.dumps({"rev": rev, "state": view}, ensure_ascii=False, separators=(",", ":"))
                )
            for answer in answers:
                await self._socket.send_text(answer)
            await self._woken.wait()
