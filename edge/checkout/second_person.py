"""What a second person is told of the act that they are to allow: of what, how much, why. Only for the eye.

Never breaks: it decides nothing; an act that cannot be described is asked for all the same.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from edge.checkout.act import Act
from edge.checkout.fiscal_store import reading
from edge.checkout.operations import CashMovement, Discount, OneLine, Price, Quantity, ReturnLines
from edge.checkout.returning import plan_of
from edge.checkout.sold import find_sale
from shared.errors import TradepostError
from shared.money import line_amount
from shared.pricing import percent_of

__all__ = ["told"]

Facts = dict[str, Any]


def told(act: Act, operation: str, arguments: Any) -> Facts:
    """item, amount_minor and reason, as far as the act has them."""
    facts: Facts = {}
    with suppress(TradepostError):
        # Whatever cannot be worked out now will be refused for that reason once it is allowed.
        facts = _sum_of(act, operation, arguments)
    reason = getattr(arguments, "reason", None)
    return facts if reason is None else {**facts, "reason": reason}


def _sum_of(act: Act, operation: str, arguments: Any) -> Facts:
    match arguments:
        case ReturnLines():
            plan = plan_of(act.desk, find_sale(reading(act.tx), arguments.sale_id), arguments.requests)
            return {"amount_minor": plan.total_minor + plan.rounding_minor}
        case CashMovement():
            return {"amount_minor": arguments.amount_minor}
        case Discount() | Price() | Quantity() | OneLine():
            return _line_told(act, arguments)
    return {"amount_minor": act.bill().total_minor} if operation == "cancel_sale" else {}


def _line_told(act: Act, arguments: Discount | Price | Quantity | OneLine) -> Facts:
    """For a discount what it takes off, for a price what the line would cost, else what goes out of the basket."""
    line, step = act.state.basket.live_line(arguments.line_id), act.desk.currency.line_step
    gross = line_amount(line.unit_price, line.quantity_milli, step)
    match arguments:
        case Discount():
            amount = percent_of(gross, arguments.rate, step) + arguments.amount_minor
        case Price():
            amount = line_amount(arguments.scaled, line.quantity_milli, step)
        case Quantity():
            amount = gross - line_amount(line.unit_price, arguments.quantity_milli, step)
        case _:
            amount = gross
    return {"item": line.product.name, "amount_minor": amount}
