"""A replica in a folder of its own, and the rows that head office sends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from edge.replica import Delta, Replica

SECRET = "n0de-s3cret"
TODAY = date(2026, 11, 21)
MILK = UUID("01936b2e-0000-7000-8000-000000000001")
COFFEE = UUID("01936b2e-0000-7000-8000-000000000002")
BREAD = UUID("01936b2e-0000-7000-8000-000000000003")


def product(product_id: UUID, code: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": str(product_id), "code": code, "name": name, "unit": "pc", "tax_code": "A", **more}


def price(product_id: UUID, unit_price: int, valid_from: str) -> dict[str, Any]:
    return {"product_id": str(product_id), "unit_price": unit_price, "valid_from": valid_from}


def barcode(text: str, product_id: UUID, quantity_milli: int = 1_000) -> dict[str, Any]:
    return {"barcode": text, "product_id": str(product_id), "quantity_milli": quantity_milli}


def delta(since: int, version: int, *, complete: bool = True, **changes: Any) -> Delta:
    return Delta.model_validate({"since": since, "version": version, "complete": complete, "changes": changes})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "replica.db"


@pytest.fixture
def replica(path: Path) -> Iterator[Replica]:
    replica = Replica.open(path, secret=SECRET, currency="AMD")
    yield replica
    replica.close()


@pytest.fixture
def shop(replica: Replica) -> Replica:
    """Milk, coffee and bread with prices and codes."""
    replica.apply(
        delta(
            0,
            10,
            products=[
                product(MILK, "1001", "Milk 3.2 % 1 l"),
                product(COFFEE, "1002", "Coffee beans 250 g"),
                product(BREAD, "1003", "Bread Matnakash"),
            ],
            barcodes=[
                barcode("4850001234562", MILK),
                barcode("14850001234569", MILK, 12_000),
                barcode("96385074", COFFEE),
            ],
            prices=[
                price(MILK, 6_200_000, "2026-01-01"),
                price(MILK, 6_500_000, "2026-11-21"),
                price(MILK, 7_000_000, "2026-12-01"),
                price(COFFEE, 39_000_000, "2026-12-01"),
            ],
        )
    )
    return replica
