"""The front door: what a scanner delivered, read as far as it can be read without a catalogue.

Which article, card or receipt it names is the till's business. The rule that must never break: whatever bytes come,
`interpret` answers; damage becomes kind MISREAD with a code, never an exception and never an article.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from shared.barcodes import (
    InStoreTemplate,
    MalformedCode,
    expand_upc_e,
    find_template,
    has_valid_check_digit,
    normalise_gtin,
)
from shared.gs1.dates import resolve_date
from shared.gs1.digital_link import parse_digital_link
from shared.gs1.elements import Element, ElementString, MalformedElements, parse_elements, parse_human_form
from shared.gs1.identifiers import GS
from shared.gs1.scanned import Amount, Marking, Problem, Scanned, ScannedKind
from shared.gs1.symbologies import Symbology, split_aim, symbology_of

__all__ = ["LONGEST_SCAN", "interpret"]

LONGEST_SCAN: Final = 4096
"""Bytes. The largest QR code holds 2,953; more is noise or an attack."""

_SHOWN = 48
"""Characters of a misread code that a message repeats."""


def interpret(
    raw: bytes | str,
    *,
    aim: str | None = None,
    templates: Sequence[InStoreTemplate] = (),
    today: date,
) -> Scanned:
    """Read one scan. Never raises, whatever it is given.

    aim: the identifier when the driver has taken it off; otherwise it is looked for at the start of `raw`.
    templates: as `compile_templates` ordered them. today: branch-local, for the century of dates.
    """
    text = raw if isinstance(raw, str) else raw[: LONGEST_SCAN + 1].decode("utf-8", "replace")
    if len(raw) > LONGEST_SCAN:
        problem = Problem("SCN-401", {"length": len(raw), "limit": LONGEST_SCAN})
        return Scanned(ScannedKind.MISREAD, raw=text[:LONGEST_SCAN], text="", problem=problem)
    symbology = symbology_of(aim)
    data = text
    if aim is not None and symbology is not None:
        data = text.removeprefix(aim)
    elif aim is None:
        found, data = split_aim(text)
        symbology = symbology_of(found)
    reading = Scanned(ScannedKind.TEXT, raw=text, text=data.removeprefix(GS), symbology=symbology)
    if not reading.text:
        return _misread(reading, "empty")
    return _read(reading, templates, today, fnc1_first=data.startswith(GS))


# What its symbology promises of the data (AIM note, section 2). ECI variants, composites and Aztec with FNC1 promise
# less than they should: scanners disagree on how they escape, so they are tried and otherwise taken as text.
_ELEMENT_STRINGS = frozenset({Symbology.GS1_128, Symbology.GS1_DATA_MATRIX, Symbology.GS1_QR, Symbology.GS1_DOT_CODE})
_PERHAPS_ELEMENTS = frozenset(
    {Symbology.GS1_QR_ECI, Symbology.GS1_DATA_MATRIX_ECI, Symbology.GS1_COMPOSITE, Symbology.GS1_AZTEC}
)


def _read(reading: Scanned, templates: Sequence[InStoreTemplate], today: date, *, fnc1_first: bool) -> Scanned:
    match reading.symbology:
        case Symbology.EAN_UPC:
            return _read_gtin(reading, reading.text, templates, lengths=(13, 12, 8))
        case Symbology.EAN_8:
            return _read_gtin(reading, reading.text, templates, lengths=(8,))
        case Symbology.EAN_UPC_WITH_ADD_ON:
            return _read_with_add_on(reading, templates)
        case Symbology.ITF_CHECKED if len(reading.text) == 14:
            return _read_gtin(reading, reading.text, templates, lengths=(14,))
        case Symbology.GS1_DATA_BAR:
            return _read_bare_databar(reading) or _read_promised_elements(reading, today)
        case symbology if symbology in _ELEMENT_STRINGS:
            return _read_promised_elements(reading, today)
        case symbology if symbology in _PERHAPS_ELEMENTS:
            return _read_elements_if_any(reading, today) or _read_text(reading, today)
        case None:
            return _read_unnamed(reading, templates, today, fnc1_first=fnc1_first)
        case _:
            return _read_text(reading, today)


def _misread(reading: Scanned, reason: str, **parameters: str) -> Scanned:
    problem = Problem("SCN-301", {"reason": reason, "scan": _shown(reading.text), **parameters})
    return Scanned(ScannedKind.MISREAD, reading.raw, reading.text, reading.symbology, problem)


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text[:_SHOWN])


# --- GTINs and own labels --------------------------------------------------------------------------------------------


def _read_gtin(
    reading: Scanned, digits: str, templates: Sequence[InStoreTemplate], *, lengths: tuple[int, ...]
) -> Scanned:
    if len(digits) not in lengths:
        return _misread(reading, "length")
    # UPC-A number systems 2 and 4 are the EAN-13 prefixes 02 and 04, whether or not the scanner adds the zero.
    ean13 = digits.zfill(13) if len(digits) == 12 else digits
    template = find_template(ean13, templates)
    if template is not None:
        return _read_label(reading, template, ean13)
    candidates = _gtins(digits, reading.symbology)
    if not candidates:
        return _misread(reading, "check_digit" if digits.isdigit() else "characters")
    return replace(reading, kind=ScannedKind.GTIN, gtin14=candidates[0], candidates=candidates)


def _gtins(digits: str, symbology: Symbology | None) -> tuple[str, ...]:
    found: list[str] = []
    with contextlib.suppress(MalformedCode):
        found.append(normalise_gtin(digits))
    # Six digits are a UPC-E too, but without a check digit nothing tells them from an article number.
    if len(digits) == 8 and symbology is not Symbology.EAN_8:
        with contextlib.suppress(MalformedCode):
            found.append(expand_upc_e(digits).zfill(14))
    # Under ]E0 eight digits are a UPC-E that the scanner left short; a GTIN-8 says ]E4.
    return tuple(reversed(found) if symbology is Symbology.EAN_UPC else found)


def _read_label(reading: Scanned, template: InStoreTemplate, ean13: str) -> Scanned:
    try:
        label = template.read(ean13)
    except MalformedCode as fault:
        refused = _misread(reading, fault.reason)
        if fault.reason == "zero":
            problem = Problem("SCN-402", {"scan": ean13, "template": template.notation})
            refused = replace(refused, problem=problem)
        return refused
    return replace(
        reading,
        kind=ScannedKind.IN_STORE,
        item_code=label.item_code,
        weight_g=label.weight_g,
        price_minor=label.price_minor,
        count=label.pieces,
        template=label.template,
    )


def _read_with_add_on(reading: Scanned, templates: Sequence[InStoreTemplate]) -> Scanned:
    """13 digits and 2 or 5 more; 12 from scanners that drop the leading zero of a UPC-A."""
    length = {15: 13, 18: 13, 14: 12, 17: 12}.get(len(reading.text), 0)
    digits, add_on = reading.text[:length], reading.text[length:]
    if not (add_on.isascii() and add_on.isdigit()):
        return _misread(reading, "characters")
    read = _read_gtin(reading, digits, templates, lengths=(13, 12))
    return read if read.is_misread else replace(read, add_on=add_on)


# --- element strings -------------------------------------------------------------------------------------------------


def _read_promised_elements(reading: Scanned, today: date) -> Scanned:
    try:
        return _from_elements(reading, parse_elements(reading.text), today)
    except MalformedElements as fault:
        return _read_human_form(reading, today) or _read_tobacco(reading) or _salvage(reading, fault, today)


def _read_bare_databar(reading: Scanned) -> Scanned | None:
    """Camera readers show a DataBar's GTIN without its (01)."""
    if len(reading.text) != 14 or not has_valid_check_digit(reading.text):
        return None
    return replace(reading, kind=ScannedKind.GTIN, gtin14=reading.text, candidates=(reading.text,))


