"""What the printer says of itself: the status bytes of notes 05, section 3, built from its condition."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Condition"]


@dataclass(frozen=True)
class Condition:
    paper_out: bool = False
    paper_near_end: bool = False
    cover_open: bool = False
    cutter_jam: bool = False
    is_stuck: bool = False
    """Off-line without any cause, for no reason it gives."""
    drawer_pin_high: bool = False

    @property
    def is_blocked(self) -> bool:
        """Off-line: takes nothing from its receive buffer."""
        return self.paper_out or self.cover_open or self.cutter_jam or self.is_stuck

    def realtime(self, n: int) -> bytes:
        """Answer to `10 04 n`; nothing for the inks and colours of n = 7, 8."""
        low = self.paper_near_end or self.paper_out
        bits = {
            1: 0x04 * self.drawer_pin_high | 0x08 * self.is_blocked,
            2: 0x04 * self.cover_open | 0x20 * self.paper_out | 0x40 * self.cutter_jam,
            3: 0x08 * self.cutter_jam,
            4: 0x0C * low | 0x60 * self.paper_out,
        }
        return bytes((0x12 | bits[n],)) if n in bits else b""

    def auto(self) -> bytes:
        """The four bytes of automatic status back."""
        low = self.paper_near_end or self.paper_out
        first = 0x10 | 0x04 * self.drawer_pin_high | 0x08 * self.is_blocked | 0x20 * self.cover_open
        return bytes((first, 0x08 * self.cutter_jam, 0x03 * low | 0x0C * self.paper_out, 0))

    def auto_groups(self) -> tuple[bool | tuple[bool, ...], ...]:
        """What each enabling bit of GS a watches: drawer, on-line, error, paper."""
        return (
            self.drawer_pin_high,
            (self.is_blocked, self.cover_open),
            self.cutter_jam,
            (self.paper_out, self.paper_near_end),
        )

    def buffered_paper(self) -> bytes:
        return bytes((0x03 * (self.paper_near_end or self.paper_out) | 0x0C * self.paper_out,))

    def buffered_drawer(self) -> bytes:
        return bytes((int(self.drawer_pin_high),))
