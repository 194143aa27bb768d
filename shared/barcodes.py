"""GTINs and in-store labels: check digits, UPC-E, and the shop's own templates for weight and price codes.

Pure: no catalogue, no symbologies, no Application Identifiers (see `shared.gs1`).
The rule that must never break: a code whose check digit is wrong never becomes an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import PermanentError

__all__ = [
    "InStoreLabel",
    "InStoreTemplate",
    "LabelQuantity",
    "MalformedCode",
    "check_digit",
    "compile_templates",
    "expand_upc_e",
    "find_template",
    "has_valid_check_digit",
    "inner_price_check",
    "normalise_gtin",
    "with_check_digit",
]

_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_GTIN14 = 14
_EAN13 = 13

# GS1 weighting tables of the inner price check; the index is the digit.
_TWO_MINUS = (0, 2, 4, 6, 8, 9, 1, 3, 5, 7)
_THREE = (0, 3, 6, 9, 2, 5, 8, 1, 4, 7)
_FIVE_PLUS = (0, 5, 1, 6, 2, 7, 3, 8, 4, 9)
_FIVE_MINUS = (0, 5, 9, 4, 8, 3, 7, 2, 6, 1)
_FOUR_DIGITS = (_TWO_MINUS, _TWO_MINUS, _THREE, _FIVE_MINUS)
_FIVE_DIGITS = (_FIVE_PLUS, _TWO_MINUS, _FIVE_MINUS, _FIVE_PLUS, _TWO_MINUS)


class MalformedCode(ValueError):
    """The digits cannot be what they pretend to be.

    reason: digits, length, number_system, check_digit, inner_check or zero.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _digits(text: str) -> str:
    # str.isdigit also accepts Arabic-Indic and superscript digits, which no symbol carries.
    if not (text.isascii() and text.isdigit()):
        raise MalformedCode("digits")
    return text


def check_digit(body: str) -> int:
    """GS1 modulo 10 over any number of digits: weights 3, 1, 3 ... from the right, next to the check digit.

    The same for EAN-8, UPC-A, EAN-13, GTIN-14, GLN and SSCC-18. Raises MalformedCode for anything but digits.
    """
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(_digits(body))))
    return -total % 10


def with_check_digit(body: str) -> str:
    return f"{body}{check_digit(body)}"


def has_valid_check_digit(code: str) -> bool:
    """True when the last of at least two digits is the check digit of those before it. Never raises."""
    if len(code) < 2 or not (code.isascii() and code.isdigit()):
        return False
    return int(code[-1]) == check_digit(code[:-1])


def normalise_gtin(code: str) -> str:
    """GTIN-8, -12, -13 or -14 as the 14 digits in which GTINs are stored and compared.

    Raises MalformedCode: digits, length or check_digit.
    """
    if len(_digits(code)) not in _GTIN_LENGTHS:
        raise MalformedCode("length")
    if not has_valid_check_digit(code):
        raise MalformedCode("check_digit")
    return code.zfill(_GTIN14)


def expand_upc_e(code: str) -> str:
    """UPC-E as the UPC-A it abbreviates.

    Takes the six printed digits (number system 0, nothing to check), or eight: number system 0 or 1, the six
    digits, and the check digit of the UPC-A. Raises MalformedCode: digits, length, number_system, check_digit.
    """
    if len(_digits(code)) not in (6, 8):
        raise MalformedCode("length")
    system, six = (code[0], code[1:7]) if len(code) == 8 else ("0", code)
    if system not in "01":
        raise MalformedCode("number_system")
    first, last = six[:5], six[5]
    if last in "012":
        body = f"{first[:2]}{last}0000{first[2:]}"
    elif last == "3":
        body = f"{first[:3]}00000{first[3:]}"
    elif last == "4":
        body = f"{first[:4]}00000{first[4:]}"
    else:
        body = f"{first}0000{last}"
    upc_a = with_check_digit(system + body)
    if len(code) == 8 and upc_a[-1] != code[-1]:
        raise MalformedCode("check_digit")
    return upc_a


def inner_price_check(price: str) -> int:
    """Check digit V of a four- or five-digit price inside an in-store code. Raises MalformedCode: digits, length."""
    if len(_digits(price)) == 4:
        return 3 * sum(table[int(digit)] for table, digit in zip(_FOUR_DIGITS, price, strict=True)) % 10
    if len(price) == 5:
        total = sum(table[int(digit)] for table, digit in zip(_FIVE_DIGITS, price, strict=True))
        return _FIVE_MINUS.index(-total % 10)
    raise MalformedCode("length")


class LabelQuantity(StrEnum):
    """What a label's variable digits count. The value is the letter of the template notation."""

    WEIGHT = "W"
    """Grams."""
    PRICE = "P"
    """Minor units of the branch's currency, the label's total."""
    PIECES = "Q"


