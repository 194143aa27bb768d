"""All SQL of customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, delete, false, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud import bulk
from cloud.customers.models import (
    customer_cards,
    customer_consents,
    customer_counter,
    customer_phones,
    customers,
)

__all__ = [
    "by_number",
    "cards_of",
    "consents_of",
    "customer_list",
    "drop_holdings",
    "find_customer",
    "holders_of",
    "insert_consent",
    "known_customers",
    "phones_of",
    "put_cards",
    "put_customers",
    "put_phones",
    "take_number",
]


def customer_list() -> Select[Any]:
    return select(customers).where(customers.c.is_deleted == false())


async def find_customer(tx: AsyncConnection, customer_id: UUID) -> RowMapping | None:
    statement = select(customers).where(customers.c.id == customer_id, customers.c.is_deleted == false())
    return (await tx.execute(statement)).mappings().first()


async def by_number(tx: AsyncConnection, numbers: Iterable[str]) -> dict[str, RowMapping]:
    """Of these numbers, also erased ones."""
    rows = await tx.execute(select(customers).where(customers.c.number.in_(list(numbers))))
    return {row["number"]: row for row in rows.mappings()}


async def known_customers(tx: AsyncConnection, ids: Iterable[UUID]) -> set[UUID]:
    """Those of these ids that are taken, erased customers' too."""
    found = await tx.scalars(select(customers.c.id).where(customers.c.id.in_(list(ids))))
    return {UUID(int=customer_id.int) for customer_id in found}


async def phones_of(tx: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {customer_id: [] for customer_id in ids}
    rows = await tx.execute(
        select(customer_phones)
        .where(customer_phones.c.customer_id.in_(list(found)))
        .order_by(customer_phones.c.position, customer_phones.c.phone)
    )
    for row in rows:
        found[row.customer_id].append(row.phone)
    return found


async def cards_of(tx: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {customer_id: [] for customer_id in ids}
    rows = await tx.execute(
        select(customer_cards).where(customer_cards.c.customer_id.in_(list(found))).order_by(customer_cards.c.card)
    )
    for row in rows:
        found[row.customer_id].append(row.card)
    return found


async def holders_of(tx: AsyncConnection, phones: Sequence[str], cards: Sequence[str]) -> dict[str, tuple[UUID, str]]:
    """Phone or card -> id and number of the customer who has it. A phone begins with "+", a card never does here."""
    held: dict[str, tuple[UUID, str]] = {}
    for column, asked in ((customer_phones.c.phone, phones), (customer_cards.c.card, cards)):
        rows = await tx.execute(
            select(column, customers.c.id, customers.c.number)
            .join(customers, customers.c.id == column.table.c.customer_id)
            .where(column.in_(asked))
        )
        held |= {row[0]: (row[1], row[2]) for row in rows}
    return held


async def take_number(tx: AsyncConnection) -> str:
    """The next number that no customer has."""
    while True:
        statement = update(customer_counter).values(next=customer_counter.c.next + 1).returning(customer_counter.c.next)
        number = str((await tx.execute(statement)).scalar_one() - 1)
        if not await by_number(tx, [number]):
            return number


async def put_customers(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await bulk.put(tx, customers, rows, ["id"], ["number", "name", "search", "is_deleted", "changed_at", "version"])


async def drop_holdings(tx: AsyncConnection, ids: Sequence[UUID]) -> None:
    """Phones and cards of these customers."""
    for table in (customer_phones, customer_cards):
        await tx.execute(delete(table).where(table.c.customer_id.in_(ids)))


async def put_phones(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await bulk.insert(tx, customer_phones, rows)


async def put_cards(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await bulk.insert(tx, customer_cards, rows)


async def insert_consent(tx: AsyncConnection, row: Mapping[str, Any]) -> None:
    await tx.execute(insert(customer_consents).values(**row))


async def consents_of(tx: AsyncConnection, customer_id: UUID) -> list[RowMapping]:
    """The newest statement of each purpose."""
    rows = await tx.execute(
        select(customer_consents)
        .where(customer_consents.c.customer_id == customer_id)
        .order_by(customer_consents.c.at, customer_consents.c.id)
    )
    newest = {row["purpose"]: row for row in rows.mappings()}
    return [newest[purpose] for purpose in sorted(newest)]
