"""What is known of one model of fiscal register: facts, not settings.

A password in a profile is the maker's published default; a branch's own comes from its configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from edge.devices.fiscal_printer.contract import PaymentForm
from shared.profiles import DeviceProfile, Facts, SerialLine, read_profile

__all__ = ["OperatorLogin", "RegisterProfile", "load_profile"]

Positive = Annotated[int, Field(gt=0)]


class OperatorLogin(Facts):
    """An operator as the register knows him."""

    number: Annotated[int, Field(ge=1, le=99)]
    password: Annotated[str, Field(pattern=r"^[0-9]{1,8}$", repr=False)]


class TextFacts(Facts):
    item: Positive
    """Characters of a line's name."""
    item_second_line: bool
    """Whether a line may carry a second line of text."""
    comment: Positive


class LimitFacts(Facts):
    lines_per_receipt: Positive
    receipt_total_minor: Positive
    price_minor: Positive
    quantity_milli: Positive
    amount_decimals: Annotated[int, Field(ge=0, le=2)] = 2
    """Decimals of the amounts on the wire."""


class RegisterProfile(DeviceProfile):
    category: Literal["FiscalPrinter"]
    protocol: Literal["datecs_isl"]
    line: SerialLine
    dialect: Literal["P", "C", "X"]
    operator: OperatorLogin
    text: TextFacts
    limits: LimitFacts
    tax_groups: Annotated[str, Field(min_length=1, max_length=8)]
    """What stands on the wire for tax codes A, B, C ... in this order."""
    payments: Mapping[PaymentForm, Annotated[str, Field(min_length=1, max_length=1)]]
    """What stands on the wire for a form of payment. A form that is missing cannot be taken."""

    @property
    def baud(self) -> int:
        """Speed of the line as delivered."""
        return self.line.baud


_MODEL: Final = TypeAdapter(RegisterProfile)


@cache
def load_profile(name: str) -> RegisterProfile:
    """`datecs/fp-800`. Raises ProfileError DEV-404 for a model without a profile, or one of another category."""
    return read_profile(name, _MODEL)
