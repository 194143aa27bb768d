"""Driver of ESC/POS receipt printers: status first, then the document once, then "printed up to here".

The rule that must never break: from the first byte of a document to the printer's word that it was processed, every
failure is OutcomeUnknown PRN-502, and nothing is sent again. ESC/POS has no receipt number to ask for.
Source: notes 05, section 6 (double-print risk, job rule).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final, TypeVar

from edge.devices.pos_printer import codes
from edge.devices.pos_printer.contract import (
    OnWait,
    PrinterCondition,
    PrinterIdentity,
    PrinterLimits,
    PrinterState,
    PrintResult,
)
from edge.devices.pos_printer.conversation import Conversation
from edge.devices.pos_printer.profiles import DrawerConnector, POSPrinterProfile
from edge.devices.pos_printer.rendering import Job, Renderer
from edge.protocols import escpos
from edge.protocols.escpos import BufferedReply, MarkerReply
from edge.receipts import Document
from edge.transports.contract import Transport
from shared.errors import NeedsPerson, OutcomeUnknown, TradepostError, TransientError

__all__ = ["EscPosPrinter", "Timings"]

T = TypeVar("T")

_REFUSALS: Final[tuple[tuple[PrinterCondition, type[TradepostError], str], ...]] = (
    (PrinterCondition.COVER_OPEN, NeedsPerson, codes.COVER_OPEN),
    (PrinterCondition.PAPER_OUT, NeedsPerson, codes.PAPER_OUT),
    (PrinterCondition.CUTTER_JAM, NeedsPerson, codes.CUTTER_JAM),
    (PrinterCondition.FAILED, NeedsPerson, codes.FAILED),
    (PrinterCondition.OVERHEATED, TransientError, codes.OVERHEATED),
    (PrinterCondition.BUSY, TransientError, codes.BUSY),
)
"""What to say when several hold: an open cover first, it hides the paper sensor on some models."""


@dataclass(frozen=True)
class Timings:
    """answer_s: a printer answers a real-time question within milliseconds, over a slow adapter within one second.
    stall_s: how long it may refuse bytes or answers while it prints before the link counts as dead.
    poll_s: how often it is asked while we wait. settle_s: beyond the time that printing itself takes.
    patience_s: how long a person may take to put in paper before the outcome is called unknown.
    quiet_s: answers to older questions come together; after this silence none is on its way."""

    answer_s: float = 2.0
    stall_s: float = 15.0
    poll_s: float = 0.5
    settle_s: float = 10.0
    patience_s: float = 300.0
    quiet_s: float = 0.3


_AT_ONCE: Final = Timings(patience_s=0.0, stall_s=0.0)


class EscPosPrinter:
    """One printer behind one transport. Documents take turns; status and drawer may come in between."""

    def __init__(
        self,
        transport: Transport,
        profile: POSPrinterProfile,
        *,
        timings: Timings | None = None,
        renderer: Renderer | None = None,
    ) -> None:
        self._transport = transport
        self._profile = profile
        self._timings = timings or Timings()
        self._renderer = renderer or Renderer(profile)
        self._line = Conversation(transport)
        self._turn = asyncio.Lock()
        """Held for a whole document."""
        self._wire = asyncio.Lock()
        """Held for one question and its answer, or one window of bytes."""
        self._in_doubt = True
        """The printer may stand in the middle of a command of ours: a start, or a failure on the way."""
        self._is_torn = False
        """Part of a document may hang out of the printer."""
        self._is_sending = False
        self._marks = 0

    @property
    def limits(self) -> PrinterLimits:
        return PrinterLimits(self._profile.width_dots, self._profile.columns)

    @property
    def profile(self) -> POSPrinterProfile:
        return self._profile

    async def connect(self) -> PrinterIdentity:
        async with self._turn:
            await self._line.close()
            await self._asked(self._ask_state)
            return await self._asked(self._ask_identity)

    async def disconnect(self) -> None:
        async with self._turn:
            await self._line.close()

    async def state(self) -> PrinterState:
        return await self._asked(self._ask_state)

    async def print(self, document: Document, *, on_wait: OnWait | None = None) -> PrintResult:
        async with self._turn:
            job = await asyncio.to_thread(self._renderer.render, document)
            await self._get_ready()
            watch = _Watch(self._timings, on_wait)
            await self._sent_once(codes.OUTCOME_UNKNOWN, lambda: self._send(job, watch))
            return PrintResult(frozenset(watch.seen), job.drawn_lines, job.unknown_letters)

    async def kick(self, connector: DrawerConnector, unknown_code: str) -> None:
        """One pulse on the drawer's connector; used by the drawer's driver.

        In real time it works out of paper and while a document waits. Else the printer must be ready and processes
        it after what it holds. Raises OutcomeUnknown with `unknown_code` when the pulse went out and no word came.
        """
        if connector.in_real_time:
            await self.state()
            pulse = escpos.realtime_pulse(connector.pin, connector.on_ms)
            await self._sent_once(unknown_code, lambda: self._pulse_now(pulse))
            return
        async with self._turn:
            await self._get_ready()
            on, off = connector.on_ms // 2, connector.off_ms // 2
            pulse = bytes((0x1B, 0x70, 0 if connector.pin == 2 else 1, on, off))
            await self._sent_once(unknown_code, lambda: self._pulse_in_order(pulse))

    # --- before anything is sent ---------------------------------------------------------------------------------

    async def _asked(self, question: Callable[[], Awaitable[T]]) -> T:
        """Ask on an open line. Raises TransientError PRN-301 without an answer."""
        async with self._wire:
            try:
                if not self._line.is_open:
                    await self._open()
                return await question()
            except TimeoutError as error:
                await self._give_up()
                raise TransientError(codes.NO_ANSWER, address=self._transport.address) from error
            except TransientError:
                await self._give_up()
                raise

    async def _open(self) -> None:
        if self._is_sending:
            raise TransientError(codes.NO_ANSWER, address=self._transport.address)
        await self._line.open()

    async def _give_up(self) -> None:
        """Close the line, unless a document is on its way over it: that one decides for itself."""
        if not self._is_sending:
            await self._line.close()

    async def _ask_state(self) -> PrinterState:
        printer = escpos.decode_printer(await self._line.status(1, self._timings.answer_s))
        conditions = await self._conditions(is_offline=printer.is_offline)
        paper = escpos.decode_paper(await self._line.status(4, self._timings.answer_s))
        if paper.near_end and not paper.end:
            conditions |= {PrinterCondition.PAPER_NEAR_END}
        return PrinterState(conditions, printer.drawer_pin_high)

    async def _conditions(self, *, is_offline: bool) -> frozenset[PrinterCondition]:
        """What keeps the printer from printing; nothing while it is on-line."""
        if not is_offline:
            return frozenset()
        cause = escpos.decode_offline_cause(await self._line.status(2, self._timings.answer_s))
        found = set()
        if cause.cover_open:
            found.add(PrinterCondition.COVER_OPEN)
        if cause.paper_end:
            found.add(PrinterCondition.PAPER_OUT)
        if cause.error:
            error = escpos.decode_error_cause(await self._line.status(3, self._timings.answer_s))
            hot_only = error.auto_recoverable and not (error.cutter or error.unrecoverable)
            kind = PrinterCondition.CUTTER_JAM if error.cutter else PrinterCondition.FAILED
            found.add(PrinterCondition.OVERHEATED if hot_only else kind)
        return frozenset(found or {PrinterCondition.BUSY})

    async def _ask_identity(self) -> PrinterIdentity:
        seconds = self._timings.answer_s
        maker = await self._line.identity("maker", seconds)
        if not maker:  # clones without identification answer none of the four
            return PrinterIdentity("", "", "", "")
        return PrinterIdentity(
            maker,
            await self._line.identity("model", seconds),
            await self._line.identity("firmware", seconds),
            await self._line.identity("serial", seconds),
        )

    async def _get_ready(self) -> None:
        """Raises when the printer cannot print now; nothing has been sent then."""
        self._refuse((await self.state()).conditions)
        if self._in_doubt:
            await self._resynchronise()

    def _refuse(self, conditions: Collection[PrinterCondition]) -> None:
        for condition, refusal, code in _REFUSALS:
            if condition in conditions:
                raise refusal(code, address=self._transport.address)

    async def _resynchronise(self) -> None:
        """Bring the printer to the beginning of a command, and older answers out of the way.

        Padding completes whatever command was cut: NUL is white in a picture, ends a code, and is nothing in text.
        """
        profile = self._profile
        restart = bytes(profile.window_bytes) + b"\x1b@"
        if self._is_torn and profile.cut != "none":
            restart += b"\x1bd" + bytes((profile.feed_lines_before_cut,)) + b"\x1dV\x01"
        try:
            self._is_torn = False
            async with self._wire:
                await self._line.write(restart, self._timings.stall_s)
            await self._settle(0, _Watch(_AT_ONCE, self._refuse))
        except (TimeoutError, _SilentError) as error:
            await self._line.close()
            raise TransientError(codes.NO_ANSWER, address=self._transport.address) from error
        with contextlib.suppress(TimeoutError):
            while True:
                await self._line.take(BufferedReply, self._timings.quiet_s)
        self._in_doubt = False

    # --- from the first byte on ----------------------------------------------------------------------------------

    async def _sent_once(self, code: str, sending: Callable[[], Awaitable[None]]) -> None:
        """Every failure, and a cancellation, leaves the outcome unknown and the line closed."""
        try:
            await sending()
        except (TimeoutError, TransientError, _SilentError, _NobodyCameError) as error:
            self._in_doubt = True
            await self._line.close()
            raise OutcomeUnknown(code, address=self._transport.address, reason=_reason(error)) from error
        except asyncio.CancelledError:
            self._in_doubt = True
            raise

    async def _send(self, job: Job, watch: _Watch) -> None:
        self._in_doubt = self._is_torn = self._is_sending = True
        try:
            for window in job.windows:
                await self._send_window(window, watch)
            await self._settle(job.length_dots, watch)
        finally:
            self._is_sending = False
        self._in_doubt = self._is_torn = False

    async def _send_window(self, window: bytes, watch: _Watch) -> None:
        """Send it, and return when the printer is on-line: the next one then finds room."""
        async with self._wire:
            await self._line.write(window, self._timings.stall_s)
        while True:
            if await self._is_free(watch, self._timings.stall_s):
                return
            await asyncio.sleep(self._timings.poll_s)

    async def _pulse_now(self, pulse: bytes) -> None:
        async with self._wire:
            await self._line.write(pulse, self._timings.answer_s)
            await self._line.status(1, self._timings.answer_s)

    async def _pulse_in_order(self, pulse: bytes) -> None:
        async with self._wire:
            await self._line.write(pulse, self._timings.answer_s)
        await self._settle(0, _Watch(_AT_ONCE, None))

    async def _is_free(self, watch: _Watch, timeout_s: float) -> bool:
        """Whether the printer goes on printing. Raises _NobodyCameError when it has stood still too long."""
        async with self._wire:
            printer = escpos.decode_printer(await self._line.status(1, timeout_s))
            conditions = await self._conditions(is_offline=printer.is_offline)
        watch.note(conditions)
        return not conditions

    async def _settle(self, length_dots: int, watch: _Watch) -> None:
        """Wait for the printer's word that everything was processed. Raises _SilentError when it does not come."""
        loop = asyncio.get_running_loop()
        allowed_s = length_dots / self._profile.speed_dots_s + self._timings.settle_s
        async with self._wire:
            arrived = await self._ask_barrier()
        deadline = loop.time() + allowed_s
        while not await arrived(self._timings.poll_s):
            try:
                if not await self._is_free(watch, self._timings.answer_s):
                    deadline = loop.time() + allowed_s
            except TimeoutError:
                pass  # a busy printer may answer late; the deadline decides
            if loop.time() > deadline:
                raise _SilentError

    async def _ask_barrier(self) -> Callable[[float], Awaitable[bool]]:
        """Send the mark; gives a function that waits for its answer for some seconds."""
        if self._profile.barrier == "paper-status":
            self._line.forget(BufferedReply)
            await self._line.write(escpos.REQUEST_PAPER, self._timings.stall_s)
            return self._paper_answer
        self._marks += 1
        token = f"{self._marks % 10_000:04d}".encode()
        await self._line.write(escpos.marker(token), self._timings.stall_s)
        return lambda seconds: self._marker_answer(token, seconds)

    async def _paper_answer(self, seconds: float) -> bool:
        try:
            await self._line.take(BufferedReply, seconds)
        except TimeoutError:
            return False
        return True

    async def _marker_answer(self, token: bytes, seconds: float) -> bool:
        try:
            while (await self._line.take(MarkerReply, seconds)).token != token:
                pass  # the mark of an older document that was settled late
        except TimeoutError:
            return False
        return True


