"""PIN digests and the brake on guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from edge.replica import LockOut, hash_pin
from edge.replica.pins import keyed

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_the_hash_of_a_pin_is_agreed_with_head_office_for_ever() -> None:
    """libargon2: argon2id, t=2, m=19456 KiB, p=1, 32 bytes."""
    assert hash_pin("271828", b"0123456789abcdef").hex() == (
        "0b1971a7e878aee1010420d2c960ec17caf53637cbe9802d67a608faf0f23621"
    )


def test_a_digest_depends_on_the_nodes_secret() -> None:
    # RFC 4231, test case 2.
    assert keyed("Jefe", b"what do ya want for nothing?").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_five_tries_are_free_then_each_waits_twice_as_long_up_to_fifteen_minutes() -> None:
    lock = LockOut()
    waits = []
    for _ in range(12):
        lock = lock.after_failure(NOW)
        waits.append(lock.wait(NOW).total_seconds())
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]


def test_a_wait_ends_and_a_right_pin_forgets_all() -> None:
    lock = LockOut(failures=5).after_failure(NOW)
    assert lock.wait(NOW + timedelta(seconds=29)) == timedelta(seconds=1)
    assert lock.wait(NOW + timedelta(seconds=30)) == timedelta(0)
    assert lock.after_success() == LockOut()


def test_a_clock_that_jumps_back_locks_nobody_out_for_longer_than_the_longest_wait() -> None:
    lock = LockOut(failures=5).after_failure(NOW)
    assert lock.wait(NOW - timedelta(days=400)) == timedelta(minutes=15)
