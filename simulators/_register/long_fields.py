"""The data of long-frame commands as the device reads them: fields behind TABs, checked values out.

Source: protocol note "ISL", section 6. Anything that does not fit is refused as a syntax error.
"""

from __future__ import annotations

import re
from datetime import datetime

from simulators._register.arithmetic import parse_decimal
from simulators._register.refusals import Refusal, Refused

__all__ = ["Fields", "clock_text"]

_SUMMER_TIME = " DST"
_UNP = re.compile(r"[A-Z0-9]{8}-[A-Za-z0-9]{4}-[0-9]{7}")


class Fields:
    """Fields of one request. Missing ones at the end count as empty."""

    def __init__(self, data: str, at_most: int, decimals: int) -> None:
        self._fields = data.removesuffix("\t").split("\t") if data else []
        self._decimals = decimals
        if len(self._fields) > at_most:
            raise Refused(Refusal.SYNTAX)

    def __len__(self) -> int:
        return len(self._fields)

    def text(self, at: int) -> str:
        return self._fields[at] if at < len(self._fields) else ""

    def one_of(self, at: int, allowed: str, default: str = "") -> str:
        """A single character out of `allowed`."""
        value = self.text(at) or default
        if len(value) != 1 or value not in allowed:
            raise Refused(Refusal.SYNTAX)
        return value

    def number(self, at: int) -> int:
        value = self.text(at)
        if not re.fullmatch(r"[0-9]{1,8}", value):
            raise Refused(Refusal.SYNTAX)
        return int(value)

    def amount(self, at: int, default: str = "") -> int:
        """Minor units."""
        return self._decimal(at, self._decimals, default)

    def quantity(self, at: int) -> int:
        """Thousandths; empty is one piece."""
        value = self._decimal(at, 3, "1")
        if value <= 0:
            raise Refused(Refusal.SYNTAX)
        return value

    def percent(self, at: int) -> int:
        """Hundredths of a percent."""
        return self._decimal(at, 2, "")

    def moment(self, at: int) -> datetime:
        value = self.text(at).removesuffix(_SUMMER_TIME)
        try:
            return datetime.strptime(value, "%d-%m-%y %H:%M:%S")  # noqa: DTZ007 - the clock knows no zone
        except ValueError as error:
            raise Refused(Refusal.SYNTAX) from error

    def unp(self, at: int) -> str | None:
        value = self.text(at)
        if value and not _UNP.fullmatch(value):
            raise Refused(Refusal.SYNTAX)
        return value or None

    def without(self, at: int) -> Fields:
        """The same request as if the field at `at` were not in the layout."""
        rest = Fields("", 0, self._decimals)
        rest._fields = self._fields[:at] + self._fields[at + 1 :]
        return rest

    def _decimal(self, at: int, decimals: int, default: str) -> int:
        try:
            return parse_decimal(self.text(at) or default, decimals)
        except ValueError as error:
            raise Refused(Refusal.SYNTAX) from error


def clock_text(at: datetime) -> str:
    return f"{at:%d-%m-%y %H:%M:%S}"
