"""Registers of each dialect: P and X on pseudo-terminals, C behind a TCP port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from edge.devices.fiscal_printer.datecs_isl import DatecsIsl
from tests.edge.devices.fiscal_printer.register_process import KINDS, RegisterProcess

MakeRegister = Callable[..., RegisterProcess]


@pytest.fixture
def make_register(tmp_path: Path) -> Iterator[MakeRegister]:
    """Start a register of a dialect with faults and options; all are killed after the test."""
    started: list[RegisterProcess] = []

    def make(dialect: str, *faults: str, **options: str) -> RegisterProcess:
        folder = tmp_path / f"register-{len(started)}"
        folder.mkdir()
        process = RegisterProcess(KINDS[dialect], folder, dialect == "C", faults, options)
        started.append(process)
        return process.start()

    yield make
    for process in started:
        process.stop()


@pytest.fixture(scope="module", params=["P", "C", "X"])
def shared_register(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RegisterProcess]:
    """One healthy register for all tests of a module; each test finds it idle and counts from where it stands."""
    process = RegisterProcess(KINDS[request.param], tmp_path_factory.mktemp("register"), request.param == "C")
    yield process.start()
    process.stop()


@pytest.fixture
async def driver(shared_register: RegisterProcess) -> AsyncIterator[DatecsIsl]:
    driver = shared_register.driver()
    await driver.connect()
    yield driver
    shared_register.control()
    if (await driver.position()).open_document is not None:
        await driver.void_remainder()
    await driver.disconnect()
