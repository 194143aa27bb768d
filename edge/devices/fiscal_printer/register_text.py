"""Texts for a register that knows one 8-bit code page: what it lacks is spelled with letters it has.

The rule that never breaks: no control character comes out, so no name can break a frame or inject a field.
"""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["register_text"]

_PAIRS: Final = {"ու": "u", "Ու": "U", "ՈՒ": "U"}
"""Armenian writes one vowel with two letters."""

_ARMENIAN = dict(
    zip(
        "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
        ("a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev").split(),  # noqa: SIM905 - letter under letter, readable as a table
        strict=True,
    )
)
_GEORGIAN = dict(
    zip(
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
        ("a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h").split(),  # noqa: SIM905 - see above
        strict=True,
    )
)
_KAZAKH = dict(zip("әғқңөұүһ", "агкноуух", strict=True))
_LATIN = {"ə": "e", "ı": "i", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe"}
_LOWER: Final = {**_ARMENIAN, **_GEORGIAN, **_KAZAKH, **_LATIN}
_SIGNS: Final = {
    "£": "GBP",
    "¥": "JPY",
    "֏": "AMD",
    "₦": "NGN",
    "₸": "KZT",
    "₼": "AZN",
    "₽": "RUB",
    "₾": "GEL",
    "\u2212": "-",
    "\u2044": "/",
    "\u2010": "-",
    "\u2011": "-",
    "×": "x",
    "÷": ":",
}
_UNKNOWN = "?"


def register_text(text: str, limit: int, code_page: str) -> str:
    """At most `limit` characters, all in the code page, none a control character; may be empty.

    Letters of other scripts are transliterated, accents dropped, currency signs spelled as ISO 4217 codes; what
    remains becomes "?".
    """
    text = unicodedata.normalize("NFC", text)
    for pair, letter in _PAIRS.items():
        text = text.replace(pair, letter)
    spelled = "".join(_spelled(char, code_page) for char in text)
    return " ".join(spelled.split())[:limit].rstrip()


def _spelled(char: str, code_page: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf" or category[0] == "M":
        return ""
    if category[0] in "CZ":
        return " "
    if _has(char, code_page):
        return char
    if char in _SIGNS:
        return _SIGNS[char]
    if char.lower() in _LOWER:
        spelling = _LOWER[char.lower()]
        return spelling.capitalize() if char != char.lower() else spelling
    parts = unicodedata.normalize("NFKD", char)
    if parts == char:
        return _UNKNOWN
    kept = "".join(part for part in parts if not unicodedata.combining(part))
    return "".join(_spelled(part, code_page) for part in kept)


def _has(char: str, code_page: str) -> bool:
    try:
        char.encode(code_page)
    except UnicodeEncodeError:
        return False
    return True