def _salvage(reading: Scanned, fault: MalformedElements, today: date) -> Scanned:
    """An identifier that nobody knows yet must not stop a sale when the GTIN before it is sound."""
    if fault.reason == "unknown_ai" and any(element.ai == "01" for element in fault.elements):
        read = _from_elements(reading, ElementString(fault.elements), today)
        return replace(read, problem=read.problem or Problem("SCN-102", {"rest": _shown(fault.rest)}))
    return _misread(reading, fault.reason, ai=fault.ai)


def _read_elements_if_any(reading: Scanned, today: date) -> Scanned | None:
    try:
        return _from_elements(reading, parse_elements(reading.text), today)
    except MalformedElements:
        return None


def _read_human_form(reading: Scanned, today: date) -> Scanned | None:
    if not reading.text.startswith("("):
        return None
    try:
        return _from_elements(reading, parse_human_form(reading.text), today)
    except MalformedElements:
        return None


def _from_elements(reading: Scanned, string: ElementString, today: date) -> Scanned:
    read = replace(reading, kind=ScannedKind.GS1, elements=string.elements, gs_missing=string.gs_missing)
    return _with_facts(read, string, today)


def _with_facts(reading: Scanned, string: ElementString, today: date) -> Scanned:
    """Give the elements their names. A date that no calendar has makes the whole scan a misread."""
    dates: dict[str, date] = {}
    for ai in ("11", "15", "17", "7003"):
        value = string.get(ai)
        if value is not None:
            try:
                dates[ai] = resolve_date(value, today)
            except ValueError:
                return _misread(reading, "date", ai=ai)
    gtin = string.get("01")
    pieces = string.get("30")
    return replace(
        reading,
        gtin14=gtin,
        candidates=(gtin,) if gtin else (),
        sscc=string.get("00"),
        lot=string.get("10"),
        serial=string.get("21"),
        expiry=dates.get("17") or dates.get("7003"),
        best_before=dates.get("15"),
        production=dates.get("11"),
        weight_g=_net_grams(string.elements),
        count=int(pieces) if pieces else None,
        amount=_amount(string.elements),
        marking=_marking(string),
    )


