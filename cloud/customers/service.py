"""Changing customers: the use cases. Each takes the company's version counter first, so edits come one by one.

A telephone and a card belong to one customer: whoever enters them again is told whose they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.audit.service import Actor, Entry, record
from cloud.customers import repository
from cloud.customers.phones import international, search_words
from cloud.customers.schemas import ConsentDraft, CustomerDraft, ImportedCustomer, ImportOutcome, Purpose
from cloud.editing import check_version
from cloud.errors import Conflict, ImportRefused, NotFound
from cloud.paging import fold
from cloud.problems import Problem
from cloud.replication.versions import allocate
from shared.errors import PermanentError
from shared.ids import uuid7

__all__ = [
    "Enrolment",
    "add_consent",
    "change_customer",
    "create_customer",
    "enrol_customers",
    "erase_customer",
    "import_customers",
]


@dataclass(frozen=True)
class _Wanted:
    customer_id: UUID
    number: str
    name: str
    phones: tuple[str, ...]
    cards: tuple[str, ...]


@dataclass(frozen=True)
class Enrolment:
    """A card that a till gave. phone: as typed; calling_code: of the till's country, "" when we know none."""

    customer_id: UUID
    name: str
    phone: str
    calling_code: str
    is_consenting: bool
    till: str
    at: datetime


@dataclass(frozen=True)
class _Till:
    """Who heard the customer."""

    name: str
    user_id: UUID | None = None


async def enrol_customers(
    tx: AsyncConnection, enrolments: Sequence[Enrolment]
) -> list[tuple[Enrolment, str, dict[str, str]]]:
    """Create each customer under the id that the till gave; one that is here already stays as it is.

    Nobody is turned away afterwards: a phone that somebody has, or that nobody could dial, is left out and answered as
    CUS-210 {number} or CUS-211, for a person to settle.
    """
    await allocate(tx, 0)
    known = await repository.known_customers(tx, [one.customer_id for one in enrolments])
    doubts: list[tuple[Enrolment, str, dict[str, str]]] = []
    for one in enrolments:
        if one.customer_id in known:
            continue
        known.add(one.customer_id)
        phones: tuple[str, ...] = ()
        try:
            phones = (international(one.phone, one.calling_code),)
        except PermanentError:
            doubts.append((one, "CUS-211", {}))
        for _, number in (await repository.holders_of(tx, phones, ())).values():
            phones = ()
            doubts.append((one, "CUS-210", {"number": number}))
        wanted = _Wanted(one.customer_id, await repository.take_number(tx), one.name, phones, ())
        await _write(tx, one.at, {}, [wanted], one.calling_code)
        said = {"purpose": Purpose.SMS, "is_given": one.is_consenting}
        await repository.insert_consent(
            tx, {"id": uuid7(), "customer_id": one.customer_id, "at": one.at, "heard_by": one.till, **said}
        )
        entry = Entry("created", "customer", str(one.customer_id), new={"number": wanted.number})
        await record(tx, _Till(one.till), one.at, [entry])
    return doubts


async def create_customer(
    tx: AsyncConnection, *, actor: Actor, at: datetime, draft: CustomerDraft, calling_code: str
) -> UUID:
    """Raises Conflict CUS-411 (phone), CUS-412 (card), CUS-413 (number), PermanentError CUS-410."""
    await allocate(tx, 0)
    if draft.number is not None and await repository.by_number(tx, [draft.number]):
        raise Conflict("CUS-413", number=draft.number)
    wanted = _wanted(uuid7(), draft.number or await repository.take_number(tx), draft, calling_code)
    await _refuse(tx, [wanted])
    await _write(tx, at, {wanted.customer_id: at}, [wanted], calling_code)
    await record(tx, actor, at, [Entry("created", "customer", str(wanted.customer_id), new={"number": wanted.number})])
    return wanted.customer_id


