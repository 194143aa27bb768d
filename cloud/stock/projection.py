"""Sales and returns -> moves of the ledger, and the balances they change, in one transaction.

What a till sells leaves its branch's main warehouse; what comes back goes there, put aside when it cannot be sold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from cloud.bulk import Record, add_up, append
from cloud.ingest.effects import Effects, Totals
from cloud.stock.models import BALANCE_KEY, stock_balances, stock_moves

__all__ = ["move_id", "project"]


_MOVE: Final = (
    "id",
    "warehouse",
    "product",
    "lot",
    "condition",
    "quantity_milli",
    "kind",
    "at",
    "of_id",
    "line_no",
)


async def project(effects: Effects) -> None:
    moves = [*_sold(effects), *_returned(effects)]
    held = Totals(("quantity_milli",))
    for _, warehouse, product, lot, condition, quantity_milli, *_ in moves:
        held[warehouse, product, lot, condition][0] += quantity_milli
    await append(effects.tx, stock_moves, _MOVE, moves)
    await add_up(effects.tx, stock_balances, BALANCE_KEY, ("quantity_milli",), held)


def _sold(effects: Effects) -> Iterator[Record]:
    ids = effects.ids
    for fact in effects.of("sale.completed"):
        sale, at, warehouse = fact.payload, fact.envelope.time, ids[fact.place.warehouse.int]
        first, of_id = _first_move(fact.envelope.id), ids[sale.sale_id.int]
        for number, line in enumerate(sale.lines, 1):
            product, lot, quantity_milli = ids[line.product_id.int], line.lot or "", -line.quantity_milli
            move = ids.make(first ^ number)
            yield move, warehouse, product, lot, "sellable", quantity_milli, "sale", at, of_id, line.line_no


def _returned(effects: Effects) -> Iterator[Record]:
    ids = effects.ids
    for fact in effects.of("sale.returned"):
        back, at, warehouse = fact.payload, fact.envelope.time, ids[fact.place.warehouse.int]
        first, of_id = _first_move(fact.envelope.id), ids[back.return_id.int]
        for number, line in enumerate(back.lines, 1):
            condition, kind = ("sellable", "return") if line.sellable else ("problem", "problem")
            product, lot, quantity_milli = ids[line.product_id.int], line.lot or "", line.quantity_milli
            move = ids.make(first ^ number)
            yield move, warehouse, product, lot, condition, quantity_milli, kind, at, of_id, line.original_line_no


def move_id(event_id: UUID, number: int) -> UUID:
    """The id of the n-th move of a fact: the fact's own with the version set to 8 (RFC 9562, 5.8) and n mixed in.

    It keeps the fact's time in front, so moves are stored in the order of time.
    """
    return UUID(int=_first_move(event_id) ^ number)


def _first_move(event_id: UUID) -> int:
    return event_id.int & ~(0xF << 76) | 0x8 << 76
