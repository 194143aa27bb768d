"""Questions and acts: one command, its answer, and what it means when the answer is a refusal or missing.

The rule that never breaks: an act that may have been executed and was not answered raises OutcomeUnknown.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from edge.devices.fiscal_printer import codes
from edge.devices.fiscal_printer.datecs_isl.session import NoAnswer, Session, Timing
from edge.devices.fiscal_printer.datecs_isl.values import minor
from edge.devices.fiscal_printer.datecs_isl.verdicts import explained_by
from edge.devices.fiscal_printer.profiles import RegisterProfile
from edge.protocols.datecs_isl import CODE_PAGE, Dialect, FrameFormat, Reply, Status, StatusFlag, decode_status
from edge.transports.contract import Transport
from shared.errors import OutcomeUnknown, PermanentError, TradepostError, TransientError

__all__ = ["DOCUMENT_FLAGS", "STATUS", "UNEXPLAINED", "Answer", "Conversation", "already_done", "unknown"]

STATUS = 0x4A
DOCUMENT_FLAGS = frozenset({StatusFlag.FISCAL_OPEN, StatusFlag.NON_FISCAL_OPEN})
UNEXPLAINED = frozenset({codes.NOT_ALLOWED_NOW, codes.REFUSED})
"""Codes of a refusal for which the status names no reason."""
_WRONG_SPEED = 0x00
"""A byte of this value among the noise usually means another line speed (note, section 10)."""


@dataclass(frozen=True)
class Answer:
    """A reply with its status read. `fields` are the data split at the dialect's separator.

    Reading a field that is not there, or is no number, raises PermanentError FIS-406.
    """

    command: int
    fields: Sequence[str]
    status: Status
    refused: bool
    decimals: int
    """Of the amounts on the wire."""

    def text(self, at: int) -> str:
        if at >= len(self.fields):
            raise self.not_understood()
        return self.fields[at]

    def number(self, at: int) -> int:
        try:
            return int(self.text(at))
        except ValueError as error:
            raise self.not_understood() from error

    def minor(self, at: int) -> int:
        """An amount, as whole minor units or with a decimal point."""
        try:
            return minor(self.text(at), self.decimals)
        except ValueError as error:
            raise self.not_understood() from error

    def not_understood(self) -> PermanentError:
        answer = ",".join(self.fields)
        return PermanentError(codes.ANSWER_NOT_UNDERSTOOD, command=f"{self.command:02X}", answer=answer)


class Conversation(ABC):
    """What both frame formats need to talk at all."""

    format: ClassVar[FrameFormat]

    def __init__(self, transport: Transport, profile: RegisterProfile, timing: Timing) -> None:
        self._transport = transport
        self._profile = profile
        self._dialect = Dialect(profile.dialect)
        self._timing = timing
        self._session: Session | None = None

    async def _begin(self) -> None:
        """Open the port and find out whether a register answers."""
        await self._transport.open()
        await self._transport.discard_input()
        self._session = Session(self._transport, self.format, self._timing)
        # Some USB models drop the first frame after opening (note, section 10), and the random SEQ may be the last
        # one of an earlier session: this answer is not looked at.
        with contextlib.suppress(NoAnswer):
            await self._session.exchange(STATUS, sends=1)
        await self._ask(STATUS)

    async def _end(self) -> None:
        self._session = None
        await self._transport.close()

    async def _ask(self, command: int, data: str = "") -> Answer:
        """A question: changes nothing, so a missing answer is only TransientError FIS-301 or FIS-302."""
        try:
            answer = await self._exchange(command, data)
        except NoAnswer as missing:
            raise self._not_reached(missing) from missing
        if answer.refused:
            raise await self._error(command, answer)
        return answer

    async def _act(self, command: int, data: str = "", *, slow: bool = False) -> Answer:
        """A command that prints or moves money; raises why it was refused."""
        answer = await self._send(command, data, slow=slow)
        if answer.refused:
            raise await self._error(command, answer)
        return answer

    async def _act_when_idle(self, command: int, data: str = "", *, slow: bool = False) -> Answer:
        """Like `_act`, for what no open document allows: then the refusal is PermanentError FIS-411."""
        answer = await self._send(command, data, slow=slow)
        if not answer.refused:
            return answer
        error = await self._error(command, answer)
        if error.code in UNEXPLAINED and answer.status.flags & DOCUMENT_FLAGS:
            raise PermanentError(codes.DOCUMENT_OPEN, maker_code=error.maker_code)
        raise error

    async def _send(self, command: int, data: str = "", *, slow: bool = False) -> Answer:
        """Like `_act`, but hands out a refusal instead of raising it."""
        try:
            return await self._exchange(command, data, slow=slow)
        except NoAnswer as missing:
            error = self._not_reached(missing)
            raise (unknown(error.code) if missing.may_have_executed else error) from missing

    async def _exchange(self, command: int, data: str, *, slow: bool = False) -> Answer:
        if self._session is None:
            raise TransientError(codes.NO_ANSWER, address=self._transport.address)
        reply = await self._session.exchange(command, data.encode(CODE_PAGE), slow=slow)
        return self._read_answer(reply, decode_status(reply.status, self._dialect))

    @property
    def _decimals(self) -> int:
        return self._profile.limits.amount_decimals

    def _not_reached(self, missing: NoAnswer) -> TransientError:
        if _WRONG_SPEED in missing.noise:
            noise = missing.noise.hex(" ")
            return TransientError(codes.ANSWER_IS_NOISE, address=self._transport.address, noise=noise)
        return TransientError(codes.NO_ANSWER, address=self._transport.address)

    async def _error(self, command: int, answer: Answer) -> TradepostError:
        return explained_by(answer.status, command, await self._makers_words(answer))

    @abstractmethod
    def _read_answer(self, reply: Reply, status: Status) -> Answer: ...

    @abstractmethod
    async def _makers_words(self, answer: Answer) -> str | None:
        """The register's own name of the refusal. Never raises: the refusal itself is what counts."""


@contextlib.contextmanager
def already_done() -> Iterator[None]:
    """The register has acted: whatever is wrong with its answer, the outcome is unknown."""
    try:
        yield
    except PermanentError as error:
        raise unknown(error.code) from error


def unknown(cause: str) -> OutcomeUnknown:
    return OutcomeUnknown(codes.OUTCOME_UNKNOWN, cause=cause)
