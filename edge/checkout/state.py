"""What a till knows between two operations: an immutable value, read from the journal and kept by whoever writes it.

Never breaks: the value is what the committed operations say. `n` counts them; a copy with another n is thrown away.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from edge.checkout.basket import EMPTY, Basket, Change, apply, load_change
from edge.checkout.shifts import Shift, ShiftState

__all__ = ["OpenSale", "OperatorAtTill", "ParkedSale", "TillState", "changes_of", "load_state", "shift_of", "stored_n"]


@dataclass(frozen=True)
class OperatorAtTill:
    """Who stands at the till, with the rights that head office last gave."""

    operator_id: UUID
    name: str
    rights: frozenset[str]


@dataclass(frozen=True)
class OpenSale:
    """The basket on the screen, with its number from the first change on."""

    sale_id: UUID
    number: str
    opened_at: str
    basket: Basket


@dataclass(frozen=True)
class ParkedSale:
    sale_id: UUID
    number: str
    name: str
    parked_at: str
    basket: Basket


@dataclass(frozen=True)
class TillState:
    till: str
    n: int = 0
    operator: OperatorAtTill | None = None
    shift: Shift | None = None
    """Not closed yet."""
    sale: OpenSale | None = None
    parked: tuple[ParkedSale, ...] = ()
    last_id: UUID | None = None
    """The sale or return shown last."""

    @property
    def basket(self) -> Basket:
        return self.sale.basket if self.sale else EMPTY


def changes_of(connection: sqlite3.Connection, sale_id: str) -> list[Change]:
    rows = connection.execute(
        "SELECT changes FROM operations WHERE basket_id = ? AND changes IS NOT NULL ORDER BY n", (sale_id,)
    )
    return [load_change(json.dumps(change)) for row in rows for change in json.loads(row["changes"])]


def _basket_of(connection: sqlite3.Connection, sale_id: str) -> Basket:
    basket = EMPTY
    for change in changes_of(connection, sale_id):
        basket = apply(basket, change)
    return basket


def stored_n(connection: sqlite3.Connection, till: str) -> int:
    row = connection.execute("SELECT n FROM tills WHERE till = ?", (till,)).fetchone()
    return int(row["n"]) if row else 0


def load_state(connection: sqlite3.Connection, till: str) -> TillState:
    """The till as its stored operations leave it."""
    row = connection.execute("SELECT * FROM tills WHERE till = ?", (till,)).fetchone()
    if row is None:
        return TillState(till)
    return TillState(
        till=till,
        n=row["n"],
        operator=_operator(row),
        shift=shift_of(connection, row["shift_id"]),
        sale=_open_sale(connection, row["basket_id"]),
        parked=_parked(connection, till),
        last_id=UUID(row["last_id"]) if row["last_id"] else None,
    )


def _operator(row: sqlite3.Row) -> OperatorAtTill | None:
    if row["operator_id"] is None:
        return None
    return OperatorAtTill(UUID(row["operator_id"]), row["operator_name"], frozenset(json.loads(row["operator_rights"])))


def shift_of(connection: sqlite3.Connection, shift_id: str | None) -> Shift | None:
    row = connection.execute("SELECT * FROM shifts WHERE shift_id = ?", (shift_id,)).fetchone()
    if row is None:
        return None
    return Shift(
        shift_id=UUID(row["shift_id"]),
        number=row["number"],
        state=ShiftState(row["state"]),
        currency=row["currency"],
        opened_at=row["opened_at"],
        businessdate=date.fromisoformat(row["businessdate"]),
        operator_id=UUID(row["operator_id"]),
        operator_name=row["operator_name"],
        float_minor=row["float_minor"],
    )


def _open_sale(connection: sqlite3.Connection, sale_id: str | None) -> OpenSale | None:
    row = connection.execute("SELECT * FROM baskets WHERE basket_id = ?", (sale_id,)).fetchone()
    if row is None:
        return None
    return OpenSale(UUID(sale_id), row["number"], row["opened_at"], _basket_of(connection, row["basket_id"]))


def _parked(connection: sqlite3.Connection, till: str) -> tuple[ParkedSale, ...]:
    rows = connection.execute("SELECT * FROM baskets WHERE till = ? AND state = 'parked' ORDER BY parked_at", (till,))
    return tuple(
        ParkedSale(
            UUID(row["basket_id"]),
            row["number"],
            row["name"],
            row["parked_at"],
            _basket_of(connection, row["basket_id"]),
        )
        for row in rows.fetchall()
    )
