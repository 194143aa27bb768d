"""Registers of each dialect: P and X on pseudo-terminals, C behind a TCP port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from edge.devices.fiscal_printer.datecs_isl import DatecsIsl
from shared.errors import TradepostError
from tests.edge.devices.fiscal_printer.register_process import KINDS, RegisterProcess

MakeRegister = Callable[..., RegisterProcess]


@pytest.fixture(scope="module")
def common_registers() -> Iterator[dict[str, RegisterProcess]]:
    """One register per dialect for all fault tests of a module: starting a process costs more than a test."""
    registers: dict[str, RegisterProcess] = {}
    yield registers
    for register in registers.values():
        register.stop()


@pytest.fixture
async def make_register(
    common_registers: dict[str, RegisterProcess], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[MakeRegister]:
    """A register with faults: its own process when `own` or when it needs options, else one that is set right after."""
    private: list[RegisterProcess] = []
    borrowed: dict[str, RegisterProcess] = {}

    def start(dialect: str, faults: tuple[str, ...], options: dict[str, str]) -> RegisterProcess:
        folder = tmp_path_factory.mktemp("register")
        return RegisterProcess(KINDS[dialect], folder, dialect == "C", faults, options).start()

    def make(dialect: str, *faults: str, own: bool = False, fault_at: str = "", **options: str) -> RegisterProcess:
        if own or options:
            private.append(start(dialect, faults, {"fault_at": fault_at, **options}))
            return private[-1]
        if dialect not in common_registers or not common_registers[dialect].is_running:
            common_registers[dialect] = start(dialect, (), {})
        borrowed[dialect] = register = common_registers[dialect]
        register.begin_test()
        register.control(*faults, fault_at=fault_at)
        return register

    yield make
    for process in private:
        process.stop()
    for register in borrowed.values():
        await _set_right(register)


async def _set_right(register: RegisterProcess) -> None:
    """No faults, nothing open. A register that cannot be set right is not used again."""
    register.control()
    driver = register.driver()
    try:
        await driver.connect()
        if (await driver.position()).open_document is not None:
            await driver.void_remainder()
    except TradepostError:
        register.stop()
    await driver.disconnect()


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
