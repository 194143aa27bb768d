"""Numbers for people: `branch-till-shift-n`, unique in the company, given by the gateway. Pure."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["looks_like_number", "return_number", "sale_number", "till_no_of"]

_NUMBER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,40}-(\d{1,3})-\d{4,}-R?\d{4,}")


def sale_number(branch: str, till_no: int, shift_no: int, n: int) -> str:
    return f"{branch}-{till_no}-{shift_no:04d}-{n:04d}"


def return_number(branch: str, till_no: int, shift_no: int, n: int) -> str:
    """Counted together with the sales of the shift, so that a number names one paper only."""
    return f"{branch}-{till_no}-{shift_no:04d}-R{n:04d}"


def till_no_of(number: str) -> str | None:
    """The till that gave this number, as people know it; None when it is no number of ours."""
    found = _NUMBER.fullmatch(number)
    return found[1] if found else None


def looks_like_number(text: str) -> bool:
    """Whether a scan may be the number of one of our receipts."""
    return _NUMBER.fullmatch(text) is not None
