"""The Application Identifiers as data: length, content, checks. One table, compiled once.

Source: GS1 General Specifications by way of our field notes, section 7. An identifier that the table does not hold but
whose family has a known length is read as text up to the next separator; what no family holds is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.barcodes import has_valid_check_digit

__all__ = ["GS", "Identifier", "find_identifier", "identifier_at"]

GS: Final = "\x1d"
"""FNC1 inside the data, as scanners deliver it: ends a value of variable length."""

_INVARIANT = r"!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z"
"""ISO 646 invariant set: what an alphanumeric value may hold."""

_DATE = "date"

# identifier, title, format, digits at the start that end in a check digit, date. An n at the end of an identifier is
# the number of decimals. A part with ? may be missing.
_TABLE: Final = (
    ("00", "sscc", "n18", 18, ""),
    ("01", "gtin", "n14", 14, ""),
    ("02", "content_gtin", "n14", 14, ""),
    ("10", "batch_lot", "an..20", 0, ""),
    ("11", "production_date", "n6", 0, _DATE),
    ("12", "due_date", "n6", 0, _DATE),
    ("13", "packaging_date", "n6", 0, _DATE),
    ("15", "best_before", "n6", 0, _DATE),
    ("16", "sell_by", "n6", 0, _DATE),
    ("17", "expiry", "n6", 0, _DATE),
    ("20", "variant", "n2", 0, ""),
    ("21", "serial", "an..20", 0, ""),
    ("22", "consumer_product_variant", "an..20", 0, ""),
    ("240", "additional_id", "an..30", 0, ""),
    ("241", "customer_part", "an..30", 0, ""),
    ("242", "made_to_order", "n..6", 0, ""),
    ("250", "secondary_serial", "an..30", 0, ""),
    ("251", "source_reference", "an..30", 0, ""),
    ("254", "gln_extension", "an..20", 0, ""),
    ("30", "variable_count", "n..8", 0, ""),
    ("310n", "net_weight_kg", "n6", 0, ""),
    ("311n", "length_m", "n6", 0, ""),
    ("312n", "width_m", "n6", 0, ""),
    ("313n", "height_m", "n6", 0, ""),
    ("314n", "area_m2", "n6", 0, ""),
    ("315n", "net_volume_l", "n6", 0, ""),
    ("316n", "net_volume_m3", "n6", 0, ""),
    ("320n", "net_weight_lb", "n6", 0, ""),
    ("330n", "gross_weight_kg", "n6", 0, ""),
    ("340n", "gross_weight_lb", "n6", 0, ""),
    ("356n", "net_weight_troy_oz", "n6", 0, ""),
    ("357n", "net_weight_oz", "n6", 0, ""),
    ("37", "content_count", "n..8", 0, ""),
    ("390n", "amount", "n..15", 0, ""),
    ("391n", "amount_with_currency", "n3+n..15", 0, ""),
    ("392n", "price", "n..15", 0, ""),
    ("393n", "price_with_currency", "n3+n..15", 0, ""),
    ("394n", "percent_off", "n4", 0, ""),
    ("395n", "price_per_unit", "n6", 0, ""),
    ("400", "order_no", "an..30", 0, ""),
    ("401", "consignment_no", "an..30", 0, ""),
    ("402", "shipment_no", "n17", 17, ""),
    ("403", "route", "an..30", 0, ""),
    ("41n", "location", "n13", 13, ""),
    ("420", "postal_code", "an..20", 0, ""),
    ("421", "postal_code_with_country", "n3+an..9", 0, ""),
    ("422", "country_of_origin", "n3", 0, ""),
    ("426", "country_of_full_processing", "n3", 0, ""),
    ("7003", "expiry_time", "n10", 0, _DATE),
    ("7006", "first_freeze", "n6", 0, _DATE),
    ("7007", "harvest", "n6+n6?", 0, _DATE),
    ("8003", "returnable_asset", "n14+an..16?", 14, ""),
    ("8004", "individual_asset", "an..30", 0, ""),
    ("8005", "price_per_unit_of_measure", "n6", 0, ""),
    ("8006", "piece_of_trade_item", "n14+n2+n2", 14, ""),
    ("8008", "production_time", "n8+n..4?", 0, _DATE),
    ("8017", "service_provider_relation", "n18", 18, ""),
    ("8018", "service_recipient_relation", "n18", 18, ""),
    ("8020", "payment_slip", "an..25", 0, ""),
    ("8110", "coupon", "an..70", 0, ""),
    ("8112", "paperless_coupon", "an..70", 0, ""),
    ("8200", "url", "an..70", 0, ""),
    ("90", "mutually_agreed", "an..30", 0, ""),
    *((str(number), "company_internal", "an..90", 0, "") for number in range(91, 100)),
)

_AI_LENGTHS: Final[Mapping[str, int]] = (
    dict.fromkeys(("00", "01", "02", "10", "11", "12", "13", "15", "16", "17", "20", "21", "22", "30", "37"), 2)
    | {str(number): 2 for number in range(90, 100)}
    | dict.fromkeys(("24", "25", "40", "41", "42", "71"), 3)
    | dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"), 4)
)
"""Digits of an identifier, by its first two."""

_PREDEFINED = frozenset(
    {f"{number:02}" for number in (*range(5), *range(11, 21), *range(31, 37), 41)},
)
"""First two digits of identifiers whose values are of fixed length and need no separator."""

_WITH_DECIMALS = frozenset({"31", "32", "33", "34", "35", "36", "39"})


@dataclass(frozen=True)
class Identifier:
    """What stands behind one Application Identifier."""

    ai: str
    title: str
    shortest: int
    longest: int
    pattern: re.Pattern[str]
    checked: int
    """The first so many digits end in a modulo-10 check digit; 0 for none."""
    is_date: bool

    @property
    def is_predefined(self) -> bool:
        """Its value ends by its length alone; a separator is tolerated."""
        return self.ai[:2] in _PREDEFINED

    @property
    def decimals(self) -> int | None:
        """Decimal places of the value, for measures and amounts."""
        return int(self.ai[3]) if self.ai[:2] in _WITH_DECIMALS else None

    def fault(self, value: str) -> str | None:
        """Why this value cannot be: length, characters, check_digit or date; None when it can."""
        if not self.shortest <= len(value) <= self.longest:
            return "length"
        if self.pattern.fullmatch(value) is None:
            return "characters"
        if self.checked and not has_valid_check_digit(value[: self.checked]):
            return "check_digit"
        # The day's upper bound by month and year is for whoever knows the century.
        if self.is_date and not (1 <= int(value[2:4]) <= 12 and int(value[4:6]) <= 31):
            return "date"
        return None


_PART = re.compile(r"(?P<kind>an|n)(?P<upto>\.\.)?(?P<count>\d+)(?P<optional>\??)")


def _compile(ai: str, title: str, format_: str, checked: int, is_date: bool) -> Identifier:
    shortest = longest = 0
    pattern = ""
    for part in _PART.finditer(format_):
        characters = "0-9" if part["kind"] == "n" else _INVARIANT
        most = int(part["count"])
        least = 1 if part["upto"] else most
        pattern += f"(?:[{characters}]{{{least},{most}}}){part['optional']}"
        shortest += 0 if part["optional"] else least
        longest += most
    return Identifier(ai, title, shortest, longest, re.compile(pattern), checked, is_date)


_ROWS: Final = {row[0]: row for row in _TABLE}
_compiled: dict[str, Identifier] = {}


def find_identifier(ai: str) -> Identifier | None:
    """The identifier with exactly these digits, or None when no family of identifiers holds them."""
    if ai in _compiled:
        return _compiled[ai]
    if not (ai.isascii() and ai.isdigit()) or _AI_LENGTHS.get(ai[:2]) != len(ai):
        return None
    row = _ROWS.get(ai) or _ROWS.get(f"{ai[:-1]}n")
    if row is not None:
        found = _compile(ai, row[1], row[2], row[3], bool(row[4]))
    elif ai[:2] in _PREDEFINED:
        found = _compile(ai, "measure", "n6", 0, False)
    else:
        found = _compile(ai, "other", "an..90", 0, False)
    _compiled[ai] = found
    return found


def identifier_at(text: str, at: int) -> Identifier | None:
    """The identifier that starts at this place of an element string."""
    length = _AI_LENGTHS.get(text[at : at + 2])
    return None if length is None else find_identifier(text[at : at + length])
