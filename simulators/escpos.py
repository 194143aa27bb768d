"""A receipt printer with a cash drawer that speaks ESC/POS: renders what it is sent from wire bytes alone.

This module is the device on the wire: receive buffer, conditions, faults, drawer, what happens when the host goes.
Commands, letters and dots live in `simulators._escpos`. Rule that never breaks: out of paper nothing is consumed,
real-time commands are answered, and nothing is lost or printed twice when paper returns.
Source: notes 05, sections 1 to 6.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Mapping
from typing import Final

from simulators._escpos.interpreter import Interpreter
from simulators._escpos.letters import LetterDecoder
from simulators._escpos.options import Control, Options
from simulators._escpos.output import Output, load_counters, save_counters
from simulators._escpos.paper import Paper
from simulators._escpos.receiver import Receiver
from simulators._escpos.status import Condition
from simulators._escpos.tokens import Kind, Token
from simulators.serving import Link, Settings

__all__ = ["FAULTS", "EscPosPrinter", "build"]

FAULTS: Mapping[str, str] = {
    "paper-out": "no paper: stops consuming, keeps answering real-time commands",
    "paper-near-end": "the roll is nearly used up; printing goes on",
    "cover-open": "the cover is open: stops consuming",
    "cutter-jam": "the blade is stuck: off-line with a cutter error",
    "silent": "answers nothing",
    "close-mid-job": "closes the connection after `fault_after` bytes; what had arrived is printed",
    "stuck-busy": "off-line without any cause, consumes nothing",
    "lost-line": "the line under construction is lost when the printer stops for paper, cover or blade",
    "garbage-before-status": "a byte of noise before every real-time answer",
    "wrong-codepage": "obeys no code page command: stays on page 0",
    "kanji-at-start": "starts in a double-byte mode: bytes from 80h pair up until FS .",
    "die-mid-job": "loses power after `fault_after` bytes: the process ends, its receive buffer is gone",
}

_NOISE: Final = b"\xff"
_LOOK_EVERY_S: Final = 0.02
"""How often the control file is looked at when nothing arrives: a test waits no longer than this."""
_READ_BYTES: Final = 65_536
"""Everything that has arrived: a host that hangs up without reading our answers resets what is still unread."""
_MOST_REPLIES: Final = 4096
"""Answers waiting for a host that does not read; the oldest go first, as in a full output buffer."""
_NEAR_END_DOTS: Final = 1_600
"""Twenty centimetres of paper: where the near-end sensor usually sits."""
_POWER_LOSS_STATUS: Final = 70
_KICK_MS: Final = 20
"""A shorter pulse does not move the drawer's solenoid."""
_IDENTITY_BYTES: Final = {1: b"\x20", 2: b"\x02", 3: b"\x01"}
"""GS I 1 to 3: model, type (with cutter), firmware."""


def build(settings: Settings) -> EscPosPrinter:
    return EscPosPrinter(settings)


