"""A process is called dead only when that is certain."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from cloud.ingest.process import is_dead, name_of_this_process

NAME_ITSELF = "from cloud.ingest.process import *; print(name_of_this_process(), flush=True); input()"

OtherProcess = subprocess.Popen[str]


@pytest.fixture
def other() -> Iterator[OtherProcess]:
    with subprocess.Popen([sys.executable, "-c", NAME_ITSELF], stdin=-1, stdout=-1, text=True) as process:
        yield process
        process.kill()


def name_of(process: OtherProcess) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_this_process_is_alive() -> None:
    assert is_dead(name_of_this_process()) is False
    assert len(name_of_this_process()) <= 64


def test_another_process_is_dead_once_it_is_killed(other: OtherProcess) -> None:
    name = name_of(other)
    assert is_dead(name) is False
    other.kill()
    other.wait()
    assert is_dead(name) is True


def test_a_killed_process_that_its_parent_has_not_buried_is_dead(other: OtherProcess) -> None:
    name = name_of(other)
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(name) is True


def test_a_number_that_went_to_a_later_process_is_not_the_dead_one() -> None:
    host, world, pid, started = name_of_this_process().rsplit(":", 3)
    assert is_dead(f"{host}:{world}:{pid}:{int(started) - 1}") is True


@pytest.mark.parametrize("name", ["one", "", "host:elsewhere:1:2", "a:b", ":::", "host:{world}:x:1", "host:{world}"])
def test_whoever_is_not_known_to_be_dead_is_alive(name: str) -> None:
    world = name_of_this_process().rsplit(":", 3)[1]
    assert is_dead(name.format(world=world)) is False
