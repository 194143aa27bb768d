"""What both scanner simulators share: the script on standard input, and the plug.

One line is one code. A line that begins with `!` is a verb:

    !aim ]C1 | auto | off    name the symbology of the codes that follow (auto: by what the code looks like)
    !burst N GAP_MS CODE     the code N times
    !split AT PAUSE_MS CODE  a pause after AT bytes or keys
    !drop_suffix CODE        the end of the scan is lost
    !garble CODE             one byte in the middle arrives damaged
    !noread                  the trigger was pulled and no code was there
    !human CODE              keys at a person's speed (scanner-hid)
    !overrun CODE            the system lost input events in the middle (scanner-hid)
    !raw HEX                 any bytes
    !wait MS                 nothing for a while
    !unplug, !plug           pull the cable, put it back: a pseudo-terminal returns under another path, which is printed
                             like the first; option link=PATH keeps a symbolic link on it, as /dev/serial/by-id does

Escapes in codes: \\x1d, \\u0416, \\r \\n \\t, \\\\ and \\! for a code that begins with `!`.
Any other backslash is itself.
After each whole scan one JSON line {"scanned": CODE, "n": K} is printed; verbs that damage a scan print
{"fault": VERB, "scan": CODE}; what cannot be done prints {"error": ...}. The end of standard input ends nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from simulators.serving import Link, PtyLink, Settings

__all__ = ["FAULTS", "Chunk", "Manner", "ScriptedScanner", "number", "one_of", "refuse_unknown", "unescape"]

FAULTS: Final[Mapping[str, str]] = {
    "noread": "before every tenth code the trigger is pulled in vain",
    "double-read": "every tenth code is read twice",
    "drop-suffix": "every tenth code loses its end and is scanned again soon after",
    "garble": "every tenth code arrives with one byte damaged and is scanned again soon after",
    "split": "every tenth code pauses for 200 ms in the middle",
}

_Value = TypeVar("_Value")

_EVERY: Final = 10
_AGAIN_AFTER_S: Final = 0.7
"""A person scans again; by then every host has given the unfinished code up."""

Chunk = tuple[bytes, float]
"""Bytes for the wire, and the pause after them in seconds."""


@dataclass(frozen=True)
class Manner:
    """How one scan is sent, other than whole and at once."""

    split_at: int | None = None
    pause_s: float = 0.0
    has_end: bool = True
    is_garbled: bool = False
    is_human: bool = False
    is_overrun: bool = False


_WHOLE = Manner()
_MANNERS: Final[Mapping[str, Manner]] = {
    "drop_suffix": Manner(has_end=False),
    "garble": Manner(is_garbled=True),
    "human": Manner(is_human=True),
    "overrun": Manner(is_overrun=True),
}


class ScriptedScanner(ABC):
    """The device: plays its script over whatever wire it is plugged into."""

    name: str
    """As `tradepost simulate` knows it."""
    verbs: frozenset[str] = frozenset({"drop_suffix", "garble"})
    """Manners that this kind of scanner knows."""

    def __init__(self, settings: Settings, *, gap_s: float) -> None:
        """gap_s: pause after each code. Option link=PATH keeps a symbolic link on the wire, through re-plugging."""
        self._faults = settings.faults
        self._gap_s = gap_s
        self._alias = Path(settings.options["link"]) if "link" in settings.options else None
        self._aim = "auto" if one_of(settings, "aim", {"off": False, "on": True}) else "off"
        self._lines = _StandardInput()
        self._wire: Link | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._is_over = False
        self._is_tcp = False
        self._scanned = 0
        self._tried = 0

    @abstractmethod
    def chunks(self, code: str, manner: Manner) -> Iterator[Chunk]:
        """The wire's bytes for one code. Raises ValueError for text that this scanner cannot send."""

    @abstractmethod
    def no_read(self) -> Iterator[Chunk]:
        """What is sent when no code was there: nothing, for most scanners."""

    # --- the plug ----------------------------------------------------------------------------------------------------

    async def serve(self, link: Link) -> None:
        """Play until the host hangs up (TCP) or for ever. Lines not yet played wait for the next connection."""
        self._is_over = False
        self._plug_in(link)
        try:
            while not self._is_over:
                line = await self._lines.next()
                if line is not None:
                    await self._perform(line)
        finally:
            await self._pull()

    def _plug_in(self, link: Link) -> None:
        self._wire = link
        self._is_tcp = not isinstance(link, PtyLink)
        self._hearing = asyncio.create_task(self._hear(link))
        if self._alias is not None and isinstance(link, PtyLink):
            self._alias.unlink(missing_ok=True)
            self._alias.symlink_to(link.path)

    async def _pull(self) -> None:
        wire, self._wire = self._wire, None
        if wire is None or self._hearing is None:
            return
        self._hearing.cancel()
        await asyncio.wait({self._hearing})
        if self._alias is not None:
            self._alias.unlink(missing_ok=True)
        await wire.close()

    async def _hear(self, link: Link) -> None:
        """Hosts may send trigger and beeper commands. This scanner obeys none, but the wire must not fill up."""
        while await link.read():
            pass
        self._leave_wire()

    def _leave_wire(self) -> None:
        self._is_over = True
        self._lines.interrupt()

    def _plug(self) -> None:
        if self._is_tcp:
            self._leave_wire()  # the next connection is the new cable
        else:
            link = PtyLink()
            self._plug_in(link)
            _say(name=self.name, listening=link.path)

    # --- the script --------------------------------------------------------------------------------------------------

    async def _perform(self, line: str) -> None:
        try:
            if line.startswith("!"):
                await self._do(line[1:])
            elif line:
                await self._scan_with_faults(unescape(line))
        except (ValueError, OSError) as error:
            _say(error=str(error), line=line)

    async def _do(self, verb_and_rest: str) -> None:
        verb, _, rest = verb_and_rest.partition(" ")
        match verb:
            case "aim":
                self._aim = _aim(rest)
            case "burst":
                count, gap_ms, code = _words(rest, 3)
                for _ in range(int(count)):
                    await self._scan(unescape(code))
                    await _pause(int(gap_ms) / 1000)
            case "split":
                at, pause_ms, code = _words(rest, 3)
                await self._scan(unescape(code), Manner(split_at=int(at), pause_s=int(pause_ms) / 1000))
            case "noread":
                await self._send(self.no_read())
                _say(fault="noread")
            case "raw":
                await self._send(iter([(bytes.fromhex(rest), 0.0)]))
            case "wait":
                await _pause(int(rest) / 1000)
            case "unplug":
                await self._pull()
                _say(unplugged=True)
            case "plug" if self._wire is None:
                self._plug()
            case _ if verb in self.verbs:
                code = unescape(rest)
                await self._send(self.chunks(self._with_aim(code), _MANNERS[verb]))
                _say(fault=verb, scan=code)
            case _:
                raise ValueError(f"no such verb: {verb}")

    async def _scan_with_faults(self, code: str) -> None:
        self._tried += 1
        if self._tried % _EVERY or not self._faults:
            await self._scan(code)
            return
        if "noread" in self._faults:
            await self._do("noread")
        for fault, verb in (("drop-suffix", "drop_suffix"), ("garble", "garble")):
            if fault in self._faults:
                await self._send(self.chunks(self._with_aim(code), _MANNERS[verb]))
                _say(fault=fault, scan=code)
                await _pause(_AGAIN_AFTER_S)
        split = Manner(split_at=max(1, len(code) // 2), pause_s=0.2)
        await self._scan(code, split if "split" in self._faults else _WHOLE)
        if "double-read" in self._faults:
            await self._scan(code)

    async def _scan(self, code: str, manner: Manner = _WHOLE) -> None:
        await self._send(self.chunks(self._with_aim(code), manner))
        self._scanned += 1
        _say(scanned=code, n=self._scanned)
        await _pause(self._gap_s)

    async def _send(self, chunks: Iterator[Chunk]) -> None:
        if self._wire is None:
            raise ValueError("unplugged")
        for data, pause_s in chunks:
            await self._wire.write(data)
            await _pause(pause_s)

    def _with_aim(self, code: str) -> str:
        if self._aim == "off":
            return code
        return (_likely_symbology(code) if self._aim == "auto" else self._aim) + code


def _likely_symbology(code: str) -> str:
    if code.isascii() and code.isdigit() and len(code) in (8, 12, 13, 14):
        return {8: "]E4", 14: "]I1"}.get(len(code), "]E0")
    if "\x1d" in code or (code[:2] == "01" and len(code) >= 16):
        return "]d2"
    return "]Q1" if code.lower().startswith("http") else "]C0"


def _aim(text: str) -> str:
    if text not in ("auto", "off") and re.fullmatch(r"\][A-Za-z][0-9A-Za-z]", text) is None:
        raise ValueError(f"no AIM identifier: {text}")
    return text


def _words(text: str, count: int) -> list[str]:
    words = text.split(" ", count - 1)
    if len(words) != count:
        raise ValueError(f"{count} words are needed")
    return words


_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.?))")
_NAMED = {"r": "\r", "n": "\n", "t": "\t", "\\": "\\", "!": "!"}