class EscPosPrinter:
    """One printer. Its paper, buffer and drawer outlive a connection; `serve` lends it a wire."""

    def __init__(self, settings: Settings) -> None:
        self._options = Options.parse(settings.options)
        self._settings = settings
        self._control = Control(self._options.control)
        self._output = Output(settings.out)
        self._counters = load_counters(settings.state)
        if self._counters.roll_dots is None:
            self._counters.roll_dots = self._options.roll_dots
        self._faults = settings.faults
        self._drawer_open = False
        self._drawer_closes_at: float | None = None
        self._letters = LetterDecoder(self._options.pages, international=self._options.international)
        self._apply_faults()
        self._letters.reset()
        self._printer = Interpreter(
            self,
            self._options.width,
            self._letters,
            line_spacing=self._options.line_spacing,
            cr_feeds=self._options.cr_feeds,
        )
        self._receiver = Receiver(self._options.buffer, in_data=self._options.realtime_in_data)
        self._replies: deque[bytes] = deque(maxlen=_MOST_REPLIES)
        self._has_replies = asyncio.Event()
        self._has_room = asyncio.Event()
        self._auto_mask = 0
        self._told = self._condition()
        self._was_blocked = self._told.is_blocked
        self._consumed = 0
        self._closes_now = False
        self._is_linked = False
        self._receipt_of_link: int | None = None
        self._life: asyncio.Task[None] | None = None

    # --- wire ----------------------------------------------------------------------------------------------------

    async def serve(self, link: Link) -> None:
        """Live on this wire until the host hangs up; a job that was not cut off is then taken as finished."""
        if self._life is None:
            self._life = asyncio.create_task(self._live())
        self._replies.clear()
        self._auto_mask = 0
        self._receipt_of_link = None
        self._is_linked = True
        answering = asyncio.create_task(self._answer(link))
        try:
            await self._receive(link)
            await self._flush_replies(link)  # a host that only finished sending still listens
            self._end_job("hang-up")
        finally:
            self._is_linked = False
            answering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await answering

    async def _receive(self, link: Link) -> None:
        while not self._closes_now:
            while self._receiver.room <= 0:
                self._has_room.clear()
                await self._has_room.wait()
            data = await link.read(min(_READ_BYTES, self._receiver.room))
            if not data:
                return
            self._look_at_control()
            for token in self._receiver.put(data):
                self._carry_out_now(token)
            self._work()
        self._closes_now = False
        self._replies.clear()
        await link.close()

    async def _answer(self, link: Link) -> None:
        while True:
            await self._has_replies.wait()
            await self._flush_replies(link)
            self._has_replies.clear()

    async def _flush_replies(self, link: Link) -> None:
        while self._replies:
            await link.write(self._replies.popleft())

    async def _live(self) -> None:
        """Time passes also while nothing arrives: paper is put back, the drawer is closed, power is cut."""
        try:
            while True:
                await asyncio.sleep(_LOOK_EVERY_S)
                self._look_at_control()
                if self._drawer_closes_at is not None and _now() >= self._drawer_closes_at:
                    self._move_drawer(False)
                self._work()
                if not self._is_linked:
                    self._end_job("hang-up")
        finally:
            self._end_job("end")

    # --- work ----------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Consume the receive buffer as far as the printer's condition allows."""
        while True:
            condition = self._condition()
            self._tell_change(condition)
            if condition.is_blocked:
                for urgent in self._receiver.look_ahead():
                    self._carry_out_now(urgent)
                return
            token = self._receiver.next_token()
            if self._receiver.room > 0:
                self._has_room.set()
            if token is None:
                return
            if token.kind is Kind.REALTIME:
                self._carry_out_now(token)
                continue
            self._printer.run(token)
            if self._printer.paper.is_full:
                self._take_paper("full")
            self._count(token.length)

    def _carry_out_now(self, token: Token) -> None:
        """A real-time command, whatever the printer's condition."""
        n = token.args[0]
        if token.name == b"\x10\x04":
            noise = _NOISE if "garbage-before-status" in self._faults else b""
            answer = self._condition().realtime(n)
            self.reply(noise + answer if answer else b"")
        elif token.name == b"\x10\x14" and n == 1:
            self.pulse(5 if token.args[1] & 1 else 2, token.args[2] * 100)
        elif token.args == b"\x08\x01\x03\x14\x01\x06\x02\x08" or (token.name, n) == (b"\x10\x05", 2):
            self._receiver.clear_through(token.start + token.length)
            self._printer.drop_line()
            self._output.event("buffer-cleared")

    def _count(self, length: int) -> None:
        before, self._consumed = self._consumed, self._consumed + length
        if before < self._options.fault_after <= self._consumed:
            if "die-mid-job" in self._faults:
                self._take_paper("power-loss")
                os._exit(_POWER_LOSS_STATUS)
            self._closes_now = self._closes_now or "close-mid-job" in self._faults

    def _condition(self) -> Condition:
        faults, roll = self._faults, self._counters.roll_dots
        is_high = self._drawer_open == self._options.drawer_open_is_high
        return Condition(
            paper_out="paper-out" in faults or (roll is not None and roll <= 0),
            paper_near_end="paper-near-end" in faults or (roll is not None and roll <= _NEAR_END_DOTS),
            cover_open="cover-open" in faults,
            cutter_jam="cutter-jam" in faults,
            is_stuck="stuck-busy" in faults,
            drawer_pin_high=self._options.has_drawer and is_high,
        )

    def _tell_change(self, condition: Condition) -> None:
        if condition.is_blocked and not self._was_blocked and "lost-line" in self._faults:
            self._printer.drop_line()
        if condition.is_blocked != self._was_blocked:
            self._output.event("off-line" if condition.is_blocked else "on-line")
        self._was_blocked = condition.is_blocked
        if condition != self._told:
            watched = zip(self._told.auto_groups(), condition.auto_groups(), strict=True)
            changed = [before != now for before, now in watched]
            self._told = condition
            if any(is_new and self._auto_mask & 1 << bit for bit, is_new in enumerate(changed)):
                self.reply(condition.auto())

    def _look_at_control(self) -> None:
        changes = self._control.changes()
        if changes is None:
            return
        if "faults" in changes:
            self._faults = frozenset(changes["faults"]) & set(FAULTS)
            self._apply_faults()
        if "roll_dots" in changes:
            self._counters.roll_dots = changes["roll_dots"]
        if "drawer_open" in changes:
            self._move_drawer(bool(changes["drawer_open"]))

    def _apply_faults(self) -> None:
        self._letters.ignores_pages = "wrong-codepage" in self._faults
        self._letters.kanji_at_start = "kanji-at-start" in self._faults

    # --- paper and drawer ----------------------------------------------------------------------------------------

    def _end_job(self, why: str) -> None:
        """What hangs out of the printer is taken; a buffer that waits for paper is left alone."""
        if not self._receiver.is_empty and why == "hang-up":
            return
        self._printer.finish()
        if self._printer.paper.is_receipt:
            self._take_paper(why)
        save_counters(self._settings.state, self._counters)

    def _take_paper(self, why: str) -> None:
        paper, self._printer.paper = self._printer.paper, Paper(self._options.width)
        self._counters.receipts += 1
        self._receipt_of_link = self._counters.receipts
        save_counters(self._settings.state, self._counters)  # before the paper is seen: no number comes twice
        self._output.receipt(self._counters.receipts, paper, why)
        self._output.event("receipt", receipt=self._counters.receipts, ended_by=why)

    def _move_drawer(self, is_open: bool) -> None:
        self._drawer_closes_at = None
        closes_s = self._options.drawer_closes_s
        if is_open and closes_s is not None:
            self._drawer_closes_at = _now() + closes_s
        if is_open != self._drawer_open:
            self._drawer_open = is_open
            self._output.event("drawer-open" if is_open else "drawer-closed")

    # --- what commands may ask (Host) ----------------------------------------------------------------------------

    def reply(self, data: bytes) -> None:
        if data and "silent" not in self._faults:
            self._replies.append(data)
            self._has_replies.set()

    def paper_status(self) -> bytes:
        return self._condition().buffered_paper()

    def drawer_status(self) -> bytes:
        return self._condition().buffered_drawer()

    def identity(self, n: int) -> bytes:
        model = "POS-80" if self._options.width > 400 else "POS-58"
        texts = {65: "1.00", 66: "GENERIC", 67: model, 68: self._options.serial, 69: "", 111: "", 112: ""}
        if n in texts:
            return b"_" + texts[n].encode() + b"\x00"
        return _IDENTITY_BYTES.get(n & 0x0F if 0x30 <= n <= 0x39 else n, b"")

    def set_auto_status(self, mask: int) -> None:
        self._auto_mask = mask
        if mask:
            self._told = self._condition()
            self.reply(self._told.auto())

    def pulse(self, pin: int, on_ms: int) -> None:
        fact = {"pin": pin, "on_ms": on_ms}
        self._counters.pulses += 1
        if not self._printer.paper.is_receipt and self._receipt_of_link is not None:
            self._output.amend(self._receipt_of_link, "pulses", dict(fact))
        else:
            self._printer.paper.pulses.append(dict(fact))
        self._output.event("pulse", **fact, receipt=self._receipt_at_hand)
        if self._options.has_drawer and pin == self._options.drawer_pin and on_ms >= _KICK_MS:
            self._move_drawer(True)

    def cut(self, mode: str) -> None:
        self._counters.cuts += 1
        self._output.event("cut", mode=mode, receipt=self._receipt_at_hand)
        paper = self._printer.paper
        if paper.is_receipt:
            paper.cuts.append({"mode": mode})
            self._take_paper("cut")
            return
        if self._receipt_of_link is not None:
            self._output.amend(self._receipt_of_link, "cuts", {"mode": mode})
        self._printer.paper = Paper(paper.width, pulses=paper.pulses)

    def fed(self, dots: int) -> None:
        self._counters.printed_dots += max(0, dots)
        if self._counters.roll_dots is not None:
            self._counters.roll_dots -= dots

    @property
    def _receipt_at_hand(self) -> int:
        """Number of the receipt that hangs out of the printer, or would come next."""
        is_after_cut = not self._printer.paper.is_receipt and self._receipt_of_link is not None
        return self._counters.receipts + (0 if is_after_cut else 1)


def _now() -> float:
    return asyncio.get_running_loop().time()
