"""The one schema of firmware profiles: ids, grades and rules; a file that cannot be is refused by field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

import firmware_profiles
from shared.profiles import (
    DeviceProfile,
    Grade,
    ProfileError,
    Rule,
    RuleName,
    SerialLine,
    justified_grade,
    parse_profile,
    profile_ids,
    read_profile,
)

FOLDER = Path(*firmware_profiles.__path__)
MODEL = TypeAdapter(DeviceProfile)
DONE = {"status": "done"}
OPEN = {"status": "todo", "reason": "nobody has tried"}
EXEMPT = {"status": "exempt", "reason": "it cannot happen"}
FACTS: dict[str, Any] = {
    "maker": "Acme",
    "model": "Scale 15",
    "category": "Scale",
    "protocol": "acme",
    "grade": "silver",
    "rules": {
        "works_on_simulator": DONE,
        "survives_faults": DONE,
        "survives_unplug": EXEMPT,
        "proven_on_hardware": OPEN,
    },
    "source": "manual 1.0",
}


def _parse(**changes: object) -> DeviceProfile:
    return parse_profile("acme/scale-15", json.dumps({**FACTS, **changes}), MODEL)


def _rules(*statuses: dict[str, str]) -> dict[RuleName, Rule]:
    names: tuple[RuleName, ...] = ("works_on_simulator", "survives_faults", "survives_unplug", "proven_on_hardware")
    return {name: Rule.model_validate(status) for name, status in zip(names, statuses, strict=True)}


def test_a_profile_is_named_by_its_path_and_needs_neither_usb_nor_a_line() -> None:
    profile = _parse()
    assert (profile.id, profile.usb, profile.line) == ("acme/scale-15", (), None)


def test_usb_ids_and_line_are_facts_of_every_category() -> None:
    profile = _parse(usb=["1a86:7523", "0403:6001"], line={"baud": 4800, "parity": "E"})
    assert profile.usb == ("1a86:7523", "0403:6001")
    assert profile.line == SerialLine(baud=4800, parity="E")


@pytest.mark.parametrize(
    ("rules", "grade"),
    [
        (_rules(OPEN, OPEN, OPEN, OPEN), None),
        (_rules(OPEN, DONE, DONE, DONE), None),
        (_rules(DONE, OPEN, OPEN, OPEN), "bronze"),
        (_rules(DONE, DONE, OPEN, OPEN), "bronze"),
        (_rules(DONE, OPEN, DONE, DONE), "bronze"),
        (_rules(DONE, DONE, DONE, OPEN), "silver"),
        (_rules(DONE, EXEMPT, EXEMPT, OPEN), "silver"),
        (_rules(DONE, DONE, DONE, DONE), "gold"),
        (_rules(DONE, DONE, EXEMPT, DONE), "gold"),
    ],
)
def test_a_grade_is_what_the_rules_justify(rules: dict[RuleName, Rule], grade: Grade | None) -> None:
    assert justified_grade(rules) == grade


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"grade": "gold"}, "grade is gold, the rules justify silver"),
        ({"grade": "bronze"}, "grade is bronze, the rules justify silver"),
        ({"grade": "platinum"}, "grade: "),
        ({"rules": {**FACTS["rules"], "works_on_simulator": OPEN}}, "the rules justify none"),
        ({"rules": {**FACTS["rules"], "works_on_simulator": EXEMPT}}, "nothing is exempt from works_on_simulator"),
        ({"rules": {**FACTS["rules"], "proven_on_hardware": EXEMPT}}, "nothing is exempt from proven_on_hardware"),
        ({"rules": {**FACTS["rules"], "survives_unplug": {"status": "todo"}}}, "todo needs a reason"),
        ({"rules": {"works_on_simulator": DONE}}, "nothing is said of proven_on_hardware, survives_faults"),
        ({"rules": {**FACTS["rules"], "looks_good": DONE}}, "looks_good"),
        ({"category": "Toaster"}, "category: "),
        ({"colour": "white"}, "colour: "),
        ({"maker": ""}, "maker: "),
        ({"usb": ["1A86:7523"]}, "usb.0: "),
        ({"line": {"baud": 9601}}, "line.baud: "),
        ({"id": "acme/scale-15"}, "id: is the path of the file"),
    ],
)
def test_a_wrong_profile_is_refused_by_field(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        _parse(**changes)
    assert (refusal.value.code, refusal.value.parameters["profile"]) == ("DEV-404", "acme/scale-15")
    assert reason in str(refusal.value.parameters["reason"])


@pytest.mark.parametrize("text", ["", "{", b"\xff{}", "[]", "null", '{"line": NaN}'])
def test_what_is_no_json_object_is_no_profile(text: str | bytes) -> None:
    with pytest.raises(ProfileError, match="no JSON"):
        parse_profile("acme/scale-15", text, MODEL)


@pytest.mark.parametrize("profile_id", ["acme", "acme/", "/scale", "Acme/scale", "acme/a/b", "../acme/scale", "a/b\n"])
def test_an_id_is_a_vendor_and_a_model(profile_id: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        parse_profile(profile_id, json.dumps(FACTS), MODEL)
    assert str(refusal.value.parameters["reason"]).startswith("id: ")


@pytest.mark.parametrize(
    "profile_id", ["", "generic", "generic/", "generic/../generic/pos80", "x/y", "generic/pos80\n"]
)
def test_a_profile_that_does_not_come_with_the_program_is_unknown(profile_id: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        read_profile(profile_id, MODEL)
    assert refusal.value.parameters == {"profile": profile_id, "reason": "unknown"}


def test_every_file_of_the_folder_is_a_profile() -> None:
    files = [file for file in FOLDER.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    assert sorted(f"{file.parent.name}/{file.stem}.json" for file in files) == [f"{id}.json" for id in profile_ids()]
    assert {file.parent.parent for file in files} == {FOLDER}
