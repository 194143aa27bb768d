"""When the interpreter may look for garbage in cycles: between batches, not in the middle of one.

A batch makes hundreds of thousands of objects that all die with it and form no cycles. Left alone, the collector walks
them over and over while they grow: a third of ingest's CPU time, measured.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

__all__ = ["collected_afterwards"]

BATCHES: Final = 100
"""Batches after which the collector runs though others are under way: a busy worker may have no pause for hours. It is
one full collection in 100,000 facts at most."""


@dataclass
class _State:
    """Of the whole process, as the collector is."""

    under_way: int = 0
    since: int = 0
    """Batches that have ended since the collector was last let in."""


_state: Final = _State()


@contextmanager
def collected_afterwards() -> Iterator[None]:
    """Put the collector off until the last of those who asked for it has left; it then runs when it would have."""
    if _state.under_way == 0 and not gc.isenabled():
        yield  # whoever has switched it off for good has done so on purpose
        return
    _state.under_way += 1
    gc.disable()
    try:
        yield
    finally:
        _state.under_way -= 1
        _state.since += 1
        if _state.under_way == 0:
            _state.since = 0
            gc.enable()
        elif _state.since >= BATCHES:
            _state.since = 0
            gc.collect()
