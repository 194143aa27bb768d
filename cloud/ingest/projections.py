"""Who is told of new facts, and in which order: one explicit list."""

from __future__ import annotations

from typing import Final

from cloud.customers import projection as customers
from cloud.fleet import projection as fleet
from cloud.ingest.effects import Projection
from cloud.reporting import projection as reporting
from cloud.sales import projection as sales
from cloud.stock import projection as stock

__all__ = ["PROJECTIONS"]

PROJECTIONS: Final[tuple[Projection, ...]] = (
    customers.project,
    fleet.project,
    sales.project,
    stock.project,
    reporting.project,
)
"""The order in which tables are written, the same for every worker, so that none waits for another crosswise.

Customers first: whoever changes what branches copy takes its counter's lock before any other."""
