"""The part of the PO format that our catalogues use: id, text, comments, lines that go on. No plurals, no contexts.

What never breaks: a file with anything else in it is refused, not half read.
Source: GNU gettext manual, "PO files".
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["MalformedCatalogue", "read_po"]


class MalformedCatalogue(ValueError):
    """A line that is not id, text, comment or a continuation of these."""


def read_po(content: str) -> dict[str, str]:
    """Messages by id, without the header, without those not translated. Raises MalformedCatalogue."""
    messages: dict[str, str] = {}
    for message_id, message in _entries(content):
        if message_id in messages:
            raise MalformedCatalogue(f"{message_id} stands there twice")
        if message_id and message:
            messages[message_id] = message
    return messages


def _entries(content: str) -> Iterator[tuple[str, str]]:
    """Pairs of id and text in the order of the file; the header has an empty id."""
    parts: dict[str, str] = {}
    keyword = ""
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word in ("msgid", "msgstr"):
            if word == "msgid" and parts:
                yield _whole(parts, number)
                parts = {}
            keyword = word
            parts[keyword] = _unquote(rest, number)
        elif line.startswith('"') and keyword:
            parts[keyword] += _unquote(line, number)
        else:
            raise MalformedCatalogue(f"line {number}: {line[:40]!r}")
    if parts:
        yield _whole(parts, number + 1)


def _whole(parts: dict[str, str], number: int) -> tuple[str, str]:
    if parts.keys() != {"msgid", "msgstr"}:
        raise MalformedCatalogue(f"before line {number}: an id without its text, or a text without its id")
    return parts["msgid"], parts["msgstr"]


def _unquote(quoted: str, number: int) -> str:
    """PO strings are C strings; of those we use the escapes that Python shares."""
    try:
        value = ast.literal_eval(quoted)
    except (SyntaxError, ValueError) as error:
        raise MalformedCatalogue(f"line {number}: {quoted[:40]!r}") from error
    if not isinstance(value, str):
        raise MalformedCatalogue(f"line {number}: {quoted[:40]!r}")
    return value