async def change_customer(
    tx: AsyncConnection,
    *,
    actor: Actor,
    at: datetime,
    customer_id: UUID,
    expected: int,
    draft: CustomerDraft,
    calling_code: str,
) -> None:
    """Save an edited customer. Raises NotFound, EditConflict and what `create_customer` raises."""
    await allocate(tx, 0)
    stored = await _existing(tx, customer_id)
    wanted = _wanted(stored["id"], draft.number or stored["number"], draft, calling_code)
    old, new = await _stored_values(tx, stored), _values(wanted)
    check_version("customer", stored=stored["version"], expected=expected, yours=new, theirs=old)
    other = (await repository.by_number(tx, [wanted.number])).get(wanted.number)
    if other is not None and other["id"] != customer_id:
        raise Conflict("CUS-413", number=wanted.number)
    await _refuse(tx, [wanted])
    await _write(tx, at, {wanted.customer_id: stored["created_at"]}, [wanted], calling_code)
    await record(tx, actor, at, [Entry("changed", "customer", str(customer_id), new=_names_of_changed(old, new))])


async def erase_customer(tx: AsyncConnection, *, actor: Actor, at: datetime, customer_id: UUID) -> None:
    """Erase a person: name, phones and cards go here and in every branch. Id and number stay for the accounts."""
    version = await allocate(tx, 1)
    stored = await _existing(tx, customer_id)
    await repository.drop_holdings(tx, [customer_id])
    kept = {"id": customer_id, "number": stored["number"], "created_at": stored["created_at"]}
    gone = {"name": "", "search": "", "is_deleted": True, "changed_at": at, "version": version}
    await repository.put_customers(tx, [{**kept, **gone}])
    await record(tx, actor, at, [Entry("erased", "customer", str(customer_id))])


async def add_consent(
    tx: AsyncConnection, *, actor: Actor, at: datetime, customer_id: UUID, draft: ConsentDraft
) -> None:
    """Write down what the customer said; earlier statements stay. Raises NotFound."""
    await _existing(tx, customer_id)
    statement = {"purpose": draft.purpose, "is_given": draft.is_given}
    row = {"id": uuid7(), "customer_id": customer_id, "at": at, "heard_by": actor.name, **statement}
    await repository.insert_consent(tx, row)
    await record(tx, actor, at, [Entry("consent", "customer", str(customer_id), new=statement)])


async def import_customers(
    tx: AsyncConnection, *, actor: Actor, at: datetime, items: Sequence[ImportedCustomer], calling_code: str
) -> ImportOutcome:
    """Create or change customers by number, all or none. Raises ImportRefused."""
    await allocate(tx, 0)
    known = await repository.by_number(tx, [item.number for item in items])
    wanted = await _all_wanted(tx, items, known, calling_code)
    ids = [row["id"] for row in known.values()]
    phones, cards = await repository.phones_of(tx, ids), await repository.cards_of(tx, ids)
    born, to_write, entries = {}, [], []
    for item in wanted:
        record_id = str(item.customer_id)
        stored = known.get(item.number)
        if stored is None or stored["is_deleted"]:
            to_write.append(item)
            entries.append(Entry("created", "customer", record_id, new={"number": item.number}))
            continue
        born[item.customer_id] = stored["created_at"]
        old = _shown(stored, phones[stored["id"]], cards[stored["id"]])
        if old != _values(item):
            to_write.append(item)
            entries.append(Entry("changed", "customer", record_id, new=_names_of_changed(old, _values(item))))
    await _write(tx, at, born, to_write, calling_code)
    await record(tx, actor, at, entries)
    created = sum(entry.action == "created" for entry in entries)
    changed = len(entries) - created
    return ImportOutcome(created=created, changed=changed, unchanged=len(items) - created - changed)


async def _all_wanted(
    tx: AsyncConnection, items: Sequence[ImportedCustomer], known: Mapping[str, RowMapping], calling_code: str
) -> list[_Wanted]:
    wanted, problems = [], []
    for index, item in enumerate(items):
        customer_id = known[item.number]["id"] if item.number in known else uuid7()
        try:
            wanted.append(_wanted(customer_id, item.number, item, calling_code))
        except PermanentError as error:
            problems.append(Problem(index, error.code, error.parameters))
    problems = problems or await _problems(tx, wanted)
    if problems:
        raise ImportRefused(problems)
    return wanted


