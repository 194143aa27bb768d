"""The writing process is killed, at random and at each point, twenty times: what it was promised is there once."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.journal import Journal
from shared.clock import SystemClock
from tests.edge.journal.conftest import NODE
from tests.edge.journal.killing import Child, ForkServer, hits, write_plan

pytestmark = pytest.mark.faults

KILLS = 20


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer("tests.edge.journal.killed_writer") as server:
        yield server


def promised(child: Child, *, kill_after: int | None = None) -> list[str]:
    """What the child was told is durable, up to its death."""
    told = []
    for report in child.reports():
        told.append(report)
        if len(told) == kill_after:
            child.kill()
    assert child.signal == signal.SIGKILL
    return told


def judge(path: Path, told: list[str]) -> None:
    journal = Journal.open(path, node=NODE, clock=SystemClock())
    facts = journal.facts_after(journal.epoch, 0, limit=10**6, max_bytes=10**10)
    journal.close()
    assert journal.salvaged is None
    assert [fact.sequence for fact in facts] == list(range(1, len(facts) + 1))
    stored = [f"{fact.sequence} {fact.event_id}" for fact in facts]
    assert len(set(told)) == len(told)
    assert set(told) <= set(stored)
    assert journal.boot == KILLS + 1


def test_killed_at_random(server: ForkServer, path: Path) -> None:
    told: list[str] = []
    for _ in range(KILLS):
        told += promised(server.start({"journal": str(path)}), kill_after=random.randint(1, 60))
    judge(path, told)


@pytest.mark.parametrize("point", ["journal.before_commit", "journal.after_commit"])
def test_killed_at_a_point(server: ForkServer, path: Path, tmp_path: Path, point: str) -> None:
    told: list[str] = []
    for _ in range(KILLS):
        told += promised(server.start({"journal": str(path)}, write_plan(tmp_path, point, skip=random.randint(0, 12))))
    assert hits(tmp_path) == [point] * KILLS
    judge(path, told)
