"""Element strings: identifiers and values one after another, with FNC1 (GS) after those of variable length.

Structure only: lengths, characters, check digits. What the elements mean for a sale is in `shared.gs1.scanned`.
The rule that must never break: a value is never cut or joined without `gs_missing` saying that it was a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from shared.gs1.identifiers import GS, Identifier, find_identifier, identifier_at

__all__ = [
    "Element",
    "ElementString",
    "MalformedElements",
    "checked_element",
    "encode_elements",
    "human_form",
    "parse_elements",
    "parse_human_form",
]

_GUESS_LIMIT = 256
"""Longest text whose lost separators are guessed. Goods marking has at most 130 characters; the search is quadratic."""


@dataclass(frozen=True)
class Element:
    ai: str
    value: str


@dataclass(frozen=True)
class ElementString:
    elements: tuple[Element, ...]
    gs_missing: bool = False
    """Separators were lost on the way (keyboard scanners cannot type them): values of variable length are a guess."""

    def get(self, ai: str) -> str | None:
        return next((element.value for element in self.elements if element.ai == ai), None)


class MalformedElements(ValueError):
    """Not an element string.

    reason: unknown_ai, length, characters, check_digit, date or repeated. ai: where, "" when no identifier was found.
    elements: what was read before that place. rest: what stands from there on.
    """

    def __init__(self, reason: str, ai: str, elements: tuple[Element, ...] = (), rest: str = "") -> None:
        super().__init__(f"{reason} ({ai})")
        self.reason = reason
        self.ai = ai
        self.elements = elements
        self.rest = rest


def checked_element(ai: str, value: str) -> Element:
    """Raises MalformedElements when there is no such identifier, or the value cannot be one of it."""
    identifier = find_identifier(ai)
    if identifier is None:
        raise MalformedElements("unknown_ai", "")
    fault = identifier.fault(value)
    if fault is not None:
        raise MalformedElements(fault, ai)
    return Element(ai, value)


def parse_elements(text: str) -> ElementString:
    """Read an element string as scanners deliver it; a GS in front of it is tolerated.

    When no separator has arrived at all and a value is longer than it may be, the separators were lost: the parser
    then looks for the one way to cut that leaves nothing over. Raises MalformedElements.
    """
    body = text.removeprefix(GS)
    found: list[Element] = []
    try:
        gs_missing = _walk(body, found)
    except _TooLong as error:
        guess = None if GS in body else _guess(body)
        if guess is None:
            raise MalformedElements("length", error.ai, tuple(found)) from error
        found, gs_missing = guess, True
    if GS not in body and (cut := _cut_goods_marking(found)):
        found, gs_missing = cut, True
    _refuse_repeats(found)
    return ElementString(tuple(found), gs_missing)


class _TooLong(MalformedElements):
    """A value runs on past its longest length: a lost separator, or damage."""


def _walk(body: str, found: list[Element]) -> bool:
    """Fill `found` from left to right. True when a separator was missing where its place is beyond doubt."""
    at, gs_missing = 0, False
    if not body:
        raise MalformedElements("length", "")
    while at < len(body):
        identifier = identifier_at(body, at)
        if identifier is None:
            raise MalformedElements("unknown_ai", "", tuple(found), body[at:])
        at += len(identifier.ai)
        fixed = identifier.shortest == identifier.longest
        end = at + identifier.longest if fixed else _next_separator(body, at)
        value = body[at:end]
        if len(value) > identifier.longest:
            raise _TooLong("length", identifier.ai, tuple(found))
        fault = identifier.fault(value)
        if fault is not None:
            raise MalformedElements(fault, identifier.ai, tuple(found))
        found.append(Element(identifier.ai, value))
        at = end
        if at < len(body) and body[at] == GS:
            at += 1
        elif at < len(body) and not identifier.is_predefined:
            gs_missing = True
    return gs_missing


def _next_separator(body: str, at: int) -> int:
    end = body.find(GS, at)
    return len(body) if end < 0 else end


def _refuse_repeats(elements: Iterable[Element]) -> None:
    seen: dict[str, str] = {}
    for element in elements:
        if seen.setdefault(element.ai, element.value) != element.value:
            raise MalformedElements("repeated", element.ai)


# --- lost separators -------------------------------------------------------------------------------------------------

_TYPICAL: Final = {"21": 13, "91": 4, "92": 44, "93": 4}
"""Lengths in the Eurasian union's goods marking, tried first: it is what is scanned without separators most."""