async def _existing(tx: AsyncConnection, customer_id: UUID) -> RowMapping:
    stored = await repository.find_customer(tx, customer_id)
    if stored is None:
        raise NotFound("customer", customer_id)
    return stored


def _wanted(customer_id: UUID, number: str, draft: CustomerDraft | ImportedCustomer, calling_code: str) -> _Wanted:
    phones = dict.fromkeys(international(phone, calling_code) for phone in draft.phones)
    return _Wanted(UUID(int=customer_id.int), number, draft.name, tuple(phones), tuple(sorted(set(draft.cards))))


def _values(wanted: _Wanted) -> dict[str, Any]:
    return {
        "number": wanted.number,
        "name": wanted.name,
        "phones": list(wanted.phones),
        "cards": list(wanted.cards),
    }


def _shown(row: RowMapping, phones: Sequence[str], cards: Sequence[str]) -> dict[str, Any]:
    return {"number": row["number"], "name": row["name"], "phones": list(phones), "cards": list(cards)}


async def _stored_values(tx: AsyncConnection, row: RowMapping) -> dict[str, Any]:
    ids = [row["id"]]
    phones, cards = await repository.phones_of(tx, ids), await repository.cards_of(tx, ids)
    return _shown(row, phones[row["id"]], cards[row["id"]])


def _names_of_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {"fields": [name for name in new if old.get(name) != new[name]]}


async def _problems(tx: AsyncConnection, wanted: Sequence[_Wanted]) -> list[Problem]:
    phones = Counter(phone for item in wanted for phone in item.phones)
    cards = Counter(card for item in wanted for card in item.cards)
    numbers = Counter(item.number for item in wanted)
    held = await repository.holders_of(tx, list(phones), list(cards))
    problems = [
        Problem(index, "CUS-413", {"number": item.number})
        for index, item in enumerate(wanted)
        if numbers[item.number] > 1
    ]
    for index, item in enumerate(wanted):
        for code, field, counts, values in (
            ("CUS-411", "phone", phones, item.phones),
            ("CUS-412", "card", cards, item.cards),
        ):
            for value in values:
                holder, number = held.get(value, (item.customer_id, item.number))
                if holder != item.customer_id or counts[value] > 1:
                    problems.append(Problem(index, code, {field: value, "number": number}))
    return problems


async def _refuse(tx: AsyncConnection, wanted: Sequence[_Wanted]) -> None:
    problems = await _problems(tx, wanted)
    if problems:
        raise Conflict(problems[0].code, maker_code=None, **problems[0].parameters)


async def _write(
    tx: AsyncConnection, at: datetime, born: Mapping[UUID, datetime], wanted: Sequence[_Wanted], calling_code: str
) -> None:
    first = await allocate(tx, len(wanted))
    rows = []
    for version, item in enumerate(wanted, first):
        spoken = [search_words(phone, calling_code) for phone in item.phones]
        rows.append(
            {
                "id": item.customer_id,
                "number": item.number,
                "name": item.name,
                "search": fold(" ".join([item.name, item.number, *spoken, *item.cards])),
                "is_deleted": False,
                "created_at": born.get(item.customer_id, at),
                "changed_at": at,
                "version": version,
            }
        )
    await repository.put_customers(tx, rows)
    await repository.drop_holdings(tx, [item.customer_id for item in wanted])
    phones = [
        {"phone": phone, "customer_id": item.customer_id, "position": position}
        for item in wanted
        for position, phone in enumerate(item.phones)
    ]
    await repository.put_phones(tx, phones)
    cards = [{"card": card, "customer_id": item.customer_id} for item in wanted for card in item.cards]
    await repository.put_cards(tx, cards)
