"""Cards that tills gave become customers: under the till's id, with a number, and with every doubt told to a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from cloud.customers.models import customer_consents, customer_phones, customers
from cloud.database import Database
from cloud.fleet.models import exceptions
from cloud.ingest.applier import Applier
from cloud.ingest.models import quarantine
from cloud.replication.versions import current_version
from shared.events import CustomerEnrolled
from tests.cloud.deliveries import Gateway, uid


def enrolled(key: str, phone: str = "077 12 34 56", **changes: Any) -> CustomerEnrolled:
    facts: dict[str, Any] = {
        "customer_id": uid(key),
        "name": "Lusine M.",
        "phone": phone,
        "consent": True,
        "language": "hy",
    }
    return CustomerEnrolled(**(facts | changes))


async def _rows(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    async with database.transaction() as tx:
        return [tuple(row) for row in await tx.execute(select(*columns).order_by(*columns))]


async def test_a_card_given_at_a_till_is_a_customer_here(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("customer.enrolled", enrolled("lusine"))
    await applier.apply([gateway.batch()])
    assert await _rows(database, customers.c.id, customers.c.name, customers.c.is_deleted) == [
        (uid("lusine"), "Lusine M.", False)
    ]
    assert await _rows(database, customer_phones.c.phone, customer_phones.c.customer_id) == [
        ("+37477123456", uid("lusine"))
    ]
    assert await _rows(database, customer_consents.c.purpose, customer_consents.c.is_given) == [("sms", True)]
    assert await _rows(database, exceptions.c.code) == await _rows(database, quarantine.c.code) == []


async def test_it_goes_down_to_every_branch(database: Database, gateway: Gateway, applier: Applier) -> None:
    async with database.transaction() as tx:
        before = await current_version(tx)
    gateway.write("customer.enrolled", enrolled("lusine"))
    await applier.apply([gateway.batch()])
    assert await _rows(database, customers.c.version) == [(before + 1,)]


async def test_numbers_are_given_in_turn(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("customer.enrolled", enrolled("a"))
    gateway.write("customer.enrolled", enrolled("b", phone="077 65 43 21", consent=False))
    await applier.apply([gateway.batch()])
    numbers = [int(number) for (number,) in await _rows(database, customers.c.number)]
    assert numbers == [numbers[0], numbers[0] + 1]
    assert await _rows(database, customer_consents.c.is_given) == [(False,), (True,)]


async def test_a_phone_that_somebody_has_stays_with_him_and_is_told(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("customer.enrolled", enrolled("first"))
    gateway.write("customer.enrolled", enrolled("second", phone="+374 77 123456"))
    await applier.apply([gateway.batch()])
    assert len(await _rows(database, customers.c.id)) == 2
    assert await _rows(database, customer_phones.c.customer_id) == [(uid("first"),)]
    assert await _rows(database, exceptions.c.code, exceptions.c.subject) == [("CUS-210", str(uid("second")))]


async def test_a_phone_that_nobody_could_dial_is_told(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("customer.enrolled", enrolled("lusine", phone="12 34"))
    await applier.apply([gateway.batch()])
    assert len(await _rows(database, customers.c.id)) == 1
    assert await _rows(database, customer_phones.c.phone) == []
    assert await _rows(database, exceptions.c.code) == [("CUS-211",)]


async def test_the_same_card_under_another_fact_changes_nothing(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("customer.enrolled", enrolled("lusine"))
    gateway.write("customer.enrolled", enrolled("lusine", name="Somebody else"))
    await applier.apply([gateway.batch()])
    gateway.write("customer.enrolled", enrolled("lusine", name="Somebody else"))
    await applier.apply([gateway.batch(3)])
    assert len(await _rows(database, customers.c.id)) == 1
    assert await _rows(database, quarantine.c.code) == []
