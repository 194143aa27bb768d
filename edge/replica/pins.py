"""Who may log in at the till without a link: PIN and badge digests, and the brake on guessing. Pure.

Head office sends argon2id of the PIN; the branch keeps only its HMAC under the node's secret, so that a stolen
replica.db alone tells nothing, and a login costs one argon2id.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from argon2.low_level import Type, hash_secret_raw

__all__ = ["BRANCH_FREE_TRIES", "FREE_TRIES", "LockOut", "hash_pin", "is_pin", "keyed"]

TIME_COST: Final = 2
MEMORY_KIB: Final = 19_456
"""19 MiB, 2 passes, 1 lane: OWASP's smallest argon2id, about 50 ms on a Raspberry Pi 4."""
HASH_BYTES: Final = 32

FREE_TRIES: Final = 5
"""At one till: more than a tired person needs."""
BRANCH_FREE_TRIES: Final = 20
"""At all tills of a branch together, so that naming another till is no new beginning."""
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
"""Beyond the free tries: 30 s, doubling to 15 min. About 100 tries a day against 10^6 PINs."""
FORGIVEN_EVERY: Final = timedelta(minutes=15)
"""Only time forgives, one try after the other: who knows one right PIN could wipe out the count with it."""


def is_pin(text: str) -> bool:
    """Six ASCII digits."""
    return re.fullmatch(r"\d{6}", text, re.ASCII) is not None


def hash_pin(pin: str, salt: bytes) -> bytes:
    """argon2id of a PIN as head office computes it. Takes tens of milliseconds and 19 MiB: not for the event loop."""
    return hash_secret_raw(pin.encode(), salt, TIME_COST, MEMORY_KIB, 1, HASH_BYTES, Type.ID)


def keyed(secret: str, value: bytes) -> bytes:
    """HMAC-SHA256 under the node's secret: what is stored of a PIN's hash or a badge."""
    return hmac.digest(secret.encode(), value, sha256)


@dataclass(frozen=True)
class LockOut:
    """Wrong tries at one place, to be stored durably by whoever asks for PINs."""

    failures: int = 0
    opens_at: datetime | None = None
    """From when on the next one may be tried; forgiving begins there."""

    def wait(self, now: datetime, free: int = FREE_TRIES) -> timedelta:
        """How long no PIN may be tried; zero when one may. free: as in `after_failure`.

        A time further off than the longest wait was written down before the clock was put back, and counts for nothing:
        nobody could sign in until then.
        """
        if self.opens_at is None or self.failures <= free:
            return timedelta(0)
        left = self.opens_at - now
        return left if timedelta(0) < left <= LONGEST_WAIT else timedelta(0)

    def after_failure(self, now: datetime, free: int = FREE_TRIES) -> LockOut:
        """free: tries that cost no waiting."""
        failures = max(self.failures - self._forgiven(now), 0) + 1
        beyond = failures - free
        if beyond < 1:
            return LockOut(failures, now)
        return LockOut(failures, now + min(FIRST_WAIT * 2 ** min(beyond - 1, 10), LONGEST_WAIT))

    def _forgiven(self, now: datetime) -> int:
        if self.opens_at is None:
            return 0
        return max((now - self.opens_at) // FORGIVEN_EVERY, 0)