def unescape(text: str) -> str:
    """A backslash that begins no escape is itself: codes carry it."""

    def one(match: re.Match[str]) -> str:
        if match[1] or match[2]:
            return chr(int(match[1] or match[2], 16))
        return _NAMED.get(match[3], match[0])

    return _ESCAPE.sub(one, text)


async def _pause(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)


def _say(**facts: object) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
        sys.stdout.flush()


class _StandardInput:
    """Lines of standard input without ever blocking the loop; works for pipes, terminals, files and /dev/null."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_at_end = False
        self._waiting: asyncio.Future[None] | None = None

    def interrupt(self) -> None:
        """Let `next` return None now."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def next(self) -> str | None:
        while True:
            line = self._cut()
            if line is not None:
                return line
            if not await self._readable():
                return None
            chunk = os.read(0, 65_536)
            self._buffer += chunk
            self._is_at_end = not chunk

    def _cut(self) -> str | None:
        end = self._buffer.find(b"\n")
        if end < 0 and not (self._is_at_end and self._buffer):
            return None
        line = bytes(self._buffer) if end < 0 else bytes(self._buffer[:end])
        del self._buffer[: len(line) + 1]
        return line.decode("utf-8", "replace").removesuffix("\r")

    async def _readable(self) -> bool:
        """False when interrupted."""
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        found = False

        def mark() -> None:
            nonlocal found
            found = True
            self.interrupt()

        if not self._is_at_end:
            try:
                loop.add_reader(0, mark)
            except PermissionError:  # a plain file: always readable, epoll does not take it
                return True
        try:
            await self._waiting
        finally:
            loop.remove_reader(0)
        return found


def refuse_unknown(settings: Settings, known: set[str]) -> None:
    unknown = sorted(settings.options.keys() - known)
    if unknown:
        raise SystemExit(f"no option is named {', '.join(unknown)}; known: {', '.join(sorted(known))}")


def one_of(settings: Settings, name: str, values: Mapping[str, _Value]) -> _Value:
    """The option's value; the first of `values` when it is not given."""
    chosen = settings.options.get(name, next(iter(values)))
    if chosen not in values:
        raise SystemExit(f"{name}={chosen}: one of {', '.join(values)}")
    return values[chosen]


def number(settings: Settings, name: str, default: float) -> float:
    text = settings.options.get(name, "")
    if text and re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text) is None:
        raise SystemExit(f"{name}={text}: milliseconds are needed")
    return float(text) if text else default
