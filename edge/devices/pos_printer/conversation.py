"""One open line to an ESC/POS printer: asks and gets answers, while a task of its own reads what arrives.

Knows nothing of documents. What never breaks: an answer that was not waited for stays until it is taken, so a late
"printed up to here" is never mistaken for the next one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Literal, TypeVar

from edge.protocols import escpos
from edge.protocols.escpos import (
    Answer,
    AnswerReader,
    AutoStatus,
    BufferedReply,
    FlowControl,
    IdentityReply,
    MarkerReply,
    RealTimeReply,
)
from edge.transports.contract import Transport
from shared.errors import TransientError

__all__ = ["Conversation"]

Kind = TypeVar("Kind", RealTimeReply, BufferedReply, MarkerReply, IdentityReply)

_KEPT_ANSWERS: Final = 64
"""Of one kind; a printer that sends more unasked is babbling, the oldest go."""


class Conversation:
    """Between `open` and `close` of one transport. Raises TransientError DEV-301 once the line is gone."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._reader = AnswerReader()
        self._answers: dict[type[Answer], deque[Answer]] = {}
        self._news = asyncio.Event()
        self._lost: TransientError | None = None
        self._listening: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        return self._listening is not None and self._lost is None

    @property
    def garbage(self) -> int:
        """Bytes that belonged to no answer."""
        return self._reader.garbage

    async def open(self) -> None:
        await self.close()
        self._reader = AnswerReader()
        self._answers.clear()
        self._lost = None
        await self._transport.open()
        await self._transport.discard_input()
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Whoever still waits for an answer hears that the line is gone."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.wait({listening})
            self._lose(TransientError("DEV-301", address=self._transport.address, reason="closed"))
        await self._transport.close()

    async def write(self, data: bytes, timeout_s: float) -> None:
        """Raises TimeoutError when the printer does not take the bytes: some of them may have gone."""
        if self._lost is not None:
            raise self._lost
        async with asyncio.timeout(timeout_s):
            await self._transport.write(data)

    async def status(self, n: Literal[1, 2, 3, 4], timeout_s: float) -> int:
        """Ask `10 04 n`. Raises TimeoutError without an answer.

        Answers that came unasked (a real-time command inside a picture) are dropped before asking.
        """
        self._answers.pop(RealTimeReply, None)
        await self.write(escpos.request_status(n), timeout_s)
        answer = await self.take(RealTimeReply, timeout_s)
        return answer.value

    async def identity(self, what: Literal["firmware", "maker", "model", "serial"], timeout_s: float) -> str:
        """Empty when the printer does not say."""
        await self.write(escpos.request_identity(what), timeout_s)
        try:
            answer = await self.take(IdentityReply, timeout_s)
        except TimeoutError:
            return ""
        return answer.text.decode("ascii", "replace").strip()

    async def take(self, kind: type[Kind], timeout_s: float) -> Kind:
        """The next answer of this kind, already here or still to come. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while True:
                waiting = self._answers.get(kind)
                if waiting:
                    answer = waiting.popleft()
                    assert isinstance(answer, kind)
                    return answer
                if self._lost is not None:
                    raise self._lost
                self._news.clear()
                await self._news.wait()

    def forget(self, kind: type[Answer]) -> None:
        """Drop answers of this kind that are here."""
        self._answers.pop(kind, None)

    async def _listen(self) -> None:
        try:
            while True:
                self._reader.feed(await self._transport.read())
                while (answer := self._reader.next_answer()) is not None:
                    if not isinstance(answer, FlowControl | AutoStatus):
                        self._answers.setdefault(type(answer), deque(maxlen=_KEPT_ANSWERS)).append(answer)
                self._news.set()
        except TransientError as error:
            self._lose(error)

    def _lose(self, error: TransientError) -> None:
        self._lost = self._lost or error
        self._news.set()
