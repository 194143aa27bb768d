"""Kinds of text that requests carry, checked at the door so that no table meets what it cannot hold."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from shared.money import CURRENCIES

__all__ = ["MAX_MINOR", "Code", "CountryCode", "CurrencyCode", "PersonName", "UnitPrice", "Words", "plain"]

MAX_MINOR: Final = 10**15
"""As in shared.events: below 2^53, so that no reader of JSON loses a digit."""


def plain(text: str) -> str:
    """One line without control characters, in NFC. Markup and quotes are only characters here, kept as they are.

    Raises ValueError.
    """
    if not text.isprintable():  # quick; it also says no to spaces other than U+0020, which are allowed
        for letter in text:
            if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp"):
                raise ValueError(f"contains the control character U+{ord(letter):04X}")
    return unicodedata.normalize("NFC", text)


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(plain)]
PersonName = Words
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(plain)]
"""A person-made number: article, card, badge, customer number."""
CurrencyCode = Annotated[str, Field(pattern="^(" + "|".join(CURRENCIES) + ")$")]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""
UnitPrice = Annotated[int, Field(strict=True, ge=0, le=MAX_MINOR)]
"""In 1/10,000 minor units."""
