"""Whatever code our sources can raise or show has its three sentences in every language (UX T21)."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.words import LANGUAGES, PARTS, catalogue, placeholders
from shared.words.__main__ import ROOT, page, used_codes

USED = used_codes()
COMMITTED = ROOT / "docs" / "codes.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_in_use_has_its_three_parts(language: str) -> None:
    own = catalogue(language)
    wanted = [f"{code}.{part}" for code in USED for part in PARTS]
    assert [message_id for message_id in wanted if message_id not in own] == []


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_code_names_the_same_facts_in_every_language(language: str) -> None:
    own, english = catalogue(language), catalogue("en")
    wanted = [f"{code}.{part}" for code in USED for part in PARTS]
    assert [each for each in wanted if placeholders(own[each]) != placeholders(english[each])] == []


def test_finds_codes_of_both_languages_and_names_their_part(tmp_path: Path) -> None:
    for name, content in {
        "edge/checkout/selling.py": '"""SAL-499 in words only."""\nraise PermanentError("SAL-401", field="a")\n',
        "edge/devices/scanner/usb/stream.py": "TROUBLE = 'SCN-302'\n",
        "cloud/errors.py": 'error = "SAL-401"\n',
        "web/till/src/parts/Strip.tsx": "explain(i18n, `NET-302`)",
        "web/till/src/gateway.test.ts": '"NET-399"',
        "web/kit/codes.ts": 'what("SAL-401x", "SRV-601", "SRV-503")',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert used_codes(tmp_path) == {
        "NET-302": ["web.till"],
        "SAL-401": ["cloud", "edge.checkout"],
        "SCN-302": ["edge.devices.scanner"],
        "SRV-503": ["web.kit"],
    }


def test_a_row_carries_words_facts_and_part() -> None:
    messages = {"PAY-232.what": "Left: {left} | {form}.", "PAY-232.kept": "Kept.", "PAY-232.do": "Do.", "report.x": "X"}
    assert page(messages, {"PAY-232": ["edge.checkout"]}).splitlines()[-5:] == [
        "## PAY: Payment",
        "",
        "| Code | What happened | What was kept | What to do | Facts | Raised by |",
        "|---|---|---|---|---|---|",
        '| <a id="pay-232"></a>PAY-232 | Left: {left} \\| {form}. | Kept. | Do. | `form`, `left` | `edge.checkout` |',
    ]


def test_the_committed_page_is_the_generated_one() -> None:
    """Else run: python -m shared.words > docs/codes.md"""
    assert COMMITTED.read_text(encoding="utf-8") == page(catalogue("en"), USED)
