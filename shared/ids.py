"""Ids that are born where the fact is born. UUIDv7 (RFC 9562, 5.7): sortable by time, unique without asking anyone."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

__all__ = ["uuid7"]

_lock = threading.Lock()
_last_ms = 0
_last_counter = 0
_COUNTER_BITS = 12


def uuid7(unix_ms: int | None = None) -> UUID:
    """A new UUIDv7. Within one process ids grow, also when the clock stands still or jumps back.

    unix_ms: milliseconds since 1970; the system clock when not given. The 12 bits after the version are a counter
    within the millisecond (RFC 9562, 6.2, method 1); 62 bits are random.
    """
    global _last_ms, _last_counter
    now_ms = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    with _lock:
        if now_ms > _last_ms:
            _last_ms, _last_counter = now_ms, 0
        else:
            _last_counter += 1
            if _last_counter >> _COUNTER_BITS:
                _last_ms, _last_counter = _last_ms + 1, 0
        ms, counter = _last_ms, _last_counter
    value = (ms & (1 << 48) - 1) << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)
