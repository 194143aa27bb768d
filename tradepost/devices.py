"""The supported devices as text for a terminal and as the page docs/devices.md. Both come from the profiles alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from edge.devices.profiles import all_profiles
from shared.profiles import DeviceProfile

__all__ = ["devices_as_page", "devices_as_text"]

_HEADINGS: Final = ("category", "profile", "device", "protocol", "grade")
_PAGE: Final = """\
# Supported devices

Written by `tradepost devices --markdown` from `firmware_profiles/`; a test compares.
A model that is not here often speaks as one of these does; else it gets a profile: [add-a-device.md](add-a-device.md).

Bronze works on its simulator.
Silver survives every fault of it: wrong and lost answers, paper that ends, unplugging, power cuts.
Gold is proven on the named hardware, with captures.

{table}

## What is open

{open}
"""


def devices_as_text() -> str:
    """One line a model, in columns."""
    rows = [_HEADINGS, *_rows()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def devices_as_page() -> str:
    table = "\n".join(_table_row(row) for row in (_HEADINGS, ["---"] * len(_HEADINGS), *_rows()))
    return _PAGE.format(table=table, open="\n".join(_open_rules(_in_order())))


def _in_order() -> list[DeviceProfile]:
    return sorted(all_profiles(), key=lambda profile: (profile.category, profile.id))


def _rows() -> list[tuple[str, ...]]:
    return [
        (profile.category, profile.id, f"{profile.maker} {profile.model}", profile.protocol, profile.grade)
        for profile in _in_order()
    ]


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _open_rules(profiles: Iterable[DeviceProfile]) -> list[str]:
    """Each reason once, with the profiles that have it."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for profile in profiles:
        for name, rule in profile.rules.items():
            if rule.status != "done":
                reasons.setdefault((name, f"{rule.status}: {rule.reason}"), []).append(f"`{profile.id}`")
    return [f"- {name}, {why} ({', '.join(ids)})" for (name, why), ids in reasons.items()]
