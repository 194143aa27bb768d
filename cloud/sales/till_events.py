"""Rows of what happens at a till besides selling: cancelled sales, voided lines, price changes, cash, drawer, scans."""

from __future__ import annotations

from typing import Any

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


def till_event_rows(effects: Effects, rows: dict[Table, list[Row]]) -> None:
    """Add the rows of what happened at a till besides sales: each is one fact, one row, kept for ever."""
    for fact in effects.of("sale.cancelled"):
        dropped = fact.payload
        rows.setdefault(tables.cancelled_sales, []).append(
            {
                "event_id": fact.envelope.id,
                "sale_id": dropped.sale_id,
                "number": dropped.number,
                **happened(fact),
                "currency": dropped.currency,
                "reason": dropped.reason,
                "line_count": dropped.line_count,
                "total_minor": dropped.total_minor,
            }
        )
    for fact in effects.of("sale.line_voided"):
        line = fact.payload
        rows.setdefault(tables.voided_lines, []).append(
            {
                "event_id": fact.envelope.id,
                "sale_id": line.sale_id,
                "line_no": line.line_no,
                **happened(fact),
                "product_id": line.product_id,
                "product_code": line.product_code,
                "name": line.name,
                "quantity_milli": line.quantity_milli,
                "currency": line.currency,
                "amount_minor": line.amount_minor,
                "is_after_total": line.after_total,
            }
        )
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
    for fact in effects.of("sale.price_changed"):
        change = fact.payload
        rows.setdefault(tables.price_changes, []).append(
            {
                "event_id": fact.envelope.id,
                "sale_id": change.sale_id,
                "line_no": change.line_no,
                **happened(fact),
                "product_id": change.product_id,
                "product_code": change.product_code,
                "currency": change.currency,
                "old_unit_price": change.old_unit_price,
                "new_unit_price": change.new_unit_price,
                "quantity_milli": change.quantity_milli,
                "reason": change.reason,
            }
        )
    for fact in effects.of("cash.moved"):
        move = fact.payload
        rows.setdefault(tables.cash_movements, []).append(
            {
                "id": move.movement_id,
                **happened(fact),
                "direction": move.direction,
                "amount_minor": move.amount_minor,
                "currency": move.currency,
                "reason": move.reason,
                "event_id": fact.envelope.id,
            }
        )
    for fact in effects.of("drawer.opened"):
        rows.setdefault(tables.drawer_openings, []).append(
            {"event_id": fact.envelope.id, **happened(fact), "reason": fact.payload.reason}
        )
    for fact in effects.of("scan.unresolved"):
        scan = fact.payload
        rows.setdefault(tables.unresolved_scans, []).append(
            {
                "event_id": fact.envelope.id,
                **happened(fact),
                "problem": scan.problem,
                "raw": scan.raw,
                "symbology": scan.symbology,
            }
        )
