"""Deltas for branches. Applying them in any page size from any version gives the same replica as a fresh one.

What a branch is told is a mark: the version, and above it the generation. A change that no delta can say (another
price list) raises the generation; a mark of an earlier one, or from beyond our newest, is answered from the beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access.models import users
from cloud.access.repository import badges_of, grants_of, roles_of
from cloud.access.rights import TILL_RIGHTS
from cloud.catalogue.models import barcodes, prices, products, taxes
from cloud.catalogue.repository import list_of_branch
from cloud.customers.models import customers
from cloud.customers.repository import cards_of, phones_of
from cloud.errors import NotSignedIn
from cloud.fleet.service import check_secret
from cloud.replication import repository
from cloud.replication.models import company_settings
from cloud.replication.repository import BranchView
from cloud.replication.versions import current_version

__all__ = ["GENERATION_STEP", "PAGE_ROWS", "authenticate", "behind", "delta", "newest_mark", "newest_marks"]

GENERATION_STEP: Final = 2**40
"""Marks stay below 2^53 for eight thousand generations, and versions below 2^40 for a thousand changes a second for
thirty years."""

PAGE_ROWS: Final = 5_000
"""About 500 kB of JSON, 100 kB packed: a few seconds at 256 kbit/s, and one transaction at the branch."""


async def authenticate(tx: AsyncConnection, node_id: str, secret: str) -> str:
    """The branch of the node behind a Basic credential. Raises NotSignedIn SEC-410: unknown, wrong or withdrawn."""
    branch = await check_secret(tx, node_id, secret)
    if branch is None:
        raise NotSignedIn("SEC-410")
    return branch


async def newest_mark(tx: AsyncConnection, branch: str) -> int:
    """What a branch that has everything would hold."""
    _, generation = await list_of_branch(tx, branch)
    return generation * GENERATION_STEP + await current_version(tx)


async def newest_marks(tx: AsyncConnection) -> Mapping[str, int]:
    """Branch -> its newest mark, for all branches."""
    version = await current_version(tx)
    marks: defaultdict[str, int] = defaultdict(lambda: version)
    marks |= {
        branch: generation * GENERATION_STEP + version
        for branch, generation in (await repository.generations(tx)).items()
    }
    return marks


def behind(newest: int, held: int) -> int:
    """Changes that a branch holding one mark has not had; all of them when it has to begin anew."""
    same_generation = newest // GENERATION_STEP == held // GENERATION_STEP
    return max(newest - held, 0) if same_generation else newest % GENERATION_STEP


async def delta(tx: AsyncConnection, branch: str, since: int, rows: int = PAGE_ROWS) -> dict[str, Any]:
    """One page of what changed after the mark `since`: at most so many rows.

    `since` in the answer is 0 when the asker has to begin anew, whatever was asked.
    """
    newest = await current_version(tx)  # first: whatever is read later is at least as new
    price_list, generation = await list_of_branch(tx, branch)
    view = await repository.branch_view(tx, branch, price_list, generation)
    asked_generation, version = divmod(since, GENERATION_STEP)
    if asked_generation != generation or version > newest:
        since, version = 0, 0
    end = await repository.cutoff(tx, view, version, newest, rows)
    upto = newest if end is None else end
    changes = await _changes(tx, view, await repository.changed(tx, view, version, upto))
    return {
        "since": since,
        "version": generation * GENERATION_STEP + upto,
        "complete": end is None,
        "changes": changes,
    }


async def _changes(
    tx: AsyncConnection, view: BranchView, found: Mapping[Table, Sequence[RowMapping]]
) -> dict[str, Any]:
    return {
        "products": [_product(row) for row in found[products]],
        "barcodes": [_barcode(row) for row in found[barcodes]],
        "prices": [_price(row) for row in found[prices]],
        "customers": await _customers(tx, found[customers]),
        "operators": await _operators(tx, view.branch, found[users]),
        "taxes": [_tax(row) for row in found[taxes]],
        "settings": {row["name"]: row["value"] for row in found[company_settings]},
    }


def _product(row: RowMapping) -> dict[str, Any]:
    if row["is_deleted"]:
        return _gone(row["id"])
    age = {} if row["minimum_age"] is None else {"minimum_age": row["minimum_age"]}
    return {"id": str(row["id"])} | {name: row[name] for name in ("code", "name", "unit", "tax_code")} | age


def _barcode(row: RowMapping) -> dict[str, Any]:
    if row["is_deleted"]:
        return {"barcode": row["barcode"], "deleted": True}
    return {
        "barcode": row["barcode"],
        "product_id": str(row["product_id"]),
        "quantity_milli": row["quantity_milli"],
    }


def _price(row: RowMapping) -> dict[str, Any]:
    key = {"product_id": str(row["product_id"]), "valid_from": row["valid_from"].isoformat()}
    return key | ({"deleted": True} if row["is_deleted"] else {"unit_price": row["unit_price"]})


def _tax(row: RowMapping) -> dict[str, Any]:
    return {
        "code": row["code"],
        "rate": row["rate"],
        "valid_from": row["valid_from"].isoformat(),
        "inclusive": row["inclusive"],
    }


async def _customers(tx: AsyncConnection, rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows if not row["is_deleted"]]
    phones, cards = await phones_of(tx, ids), await cards_of(tx, ids)
    told = []
    for row in rows:
        if row["is_deleted"]:
            told.append(_gone(row["id"]))
            continue
        phone = next(iter(phones[row["id"]]), None)
        known = {"number": row["number"], "name": row["name"], "phone": phone, "cards": cards[row["id"]]}
        told.append({"id": str(row["id"])} | known)
    return told


async def _operators(tx: AsyncConnection, branch: str, rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    """Whoever may do something at this branch's tills; of all others only that they may not."""
    ids = [row["id"] for row in rows]
    roles, badges = await roles_of(tx, ids), await badges_of(tx, ids)
    told = []
    for row in rows:
        grants = grants_of(roles[row["id"]])
        held = (grants.get(None, frozenset()) | grants.get(branch, frozenset())) & TILL_RIGHTS
        if not row["is_active"] or not held:
            told.append(_gone(row["id"]))
            continue
        known = {"name": row["name"], "pin": row["pin_hash"], "badges": badges[row["id"]], "rights": sorted(held)}
        told.append({"id": str(row["id"])} | known)
    return told


def _gone(row_id: UUID) -> dict[str, Any]:
    return {"id": str(row_id), "deleted": True}
