"""Changing the catalogue: the use cases. Each takes the company's version counter first, so edits come one by one.

All of a request is saved or none of it, with an audit entry for every product it changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.audit.service import Actor, Entry, changes, record
from cloud.catalogue import repository
from cloud.catalogue.planning import FIELDS, Plan, Wanted, plan
from cloud.catalogue.schemas import ImportedProduct, ImportOutcome, PriceDraft, ProductDraft, TaxDraft
from cloud.editing import check_version
from cloud.errors import Conflict, ImportRefused, NotFound
from cloud.paging import fold
from cloud.replication.versions import allocate
from shared.ids import uuid7

__all__ = [
    "change_product",
    "choose_price_list",
    "create_product",
    "delete_price",
    "delete_product",
    "import_products",
    "restore_product",
    "set_price",
    "set_tax",
]


async def create_product(tx: AsyncConnection, *, actor: Actor, at: datetime, draft: ProductDraft) -> UUID:
    """A new product; a deleted one of the same article number comes back under its old id.

    Raises Conflict STK-430, STK-431.
    """
    await allocate(tx, 0)
    known = await repository.product_ids(tx, [draft.code])
    product_id = known.get(draft.code, uuid7())
    if await repository.find_product(tx, product_id) is not None:
        raise Conflict("STK-430", article=draft.code)
    await _save_one(tx, actor, at, Wanted(product_id, _fields(draft), _scanned(draft)))
    return product_id


async def change_product(
    tx: AsyncConnection, *, actor: Actor, at: datetime, product_id: UUID, expected: int, draft: ProductDraft
) -> None:
    """Save an edited product with its bar codes. Raises NotFound, EditConflict, Conflict STK-430, STK-431."""
    await allocate(tx, 0)
    stored = await _existing(tx, product_id)
    theirs = {
        **{name: stored[name] for name in FIELDS},
        "barcodes": (await repository.barcodes_of(tx, [product_id]))[product_id],
    }
    yours = {**_fields(draft), "barcodes": dict(sorted(_scanned(draft).items()))}
    check_version("product", stored=stored["version"], expected=expected, yours=yours, theirs=theirs)
    await _save_one(tx, actor, at, Wanted(product_id, _fields(draft), _scanned(draft)))


async def delete_product(tx: AsyncConnection, *, actor: Actor, at: datetime, product_id: UUID, expected: int) -> None:
    """Take a product out of the catalogue with its bar codes and prices. What was sold stays sold."""
    await allocate(tx, 0)
    stored = await _existing(tx, product_id)
    check_version("product", stored=stored["version"], expected=expected, yours={}, theirs={})
    product_id = repository.plain_uuid(product_id)
    scanned = (await repository.barcodes_of(tx, [product_id]))[product_id]
    dated = (await repository.prices_of(tx, [product_id]))[product_id]
    gone = {"product_id": product_id, "is_deleted": True}
    codes = [{**gone, "barcode": code, "quantity_milli": quantity} for code, quantity in scanned.items()]
    names = ("list", "currency", "valid_from", "unit_price")
    prices = [{**gone, **{name: row[name] for name in names}} for row in dated]
    fields = {name: stored[name] for name in FIELDS}
    await _write(tx, at, [{"id": product_id, **fields, "search": "", "is_deleted": True}], codes, prices)
    old = {**fields, "barcodes": scanned}
    await record(tx, actor, at, [Entry("deleted", "product", str(product_id), old)])


async def restore_product(tx: AsyncConnection, *, actor: Actor, at: datetime, product_id: UUID) -> None:
    """A deleted product as it was, with its prices and those of its bar codes that no other product has got since.

    Raises NotFound for one that is not deleted.
    """
    await allocate(tx, 0)
    deleted = await repository.find_deleted(tx, product_id)
    if deleted is None:
        raise NotFound("deleted product", product_id)
    scanned, dated = await repository.deleted_with(tx, product_id, deleted["version"])
    fields = {name: deleted[name] for name in FIELDS}
    wanted = Wanted(repository.plain_uuid(product_id), fields, scanned, dated)
    outcome = await _planned(tx, at, [wanted])
    await _write(tx, at, outcome.products, outcome.barcodes, outcome.prices)
    await record(tx, actor, at, [Entry("restored", "product", str(product_id), new=outcome.new[0])])


async def import_products(
    tx: AsyncConnection, *, actor: Actor, at: datetime, items: Sequence[ImportedProduct]
) -> ImportOutcome:
    """Create or change products by article number. Raises ImportRefused, having changed nothing."""
    await allocate(tx, 0)
    known = await repository.product_ids(tx, [item.code for item in items])
    wanted = [
        Wanted(
            known.get(item.code) or uuid7(),
            _fields(item),
            None if item.barcodes is None else _scanned(item),
            {(price.list, price.currency, price.valid_from): price.unit_price for price in item.prices},
        )
        for item in items
    ]
    outcome = await _planned(tx, at, wanted)
    if outcome.problems:
        raise ImportRefused(outcome.problems)
    await _carry_out(tx, actor, at, wanted, outcome)
    created, changed = len(outcome.created), len(outcome.changed)
    return ImportOutcome(created=created, changed=changed, unchanged=len(items) - created - changed)


async def set_price(tx: AsyncConnection, *, actor: Actor, at: datetime, product_id: UUID, draft: PriceDraft) -> None:
    """A price from a day on. Raises NotFound, Conflict STK-432 when it would overwrite what has been in force."""
    await allocate(tx, 0)
    stored = await _existing(tx, product_id)
    key = (draft.list, draft.currency, draft.valid_from)
    fields = {name: stored[name] for name in FIELDS}
    await _save_one(tx, actor, at, Wanted(repository.plain_uuid(product_id), fields, None, {key: draft.unit_price}))


async def delete_price(
    tx: AsyncConnection,
    *,
    actor: Actor,
    at: datetime,
    product_id: UUID,
    price_list: str,
    currency: str,
    valid_from: date,
) -> None:
    """Take back a planned price. Raises NotFound, Conflict STK-432 for one that is or was in force."""
    await allocate(tx, 0)
    stored = await _existing(tx, product_id)
    dated = (await repository.prices_of(tx, [product_id]))[product_id]
    key = (price_list, currency, valid_from)
    found = next((row for row in dated if (row["list"], row["currency"], row["valid_from"]) == key), None)
    if found is None:
        raise NotFound("price", valid_from.isoformat())
    if valid_from <= at.date():
        raise Conflict("STK-432", date=valid_from.isoformat(), article=stored["code"])
    row = {name: found[name] for name in ("list", "currency", "valid_from", "unit_price")}
    gone = {**row, "product_id": repository.plain_uuid(product_id), "is_deleted": True}
    await _write(tx, at, [], [], [gone])
    old = {"prices": {f"{price_list} {currency} {valid_from.isoformat()}": found["unit_price"]}}
    await record(tx, actor, at, [Entry("changed", "product", str(product_id), old, {"prices": {}})])


async def set_tax(tx: AsyncConnection, *, actor: Actor, at: datetime, draft: TaxDraft) -> None:
    """A rate from a day on. Raises Conflict STK-433 when it would overwrite what has been in force."""
    version = await allocate(tx, 1)
    known = (await repository.tax_rates(tx, draft.country, draft.code)).get(draft.valid_from)
    new = {"rate": draft.rate, "inclusive": draft.inclusive}
    old = {name: known[name] for name in new} if known else {}
    if known and old != new and draft.valid_from < at.date():
        raise Conflict("STK-433", date=draft.valid_from.isoformat(), letter=draft.code)
    await repository.put_taxes(tx, [{**draft.model_dump(), "version": version}])
    name = f"{draft.country} {draft.code} {draft.valid_from.isoformat()}"
    await record(tx, actor, at, [Entry("changed" if known else "created", "tax", name, *changes(old, new))])


async def choose_price_list(tx: AsyncConnection, *, actor: Actor, at: datetime, branch: str, price_list: str) -> None:
    """The list that a branch sells by; its replica begins anew."""
    await allocate(tx, 1)  # so that branches hear that there is something new
    old, generation = await repository.list_of_branch(tx, branch)
    if old == price_list:
        return
    await repository.put_branch_list(tx, branch, price_list, generation + 1)
    entry = Entry("changed", "branch", branch, {"price_list": old}, {"price_list": price_list}, branch)
    await record(tx, actor, at, [entry])


async def _existing(tx: AsyncConnection, product_id: UUID) -> Any:
    stored = await repository.find_product(tx, product_id)
    if stored is None:
        raise NotFound("product", product_id)
    return stored


def _fields(draft: ProductDraft | ImportedProduct) -> dict[str, str]:
    return {name: getattr(draft, name) for name in FIELDS}


def _scanned(draft: ProductDraft | ImportedProduct) -> dict[str, int]:
    return {given.barcode: given.quantity_milli for given in draft.barcodes or ()}


async def _planned(tx: AsyncConnection, at: datetime, wanted: Sequence[Wanted]) -> Plan:
    ids = [item.product_id for item in wanted]
    scanned = [barcode for item in wanted for barcode in item.barcodes or ()]
    stored = await repository.load(tx, ids, [item.fields["code"] for item in wanted], scanned)
    return plan(wanted, stored, at.date())


async def _save_one(tx: AsyncConnection, actor: Actor, at: datetime, wanted: Wanted) -> None:
    outcome = await _planned(tx, at, [wanted])
    if outcome.problems:
        first = outcome.problems[0]
        raise Conflict(first.code, maker_code=None, **first.parameters)
    await _carry_out(tx, actor, at, [wanted], outcome)


async def _carry_out(tx: AsyncConnection, actor: Actor, at: datetime, wanted: Sequence[Wanted], outcome: Plan) -> None:
    await _write(tx, at, outcome.products, outcome.barcodes, outcome.prices)
    entries = []
    for index in sorted(outcome.new):
        action = "changed" if index in outcome.old else "created"
        old, new = outcome.old.get(index), outcome.new[index]
        if old is not None:
            old, new = changes(old, new)
        entries.append(Entry(action, "product", str(wanted[index].product_id), old, new))
    await record(tx, actor, at, entries)


@dataclass
class _Versions:
    """Hands out a reserved block, one number a row."""

    next: int

    def stamp(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        stamped = []
        for row in rows:
            stamped.append({**row, "version": self.next})
            self.next += 1
        return stamped


async def _write(
    tx: AsyncConnection,
    at: datetime,
    products: Sequence[dict[str, Any]],
    barcodes: Sequence[dict[str, Any]],
    prices: Sequence[dict[str, Any]],
) -> None:
    versions = _Versions(await allocate(tx, len(products) + len(barcodes) + len(prices)))
    found = [{**row, "search": fold(row["search"]), "changed_at": at} for row in products]
    await repository.put_products(tx, versions.stamp(found))
    await repository.put_barcodes(tx, versions.stamp(barcodes))
    await repository.put_prices(tx, versions.stamp(prices))
