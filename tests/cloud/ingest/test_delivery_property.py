"""Whatever the broker, the network and power cuts do to deliveries, the ledgers end as after one clean delivery."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, select

from cloud.database import Database
from cloud.fleet import models as fleet
from cloud.ingest import applier as applier_module
from cloud.ingest import models as ingest
from cloud.ingest.applier import Applier
from cloud.ingest.intake import Incoming
from cloud.reporting import models as reporting
from cloud.sales import models as selling
from cloud.stock import models as stock
from shared.events import (
    CashMoved,
    CashMovement,
    Condition,
    DeviceHealth,
    DeviceState,
    DrawerOpened,
    LineVoided,
    ReceiptOutcomeUnknown,
    SaleCancelled,
    ShiftOpened,
)
from shared.topics import Channel
from tests.cloud.deliveries import FixedClock, Gateway, open_branch, open_gateway, printed, returned, sale, uid
from tests.shared.samples import SAMPLES

FACT_TABLES: list[Table] = [
    ingest.facts,
    *(getattr(selling, name) for name in selling.__all__),
    stock.stock_moves,
    stock.stock_balances,
    reporting.sales_by_hour,
    reporting.products_by_day,
    fleet.devices,
    fleet.tills,
    fleet.loss_cases,
    ingest.quarantine,
]
"""What facts make. Cursors, exceptions and refused messages are compared apart."""


def fill(gateway: Gateway, name: str) -> None:
    """A short day of a till, with everything that can happen there."""
    gateway.write("shift.opened", ShiftOpened(shift_id=uid(name, "shift"), number=1, currency="AMD", float_minor=500))
    for number in range(4):
        gateway.sell(f"{name}-{number}", lines=1 + number)
    # A receipt whose outcome was unknown at first, and a register that stopped meanwhile.
    gateway.write("sale.completed", sale(f"{name}-doubt"))
    receipt = printed(f"{name}-doubt", f"{name}-doubt")
    common = receipt.model_dump(include=set(ReceiptOutcomeUnknown.model_fields) - {"code"})
    gateway.write("receipt.outcome_unknown", ReceiptOutcomeUnknown(**common, code="FIS-502"))
    device: dict[str, Any] = {"device_id": "register-1", "category": "FiscalPrinter"}
    stopped = DeviceState(**device, health=DeviceHealth.STOPPED, conditions=(Condition(code="FIS-210"),))
    gateway.write("device.state", stopped, device="register-1")
    gateway.write("device.state", DeviceState(**device, health=DeviceHealth.OK), device="register-1")
    gateway.write("receipt.fiscalised", receipt.model_copy(update={"adopted": True}))
    gateway.write("sale.returned", returned(f"{name}-back", f"{name}-1"))
    gateway.write("sale.returned", returned(f"{name}-bad", f"{name}-2", sellable=False, line=2))
    gateway.write("sale.returned", returned(f"{name}-too-much", f"{name}-0", quantity_milli=3_000))
    gateway.write(
        "sale.cancelled",
        SaleCancelled(
            sale_id=uid(name, "dropped"), number=f"{name}-9", currency="AMD", reason="left", line_count=1, total_minor=5
        ),
    )
    voided = SAMPLES["sale.line_voided"][1]
    assert isinstance(voided, LineVoided)
    gateway.write("sale.line_voided", voided)
    gateway.write("drawer.opened", DrawerOpened(reason="change"))
    moved = CashMoved(
        movement_id=uid(name, "cash"), direction=CashMovement.OUT, amount_minor=9, currency="AMD", reason="safe"
    )
    gateway.write("cash.moved", moved)
    for kind in ("sale.price_changed", "scan.unresolved"):
        gateway.write(kind, SAMPLES[kind][1])


@dataclass(frozen=True)
class Delivery:
    """One message on its way: a slice of a journal, perhaps cut short or overwritten."""

    gateway: int
    first: int
    length: int
    damage: str

    def message(self, gateways: list[Gateway]) -> Incoming:
        gateway = gateways[self.gateway]
        whole = gateway.batch(self.first, self.first + self.length - 1)
        half = len(whole.payload) // 2
        payloads = {
            "none": whole.payload,
            "cut": whole.payload[:half],
            "overwritten": whole.payload[:half] + b"\0" * half,
        }
        return gateway.message(Channel.EVENTS, payloads[self.damage])


deliveries = st.builds(
    Delivery,
    gateway=st.integers(0, 1),
    first=st.integers(1, 25),
    length=st.integers(1, 12),
    damage=st.sampled_from(["none", "none", "none", "none", "cut", "overwritten"]),
)
LAST_BATCH = 12
rounds = st.lists(st.tuples(st.lists(deliveries, min_size=1, max_size=5), st.booleans()), min_size=3, max_size=9)
"""What is taken together, and whether the power goes before its commit."""


async def contents(database: Database) -> dict[str, Any]:
    """Everything that facts have made, in a form that can be compared."""
    found: dict[str, Any] = {}
    async with database.transaction() as tx:
        for table in FACT_TABLES:
            rows = (await tx.execute(select(table))).mappings()
            found[table.name] = sorted(json.dumps({str(k): v for k, v in row.items()}, default=str) for row in rows)
        cursors = fleet.node_epochs.c
        found["cursors"] = (await tx.execute(select(cursors.node, cursors.upto).order_by(cursors.node))).all()
        raised = fleet.exceptions.c
        told = select(raised.key, raised.code, raised.settled_at.is_not(None)).where(raised.code.not_like("EVT-43%"))
        found["exceptions"] = sorted((await tx.execute(told)).all())
    return found


async def forget(database: Database) -> None:
    async with database.transaction() as tx:
        for table in [*FACT_TABLES, fleet.node_epochs, fleet.exceptions, ingest.refused_messages]:
            await tx.execute(delete(table))


@pytest.fixture
async def gateways(database: Database) -> list[Gateway]:
    made = []
    for branch, zone in (("abovyan", "Asia/Yerevan"), ("lagos", "Africa/Lagos")):
        await open_branch(database, branch, zone=zone)
        made.append(await open_gateway(database, branch))
        made[-1].epoch = uid("epoch of", branch)
        fill(made[-1], branch)
    return made


@pytest.fixture
async def clean(database: Database, gateways: list[Gateway]) -> dict[str, Any]:
    """What one clean delivery makes."""
    applier = Applier(database, FixedClock())
    await applier.apply([gateway.batch() for gateway in gateways])
    found = await contents(database)
    assert len(found["facts"]) == sum(len(gateway.bodies) for gateway in gateways)
    assert {code for _, code, _ in found["exceptions"]} == {"SAL-140", "SAL-142", "FIS-502", "FIS-210"}
    assert found["quarantine"] == []
    return found


class PowerCut(BaseException):
    """Not an Exception: nothing on the way may think that it can handle it."""


def _power_cut(point: str) -> None:
    if point == "ingest.before_commit":
        raise PowerCut


@given(plan=rounds)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_ledgers_end_as_after_one_clean_delivery(
    database: Database,
    gateways: list[Gateway],
    clean: dict[str, Any],
    plan: list[tuple[list[Delivery], bool]],
) -> None:
    await forget(database)
    applier = Applier(database, FixedClock())
    for together, power_fails in plan:
        messages = [delivery.message(gateways) for delivery in together]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(applier_module, "reach", _power_cut if power_fails else lambda point: None)
            try:
                outcome = await applier.apply(messages)
            except PowerCut:
                continue
        for address, ack in outcome.acks:
            journal = next(gateway for gateway in gateways if gateway.address == address)
            assert 0 <= ack.upto <= len(journal.bodies)
    # What every node does in the end: send from its cursor until it is acked. Each round settles a batch.
    upto = {gateway.address: 0 for gateway in gateways}
    for _ in range(1 + max(len(gateway.bodies) for gateway in gateways) // LAST_BATCH + 1):
        outcome = await applier.apply(
            [gateway.batch(upto[gateway.address] + 1, upto[gateway.address] + LAST_BATCH) for gateway in gateways]
        )
        upto |= {address: ack.upto for address, ack in outcome.acks}
    assert upto == {gateway.address: len(gateway.bodies) for gateway in gateways}
    assert await contents(database) == clean
