"""What is known of one model of fiscal register: facts, not settings. Read from firmware_profiles/.

A password in a profile is the maker's published default; a branch's own comes from its configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.devices.fiscal_printer.contract import PaymentForm

__all__ = ["OperatorLogin", "RegisterProfile", "load_profile", "profile_names"]

_PACKAGE = "firmware_profiles"

Positive = Annotated[int, Field(gt=0)]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OperatorLogin(_Facts):
    """An operator as the register knows him."""

    number: Annotated[int, Field(ge=1, le=99)]
    password: Annotated[str, Field(pattern=r"^[0-9]{1,8}$", repr=False)]


class TextFacts(_Facts):
    item: Positive
    """Characters of a line's name."""
    item_second_line: bool
    """Whether a line may carry a second line of text."""
    comment: Positive


class LimitFacts(_Facts):
    lines_per_receipt: Positive
    receipt_total_minor: Positive
    price_minor: Positive
    quantity_milli: Positive
    amount_decimals: Annotated[int, Field(ge=0, le=2)] = 2
    """Decimals of the amounts on the wire."""


class RegisterProfile(_Facts):
    """One model. Grade: bronze works on its simulator, silver survives every fault of it, gold proven on hardware."""

    maker: str
    model: str
    category: Literal["fiscal_printer"]
    protocol: Literal["datecs_isl"]
    dialect: Literal["P", "C", "X"]
    grade: Literal["bronze", "silver", "gold"]
    source: str
    """Where the facts come from."""
    baud: Positive
    """Speed of the line as delivered."""
    operator: OperatorLogin
    text: TextFacts
    limits: LimitFacts
    tax_groups: Annotated[str, Field(min_length=1, max_length=8)]
    """What stands on the wire for tax codes A, B, C ... in this order."""
    payments: Mapping[PaymentForm, Annotated[str, Field(min_length=1, max_length=1)]]
    """What stands on the wire for a form of payment. A form that is missing cannot be taken."""


@cache
def load_profile(name: str) -> RegisterProfile:
    """`datecs/fp-800` reads firmware_profiles/datecs/fp-800.json. Raises KeyError for a model without a profile."""
    vendor, _, model = name.partition("/")
    if f"{vendor}/{model}" not in profile_names():
        raise KeyError(name)
    file = resources.files(_PACKAGE) / vendor / f"{model}.json"
    return RegisterProfile.model_validate_json(file.read_bytes())


@cache
def profile_names() -> frozenset[str]:
    """All fiscal registers that have a profile."""
    names = set()
    for vendor in resources.files(_PACKAGE).iterdir():
        if not vendor.is_dir():
            continue
        for file in vendor.iterdir():
            if file.name.endswith(".json") and b'"fiscal_printer"' in file.read_bytes():
                names.add(f"{vendor.name}/{file.name.removesuffix('.json')}")
    return frozenset(names)
