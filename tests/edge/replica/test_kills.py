"""The process is killed in the middle of a delta, twenty times: the replica is of one version, whole."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.replica import Replica
from tests.edge.journal.killing import ForkServer, hits, write_plan
from tests.edge.replica.conftest import COFFEE, SECRET, TODAY

pytestmark = pytest.mark.faults

KILLS = 20


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer("tests.edge.replica.killed_replica") as server:
        yield server


def test_killed_half_way(server: ForkServer, path: Path, tmp_path: Path) -> None:
    told = 0
    for _ in range(KILLS):
        child = server.start({"replica": str(path)}, write_plan(tmp_path, "replica.half_applied", random.randint(1, 5)))
        for report in child.reports():
            told = int(report)
        assert child.signal == signal.SIGKILL
        replica = Replica.open(path, secret=SECRET, currency="AMD")
        version = replica.version
        assert version == told
        assert replica.settings() == {"version": version}
        [found] = replica.lookup("4850001234562", TODAY)
        coffee = replica.product(COFFEE, TODAY)
        assert coffee is not None
        assert (found.product.code, found.product.name) == (f"{version}", f"Milk {version}")
        assert (found.quantity_milli, found.product.unit_price) == (version * 1_000, version)
        assert (coffee.code, coffee.unit_price) == (f"{version}", version)
        assert [item.name for item in replica.search("milk", TODAY)] == [f"Milk {version}"]
        replica.close()
    assert hits(tmp_path) == ["replica.half_applied"] * KILLS
