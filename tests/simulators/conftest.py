"""Register simulators switched on by a test are switched off after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulators.register_desk import SWITCHED_ON, Desk


@pytest.fixture(autouse=True)
def _switch_off_registers() -> Iterator[None]:
    yield
    while SWITCHED_ON:
        SWITCHED_ON.pop().switch_off()


@pytest.fixture
def desk() -> Desk:
    return Desk()
