"""Checkpoints beside the writer: they end when they are told to, and none follows another without a commit between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.journal.checkpoints import AFTER, Checkpoints
from edge.journal.database import connect

PATIENCE_S = 20.0


class Flag(threading.Event):
    """A flag of which a test may hear before something is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.before_clear: Callable[[], object] = lambda: None
        self.before_set: Callable[[], object] = lambda: None
        self.was_set_at_wait: list[bool] = []
        self.waited_twice = threading.Event()

    def clear(self) -> None:
        self.before_clear()
        super().clear()

    def set(self) -> None:
        self.before_set()
        super().set()

    def wait(self, timeout: float | None = None) -> bool:
        self.was_set_at_wait.append(self.is_set())
        if len(self.was_set_at_wait) == 2:
            self.waited_twice.set()
        return super().wait(timeout)


@pytest.fixture
def flag() -> Flag:
    return Flag()


@pytest.fixture
def checkpoints(tmp_path: Path, flag: Flag) -> Iterator[Checkpoints]:
    kept_open = connect(tmp_path / "journal.db")
    checkpoints = Checkpoints(connect(tmp_path / "journal.db"))
    checkpoints._is_due = flag
    yield checkpoints
    kept_open.close()


def test_closing_at_the_moment_in_which_a_checkpoint_begins_is_heard(checkpoints: Checkpoints, flag: Flag) -> None:
    closing, told = threading.Thread(target=checkpoints.close, daemon=True), threading.Event()

    def close_now() -> None:
        flag.before_clear = lambda: None
        flag.before_set = told.set
        closing.start()
        assert told.wait(PATIENCE_S)
        threading.Event().wait(0.05)  # set itself, which comes right after it was told of

    flag.before_clear = close_now
    checkpoints.start()
    for _ in range(AFTER):
        checkpoints.committed()
    assert told.wait(PATIENCE_S)
    closing.join(PATIENCE_S)
    assert not closing.is_alive()


def test_a_commit_that_is_counted_while_a_checkpoint_begins_brings_no_second_one(
    checkpoints: Checkpoints, flag: Flag
) -> None:
    cleared, said = threading.Event(), threading.Event()
    for _ in range(AFTER):
        checkpoints.committed()

    def say_it_late() -> None:
        flag.before_set = lambda: None
        checkpoints.start()
        cleared.wait(0.3)
        said.set()

    def wait_for_it(_statement: str) -> None:
        said.wait(PATIENCE_S)

    flag.before_clear = cleared.set
    flag.before_set = say_it_late
    checkpoints._connection.set_trace_callback(wait_for_it)
    checkpoints.committed()
    assert flag.waited_twice.wait(PATIENCE_S)
    assert flag.was_set_at_wait[1] is False
    checkpoints.close()
