"""What a save would change, worked out before anything is written. Pure: no database, no clock.

The same rules serve one product edited by hand and five thousand from a file. Any problem refuses all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from cloud.problems import Problem

__all__ = ["Plan", "PriceKey", "Stored", "StoredProduct", "Wanted", "plan"]

PriceKey = tuple[str, str, date]
"""List, currency, first day."""

FIELDS = ("code", "name", "unit", "tax_code", "minimum_age")


@dataclass(frozen=True)
class Wanted:
    """One product as it shall be. barcodes None: as they are. prices are added to those it has."""

    product_id: UUID
    fields: Mapping[str, Any]
    barcodes: Mapping[str, int] | None
    prices: Mapping[PriceKey, int] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredProduct:
    fields: Mapping[str, Any]
    is_deleted: bool
    barcodes: Mapping[str, int]
    """Live ones, with the thousandths that a scan sells."""
    prices: Mapping[PriceKey, int]
    """Live ones of the keys that matter to the save."""


@dataclass(frozen=True)
class Stored:
    """What the database has of everything that the save touches."""

    products: Mapping[UUID, StoredProduct]
    code_owner: Mapping[str, UUID]
    barcode_owner: Mapping[str, tuple[UUID, str]]
    """Product and its article number, of live bar codes."""


@dataclass
class Plan:
    problems: list[Problem] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    products: list[dict[str, Any]] = field(default_factory=list)
    barcodes: list[dict[str, Any]] = field(default_factory=list)
    prices: list[dict[str, Any]] = field(default_factory=list)
    old: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Item -> values before, for the audit; only of products that existed."""
    new: dict[int, dict[str, Any]] = field(default_factory=dict)


_NOTHING = StoredProduct({}, True, {}, {})


def plan(wanted: Sequence[Wanted], stored: Stored, today: date) -> Plan:
    """Rows to write, and every problem found.

    STK-430 the article number is another product's, or stands twice; STK-431 a bar code is; STK-432 a price that was
    in force before today would be overwritten.
    """
    result = Plan()
    codes = Counter(item.fields["code"] for item in wanted)
    scanned = Counter(barcode for item in wanted for barcode in item.barcodes or ())
    for index, item in enumerate(wanted):
        before = stored.products.get(item.product_id, _NOTHING)
        problems = [
            *_code_problems(index, item, stored, codes),
            *_barcode_problems(index, item, stored, scanned),
            *_price_problems(index, item, before, today),
        ]
        result.problems += problems
        if not problems:
            _add(result, index, item, before)
    return result


def _code_problems(index: int, item: Wanted, stored: Stored, codes: Counter[str]) -> list[Problem]:
    code = item.fields["code"]
    owner = stored.code_owner.get(code, item.product_id)
    return [Problem(index, "STK-430", {"article": code})] if owner != item.product_id or codes[code] > 1 else []


def _barcode_problems(index: int, item: Wanted, stored: Stored, scanned: Counter[str]) -> list[Problem]:
    problems = []
    for barcode in item.barcodes or ():
        owner, holder = stored.barcode_owner.get(barcode, (item.product_id, item.fields["code"]))
        if owner != item.product_id or scanned[barcode] > 1:
            problems.append(Problem(index, "STK-431", {"barcode": barcode, "product": holder}))
    return problems


def _price_problems(index: int, item: Wanted, before: StoredProduct, today: date) -> list[Problem]:
    return [
        Problem(index, "STK-432", {"date": key[2].isoformat(), "article": item.fields["code"]})
        for key, price in item.prices.items()
        if key[2] < today and before.prices.get(key, price) != price
    ]


def _add(result: Plan, index: int, item: Wanted, before: StoredProduct) -> None:
    live_barcodes = {} if before.is_deleted else before.barcodes
    barcodes = live_barcodes if item.barcodes is None else item.barcodes
    prices = {key: price for key, price in item.prices.items() if before.prices.get(key) != price}
    is_new = before.is_deleted
    fields_differ = is_new or any(item.fields[name] != before.fields[name] for name in FIELDS)
    if not fields_differ and barcodes == live_barcodes and not prices:
        return
    (result.created if is_new else result.changed).append(index)
    if fields_differ or barcodes != live_barcodes:
        found_by = " ".join([item.fields["name"], item.fields["code"], *sorted(barcodes)])
        result.products.append({"id": item.product_id, **item.fields, "search": found_by, "is_deleted": False})
    for barcode in sorted(barcodes.keys() | before.barcodes.keys()):
        row = {"barcode": barcode, "product_id": item.product_id, "is_deleted": barcode not in barcodes}
        quantity = barcodes.get(barcode, before.barcodes.get(barcode))
        if barcodes.get(barcode) != live_barcodes.get(barcode):
            result.barcodes.append({**row, "quantity_milli": quantity})
    for (price_list, currency, valid_from), unit_price in sorted(prices.items()):
        key_row = {"product_id": item.product_id, "list": price_list, "currency": currency, "valid_from": valid_from}
        result.prices.append({**key_row, "unit_price": unit_price, "is_deleted": False})
    if not is_new:
        result.old[index] = _shown(before.fields, live_barcodes, {key: before.prices.get(key) for key in prices})
    result.new[index] = _shown(item.fields, barcodes, prices)


def _shown(
    fields: Mapping[str, Any], barcodes: Mapping[str, int], prices: Mapping[PriceKey, int | None]
) -> dict[str, Any]:
    dated = {f"{key[0]} {key[1]} {key[2].isoformat()}": price for key, price in sorted(prices.items())}
    return {**fields, "barcodes": dict(sorted(barcodes.items())), "prices": dated}
