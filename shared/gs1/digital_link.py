"""GS1 Digital Link: the same elements inside a web address. The host is no authority and is never asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from shared.gs1.elements import Element, MalformedElements, checked_element
from shared.gs1.identifiers import find_identifier

__all__ = ["parse_digital_link"]

_PRIMARY_KEYS: Final = frozenset(
    {"00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8013", "8017", "8018"}
)

_WORDS: Final[Mapping[str, str]] = {
    "gtin": "01",
    "sscc": "00",
    "cpv": "22",
    "lot": "10",
    "bat": "10",
    "ser": "21",
    "exp": "17",
}
"""Names of the first edition, still found on packs."""

_GTIN_LENGTHS = frozenset({8, 12, 13})


def parse_digital_link(text: str) -> tuple[Element, ...] | None:
    """Elements of the address, primary key first, or None when it is some other address.

    Raises MalformedElements when it is a Digital Link and one of its further values cannot be.
    """
    try:
        address = urlsplit(text)
    except ValueError:  # such as "http://["
        return None
    if address.scheme.lower() not in ("http", "https") or not address.netloc:
        return None
    segments = [unquote(segment, errors="replace") for segment in address.path.split("/")[1:]]
    found = _from_path(segments)
    if found is None:
        return None
    known = {element.ai for element in found}
    for element in _from_query(address.query):
        if element.ai not in known:
            known.add(element.ai)
            found.append(element)
    return tuple(found)


def _from_path(segments: list[str]) -> list[Element] | None:
    for place, word in enumerate(segments[:-1]):
        ai = _identifier(word)
        if ai in _PRIMARY_KEYS:
            try:
                key = _element(ai, segments[place + 1])
            except MalformedElements:
                continue  # "/01/news" is somebody's page, not a misread
            return [key, *_qualifiers(segments[place + 2 :])]
    return None


def _qualifiers(segments: list[str]) -> Iterator[Element]:
    """Pairs after the key, up to the first segment that is no identifier."""
    for word, value in zip(segments[::2], segments[1::2], strict=False):
        ai = _identifier(word)
        if find_identifier(ai) is None:
            return
        yield _element(ai, value)


def _from_query(query: str) -> Iterator[Element]:
    for pair in query.replace(";", "&").split("&"):
        name, _, value = pair.partition("=")
        ai = _identifier(unquote(name, errors="replace"))
        if find_identifier(ai) is not None:
            yield _element(ai, unquote(value, errors="replace"))


def _identifier(word: str) -> str:
    return _WORDS.get(word, word)


def _element(ai: str, value: str) -> Element:
    return checked_element(ai, value.zfill(14) if ai == "01" and len(value) in _GTIN_LENGTHS else value)