def _net_grams(elements: Sequence[Element]) -> int | None:
    for element in elements:
        if element.ai[:3] == "310":
            unit: int = 10 ** int(element.ai[3])
            grams, rest = divmod(int(element.value) * 1000, unit)
            return grams + (2 * rest >= unit)
    return None


def _amount(elements: Sequence[Element]) -> Amount | None:
    for element in elements:
        if element.ai[:3] == "392":
            return Amount(int(element.value), int(element.ai[3]))
        if element.ai[:3] == "393":
            return Amount(int(element.value[3:]), int(element.ai[3]), element.value[:3])
    return None


# --- goods marking, links, free text ---------------------------------------------------------------------------------


def _marking(string: ElementString) -> Marking | None:
    has = {element.ai for element in string.elements}
    if {"01", "21"} <= has and ("93" in has or {"91", "92"} <= has):
        return Marking.GOODS
    return None


_TOBACCO = re.compile(r"(?P<gtin>[0-9]{14})(?P<serial>[!-z]{7})(?P<price>[!-z]{4})(?P<check>[!-z]{4})")


def _read_tobacco(reading: Scanned) -> Scanned | None:
    """A tobacco pack: 29 characters without identifiers: GTIN, serial, price, check."""
    shape = _TOBACCO.fullmatch(reading.text)
    if shape is None or reading.text.isdigit() or not has_valid_check_digit(shape["gtin"]):
        return None
    return replace(
        reading,
        kind=ScannedKind.GS1,
        gtin14=shape["gtin"],
        candidates=(shape["gtin"],),
        serial=shape["serial"],
        marking=Marking.TOBACCO,
    )


def _read_link(reading: Scanned, today: date) -> Scanned | None:
    if reading.text[:4].lower() != "http":
        return None
    try:
        elements = parse_digital_link(reading.text)
    except MalformedElements as fault:
        return _misread(reading, fault.reason, ai=fault.ai)
    if elements is None:
        return None
    link = replace(reading, kind=ScannedKind.DIGITAL_LINK, elements=elements)
    return _with_facts(link, ElementString(elements), today)


def _read_text(reading: Scanned, today: date) -> Scanned:
    """Free text. Digits that could be a GTIN are offered, not claimed: Code 128 may carry one, or a card number."""
    read = _read_link(reading, today)
    if read is None and reading.symbology in (None, Symbology.DATA_MATRIX):
        read = _read_tobacco(reading)
    return read or replace(reading, candidates=_gtins(reading.text, reading.symbology))


def _read_unnamed(reading: Scanned, templates: Sequence[InStoreTemplate], today: date, *, fnc1_first: bool) -> Scanned:
    """No AIM identifier: tell by the data what it is."""
    text = reading.text
    if text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14):
        return _read_gtin(reading, text, templates, lengths=(8, 12, 13, 14))
    starts_with_key = text[:2] == "01" and len(text) >= 16 and has_valid_check_digit(text[2:16])
    is_sscc = text[:2] == "00" and len(text) == 20 and has_valid_check_digit(text[2:])
    if fnc1_first or (starts_with_key and GS in text):
        return _read_promised_elements(reading, today)
    if starts_with_key or is_sscc or GS in text:
        return _read_elements_if_any(reading, today) or _read_text(reading, today)
    return _read_human_form(reading, today) or _read_text(reading, today)
