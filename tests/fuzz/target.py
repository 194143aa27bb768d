"""What a fuzz target is: one function from bytes to nothing, with examples to begin from.

A target may meet only the errors its codec documents, and catches exactly those; whatever else it raises is a find.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Bytes", "Target"]


@dataclass(frozen=True)
class Target:
    """covers: modules whose reading it exercises. examples: how many `make test` tries; fewer where one is slow."""

    name: str
    run: Callable[[bytes], None]
    covers: tuple[str, ...]
    seeds: tuple[bytes, ...]
    examples: int = 300


class Bytes:
    """Small decisions taken from the front of the input, so that one run of bytes says everything."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def below(self, limit: int) -> int:
        self._at += 1
        return (self._data[self._at - 1] if self._at <= len(self._data) else 0) % limit

    def rest(self) -> bytes:
        return self._data[self._at :]
