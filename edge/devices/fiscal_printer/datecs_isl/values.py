"""Amounts and times as registers write them in replies."""

from __future__ import annotations

import re
from datetime import datetime

__all__ = ["minor", "moment"]

_LAYOUTS = (
    "%Y-%m-%d %H:%M:%S",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%y %H:%M:%S",
    "%d.%m.%y %H:%M:%S",
)
_SUMMER_TIME = " DST"


def minor(text: str, decimals: int) -> int:
    """An amount in minor units: `+000000216` is one already, `2.16` is not. Raises ValueError for neither.

    Source: protocol note "ISL", section 10: both are met, sometimes from one device.
    """
    match = re.fullmatch(r"([+-]?)([0-9]+)(?:\.([0-9]*))?", text.strip())
    if match is None:
        raise ValueError(f"no amount: {text!r}")
    sign, whole, fraction = match.groups()
    digits = whole if fraction is None else whole + fraction[:decimals].ljust(decimals, "0")
    return -int(digits) if sign == "-" else int(digits)


def moment(text: str) -> datetime | None:
    """The register's own time, without zone; None for a layout we do not know."""
    for layout in _LAYOUTS:
        try:
            return datetime.strptime(text.removesuffix(_SUMMER_TIME), layout)  # noqa: DTZ007 - it knows no zone
        except ValueError:
            continue
    return None
