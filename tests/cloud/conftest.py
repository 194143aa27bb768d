"""A branch with a gateway, and ingest without a broker."""

from __future__ import annotations

import pytest

from cloud.database import Database
from cloud.ingest.applier import Applier
from tests.cloud.deliveries import FixedClock, Gateway, open_branch, open_gateway


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def gateway(database: Database) -> Gateway:
    """The gateway of a branch in Yerevan, on a fresh database of either dialect."""
    await open_branch(database)
    return await open_gateway(database)


@pytest.fixture
def applier(database: Database, clock: FixedClock) -> Applier:
    return Applier(database, clock)
