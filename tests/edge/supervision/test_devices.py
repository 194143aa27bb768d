"""A device that is missing, comes, goes and flaps; what is said of its health."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from edge.supervision import LINK, HealthRegistry, keep_device
from edge.transports import SerialTransport
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TradepostError, TransientError
from shared.events import Condition, DeviceHealth, DeviceState
from tests.edge.supervision.conftest import ManualTime, settle

OK, ATTENTION, STOPPED = DeviceHealth.OK, DeviceHealth.ATTENTION, DeviceHealth.STOPPED


class Plug:
    """A device on a port that a test plugs and unplugs."""

    device_id = "scanner-1"

    def __init__(self, missing: TradepostError | None) -> None:
        self.missing = missing
        self.happened: list[str] = []

    async def open(self) -> None:
        self.happened.append("open")
        if self.missing:
            raise self.missing

    async def close(self) -> None:
        self.happened.append("close")

    async def run(self) -> None:
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self.gone

    async def unplug(self, error: Exception | None = None) -> None:
        self.gone.set_exception(error or TransientError("DEV-301", port="COM1"))
        await settle()


@pytest.fixture
def missing() -> TradepostError | None:
    """Why it cannot be opened at first."""
    return None


@pytest.fixture
def plug(missing: TradepostError | None) -> Plug:
    return Plug(missing)


@pytest.fixture
def health() -> HealthRegistry:
    registry = HealthRegistry()
    registry.register("scanner-1", "Scanner")
    return registry


@pytest.fixture
async def kept(plug: Plug, health: HealthRegistry, time: ManualTime) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(keep_device(plug, plug.run, health=health, clock=time, sleep=time.sleep))
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError, ZeroDivisionError):
        await task


def told(health: HealthRegistry) -> tuple[DeviceHealth, list[str]]:
    [state] = health.states()
    return state.health, [condition.code for condition in state.conditions]


@pytest.mark.parametrize("missing", [TransientError("DEV-301", port="COM1")])
async def test_a_missing_port_is_looked_for_until_it_comes(
    plug: Plug, health: HealthRegistry, time: ManualTime, kept: asyncio.Task[None]
) -> None:
    await time.advance(7)
    assert told(health) == (STOPPED, ["DEV-301"])
    assert plug.happened == ["open", "close"] * 4
    plug.missing = None
    await time.advance(2)
    assert told(health) == (OK, [])


async def test_an_unplugged_device_is_closed_and_opened_again(
    plug: Plug, health: HealthRegistry, time: ManualTime, kept: asyncio.Task[None]
) -> None:
    await time.advance(100)
    await plug.unplug()
    assert told(health) == (STOPPED, ["DEV-301"])
    await time.advance(2)
    assert plug.happened == ["open", "close", "open"]
    assert told(health) == (OK, [])


async def test_a_device_that_comes_and_goes_is_opened_more_and_more_rarely(
    plug: Plug, time: ManualTime, kept: asyncio.Task[None]
) -> None:
    for _ in range(7):
        await time.advance(1)
        await plug.unplug()
        await time.advance(time.slept[-1])
    assert time.slept == [4, 8, 16, 32, 60, 60, 60]
    await time.advance(30)
    await plug.unplug()
    assert time.slept[-1] == 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TransientError("DEV-301"), (STOPPED, ["DEV-301"])),
        (OutcomeUnknown("PRN-501"), (STOPPED, ["PRN-501"])),
        (NeedsPerson("PRN-240", maker_code="PE"), (ATTENTION, ["PRN-240"])),
    ],
)
async def test_what_ended_it_is_what_is_said(
    plug: Plug,
    health: HealthRegistry,
    time: ManualTime,
    kept: asyncio.Task[None],
    error: TradepostError,
    expected: tuple[DeviceHealth, list[str]],
) -> None:
    await time.advance(1)
    await plug.unplug(error)
    assert told(health) == expected
    assert health.states()[0].conditions[0].maker_code == error.maker_code


@pytest.mark.parametrize("missing", [PermanentError("DEV-410")])
async def test_what_will_never_work_is_not_tried_again(
    plug: Plug, health: HealthRegistry, time: ManualTime, kept: asyncio.Task[None]
) -> None:
    await time.advance(1_000)
    assert (kept.done(), plug.happened, told(health)) == (True, ["open", "close"], (STOPPED, ["DEV-410"]))


async def test_the_unexpected_goes_to_the_supervisor_with_the_port_closed(
    plug: Plug, time: ManualTime, kept: asyncio.Task[None]
) -> None:
    await time.advance(1)
    await plug.unplug(ZeroDivisionError())
    assert isinstance(kept.exception(), ZeroDivisionError)
    assert plug.happened == ["open", "close"]


async def test_stopping_closes_the_port(plug: Plug, time: ManualTime, kept: asyncio.Task[None]) -> None:
    await time.advance(1)
    kept.cancel()
    await settle()
    assert plug.happened == ["open", "close"]


class PortDevice:
    """A device on a real port."""

    device_id = "scanner-1"

    def __init__(self, path: Path) -> None:
        self.port = SerialTransport(str(path))
        self.open, self.close = self.port.open, self.port.close
        self.heard = bytearray()

    async def run(self) -> None:
        while True:
            self.heard += await self.port.read()


async def test_a_real_port_is_found_when_it_is_plugged_in_and_again_after_it_was_pulled(
    health: HealthRegistry, time: ManualTime, tmp_path: Path
) -> None:
    path = tmp_path / "ttyUSB0"
    device = PortDevice(path)
    changed = asyncio.Event()
    health.on_change(lambda state: changed.set())
    task = asyncio.create_task(keep_device(device, device.run, health=health, clock=time, sleep=time.sleep))
    for _ in range(2):
        await settle()
        assert told(health) == (STOPPED, ["DEV-301"])
        master, slave = os.openpty()
        path.symlink_to(os.ttyname(slave))
        await time.advance(4)
        assert told(health) == (OK, [])
        changed.clear()
        path.unlink()
        os.close(slave)
        os.close(master)
        await asyncio.wait_for(changed.wait(), 10)
    assert told(health) == (STOPPED, ["DEV-301"])
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


# -- the registry -----------------------------------------------------------------------------------------------------


@pytest.fixture
def changes(health: HealthRegistry) -> list[DeviceState]:
    changes: list[DeviceState] = []
    health.on_change(changes.append)
    return changes


def test_the_worst_word_counts_and_all_reasons_are_kept(health: HealthRegistry) -> None:
    low, out = Condition(code="PRN-101"), Condition(code="PRN-240", maker_code="PE")
    health.report("scanner-1", LINK, OK)
    health.report("scanner-1", "driver", ATTENTION, [out, low])
    assert told(health) == (ATTENTION, ["PRN-101", "PRN-240"])
    health.report("scanner-1", LINK, STOPPED, [Condition(code="DEV-301")])
    assert told(health) == (STOPPED, ["DEV-301", "PRN-101", "PRN-240"])
    health.report("scanner-1", "driver", OK)
    health.report("scanner-1", LINK, OK)
    assert told(health) == (OK, [])
    assert health.summary() == {"scanner-1": "ok"}


def test_only_changes_are_told(health: HealthRegistry, changes: list[DeviceState]) -> None:
    for _ in range(3):
        health.report("scanner-1", LINK, STOPPED, [Condition(code="DEV-301")])
    for _ in range(3):
        health.report("scanner-1", LINK, OK)
    assert [(state.category, state.health) for state in changes] == [("Scanner", STOPPED), ("Scanner", OK)]


def test_who_it_is_belongs_to_its_state(health: HealthRegistry, changes: list[DeviceState]) -> None:
    health.identify("scanner-1", model="M", serial="S", firmware="")
    assert changes == []
    health.report("scanner-1", LINK, OK)
    health.identify("scanner-1", model="M", serial="S2", firmware="1.0")
    assert [(state.model, state.serial, state.firmware) for state in changes] == [("M", "S", None), ("M", "S2", "1.0")]


def test_a_device_nobody_spoke_of_has_no_state_and_an_unknown_one_is_refused(health: HealthRegistry) -> None:
    assert health.states() == ()
    with pytest.raises(KeyError):
        health.report("scanner-9", LINK, OK)


def test_each_change_of_a_device_is_one_line_of_the_log(
    health: HealthRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "edge.supervision.health")
    for _ in range(2):
        health.report("scanner-1", "driver", OK)
    health.identify("scanner-1", model="M", serial="S", firmware="F")
    health.report("scanner-1", "driver", ATTENTION, [Condition(code="SCN-103")])
    health.report("scanner-1", "link", STOPPED, [Condition(code="DEV-301")])
    lines = ["scanner-1 ok", "scanner-1 attention SCN-103", "scanner-1 stopped DEV-301 SCN-103"]
    assert [record.getMessage() for record in caplog.records] == lines
