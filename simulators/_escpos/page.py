"""Page mode: text and pictures are placed in areas of a page, which is printed as one piece.

Simple on purpose: positions are of the upper left corner of what is placed, and areas may overlap.
"""

from __future__ import annotations

from typing import Final

from PIL import Image

__all__ = ["Page"]

_TALLEST_DOTS: Final = 1_662
"""Two 831-dot halves: the usual page of an 80 mm printer."""
_MOST_AREAS: Final = 64

_ROTATIONS: Final = {
    1: Image.Transpose.ROTATE_90,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_270,
}
"""ESC T: 1 bottom to top, 2 right to left, 3 top to bottom."""


class Page:
    """A surface like Paper: `put`, `feed`, `y`, `width`, all within the current area and direction."""

    def __init__(self, paper_width: int) -> None:
        self._paper_width = paper_width
        self._corner = (0, 0)
        self._size = (paper_width, _TALLEST_DOTS)
        self._direction = 0
        self._placed: list[tuple[Image.Image, tuple[int, int]]] = []
        self._open: Image.Image | None = None
        self.y = 0

    @property
    def width(self) -> int:
        return self._size[self._direction % 2]

    def set_area(self, x: int, y: int, width: int, height: int) -> None:
        self._close_area()
        x, y = min(x, self._paper_width - 1), min(y, _TALLEST_DOTS - 1)
        self._corner = (x, y)
        self._size = (
            max(1, min(width, self._paper_width - x)),
            max(1, min(height, _TALLEST_DOTS - y)),
        )

    def set_direction(self, direction: int) -> None:
        self._close_area()
        self._direction = direction & 3

    def put(self, ink: Image.Image, x: int, y: int) -> None:
        if self._open is None:
            self._open = Image.new("1", (self.width, self._size[1 - self._direction % 2]))
        self._open.paste(1, (x, y), ink)

    def feed(self, dots: int) -> None:
        self.y = max(0, min(self.y + dots, _TALLEST_DOTS))

    def erase(self) -> None:
        self._placed.clear()
        self._open = None
        self.y = 0

    def picture(self) -> Image.Image | None:
        """The page down to its last dot; None when nothing was placed."""
        self._close_area()
        whole = Image.new("1", (self._paper_width, _TALLEST_DOTS))
        for area, corner in self._placed:
            whole.paste(1, corner, area)
        bounds = whole.getbbox()
        return whole.crop((0, 0, self._paper_width, bounds[3])) if bounds else None

    def _close_area(self) -> None:
        if self._open is not None and len(self._placed) < _MOST_AREAS:
            turn = _ROTATIONS.get(self._direction)
            self._placed.append((self._open.transpose(turn) if turn else self._open, self._corner))
        self._open = None
        self.y = 0
