"""Telephone numbers in their one stored form, E.164: "+", country code, number. Pure.

Not a judge of numbering plans: whatever could be dialled from abroad is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from shared.errors import PermanentError

__all__ = ["CALLING_CODES", "international", "search_words"]

_SEPARATORS: Final = re.compile(r"[\s\u00a0().\-/\u2010-\u2015]+")
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
"""ITU-T E.164: at most 15 digits; shorter than 7 no country has."""

CALLING_CODES: Final[Mapping[str, str]] = {
    "AM": "374", "AZ": "994", "BY": "375", "GB": "44", "GE": "995", "KG": "996", "KZ": "7", "MD": "373", "NG": "234",
    "RU": "7", "TJ": "992", "TM": "993", "TR": "90", "UA": "380", "UZ": "998",
}  # fmt: skip
"""What stands before a number that is typed in a branch of this country (ISO 3166-1). Source: ITU-T E.164 annex."""


def international(phone: str, calling_code: str) -> str:
    """+37477123456 from 077 12 34 56 with calling code 374; numbers that name their country are left as they are.

    Raises PermanentError CUS-410 {phone}.
    """
    bare = _SEPARATORS.sub("", phone)
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    elif bare.startswith("0"):
        bare = f"+{calling_code}{bare[1:]}"
    elif calling_code == "7" and re.fullmatch(r"8[0-9]{10}", bare):
        bare = "+7" + bare[1:]  # Russia and Kazakhstan dial 8 for long distance
    if not _E164.fullmatch(bare):
        raise PermanentError("CUS-410", phone=phone[:30])
    return bare


def search_words(phone: str, calling_code: str) -> str:
    """The forms in which people type a stored number: international, and national with its 0."""
    national = phone.removeprefix(f"+{calling_code}")
    return f"{phone} 0{national}" if national != phone else phone
