"""The table of supported devices is the profiles; the page that is committed is the one the program writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.devices.profiles import all_profiles
from tradepost.cli import main
from tradepost.devices import devices_as_page, devices_as_text

PAGE = Path(__file__).parents[2] / "docs" / "devices.md"


def test_the_page_is_what_the_profiles_say() -> None:
    assert PAGE.read_text() == devices_as_page()


def test_every_profile_has_one_line_with_its_grade() -> None:
    rows = [line.split() for line in devices_as_text().splitlines()[1:]]
    found = {(row[1], row[0], row[-2], row[-1]) for row in rows}
    assert len(rows) == len(all_profiles())
    assert found == {(facts.id, facts.category, facts.protocol, facts.grade) for facts in all_profiles()}


@pytest.mark.parametrize(
    ("arguments", "printed"), [((), devices_as_text() + "\n"), (("--markdown",), devices_as_page())]
)
def test_the_command_prints_text_or_page(
    arguments: tuple[str, ...], printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["devices", *arguments])
    assert end.value.code == 0
    assert capsys.readouterr().out == printed
