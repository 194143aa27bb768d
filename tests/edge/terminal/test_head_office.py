from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.terminal.head_office import SILENT_AFTER_S, HeadOfficeWatch

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class HandClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def watch(clock: HandClock) -> HeadOfficeWatch:
    watch = HeadOfficeWatch(clock)
    watch.looked(0, 7)
    return watch


def test_an_idle_branch_takes_nothing_for_silence(watch: HeadOfficeWatch, clock: HandClock) -> None:
    clock.seconds = 10_000
    watch.looked(0, 7)
    assert watch.silent_since is None


def test_facts_that_nobody_settles_are_silence_since_the_first_of_them(
    watch: HeadOfficeWatch, clock: HandClock
) -> None:
    clock.seconds = 100
    watch.looked(1, 7)
    clock.seconds = 100 + SILENT_AFTER_S - 1
    watch.looked(3, 7)
    assert watch.silent_since is None
    clock.seconds += 1
    watch.looked(4, 7)
    assert watch.silent_since == START + timedelta(seconds=100)


def test_a_queue_that_moves_is_an_answer_however_long_it_is(watch: HeadOfficeWatch, clock: HandClock) -> None:
    for step in range(1, 20):
        clock.seconds = step * (SILENT_AFTER_S - 1)
        watch.looked(5_000, 7 + step)
        assert watch.silent_since is None


@pytest.mark.parametrize(("to_send", "settled"), [(0, 12), (2, 8)])
def test_the_first_thing_settled_ends_the_silence(
    watch: HeadOfficeWatch, clock: HandClock, to_send: int, settled: int
) -> None:
    watch.looked(5, 7)
    clock.seconds = SILENT_AFTER_S
    assert watch.silent_since == START
    watch.looked(to_send, settled)
    assert watch.silent_since is None


def test_with_nothing_to_send_the_replica_tells(watch: HeadOfficeWatch, clock: HandClock) -> None:
    clock.seconds = 50
    watch.synced(ok=False)
    clock.seconds = 90
    watch.synced(ok=False)
    assert watch.silent_since == START + timedelta(seconds=50)
    watch.synced(ok=True)
    assert watch.silent_since is None


def test_what_is_settled_weighs_more_than_a_replica_that_could_not_be_had(watch: HeadOfficeWatch) -> None:
    watch.synced(ok=False)
    watch.looked(0, 8)
    assert watch.silent_since is None
