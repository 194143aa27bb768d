"""The ISL wire as a device sees it: NAK, SYN, the repeated SEQ, and everything that can happen to a reply.

What commands mean lives in the family modules. The rule that never breaks: a frame with the SEQ of the last accepted
one executes nothing and gets the last reply again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.protocols.datecs_isl import NEED_DATA, Connection, Damaged, FrameFormat, Reply, Request
from simulators._register.faults import Faults
from simulators.serving import Link

__all__ = ["Answer", "IslDevice"]

_NAK = b"\x15"
_SYN = b"\x16"
_SYN_INTERVAL_S = 0.060
"""A busy device sends SYN about every 60 ms (protocol note, 3.3)."""
_SYN_STORM = 250
_SALE = 0x31
_DIED = 70
"""Exit status of a simulated power cut."""


@dataclass(frozen=True)
class Answer:
    """DATA and STATUS of the reply, and how long the mechanics take."""

    data: bytes
    status: bytes
    work_s: float


@dataclass
class IslDevice:
    """`execute` does one command; `receipt_lines` tells how many lines stand in the open receipt."""

    format: FrameFormat
    execute: Callable[[int, bytes], Answer]
    receipt_lines: Callable[[], int]
    end_paper: Callable[[], None]
    faults: Faults
    drop_reply_every: int
    slow_s: float
    syn_interval_s: float = _SYN_INTERVAL_S
    _last_seq: int | None = field(init=False, default=None)
    _last_reply: bytes = field(init=False, default=b"")
    _muted: bool = field(init=False, default=False)
    _frames_seen: int = field(init=False, default=0)
    _executed: int = field(init=False, default=0)

    async def serve(self, link: Link) -> None:
        connection = Connection(self.format)
        while data := await link.read():
            connection.feed(data)
            while (event := connection.next_event()) is not NEED_DATA:
                if isinstance(event, Request):
                    await self._accept(link, connection, event)
                elif isinstance(event, Damaged) and not event.is_cut_short:
                    await self._reject(link)

    async def _reject(self, link: Link) -> None:
        self.faults.refresh()
        if not self.faults.on("silent"):
            await link.write(b"\x00" if self.faults.on("wrong-baud") else _NAK)

    async def _accept(self, link: Link, connection: Connection, request: Request) -> None:
        faults = self.faults
        faults.refresh()
        self._frames_seen += 1
        if faults.on("silent"):
            return
        if faults.on("wrong-baud"):
            await link.write(b"\x00")
            return
        if self._frames_seen == 1 and faults.on("drop-first-frame"):
            return
        if request.seq == self._last_seq:
            if not self._muted:
                await link.write(self._last_reply)
            return
        if faults.strikes("nak-storm", request.command):
            await link.write(_NAK)
            return
        reply = await self._work(link, request)
        self._last_seq, self._last_reply = request.seq, connection.send(reply)
        await self._answer(link, request.command)

    async def _work(self, link: Link, request: Request) -> Reply:
        faults, command = self.faults, request.command
        if faults.strikes("die-before-close", command):
            os._exit(_DIED)
        if faults.are_placed and faults.strikes("paper-out-mid-receipt", command):
            self.end_paper()
        answer = self.execute(command, request.data)
        self._executed += 1
        if faults.strikes("die-after-close", command):
            os._exit(_DIED)
        second_line = command == _SALE and self.receipt_lines() == 2
        if second_line and faults.strikes("die-mid-receipt", command):
            os._exit(_DIED)
        await self._be_busy(link, answer.work_s + (self.slow_s if faults.on("slow") else 0))
        if faults.strikes("syn-storm", command):
            for _ in range(_SYN_STORM):
                await link.write(_SYN)
                await asyncio.sleep(self.syn_interval_s)
        return Reply(request.seq, command, answer.data, answer.status, self.format)

    async def _be_busy(self, link: Link, seconds: float) -> None:
        if seconds > self.syn_interval_s:
            # The first one early: a host may count on hearing something within 60 ms (note, 3.4).
            pause = self.syn_interval_s / 2
            while seconds > pause:
                await asyncio.sleep(pause)
                await link.write(_SYN)
                seconds, pause = seconds - pause, self.syn_interval_s
        if seconds > 0:
            await asyncio.sleep(seconds)

    async def _answer(self, link: Link, command: int) -> None:
        faults, reply = self.faults, self._last_reply
        self._muted = faults.strikes("lost-answer", command)
        if self._muted:
            return
        if self._executed % self.drop_reply_every == 0 and faults.strikes("drop-reply", command):
            return
        if faults.strikes("garble-reply", command):
            middle = len(reply) // 2
            reply = reply[:middle] + bytes([reply[middle] ^ 0x41]) + reply[middle + 1 :]
        await link.write(reply)
