"""A branch beside head office: a real journal and a real uplink of the `node`, for tests of what is lost between them.

For modules that have the fixtures `node` and `broker`; import what is in `__all__`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.journal import Journal, NodeIdentity
from edge.uplink import BrokerSettings, NodeNews, Uplink
from shared.clock import SystemClock
from tests.cloud.deliveries import Gateway
from tests.edge.uplink.conftest import running
from tests.services import MosquittoServer

__all__ = ["journal", "uplink"]


class StoppedClock(SystemClock):
    """No time passes for the uplink: rule N6 repeats nothing, so whatever arrives was asked for or answered."""

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
async def journal(tmp_path: Path, node: Gateway) -> AsyncIterator[Journal]:
    identity = NodeIdentity(node.address.branch, node.address.node)
    journal = Journal.open(tmp_path / "journal.db", node=identity, clock=SystemClock())
    yield journal
    journal.close()


@pytest.fixture
async def uplink(journal: Journal, node: Gateway, broker: MosquittoServer) -> AsyncIterator[Uplink]:
    name = node.address.node
    uplink = Uplink(
        journal=journal,
        address=node.address,
        broker=BrokerSettings("127.0.0.1", broker.port, username=name, password=name, tls=False),
        news=lambda: NodeNews(version="1"),
        clock=StoppedClock(),
    )
    async with running(uplink):
        yield uplink