@dataclass(frozen=True)
class InStoreLabel:
    """An own label read by one template: which article, and exactly one of the three quantities, above zero."""

    template: str
    item_code: str
    """Digits with their leading zeros; what they name is the shop's affair."""
    weight_g: int | None = None
    price_minor: int | None = None
    pieces: int | None = None


_NOTATION = re.compile(r"(?P<prefix>[0-9x]*)(?P<item>I+)(?P<check>V?)(?P<quantity>W+|P+|Q+)C")


@dataclass(frozen=True)
class InStoreTemplate:
    """One notation, compiled. Build it with `compile_templates`; positions are slices of the 13 digits."""

    notation: str
    prefix: str
    """Literal digits, and x for any digit."""
    item: slice
    inner_check: int | None
    quantity: slice
    counts: LabelQuantity

    def matches(self, code: str) -> bool:
        """Does this EAN-13 carry the template's prefix? Says nothing about its check digits."""
        return len(code) == _EAN13 and all(want in ("x", have) for want, have in zip(self.prefix, code, strict=False))

    def read(self, code: str) -> InStoreLabel:
        """Raises MalformedCode: check_digit or inner_check (misread), zero (the label says nothing was weighed)."""
        if not has_valid_check_digit(code):
            raise MalformedCode("check_digit")
        digits = code[self.quantity]
        if self.inner_check is not None and int(code[self.inner_check]) != inner_price_check(digits):
            raise MalformedCode("inner_check")
        value = int(digits)
        if value == 0:
            raise MalformedCode("zero")
        return InStoreLabel(
            template=self.notation,
            item_code=code[self.item],
            weight_g=value if self.counts is LabelQuantity.WEIGHT else None,
            price_minor=value if self.counts is LabelQuantity.PRICE else None,
            pieces=value if self.counts is LabelQuantity.PIECES else None,
        )

    def write(self, item_code: str, value: int, *, wildcards: str = "") -> str:
        """The 13 digits of a label, for scales and label printers.

        wildcards: one digit for each x of the prefix. Raises MalformedCode `length` for what does not fit.
        """
        items, digits = self.item.stop - self.item.start, self.quantity.stop - self.quantity.start
        if len(item_code) != items or len(wildcards) != self.prefix.count("x") or not 0 < value < 10**digits:
            raise MalformedCode("length")
        spare = iter(_digits(wildcards) if wildcards else "")
        prefix = "".join(next(spare) if place == "x" else place for place in self.prefix)
        amount = str(value).zfill(digits)
        inner = "" if self.inner_check is None else str(inner_price_check(amount))
        return with_check_digit(prefix + _digits(item_code) + inner + amount)


def compile_templates(notations: Iterable[str]) -> tuple[InStoreTemplate, ...]:
    """Templates such as `2xIIIIIWWWWWC`, most specific first: the longest prefix, then the one with fewer x.

    Raises PermanentError SCN-403 (template, reason) for a notation that is not one of 13 places with a prefix
    02, 04 or 2, and for two templates that claim the same codes.
    """
    compiled = [_compile(notation) for notation in notations]
    compiled.sort(key=_specificity)
    for place, template in enumerate(compiled):
        for other in compiled[place + 1 :]:
            if _specificity(template) == _specificity(other) and _overlap(template.prefix, other.prefix):
                raise PermanentError("SCN-403", template=other.notation, reason="ambiguous")
    return tuple(compiled)


def find_template(code: str, templates: Sequence[InStoreTemplate]) -> InStoreTemplate | None:
    """The template whose prefix fits best, or None. `templates` as `compile_templates` ordered them."""
    return next((template for template in templates if template.matches(code)), None)


def _specificity(template: InStoreTemplate) -> tuple[int, int]:
    return -len(template.prefix), template.prefix.count("x")


def _overlap(one: str, other: str) -> bool:
    return all(a == b or "x" in (a, b) for a, b in zip(one, other, strict=True))


def _compile(notation: str) -> InStoreTemplate:
    parts = _NOTATION.fullmatch(notation)
    if parts is None:
        raise PermanentError("SCN-403", template=notation, reason="notation")
    if len(notation) != _EAN13:
        raise PermanentError("SCN-403", template=notation, reason="length")
    if not parts["prefix"].startswith(("02", "04", "2")):
        raise PermanentError("SCN-403", template=notation, reason="prefix")
    counts = LabelQuantity(parts["quantity"][0])
    if parts["check"] and (counts is not LabelQuantity.PRICE or len(parts["quantity"]) not in (4, 5)):
        raise PermanentError("SCN-403", template=notation, reason="inner_check")
    return InStoreTemplate(
        notation=notation,
        prefix=parts["prefix"],
        item=slice(*parts.span("item")),
        inner_check=parts.start("check") if parts["check"] else None,
        quantity=slice(*parts.span("quantity")),
        counts=counts,
    )
