"""The guard of returned quantities: more back than was sold is recorded (the paper exists), and a person is told.

It looks whenever the sale or a return of it comes in, so the order in which they come makes no difference.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, and_, func, select

from cloud.fleet.exceptions import Raised
from cloud.ingest.effects import Effects
from cloud.questions import Among, Question
from cloud.sales.models import return_lines, returns, sale_lines, sales

__all__ = ["guard_returned_quantities"]


async def guard_returned_quantities(effects: Effects) -> None:
    """Raise SAL-142 for each line of which more was returned than sold. A sale not known here is not judged."""
    touched = {fact.payload.original_sale_id for fact in effects.of("sale.returned")}
    touched |= {fact.payload.sale_id for fact in effects.of("sale.completed")}
    if not touched:
        return
    for row in await _TOO_MUCH_BACK.ask(effects.tx, sales=touched):
        sale_id, line_no = str(row["sale_id"]), int(row["sale_line_no"])
        effects.raised.append(
            Raised(
                code="SAL-142",
                about=f"sale:{sale_id}:{line_no}",
                branch=row["branch"],
                node=row["node"],
                at=row["at"],
                subject=sale_id,
                parameters={"number": row["number"], "line": line_no, "sold_milli": row["sold_milli"]},
            )
        )


def _too_much_back(among: Among) -> Select[Any]:
    sold = func.coalesce(func.max(sale_lines.c.quantity_milli), 0)
    returned = func.sum(return_lines.c.quantity_milli)
    line_of_sale = and_(
        sale_lines.c.sale_id == return_lines.c.sale_id, sale_lines.c.line_no == return_lines.c.sale_line_no
    )
    return (
        select(
            return_lines.c.sale_id,
            return_lines.c.sale_line_no,
            sold.label("sold_milli"),
            func.max(sales.c.number).label("number"),
            func.max(returns.c.branch).label("branch"),
            func.max(returns.c.node).label("node"),
            func.max(returns.c.at).label("at"),
        )
        .join(sales, sales.c.id == return_lines.c.sale_id)
        .join(returns, returns.c.id == return_lines.c.return_id)
        .join(sale_lines, line_of_sale, isouter=True)
        .where(among(return_lines.c.sale_id, "sales"))
        .group_by(return_lines.c.sale_id, return_lines.c.sale_line_no)
        .having(returned > sold)
    )


_TOO_MUCH_BACK: Final = Question(_too_much_back)
