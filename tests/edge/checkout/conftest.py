from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.journal import Journal, NodeIdentity
from shared.clock import SystemClock


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.open(tmp_path / "journal.db", node=NodeIdentity("main", "gw-1"), clock=SystemClock())
    yield journal
    journal.close()
