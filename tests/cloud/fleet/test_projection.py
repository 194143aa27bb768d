"""Devices show their newest state; a register that stopped is told to a person until it works again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from cloud.database import Database
from cloud.fleet.models import devices, exceptions, tills
from cloud.ingest.applier import Applier
from shared.events import Condition, DeviceHealth, DeviceState
from tests.cloud.deliveries import NOON, FixedClock, Gateway, sale
from tests.shared.samples import SAMPLES

OK, ATTENTION, STOPPED = DeviceHealth.OK, DeviceHealth.ATTENTION, DeviceHealth.STOPPED


def state(health: DeviceHealth, *codes: str, device: str = "register-1") -> DeviceState:
    conditions = tuple(Condition(code=code, maker_code="4.4") for code in codes)
    return DeviceState(device_id=device, category="FiscalPrinter", health=health, conditions=conditions, model="FP-800")


async def health(database: Database) -> dict[str, str]:
    async with database.transaction() as tx:
        return {row.id: row.health for row in await tx.execute(select(devices.c.id, devices.c.health))}


async def told(database: Database) -> list[tuple[str, bool]]:
    async with database.transaction() as tx:
        rows = await tx.execute(select(exceptions.c.code, exceptions.c.settled_at).order_by(exceptions.c.at))
        return [(row.code, row.settled_at is not None) for row in rows]


async def test_the_newest_state_is_shown(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("device.state", state(ATTENTION, "FIS-101"))
    gateway.write("device.state", state(OK))
    gateway.write("device.state", state(OK, device="scanner-1"))
    await applier.apply([gateway.batch()])
    assert await health(database) == {"register-1": "ok", "scanner-1": "ok"}
    assert await told(database) == []


async def test_conditions_are_kept_with_the_makers_code(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("device.state", state(ATTENTION, "FIS-101"))
    await applier.apply([gateway.batch()])
    async with database.transaction() as tx:
        row = (await tx.execute(select(devices))).one()
    assert (row.conditions, row.model, row.last_event_at) == (
        [{"code": "FIS-101", "maker_code": "4.4"}],
        "FP-800",
        NOON,
    )


async def run(database: Database, gateway: Gateway, *steps: Any, together: bool) -> list[tuple[str, bool]]:
    applier = Applier(database, FixedClock())
    for minute, step in enumerate(steps):
        gateway.write("device.state", step, time=NOON + timedelta(minutes=minute))
    for message in [gateway.batch()] if together else gateway.batches(1):
        await applier.apply([message])
    return await told(database)


async def test_a_device_that_stops_is_told_until_it_works_again(database: Database, gateway: Gateway) -> None:
    steps = (state(STOPPED, "FIS-210"), state(OK), state(STOPPED))
    expected = [("FIS-210", True), ("DEV-240", False)]
    assert await run(database, gateway, *steps, together=False) == expected


async def test_it_is_the_same_when_all_of_it_comes_at_once(database: Database, gateway: Gateway) -> None:
    steps = (state(STOPPED, "FIS-210"), state(OK), state(STOPPED))
    expected = [("FIS-210", True), ("DEV-240", False)]
    assert await run(database, gateway, *steps, together=True) == expected


async def test_a_till_becomes_known_by_its_first_fact(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("sale.completed", sale(1), till="till-1")
    gateway.write("sale.completed", sale(2), till="till-2")
    gateway.write("sale.completed", sale(3), till=None)
    for message in gateway.batches(1):
        await applier.apply([message])
    async with database.transaction() as tx:
        rows = (await tx.execute(select(tills.c.branch, tills.c.id, tills.c.node).order_by(tills.c.id))).all()
    assert rows == [("abovyan", "till-1", gateway.address.node), ("abovyan", "till-2", gateway.address.node)]


async def test_a_stray_receipt_that_a_person_completed_is_told(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("receipt.stray_closed", SAMPLES["receipt.stray_closed"][1])
    await applier.apply([gateway.batch()])
    async with database.transaction() as tx:
        assert list(await tx.scalars(select(exceptions.c.code))) == ["SAL-245"]
