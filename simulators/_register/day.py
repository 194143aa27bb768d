"""The running sums of the fiscal day: everything in fiscal memory since the last Z report."""

from __future__ import annotations

from simulators._register.memory import Record
from simulators._register.receipt import TAX_GROUPS

__all__ = ["DayTotals"]


class DayTotals:
    """Built from records only, so that a restart counts exactly what the paper shows."""

    def __init__(self, cash_letter: str) -> None:
        self._cash_letter = cash_letter
        self.counts = dict.fromkeys(("sale", "return", "cancelled", "nonfiscal", "cash", "x", "duplicate"), 0)
        self.by_tax = {kind: dict.fromkeys(TAX_GROUPS, 0) for kind in ("sale", "return")}
        self.payments: dict[str, int] = {}
        """By letter, net of change and of what returns gave back."""
        self.cash_in_minor = 0
        self.cash_out_minor = 0

    def add(self, record: Record) -> None:
        kind = record["kind"]
        self.counts[kind] += 1
        if kind == "cash":
            self.cash_in_minor += max(record["total_minor"], 0)
            self.cash_out_minor += max(-record["total_minor"], 0)
        if kind not in self.by_tax:
            return
        sign = 1 if kind == "sale" else -1
        for tax, amount in record["total_by_tax"].items():
            self.by_tax[kind][tax] += amount
        for payment in record["payments"]:
            self._pay(payment["letter"], sign * payment["amount_minor"])
        self._pay(self._cash_letter, -sign * record["change_minor"])

    def _pay(self, letter: str, amount: int) -> None:
        if amount:
            self.payments[letter] = self.payments.get(letter, 0) + amount

    @property
    def all_receipts(self) -> int:
        return sum(self.counts.values())

    @property
    def fiscal_receipts(self) -> int:
        return self.counts["sale"] + self.counts["return"]

    @property
    def cash_in_drawer_minor(self) -> int:
        return self.payments.get(self._cash_letter, 0) + self.cash_in_minor - self.cash_out_minor

    def net_by_tax(self) -> dict[str, int]:
        return {tax: self.by_tax["sale"][tax] - self.by_tax["return"][tax] for tax in TAX_GROUPS}

    @property
    def turnover_minor(self) -> int:
        return sum(self.net_by_tax().values())

    def report(self) -> Record:
        """The sums as they stand in the record of an X or Z report."""
        return {
            "sales": self._part("sale"),
            "returns": self._part("return"),
            "cancelled_count": self.counts["cancelled"],
            "payments_by_letter": dict(self.payments),
            "cash_in_minor": self.cash_in_minor,
            "cash_out_minor": self.cash_out_minor,
            "cash_in_drawer_minor": self.cash_in_drawer_minor,
        }

    def _part(self, kind: str) -> Record:
        by_tax = dict(self.by_tax[kind])
        return {"count": self.counts[kind], "total_minor": sum(by_tax.values()), "by_tax": by_tax}
