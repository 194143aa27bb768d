"""Suppression of double reads: a symbol that stays before the window is read again and again.

Off unless a shop switches it on for one scanner: cashiers do scan equal items in a row.
"""

from __future__ import annotations

__all__ = ["RepeatFilter"]


class RepeatFilter:
    """Tells the same data again within the window. Each repeat renews it: one item lying there stays one scan."""

    def __init__(self, window_s: float) -> None:
        """window_s: 0 switches the filter off; 0.3 to 1 s are useful."""
        self._window_s = window_s
        self._last: bytes | None = None
        self._last_at_s = 0.0

    def is_repeat(self, data: bytes, at_s: float) -> bool:
        repeats = self._window_s > 0 and data == self._last and at_s - self._last_at_s < self._window_s
        self._last, self._last_at_s = data, at_s
        return repeats
