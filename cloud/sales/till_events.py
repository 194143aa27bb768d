"""Rows of what happens at a till besides selling: cancelled sales, voided lines, price changes, cash, drawer, scans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Table

from cloud.ingest.effects import Effects, NewFact
from cloud.sales import models as tables

__all__ = ["Row", "happened", "till_event_rows"]

Row = dict[str, Any]


def happened(fact: NewFact) -> Row:
    """The columns that say where, when and by whom."""
    envelope = fact.envelope
    return {
        "branch": envelope.branch,
        "node": envelope.node,
        "till": envelope.till,
        "shift": envelope.shift,
        "operator": envelope.operator,
        "businessdate": fact.businessdate,
        "at": envelope.time,
    }


@dataclass(frozen=True)
class _Kind:
    """One kind of fact and its table. same: columns that are named as in the payload; renamed: column -> field."""

    table: Table
    same: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)

    def row(self, fact: NewFact) -> Row:
        payload = fact.payload
        return {
            "event_id": fact.envelope.id,
            **happened(fact),
            **{name: getattr(payload, name) for name in self.same},
            **{column: getattr(payload, name) for column, name in self.renamed.items()},
        }


_OF_A_LINE: Final = ("sale_id", "line_no", "product_id", "product_code", "currency", "quantity_milli")
_KINDS: Final = {
    "sale.cancelled": _Kind(
        tables.cancelled_sales, ("sale_id", "number", "currency", "reason", "line_count", "total_minor")
    ),
    "sale.line_voided": _Kind(
        tables.voided_lines, (*_OF_A_LINE, "name", "amount_minor"), {"is_after_total": "after_total"}
    ),
    "sale.price_changed": _Kind(tables.price_changes, (*_OF_A_LINE, "old_unit_price", "new_unit_price", "reason")),
    "cash.moved": _Kind(
        tables.cash_movements, ("direction", "amount_minor", "currency", "reason"), {"id": "movement_id"}
    ),
    "drawer.opened": _Kind(tables.drawer_openings, ("reason",)),
    "scan.unresolved": _Kind(tables.unresolved_scans, ("problem", "raw", "symbology")),
}


def till_event_rows(effects: Effects, rows: dict[Table, list[Row]]) -> None:
    """Add the rows of what happened at a till besides sales: each is one fact, one row, kept for ever."""
    for name, kind in _KINDS.items():
        new = [kind.row(fact) for fact in effects.of(name)]
        if new:
            rows.setdefault(kind.table, []).extend(new)
    for fact in effects.of("sale.line_voided"):
        _tell_of_voiding(effects, fact)


def _tell_of_voiding(effects: Effects, fact: NewFact) -> None:
    """SAL-140: a line taken out after the customer had seen the total."""
    line = fact.payload
    if line.after_total:
        effects.raise_(
            "SAL-140",
            fact,
            f"voided:{fact.envelope.id}",
            line.sale_id,
            name=line.name,
            amount_minor=line.amount_minor,
            currency=line.currency,
            till=fact.envelope.till or "",
        )
