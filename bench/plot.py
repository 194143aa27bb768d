"""Lines over time as an SVG picture: small multiples, one below the other, each with its own scale from zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

__all__ = ["Series", "draw"]

_WIDTH, _HEIGHT, _GAP = 760, 120, 46
_LEFT, _TOP, _RIGHT = 60, 48, 230
_COLOURS: Final = ("#1c7ed6", "#e8590c", "#2b8a3e", "#9c36b5")
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#495057}.t{font-size:15px;fill:#212529}"
    "line{stroke:#ced4da}polyline{fill:none;stroke-width:1.5}"
)


@dataclass(frozen=True)
class Series:
    name: str
    x: Sequence[float]
    y: Sequence[float]


def draw(title: str, x_name: str, panels: Mapping[str, Sequence[Series]]) -> str:
    """panels: heading -> its lines, which share a scale. Every series has a point at least."""
    most_x = max(point for lines in panels.values() for line in lines for point in line.x) or 1.0
    height = _TOP + len(panels) * (_HEIGHT + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + _RIGHT}" height="{height}">',
        f"<style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text class="t" x="{_LEFT}" y="20">{escape(title)}</text>',
    ]
    for number, (heading, lines) in enumerate(panels.items()):
        parts += _panel(_TOP + number * (_HEIGHT + _GAP), heading, lines, most_x, x_name)
    return "\n".join([*parts, "</svg>", ""])


def _panel(top: int, heading: str, lines: Sequence[Series], most_x: float, x_name: str) -> list[str]:
    most_y = max(value for line in lines for value in line.y) or 1.0
    bottom = top + _HEIGHT
    parts = [
        f'<line x1="{_LEFT}" y1="{bottom}" x2="{_LEFT + _WIDTH}" y2="{bottom}"/>',
        f'<line x1="{_LEFT}" y1="{top}" x2="{_LEFT + _WIDTH}" y2="{top}"/>',
        f'<text x="{_LEFT}" y="{top - 6}">{escape(heading)}</text>',
        f'<text x="{_LEFT - 6}" y="{top + 10}" text-anchor="end">{most_y:.4g}</text>',
        f'<text x="{_LEFT - 6}" y="{bottom}" text-anchor="end">0</text>',
        f'<text x="{_LEFT + _WIDTH}" y="{bottom + 14}" text-anchor="end">{most_x:.0f} {escape(x_name)}</text>',
    ]
    for place, line in enumerate(lines):
        colour = _COLOURS[place % len(_COLOURS)]
        points = " ".join(
            f"{_LEFT + _WIDTH * x / most_x:.1f},{bottom - _HEIGHT * y / most_y:.1f}"
            for x, y in zip(line.x, line.y, strict=True)
        )
        parts.append(f'<polyline stroke="{colour}" points="{points}"/>')
        label = f"{escape(line.name)}: {line.y[-1]:.4g}"
        parts.append(f'<text x="{_LEFT + _WIDTH + 8}" y="{top + 14 + 16 * place}" style="fill:{colour}">{label}</text>')
    return parts
