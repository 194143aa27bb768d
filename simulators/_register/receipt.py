"""The document that stands open: its lines, discounts, payments and sums. Pure; changed only by `apply`.

Every step is an entry, so that the RAM file and this object cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulators._register.arithmetic import round_half_away, spread
from simulators._register.ram import Entry

__all__ = ["TAX_GROUPS", "Receipt"]

TAX_GROUPS = "ABCDEFGH"


class Receipt:
    """Kinds: sale, return (fiscal) and nonfiscal."""

    def __init__(self, opening: Entry) -> None:
        self.opening = opening
        self.lines: list[Entry] = []
        self.adjustments: list[Entry] = []
        self.payments: list[Entry] = []
        self.comments: list[str] = []
        self.comment_after: list[int] = []
        self.customer: str | None = None
        self.power_losses = 0
        self.by_tax = dict.fromkeys(TAX_GROUPS, 0)
        self._apply = {
            "line": self._line,
            "comment": self._comment,
            "adjust": self._adjust,
            "pay": self._pay,
            "customer": self._customer,
            "power-loss": self._power_loss,
        }

    @classmethod
    def from_entries(cls, entries: Iterable[Entry]) -> Receipt:
        opening, *rest = entries
        receipt = cls(opening)
        for entry in rest:
            receipt.apply(entry)
        return receipt

    @property
    def kind(self) -> str:
        return str(self.opening["kind"])

    @property
    def is_fiscal(self) -> bool:
        return self.kind != "nonfiscal"

    @property
    def total_minor(self) -> int:
        return sum(self.by_tax.values())

    @property
    def paid_minor(self) -> int:
        return sum(payment["amount_minor"] for payment in self.payments)

    @property
    def due_minor(self) -> int:
        return max(self.total_minor - self.paid_minor, 0)

    @property
    def change_minor(self) -> int:
        return max(self.paid_minor - self.total_minor, 0)

    @property
    def payment_begun(self) -> bool:
        return bool(self.payments)

    def apply(self, entry: Entry) -> None:
        self._apply[entry["do"]](entry)

    def _line(self, entry: Entry) -> None:
        self.lines.append({key: value for key, value in entry.items() if key != "do"})
        self.by_tax[entry["tax"]] += entry["amount_minor"]

    def _comment(self, entry: Entry) -> None:
        self.comments.append(entry["text"])
        self.comment_after.append(len(self.lines))

    def _adjust(self, entry: Entry) -> None:
        self.adjustments.append({key: value for key, value in entry.items() if key != "do"})
        for tax, amount in entry["by_tax"].items():
            self.by_tax[tax] += amount

    def _pay(self, entry: Entry) -> None:
        self.payments.append({key: value for key, value in entry.items() if key != "do"})

    def _customer(self, entry: Entry) -> None:
        self.customer = entry["text"]

    def _power_loss(self, entry: Entry) -> None:
        self.power_losses += 1


def line_entry(text: str, price_minor: int, quantity_milli: int, discount_minor: int, tax: str, unit: str) -> Entry:
    """A sale line as the register computes it; a negative price voids."""
    gross = gross_amount(price_minor, quantity_milli)
    return {
        "do": "line",
        "text": text,
        "price_minor": price_minor,
        "quantity_milli": quantity_milli,
        "discount_minor": discount_minor,
        "amount_minor": gross - discount_minor,
        "tax": tax,
        "unit": unit,
    }


def gross_amount(price_minor: int, quantity_milli: int) -> int:
    return round_half_away(price_minor * quantity_milli, 1000)


def adjustment_entry(receipt: Receipt, amount_minor: int) -> Entry:
    """A discount (< 0) or surcharge (> 0) on the subtotal, spread over the tax groups."""
    by_tax = spread(amount_minor, receipt.by_tax)
    return {"do": "adjust", "amount_minor": sum(by_tax.values()), "by_tax": by_tax}
