"""Serial, USB-CDC and Bluetooth SPP scanners: an endless byte stream cut into scans. No port, no clock.

    [prefix] [AIM identifier] data suffix

The rule that must never break: how the system happens to slice the stream changes nothing in what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.protocols.scanner.events import GIVE_UP_S, LONGEST_SCAN, Content, Dropped, DropReason, Event

__all__ = ["SerialFraming", "SerialSplitter"]

_NEWLINES = b"\r\n"
_NEWLINE_SUFFIXES = frozenset({b"\r", b"\n", b"\r\n"})


@dataclass(frozen=True)
class SerialFraming:
    """Settings of one scanner. A suffix of b"" means that only silence ends a scan."""

    prefix: bytes = b""
    suffix: bytes = b"\r"
    silence_s: float = 0.05
    """Ends a scan of a scanner without suffix. 30 to 100 ms on a cable, 150 to 200 ms over Bluetooth."""
    content: Content = field(default_factory=Content)


class SerialSplitter:
    """Feed it bytes with the monotonic second of their arrival; call `tick` when `deadline` has passed.

    Garbage and how it finds its way back:
    - a scan without its suffix is dropped after half a second of silence, so the next one starts clean;
    - more than LONGEST_SCAN bytes are reported once and thrown away up to the next suffix or silence;
    - a control character as prefix (STX) starts a scan wherever it stands; what was begun before is dropped;
    - CR and LF in a row are one suffix, whichever of them is set; empty scans are nothing.
    """

    def __init__(self, framing: SerialFraming) -> None:
        self._framing = framing
        self._buffer = bytearray()
        self._last_at_s = 0.0
        self._is_discarding = False
        self._skips_newlines = framing.suffix in _NEWLINE_SUFFIXES

    @property
    def deadline(self) -> float | None:
        """Monotonic second at which `tick` has something to do; None while nothing is pending."""
        if not self._buffer and not self._is_discarding:
            return None
        return self._last_at_s + (GIVE_UP_S if self._framing.suffix else self._framing.silence_s)

    def feed(self, data: bytes, at_s: float) -> list[Event]:
        """Scans that these bytes complete, in order."""
        events = self.tick(at_s)
        if not data:
            return events
        self._last_at_s = at_s
        self._buffer += data
        if self._framing.suffix:
            self._cut(events)
        longest = LONGEST_SCAN + max(0, len(self._framing.suffix) - 1)  # a suffix may be half there
        if len(self._buffer) > longest:
            self._begin_discarding(events)
        return events

    def tick(self, at_s: float) -> list[Event]:
        """What the silence up to now means."""
        deadline = self.deadline
        if deadline is None or at_s < deadline:
            return []
        events: list[Event] = []
        if not self._is_discarding:
            if self._framing.suffix:
                self._drop_unfinished(bytes(self._buffer), events)
            else:
                self._complete(bytes(self._buffer), events)
        self._buffer.clear()
        self._is_discarding = False
        return events

    def _cut(self, events: list[Event]) -> None:
        suffix = self._framing.suffix
        start = 0
        while True:
            if self._skips_newlines and not self._is_discarding:
                while start < len(self._buffer) and self._buffer[start] in _NEWLINES:
                    start += 1
            end = self._buffer.find(suffix, start)
            if end < 0:
                break
            if self._is_discarding:
                self._is_discarding = False
            else:
                self._complete(bytes(self._buffer[start:end]), events)
            start = end + len(suffix)
        if self._is_discarding:
            start = max(start, len(self._buffer) - len(suffix) + 1)
        del self._buffer[:start]

    def _begin_discarding(self, events: list[Event]) -> None:
        if not self._is_discarding:
            self._is_discarding = True
            events.append(Dropped(DropReason.OVERSIZE, LONGEST_SCAN))
        keep = max(0, len(self._framing.suffix) - 1)
        del self._buffer[: len(self._buffer) - keep]

    def _complete(self, scan: bytes, events: list[Event]) -> None:
        if len(scan) > LONGEST_SCAN:
            events.append(Dropped(DropReason.OVERSIZE, LONGEST_SCAN))
            return
        if self._skips_newlines or not self._framing.suffix:
            scan = scan.strip(_NEWLINES)
        body = self._without_prefix(scan, events)
        if body:
            read = self._framing.content.read(body)
            if read is not None:
                events.append(read)

    def _without_prefix(self, scan: bytes, events: list[Event]) -> bytes:
        prefix = self._framing.prefix
        if not prefix:
            return scan
        at = scan.rfind(prefix) if _is_control(prefix) else scan.find(prefix, 0, len(prefix))
        if at < 0:
            if scan:
                events.append(Dropped(DropReason.NO_PREFIX, len(scan)))
            return b""
        self._drop_unfinished(scan[:at], events)
        return scan[at + len(prefix) :]

    def _drop_unfinished(self, scan: bytes, events: list[Event]) -> None:
        # Line ends between ETX and STX are a habit of many scanners, not a lost scan.
        lost = scan.strip(_NEWLINES)
        if lost:
            events.append(Dropped(DropReason.INCOMPLETE, len(lost)))


def _is_control(prefix: bytes) -> bool:
    return all(byte < 0x20 for byte in prefix)
