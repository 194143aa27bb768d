"""Six-digit dates of GS1: the century rule and day 00."""

from __future__ import annotations

import calendar
from datetime import date

__all__ = ["resolve_date"]


def resolve_date(yymmdd: str, today: date) -> date:
    """YYMMDD as a date; day 00 is the last of the month. Digits after the sixth are not looked at.

    The year is the one of its two digits nearest to today's: 51 or more ahead is the previous century, 50 or more
    behind the next (GS1 General Specifications, determination of century). Raises ValueError when no calendar has it.
    """
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:6])
    ahead = year - today.year % 100
    century = today.year - today.year % 100 + (-100 if ahead >= 51 else 100 if ahead <= -50 else 0)
    if day == 0:
        if not 1 <= month <= 12:
            raise ValueError("month")
        day = calendar.monthrange(century + year, month)[1]
    return date(century + year, month, day)
