"""One request in flight: sequence numbers, time-outs, resends, SYN and NAK. What commands mean lives in the driver.

The rule that never breaks: a command is sent again only as the same frame with the same SEQ, which the register answers
by repeating its last reply instead of executing it twice.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from enum import Enum

from edge.protocols.datecs_isl import (
    NEED_DATA,
    Connection,
    Damaged,
    FrameFormat,
    Nak,
    Noise,
    Reply,
    Request,
    Syn,
)
from edge.transports.contract import Transport
from shared.errors import TransientError

__all__ = ["NoAnswer", "Session", "Timing"]

_STRANGERS = 64
"""Events that are no answer (noise, echoes, stale replies) before an attempt counts as lost: a babbling line ends."""
_NOISE_KEPT = 16


@dataclass(frozen=True)
class Timing:
    """Patience with one command. Source: protocol note "ISL", 3.4."""

    read_timeout_s: float = 0.8
    """The register answers within 60 ms; field gateways found 500 ms too short for some USB bridges."""
    sends: int = 6
    syns: int = 200
    """About 12 s of a busy register."""
    slow_syns: int = 1100
    """Z reports may take 60 s and more."""


class NoAnswer(Exception):
    """No reply after every attempt, or the port has gone.

    may_have_executed is False only when the register cannot have accepted the frame: it answered NAK each time, or
    nothing could be written.
    """

    def __init__(self, *, may_have_executed: bool, noise: bytes) -> None:
        super().__init__("no answer")
        self.may_have_executed = may_have_executed
        self.noise = noise


class _Attempt(Enum):
    LOST = "lost"
    REFUSED = "nak"


class Session:
    """Lives from one opening of the port to the next. Starts at a random SEQ.

    A SEQ that by chance is the last one of an earlier session makes the register repeat an old reply: recognised by
    its command and ignored. Open with a harmless question, twice; then numbers are in step.
    """

    def __init__(self, transport: Transport, format: FrameFormat, timing: Timing) -> None:
        self._transport = transport
        self._format = format
        self._timing = timing
        self._connection = Connection(format)
        self._seq = random.choice(format.seq_range())
        self._noise = b""

    async def exchange(self, command: int, data: bytes = b"", *, slow: bool = False, sends: int | None = None) -> Reply:
        """The register's reply to one command. Raises NoAnswer; IllegalMessage when data do not fit a frame."""
        self._seq = self._format.next_seq(self._seq)
        request = Request(self._seq, command, data, self._format)
        frame = self._connection.send(request)
        self._noise = b""
        may_have_executed = False
        try:
            for _ in range(sends or self._timing.sends):
                await self._transport.write(frame)
                answer = await self._answer(request, self._timing.slow_syns if slow else self._timing.syns)
                if isinstance(answer, Reply):
                    return answer
                may_have_executed = may_have_executed or answer is _Attempt.LOST
        except _PortGone as gone:
            raise NoAnswer(may_have_executed=True, noise=self._noise) from gone.__cause__
        except TransientError as gone:
            raise NoAnswer(may_have_executed=may_have_executed, noise=self._noise) from gone
        raise NoAnswer(may_have_executed=may_have_executed, noise=self._noise)

    async def _answer(self, request: Request, syns: int) -> Reply | _Attempt:
        strangers = 0
        while strangers < _STRANGERS and syns:
            event = self._connection.next_event()
            if event is NEED_DATA:
                data = await self._read()
                if not data:
                    return _Attempt.LOST
                self._connection.feed(data)
            elif isinstance(event, Syn):
                syns -= 1
            elif isinstance(event, Nak):
                return _Attempt.REFUSED
            elif isinstance(event, Reply) and (event.seq, event.command) == (request.seq, request.command):
                return event
            else:
                strangers += 1
                if isinstance(event, Noise | Damaged):
                    self._noise = (self._noise + event.raw)[:_NOISE_KEPT]
        return _Attempt.LOST

    async def _read(self) -> bytes:
        """Empty when nothing came in time."""
        try:
            async with asyncio.timeout(self._timing.read_timeout_s):
                return await self._transport.read()
        except TimeoutError:
            return b""
        except TransientError as error:
            raise _PortGone from error


class _PortGone(Exception):
    """The port went away while an answer was due."""