def _guess(body: str) -> list[Element] | None:
    """Cut a text without separators so that nothing is left over, from the end forwards."""
    if len(body) > _GUESS_LIMIT:
        return None
    best: list[tuple[Element, int] | None] = [None] * len(body)
    for at in range(len(body) - 1, -1, -1):
        identifier = identifier_at(body, at)
        if identifier is None:
            continue
        start = at + len(identifier.ai)
        for length in _likely_lengths(identifier, len(body) - start):
            end = start + length
            if end < len(body) and best[end] is None:
                continue
            if identifier.fault(body[start:end]) is None:
                best[at] = Element(identifier.ai, body[start:end]), end
                break
    chain: list[Element] = []
    at = 0
    while at < len(body):
        step = best[at]
        if step is None:
            return None
        chain.append(step[0])
        at = step[1]
    return chain


def _likely_lengths(identifier: Identifier, room: int) -> Iterator[int]:
    typical = _TYPICAL.get(identifier.ai, 0)
    if 0 < typical <= room:
        yield typical
    yield from range(min(identifier.longest, room), identifier.shortest - 1, -1)


_MILK_SERIAL = re.compile(r"(?P<serial>.{13}|.{8}|.{6}|.{5})93(?P<check>.{4})(?:3103(?P<weight>[0-9]{6}))?")


def _cut_goods_marking(found: list[Element]) -> list[Element] | None:
    """Dairy and water marking whose separators were lost still fits into a serial: tell it by its shape."""
    if [element.ai for element in found] != ["01", "21"]:
        return None
    shape = _MILK_SERIAL.fullmatch(found[1].value)
    if shape is None:
        return None
    cut = [found[0], Element("21", shape["serial"]), Element("93", shape["check"])]
    return [*cut, Element("3103", shape["weight"])] if shape["weight"] else cut


# --- other forms -----------------------------------------------------------------------------------------------------

_BRACKETED = re.compile(r"\(([0-9]{2,4})\)")


def encode_elements(elements: Iterable[Element]) -> str:
    """The element string for a symbol or a wire: GS after each value that needs it, none at the end."""
    text = ""
    for element in elements:
        identifier = find_identifier(element.ai)
        needs_separator = identifier is None or not identifier.is_predefined
        text += element.ai + element.value + (GS if needs_separator else "")
    return text.removesuffix(GS)


def human_form(elements: Iterable[Element]) -> str:
    """`(01)04006381333931(17)271231`: as printed under the symbol."""
    return "".join(f"({element.ai}){element.value}" for element in elements)


def parse_human_form(text: str) -> ElementString:
    """Read `(01)04006381333931(10)ABC`. Raises MalformedElements.

    A bracket inside a value is kept unless digits that are an identifier stand in it.
    """
    found: list[Element] = []
    at = 0
    while at < len(text) or not found:
        head = _BRACKETED.match(text, at)
        if head is None:
            raise MalformedElements("unknown_ai", "", tuple(found))
        end = _next_bracketed(text, head.end())
        try:
            found.append(checked_element(head[1], text[head.end() : end]))
        except MalformedElements as error:
            raise MalformedElements(error.reason, error.ai, tuple(found)) from error
        at = end
    _refuse_repeats(found)
    return ElementString(tuple(found))


def _next_bracketed(text: str, at: int) -> int:
    for head in _BRACKETED.finditer(text, at):
        if find_identifier(head[1]) is not None:
            return head.start()
    return len(text)
