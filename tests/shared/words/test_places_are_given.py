"""A place in a message is filled: whoever raises the code gives that fact. Read from the sources, nothing is run.

A site that hands on facts it got (`**parameters`) cannot be judged here and is left out.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

import pytest

from shared.words import PARTS, catalogue, placeholders
from shared.words.__main__ import CODE, ROOT

DERIVED = ("_minor", "_milli")
"""The till's page gets `left_minor` also as `left`, in the reader's language (edge.checkout.texts)."""

trees = [
    ast.parse(path.read_text()) for folder in ("edge", "cloud", "shared") for path in (ROOT / folder).rglob("*.py")
]
english = catalogue("en")


def last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def error_classes() -> set[str]:
    """Names of all classes below TradepostError."""
    bases = {
        node.name: {last_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    known = {"TradepostError"}
    while more := {name for name, above in bases.items() if above & known} - known:
        known |= more
    return known


ERRORS = error_classes()


def code_of(call: ast.Call) -> str | None:
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and CODE.fullmatch(argument.value):
            return argument.value
    return None


def facts_of(call: ast.Call) -> set[str] | None:
    """Names of the facts given; None when this is no raising, or cannot be known from the source alone."""
    name = last_name(call.func)
    if name in ERRORS or name in ("__init__", "raise_", "_raise"):
        names: list[str | None] = [keyword.arg for keyword in call.keywords]
    elif name == "Problem" and isinstance(call.args[-1], ast.Dict):
        names = [str(key.value) if isinstance(key, ast.Constant) else None for key in call.args[-1].keys]
    else:
        return None
    return None if None in names else {name for name in names if name is not None}


def sites() -> Iterator[tuple[str, set[str]]]:
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (code := code_of(node)) and (facts := facts_of(node)) is not None:
                shown = {fact.removesuffix(end) for fact in facts for end in DERIVED if fact.endswith(end)}
                yield code, facts | shown


given: dict[str, list[set[str]]] = defaultdict(list)
for code, facts in sites():
    given[code].append(facts)


@pytest.mark.parametrize("code", sorted(given))
def test_every_raiser_gives_what_the_words_ask_for(code: str) -> None:
    asked = {place for part in PARTS for place in placeholders(english[f"{code}.{part}"])}
    assert [place for place in asked if not all(place in facts for facts in given[code])] == []


@pytest.mark.parametrize(
    "code",
    sorted({key.partition(".")[0] for key in english if key[:4] in ("FIS-", "PRN-", "DRW-") or "DEV-301" in key}),
)
def test_what_a_device_says_needs_no_facts(code: str) -> None:
    """The till also shows these from a stored state or a job, where only the code is left."""
    assert [part for part in PARTS if placeholders(english[f"{code}.{part}"])] == []


def test_the_sources_were_read() -> None:
    assert {"SAL-421", "SRV-404", "STK-431", "EVT-421", "USR-310"} <= given.keys()
    assert given["SAL-421"] == [{"line_no", "left_milli", "left"}]
