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


def test_a_wait_ends() -> None:
    lock = LockOut(failures=5).after_failure(NOW)
    assert lock.wait(NOW + timedelta(seconds=29)) == timedelta(seconds=1)
    assert lock.wait(NOW + timedelta(seconds=30)) == timedelta(0)


def test_each_quarter_of_an_hour_after_the_wait_forgives_one_try() -> None:
    lock = LockOut(failures=5).after_failure(NOW)
    opened = NOW + timedelta(seconds=30)
    spans = (timedelta(0), timedelta(minutes=14), timedelta(minutes=15), timedelta(minutes=89), timedelta(days=300))
    assert [lock.after_failure(opened + span).failures for span in spans] == [7, 7, 6, 2, 1]


def test_a_guesser_has_about_a_hundred_tries_a_day_however_they_are_spread() -> None:
    for pause in (timedelta(0), timedelta(minutes=1), timedelta(minutes=15)):
        lock, now, tries = LockOut(), NOW, 0
        while now < NOW + timedelta(days=1):
            lock = lock.after_failure(now)
            now += max(lock.wait(now), pause)
            tries += 1
        assert 95 <= tries <= 105, pause


def test_a_clock_that_jumps_back_locks_nobody_out_for_longer_than_the_longest_wait() -> None:
    lock = LockOut(failures=5).after_failure(NOW)
    for back in (timedelta(minutes=10), timedelta(days=400)):
        opens = NOW - back + timedelta(minutes=15)
        assert lock.wait(opens) == timedelta(0), back
    assert lock.wait(NOW - timedelta(minutes=10)) == timedelta(minutes=10, seconds=30)


def test_after_a_clock_that_jumped_back_wrong_tries_count_on() -> None:
    past = NOW - timedelta(days=400)
    lock = LockOut(failures=5).after_failure(NOW).after_failure(past)
    assert (lock.failures, lock.wait(past)) == (7, timedelta(minutes=1))


def test_a_free_try_costs_no_waiting_when_the_clock_is_put_back_a_little() -> None:
    lock = LockOut(failures=5).after_failure(NOW, free=20)
    assert lock.wait(NOW - timedelta(minutes=5), free=20) == timedelta(0)
