"""Settings of one simulated printer: its model's facts, its quirks, and the control file that tests write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from simulators._escpos.codepages import parse_page_table

__all__ = ["Control", "Options"]

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "cr": ("ignore", "lf"),
    "realtime_in_data": ("off", "on"),
    "drawer_pin": ("2", "5"),
    "drawer_open_level": ("high", "low"),
}
_DEFAULTS: Final[Mapping[str, str]] = {
    "width": "576",
    "line_spacing": "30",
    "codepage_table": "standard",
    "international": "0",
    "cr": "ignore",
    "realtime_in_data": "off",
    "buffer": "65536",
    "roll_dots": "",
    "drawer": "manual",
    "drawer_pin": "2",
    "drawer_open_level": "high",
    "fault_after": "200",
    "serial": "SIM0000001",
    "control": "",
}


@dataclass(frozen=True)
class Options:
    """width: printable dots, 576 (80 mm) or 384 (58 mm). buffer: receive buffer in bytes.
    drawer: `none`, `manual` (closed through the control file) or seconds until somebody closes it.
    roll_dots: paper on a new roll; empty = without end. fault_after: bytes printed before a fault strikes."""

    width: int
    line_spacing: int
    pages: Mapping[int, str]
    international: int
    cr_feeds: bool
    realtime_in_data: bool
    buffer: int
    roll_dots: int | None
    has_drawer: bool
    drawer_closes_s: float | None
    drawer_pin: int
    drawer_open_is_high: bool
    fault_after: int
    serial: str
    control: Path | None

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Options:
        """Raises SystemExit with the reason on an unknown name or value."""
        unknown = set(given) - set(_DEFAULTS)
        if unknown:
            raise SystemExit(f"escpos has no option {', '.join(sorted(unknown))}; known: {', '.join(_DEFAULTS)}")
        values = {**_DEFAULTS, **given}
        for name, choices in _CHOICES.items():
            if values[name] not in choices:
                raise SystemExit(f"{name} is one of {', '.join(choices)}")
        drawer = values["drawer"]
        try:
            return cls(
                width=_within(values, "width", 96, 2_048),
                line_spacing=_within(values, "line_spacing", 0, 255),
                pages=parse_page_table(values["codepage_table"]),
                international=_within(values, "international", 0, 17),
                cr_feeds=values["cr"] == "lf",
                realtime_in_data=values["realtime_in_data"] == "on",
                buffer=_within(values, "buffer", 64, 16 * 1024 * 1024),
                roll_dots=int(values["roll_dots"]) if values["roll_dots"] else None,
                has_drawer=drawer != "none",
                drawer_closes_s=None if drawer in ("none", "manual") else float(drawer),
                drawer_pin=int(values["drawer_pin"]),
                drawer_open_is_high=values["drawer_open_level"] == "high",
                fault_after=int(values["fault_after"]),
                serial=values["serial"],
                control=Path(values["control"]) if values["control"] else None,
            )
        except ValueError as error:
            raise SystemExit(f"escpos option: {error}") from error


def _within(values: Mapping[str, str], name: str, least: int, most: int) -> int:
    number = int(values[name])
    if not least <= number <= most:
        raise ValueError(f"{name} is {least} to {most}")
    return number


class Control:
    """A JSON file read again whenever it changes: {"faults": [...], "drawer_open": bool, "roll_dots": n}.

    A file caught half written is read at the next look.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen = 0

    def changes(self) -> dict[str, Any] | None:
        """The file's content when it is new, else None."""
        if self._path is None:
            return None
        try:
            stamp = self._path.stat().st_mtime_ns
            if stamp == self._seen:
                return None
            content = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return None
        self._seen = stamp
        return content if isinstance(content, dict) else None
