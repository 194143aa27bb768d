"""Stable codes of everything that can go wrong at a receipt printer. Texts: message catalogue.

2xx: a person can make it go on, nothing was printed. 3xx: try again later, nothing was printed. 4xx: this document
cannot be printed here. 5xx: it may be on paper.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "BUSY",
    "COVER_OPEN",
    "CUTTER_JAM",
    "FAILED",
    "NO_ANSWER",
    "OUTCOME_UNKNOWN",
    "OVERHEATED",
    "PAPER_NEAR_END",
    "PAPER_OUT",
    "UNPRINTABLE_CODE",
    "WRONG_PICTURE",
]

PAPER_NEAR_END: Final = "PRN-140"
"""The roll is nearly used up. Never raised: a condition to show."""
PAPER_OUT: Final = "PRN-240"
"""Out of paper. Parameter: address."""
COVER_OPEN: Final = "PRN-241"
"""The cover is open. Parameter: address."""
CUTTER_JAM: Final = "PRN-242"
"""The blade is stuck. Parameter: address."""
FAILED: Final = "PRN-243"
"""An error that only switching off and on, or a technician, ends. Parameter: address."""
NO_ANSWER: Final = "PRN-301"
"""The printer does not say how it is: off, unplugged behind an adapter, or not a printer. Parameter: address."""
BUSY: Final = "PRN-302"
"""Off-line without a cause. Parameter: address."""
OVERHEATED: Final = "PRN-303"
"""The head is hot; it goes on by itself. Parameter: address."""
UNPRINTABLE_CODE: Final = "PRN-410"
"""The data of a bar code or QR code cannot be drawn. Parameter: data."""
WRONG_PICTURE: Final = "PRN-411"
"""A picture is wider than the paper or has too few bits. Parameters: width_dots, most_dots."""
OUTCOME_UNKNOWN: Final = "PRN-502"
"""Sent, and no word that it was printed. Never sent again by itself. Parameters: address; reason, one of
no_answer, link_lost, stalled, or the condition nobody ended (paper_out, cover_open ...)."""
