"""Amounts, quantities and times as a reader's language writes them. Everything the page shows is made here. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from shared.money import money_text, price_text, quantity_text
from shared.words import LANGUAGES, text

__all__ = ["Texts"]

_COUNTED: Final = frozenset({"pcs", "pc", "piece", ""})
"""Units that are not said: 2 of them is "2"."""


@dataclass(frozen=True)
class Texts:
    """For one language and one currency. An unknown language is English."""

    language: str
    currency: str
    zone: ZoneInfo

    @classmethod
    def of(cls, language: str, currency: str, zone: ZoneInfo) -> Texts:
        return cls(language if language in LANGUAGES else "en", currency, zone)

    def money(self, amount_minor: int) -> str:
        return money_text(amount_minor, self.currency, self.language)

    def price(self, unit_price: int) -> str:
        return price_text(unit_price, self.currency, self.language)

    def quantity(self, quantity_milli: int, unit: str) -> str:
        number = quantity_text(quantity_milli, self.language)
        return number if unit in _COUNTED else f"{number} {unit}"

    def times(self, quantity_milli: int) -> str:
        return f"{quantity_text(quantity_milli, self.language)} ×"

    def time(self, moment: datetime) -> str:
        """Branch time; ISO order, so that nobody mistakes the month for the day."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def message(self, code: str, parameters: dict[str, str | int]) -> str:
        """What happened, what was kept and what to do, for the strip under the input."""
        shown = self.shown(parameters)
        return " ".join(self.say(f"{code}.{part}", shown) for part in ("what", "kept", "do"))

    def reason(self, given: str) -> str:
        """Words of a reason chosen from the list (`reason.*`); a reason in a person's own words stays as it is."""
        message_id = f"reason.{given}"
        shown = self.say(message_id, {})
        return given if shown == message_id else shown

    def rounding(self, amount_minor: int) -> str:
        """With its sign either way: it may add or take."""
        return f"+{self.money(amount_minor)}" if amount_minor > 0 else self.money(amount_minor)

    def say(self, message_id: str, parameters: dict[str, str | int]) -> str:
        return text(self.language, message_id, **parameters)

    def with_texts(self, value: Any) -> Any:
        """Every `*_minor` of an answer also as `*_text`, ready to be drawn."""
        if isinstance(value, list | tuple):
            return [self.with_texts(item) for item in value]
        if not isinstance(value, dict):
            return value
        shown = {name: self.with_texts(item) for name, item in value.items()}
        for name, item in value.items():
            if isinstance(item, int) and name.endswith("_minor"):
                shown.setdefault(f"{name.removesuffix('_minor')}_text", self.money(item))
        if "form" in shown and "amount_text" in shown:
            shown["text"] = shown["amount_text"]
        return shown

    def shown(self, parameters: dict[str, str | int]) -> dict[str, str | int]:
        """Facts ready for their places: `left_minor` also as `left`, as the language writes it; `left_milli` too."""
        shown = dict(parameters)
        for name, value in parameters.items():
            if isinstance(value, int) and name.endswith("_minor"):
                shown[name.removesuffix("_minor")] = self.money(value)
            elif isinstance(value, int) and name.endswith("_milli"):
                shown[name.removesuffix("_milli")] = quantity_text(value, self.language)
        return shown
