"""`python -m shared.words` prints docs/codes.md: every code, its three sentences, its facts and who raises it.

Reads the catalogue and the sources of a checkout beside this package; a gateway never runs it. A code counts as used
where it stands in our sources as a string of its own; comments and docstrings do not count.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from shared.words import PARTS, catalogue, placeholders

__all__ = ["CODE", "ROOT", "page", "used_codes"]

ROOT: Final = Path(__file__).parents[2]

CODE: Final = re.compile(r"[A-Z]{3}-[1-5]\d\d")

_LITERAL: Final = re.compile(rf"""(["'`])({CODE.pattern})\1""")

_SOURCES: Final = (
    *("edge/**/*.py", "cloud/**/*.py", "shared/**/*.py"),
    *("web/*/src/**/*.ts", "web/*/src/**/*.tsx", "web/kit/*.ts", "web/kit/*.tsx"),
)

_NOT_SHOWN: Final = re.compile(r"\.test\.tsx?$|/node_modules/|/static/")

_AREAS: Final = {
    "SCN": "Scanner",
    "SAL": "Sale, basket, shift, return",
    "PAY": "Payment",
    "FIS": "Register (fiscal device)",
    "PRN": "Receipt printer",
    "DRW": "Drawer",
    "CUS": "Customers",
    "LOY": "Cards and certificates",
    "STK": "Goods and prices",
    "NET": "Link between gateway and head office",
    "SEC": "Security",
    "USR": "People, sign-in, rights",
    "IMP": "Imports",
    "SRV": "Gateway and head office themselves",
    "DEV": "Devices and gateways",
    "EVT": "Messages from gateways",
}

_HEAD: Final = """\
# Codes

<!-- Written by `python -m shared.words > docs/codes.md`; do not edit by hand. -->

A code never changes its meaning.
Screens, logs and events carry the same one; the device maker's own code stands beside it.
The first digit says what now:

| Digit | Means |
|---|---|
| 1 | a notice, work goes on |
| 2 | a person can make it go on |
| 3 | temporary, it goes on by itself or with the next try |
| 4 | it will not work as asked |
| 5 | it may have happened: ask first, never simply repeat |

The texts stand in `shared/words/<language>/codes.po`, in every language.
Words in braces are facts of the case.
"Raised by" names the part of the program; a dash stands where the words are ready before the part is.
"""


def used_codes(root: Path = ROOT) -> dict[str, list[str]]:
    """Codes in our sources, each with the parts that name it, sorted: `edge.checkout`, `cloud.ingest`, `web.till`."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in _sources(root):
        for literal in _LITERAL.finditer(path.read_text(encoding="utf-8")):
            found[literal[2]].add(_part(path.relative_to(root)))
    return {code: sorted(found[code]) for code in sorted(found)}


def _sources(root: Path) -> Iterator[Path]:
    paths = (path for pattern in _SOURCES for path in root.glob(pattern))
    return (path for path in paths if not _NOT_SHOWN.search(path.as_posix()))


def _part(path: Path) -> str:
    """As deep as a part has a name of its own: two levels, three below `edge/devices`."""
    depth = 3 if path.parts[:2] == ("edge", "devices") else 2
    return ".".join(path.parent.parts[:depth])


def page(messages: Mapping[str, str], used: Mapping[str, Iterable[str]]) -> str:
    """The whole page. messages: the English catalogue. used: as `used_codes` answers."""
    codes = sorted({match[0] for match in map(CODE.match, messages) if match})
    sections = (_section(area, [code for code in codes if code.startswith(area)], messages, used) for area in _AREAS)
    return "\n".join([_HEAD, *filter(None, sections)])


def _section(area: str, codes: list[str], messages: Mapping[str, str], used: Mapping[str, Iterable[str]]) -> str:
    if not codes:
        return ""
    rows = "".join(_row(code, messages, used.get(code, ())) for code in codes)
    head = "| Code | What happened | What was kept | What to do | Facts | Raised by |\n|---|---|---|---|---|---|\n"
    return f"## {area}: {_AREAS[area]}\n\n{head}{rows}"


def _row(code: str, messages: Mapping[str, str], parts: Iterable[str]) -> str:
    sentences = [messages[f"{code}.{part}"] for part in PARTS]
    facts = sorted(frozenset().union(*map(placeholders, sentences)))
    cells = [f'<a id="{code.lower()}"></a>{code}', *(sentence.replace("|", "\\|") for sentence in sentences)]
    return f"| {' | '.join([*cells, _list(facts), _list(parts)])} |\n"


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "-"


if __name__ == "__main__":
    sys.stdout.write(page(catalogue("en"), used_codes()))
