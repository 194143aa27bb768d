from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from edge.journal import Journal, NodeIdentity
from shared.clock import SystemClock
from tests.edge.checkout.model_register import ModelRegister
from tests.edge.checkout.shop import Shop


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.open(tmp_path / "journal.db", node=NodeIdentity("main", "gw-1"), clock=SystemClock())
    yield journal
    journal.close()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """A till with its shift open."""
    shop = Shop(tmp_path, ModelRegister())
    await shop.start()
    await shop.do("open_shift", float_minor=20_000)
    yield shop
    await shop.stop()
    shop.close()
