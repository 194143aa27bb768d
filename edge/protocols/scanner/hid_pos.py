"""USB HID POS scanners (usage page 8Ch): input reports of 64 bytes, as /dev/hidraw gives them.

id 02 | count | AIM identifier, 3 | data, up to 56, zero filled | vendor | reserved | bit 0: more follows
"""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.protocols.scanner.events import GIVE_UP_S, LONGEST_SCAN, Content, Dropped, DropReason, Event

__all__ = ["PosDecoder", "PosReport"]


@dataclass(frozen=True)
class PosReport:
    """Where things stand in the report; makers differ. Source: Access-IS manuals, USB-IF POS usage tables 1.02."""

    size: int = 64
    report_id: int = 0x02
    count_at: int = 1
    aim_at: int = 2
    data_at: int = 5
    data_size: int = 56
    more_at: int = 63
    content: Content = field(default_factory=Content)


class PosDecoder:
    """Feed it report bytes with the monotonic second of their arrival.

    A report that does not begin with its id is slid over byte by byte; a count that cannot be drops the whole scan.
    """

    def __init__(self, report: PosReport) -> None:
        self._report = report
        self._buffer = bytearray()
        self._scan = bytearray()
        self._last_at_s = 0.0
        self._is_pending = False
        self._is_lost = False

    @property
    def deadline(self) -> float | None:
        return self._last_at_s + GIVE_UP_S if self._is_pending or self._buffer else None

    def feed(self, data: bytes, at_s: float) -> list[Event]:
        """Scans that these reports complete, in order."""
        events = self.tick(at_s)
        self._last_at_s = at_s
        self._buffer += data
        size = self._report.size
        at = 0
        while at + size <= len(self._buffer):
            if self._buffer[at] == self._report.report_id:
                self._take(bytes(self._buffer[at : at + size]), events)
                at += size
            else:
                at += 1
        del self._buffer[:at]
        return events

    def tick(self, at_s: float) -> list[Event]:
        """Gives up on a scan whose next part has not come for half a second."""
        deadline = self.deadline
        if deadline is None or at_s < deadline:
            return []
        lost = len(self._scan) if self._is_pending and not self._is_lost else 0
        self._buffer.clear()
        self._reset()
        return [Dropped(DropReason.INCOMPLETE, lost)] if lost else []

    def _take(self, part: bytes, events: list[Event]) -> None:
        report = self._report
        count = part[report.count_at]
        more = bool(part[report.more_at] & 1)
        if count > report.data_size:
            self._lose(DropReason.DAMAGED, len(self._scan) + report.data_size, events)
        elif not self._is_lost:
            if not self._is_pending:
                self._scan += part[report.aim_at : report.aim_at + 3].rstrip(b"\0")
            self._scan += part[report.data_at : report.data_at + count]
            if len(self._scan) > LONGEST_SCAN:
                self._lose(DropReason.OVERSIZE, LONGEST_SCAN, events)
        self._is_pending = more
        if not more:
            if not self._is_lost:
                read = report.content.read(bytes(self._scan))
                if read is not None:
                    events.append(read)
            self._reset()

    def _lose(self, reason: DropReason, length: int, events: list[Event]) -> None:
        if not self._is_lost:
            events.append(Dropped(reason, length))
        self._is_lost = True
        self._scan.clear()

    def _reset(self) -> None:
        self._scan.clear()
        self._is_pending = False
        self._is_lost = False
