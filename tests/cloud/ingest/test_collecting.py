"""The collector rests while batches are worked on, and only then."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from cloud.ingest.collecting import BATCHES, collected_afterwards


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    yield
    gc.enable()


def test_it_rests_until_the_last_batch_has_ended() -> None:
    first, second = collected_afterwards(), collected_afterwards()
    seen = [gc.isenabled()]
    first.__enter__()
    seen.append(gc.isenabled())
    second.__enter__()
    first.__exit__(None, None, None)
    seen.append(gc.isenabled())
    second.__exit__(None, None, None)
    seen.append(gc.isenabled())
    assert seen == [True, False, False, True]


def test_a_batch_that_fails_wakes_it_again() -> None:
    with pytest.raises(ValueError, match="broken"), collected_afterwards():
        raise ValueError("broken")
    assert gc.isenabled()


def test_garbage_is_collected_though_batches_never_pause() -> None:
    class Loop:
        itself: object = None

    loop = Loop()
    loop.itself = loop
    gone = weakref.ref(loop)
    with collected_afterwards():
        del loop
        for _ in range(BATCHES - 1):
            with collected_afterwards():
                pass
        before = gone() is None
        with collected_afterwards():
            pass
        assert (before, gone()) == (False, None)


def test_one_that_was_switched_off_stays_off() -> None:
    gc.disable()
    with collected_afterwards():
        pass
    assert not gc.isenabled()