class _SilentError(Exception):
    """The printer is on-line and does not say that it printed."""


class _NobodyCameError(Exception):
    """The printer stands still, and nobody ended the condition in time."""

    def __init__(self, condition: PrinterCondition) -> None:
        super().__init__(condition)
        self.condition = condition


def _reason(error: Exception) -> str:
    if isinstance(error, _NobodyCameError):
        return error.condition.value
    if isinstance(error, _SilentError):
        return "no_answer"
    return "stalled" if isinstance(error, TimeoutError) else "link_lost"


class _Watch:
    """What stopped a document on its way, and how long already."""

    def __init__(self, timings: Timings, on_wait: OnWait | None) -> None:
        self._timings = timings
        self._on_wait = on_wait
        self._now: frozenset[PrinterCondition] = frozenset()
        self._since = 0.0
        self.seen: set[PrinterCondition] = set()

    def note(self, conditions: frozenset[PrinterCondition]) -> None:
        """Raises _NobodyCameError when the printer has stood still longer than patience lasts."""
        now = asyncio.get_running_loop().time()
        if conditions != self._now:
            if not self._now:
                self._since = now
            self._now = conditions
            self.seen |= conditions
            if self._on_wait is not None:
                self._on_wait(conditions)
        is_inexplicable = conditions == {PrinterCondition.BUSY}
        patience_s = self._timings.stall_s if is_inexplicable else self._timings.patience_s
        if conditions and now - self._since >= patience_s:
            raise _NobodyCameError(min(conditions))
