"""The pages for installers: their JSON loads, and every command and option that they name exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from edge.config import BranchConfig
from edge.devices.profiles import ANY_PROFILE
from edge.devices.scanner.profile import SerialProfile
from shared.profiles import parse_profile, read_profile
from tradepost.cli import app

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["add-a-device.md", "change-a-receipt.md", "install-a-branch.md", "rehearse.md"]
MORE_COMMANDS = ["backup.md", "broken-till.md", "install-head-office.md", "simulators.md"]
MARKED = re.compile(r"<!-- a test reads the next block as (?P<name>\S+) -->\n```json\n(?P<text>.*?)```", re.DOTALL)
SHELL = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)


def _blocks(page: str) -> dict[str, str]:
    return {found["name"]: found["text"] for found in MARKED.finditer((DOCS / page).read_text())}


def _commands() -> list[list[str]]:
    text = "\n".join((DOCS / page).read_text() for page in PAGES + MORE_COMMANDS)
    shell = "".join(found["text"] for found in SHELL.finditer(text) if not found["language"])
    lines = re.sub(r"^.*?\| (?=tradepost)", "", shell, flags=re.MULTILINE).splitlines() + re.findall(
        r"`(tradepost [^`\n]+)`", text
    )
    return [shlex.split(line)[1:] for line in lines if line.startswith("tradepost ")]


@pytest.mark.parametrize("page", PAGES)
def test_branch_json_is_a_configuration_whose_profiles_are_there(page: str) -> None:
    branch = BranchConfig.model_validate_json(_blocks(page)["branch.json"])
    till = branch.tills[0]
    categories = [read_profile(device.profile, ANY_PROFILE).category for device in till.devices]
    assert categories == ["Scanner"] * len(till.scanners) + ["FiscalPrinter", "POSPrinter"]


def test_the_profile_of_a_new_model_loads() -> None:
    text = _blocks("add-a-device.md")["firmware_profiles/acme/swift-200.json"]
    profile = parse_profile("acme/swift-200", text, ANY_PROFILE)
    assert isinstance(profile, SerialProfile)
    assert (profile.id, profile.line.baud, profile.suffix) == ("acme/swift-200", 38_400, "\r\n")


@pytest.mark.parametrize("words", _commands(), ids=" ".join)
def test_every_command_that_is_named_exists_with_its_options(words: list[str]) -> None:
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        command, words = command.commands[words[0]], words[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} - known == set()
