"""The printing gateway is killed at each of its points, twenty times, while its register goes on: one receipt each."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.journal import Journal, NodeIdentity
from shared.clock import SystemClock
from tests.edge.checkout.killed_engine import SALES
from tests.edge.devices.fiscal_printer.register_process import KINDS, RegisterProcess
from tests.edge.journal.killing import ForkServer, hits, write_plan

pytestmark = pytest.mark.faults

KILLS = 20
POINTS = ["fiscal.intent_committed", "fiscal.register_did_it", "fiscal.reply_read", "fiscal.number_committed"]


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer("tests.edge.checkout.killed_engine") as server:
        yield server


@pytest.fixture(params=["P", "X"])
def register(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RegisterProcess]:
    process = RegisterProcess(KINDS[request.param], tmp_path, tcp=True)
    yield process.start()
    process.stop()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point(server: ForkServer, register: RegisterProcess, tmp_path: Path, point: str) -> None:
    path = tmp_path / "journal.db"
    life = {"journal": str(path), "address": register.address, "profile": register.kind.profile}
    promised = []
    for _ in range(KILLS):
        child = server.start(life, write_plan(tmp_path, point, skip=random.randint(0, SALES - 1)))
        promised += list(child.reports())
        assert child.signal == signal.SIGKILL
    assert hits(tmp_path) == [point] * KILLS
    survivor = server.start(life)
    promised += list(survivor.reports())
    assert survivor.signal == 0
    judge(path, register, promised)


def judge(path: Path, register: RegisterProcess, promised: list[str]) -> None:
    journal = Journal.open(path, node=NodeIdentity("main", "gw-1"), clock=SystemClock())
    jobs = journal.read("SELECT job_id, total_minor, state FROM fiscal_jobs ORDER BY place")
    facts = [
        json.loads(row["body"])["data"]
        for row in journal.read("SELECT body FROM facts WHERE name = 'receipt.fiscalised' ORDER BY number")
    ]
    journal.close()
    assert [job["job_id"] for job in jobs] == promised
    assert len(promised) == SALES * (KILLS + 1)
    assert {job["state"] for job in jobs} == {"done"}
    printed = [(paper["document"], paper["total_minor"]) for paper in register.memory() if paper.get("kind") == "sale"]
    assert [total for _, total in printed] == [job["total_minor"] for job in jobs]
    assert [(fact["receipt_id"], fact["document_no"]) for fact in facts] == [
        (job_id, number) for job_id, (number, _) in zip(promised, printed, strict=True)
    ]
