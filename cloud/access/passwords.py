"""Hashing of passwords and PINs. Nothing here knows a table.

Parameters: 19 MiB, 2 passes, 1 lane, the first choice of OWASP's password storage sheet for argon2id; about 25 ms on a
core, and small enough for a login storm and for the gateway, which hashes PINs with the same figures.
"""

from __future__ import annotations

import re
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type, hash_secret_raw

from shared.errors import PermanentError

__all__ = ["SHORTEST_PASSWORD", "check_password_rule", "hash_password", "hash_pin", "is_password"]

MEMORY_KIB: Final = 19_456
PASSES: Final = 2
SHORTEST_PASSWORD: Final = 8
"""NIST SP 800-63B, 5.1.1.2; the lock-out does the rest."""

_HASHER: Final = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
_NOBODY: Final = _HASHER.hash("nobody has this password")


def check_password_rule(password: str, login: str) -> None:
    """Raises PermanentError USR-410 for a password that is too short or the login itself."""
    if len(password) < SHORTEST_PASSWORD or password.casefold() == login.casefold():
        raise PermanentError("USR-410", minimum=SHORTEST_PASSWORD)


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """True when the password is the stored one. Takes as long for a login that does not exist."""
    try:
        return _HASHER.verify(stored or _NOBODY, password) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def hash_pin(pin: str, salt: bytes) -> str:
    """What branches receive of a PIN, hex. Raises PermanentError USR-412 unless it is six digits.

    The gateway computes the same from what is typed and keeps only an HMAC of it under its own secret.
    """
    if not re.fullmatch(r"[0-9]{6}", pin):
        raise PermanentError("USR-412")
    return hash_secret_raw(
        pin.encode(), salt, time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1, hash_len=32, type=Type.ID
    ).hex()
