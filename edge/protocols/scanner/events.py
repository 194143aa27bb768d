"""What all scanner decoders hand on, and how the bytes of one scan become text. No I/O, no clock.

Every decoder here is fed bytes with the monotonic second of their arrival, bounded in memory, and finds its way back
after garbage without being told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["LONGEST_SCAN", "AimMode", "Content", "DropReason", "Dropped", "Event", "Frame", "TypedKeys"]

LONGEST_SCAN: Final = 4096
"""Bytes of one scan. The largest QR code holds 2,953; more is a line that lost its suffix, or an attack."""

GIVE_UP_S: Final = 0.5
"""Silence after which a scan that has begun is not coming any more: 500 characters' time at 9600 baud."""


@dataclass(frozen=True)
class Frame:
    """One whole scan."""

    raw: bytes
    """As it came, without prefix and suffix, with the AIM identifier."""
    text: str
    """The data: decoded, without AIM identifier, lost separators put back."""
    aim: str | None


class DropReason(StrEnum):
    INCOMPLETE = "incomplete"
    """Began and never ended."""
    OVERSIZE = "oversize"
    NO_PREFIX = "no_prefix"
    """Ended without having begun: its head was lost, or the prefix is set otherwise in the scanner."""
    NO_AIM = "no_aim"
    """This scanner always names the symbology, and this scan does not: its head was lost."""
    DAMAGED = "damaged"
    """The carrier's own structure was broken (input record, report)."""
    OVERRUN = "overrun"
    """The system lost input events because nobody read them."""


@dataclass(frozen=True)
class Dropped:
    """A scan that was begun and is lost; the person has to scan again."""

    reason: DropReason
    length: int
    """Bytes or keys thrown away; the limit for OVERSIZE."""


@dataclass(frozen=True)
class TypedKeys:
    """Keys pressed at a person's speed on the scanner's node. Not a scan."""

    count: int


Event = Frame | Dropped | TypedKeys


class AimMode(StrEnum):
    AUTO = "auto"
    """An identifier is taken off where there is one."""
    REQUIRED = "required"
    """The scanner is set to send it always; a scan without it is damaged."""
    NEVER = "never"
    """The scanner does not send it; a leading `]` is data."""


_AIM = re.compile(r"\][ACE-JLMOQXZdez][0-9A-Za-z]")
_CARRIES_SEPARATORS: Final = re.compile(r"\](C1|d[25]|Q[34]|J1|e[0-9]|z[12])")


@dataclass(frozen=True)
class Content:
    """How the bytes between prefix and suffix are to be read."""

    encoding: str = "utf-8"
    """utf-8, iso-8859-1 or cp1251: a setting of the scanner. What does not decode becomes U+FFFD."""
    aim: AimMode = AimMode.AUTO
    gs_substitute: str = ""
    """What the scanner sends where it cannot send FNC1 (GS, 1Dh): `^]`, `|`, `~` ... Empty when it sends GS itself."""

    def read(self, raw: bytes) -> Frame | Dropped | None:
        """None for an empty scan."""
        text = raw.decode(self.encoding, "replace")
        head = None if self.aim is AimMode.NEVER else _AIM.match(text)
        aim = head[0] if head else None
        if head is not None:
            text = text[head.end() :]
        if not text:
            return None
        if aim is None and self.aim is AimMode.REQUIRED:
            return Dropped(DropReason.NO_AIM, len(raw))
        # A symbology that has no FNC1 carries the substitute as a character of its own.
        if self.gs_substitute and (aim is None or _CARRIES_SEPARATORS.fullmatch(aim)):
            text = text.replace(self.gs_substitute, "\x1d")
        return Frame(raw, text, aim)
