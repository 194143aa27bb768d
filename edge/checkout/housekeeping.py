"""What the till's memory forgets: everything of a sale goes when its fact has gone, and answers nobody will ask for.

Never breaks: an open or parked basket, an unfinished receipt and an open shift are kept however old they are.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from edge.journal import Transaction
from edge.journal.transaction import time_text

__all__ = ["KEEP_OPERATIONS", "forget_old"]

KEEP_OPERATIONS: Final = timedelta(days=30)
"""A page that comes back after a month with an unanswered operation has been forgotten by its cashier, too."""
AT_ONCE: Final = 500
"""Rows deleted in one transaction, so that a sale waits for milliseconds at most."""

_STEPS: Final = (
    "DELETE FROM operations WHERE rowid IN (SELECT o.rowid FROM operations o LEFT JOIN baskets b USING (basket_id)"
    " WHERE o.at < :before AND coalesce(b.state, 'sold') NOT IN ('open', 'parked') LIMIT :most)",
    "DELETE FROM sales WHERE sale_id IN (SELECT sale_id FROM sales WHERE sold_at < :before AND NOT EXISTS"
    " (SELECT 1 FROM facts WHERE facts.event_id = sales.event_id) LIMIT :most)",
    "DELETE FROM returns WHERE return_id IN (SELECT return_id FROM returns WHERE returned_at < :before AND NOT EXISTS"
    " (SELECT 1 FROM facts WHERE facts.event_id = returns.event_id) LIMIT :most)",
    "DELETE FROM returned_lines WHERE NOT EXISTS (SELECT 1 FROM sales s WHERE s.sale_id = returned_lines.sale_id)",
    "DELETE FROM refunds WHERE NOT EXISTS (SELECT 1 FROM sales s WHERE s.sale_id = refunds.sale_id)",
    "DELETE FROM fiscal_jobs WHERE place IN (SELECT place FROM fiscal_jobs j WHERE j.changed_at < :before"
    " AND j.state IN ('done', 'refused') AND NOT EXISTS (SELECT 1 FROM sales s WHERE s.sale_id = j.of_id)"
    " AND NOT EXISTS (SELECT 1 FROM returns r WHERE r.return_id = j.of_id) LIMIT :most)",
    "DELETE FROM print_jobs WHERE place IN (SELECT place FROM print_jobs j WHERE j.changed_at < :before"
    " AND NOT EXISTS (SELECT 1 FROM sales s WHERE s.sale_id = j.of_id)"
    " AND NOT EXISTS (SELECT 1 FROM returns r WHERE r.return_id = j.of_id) LIMIT :most)",
    "DELETE FROM baskets WHERE basket_id IN (SELECT b.basket_id FROM baskets b WHERE b.state IN ('sold', 'cancelled')"
    " AND b.opened_at < :before AND NOT EXISTS (SELECT 1 FROM sales s WHERE s.sale_id = b.basket_id) LIMIT :most)",
    "DELETE FROM enrolled WHERE customer_id IN (SELECT customer_id FROM enrolled WHERE at < :before LIMIT :most)",
    "DELETE FROM drawer WHERE entry IN (SELECT d.entry FROM drawer d JOIN shifts s USING (shift_id)"
    " WHERE s.state = 'closed' AND s.closed_at < :before LIMIT :most)",
)


def forget_old(tx: Transaction) -> int:
    """Delete a bounded number of old rows; how many. Call again while it is not 0."""
    parameters = {"before": time_text(tx.now - KEEP_OPERATIONS), "most": AT_ONCE}
    return sum(tx.connection.execute(step, parameters).rowcount for step in _STEPS)
