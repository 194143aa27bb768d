"""Profiles: every shipped one loads and is what its name says; a wrong one is refused by field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import edge
from edge.devices.scanner import load_profile, read_profile
from edge.protocols.scanner import AimMode, Content, KeyboardFraming, PosReport, SerialFraming
from shared.errors import PermanentError

_FOLDER = Path(edge.__file__).parents[1] / "firmware_profiles"
_SHIPPED = sorted(f"{file.parent.name}/{file.stem}" for file in _FOLDER.glob("*/scanner-*.json"))
_CR = (_FOLDER / "generic" / "scanner-serial-cr.json").read_text()
_POS = (_FOLDER / "generic" / "scanner-hid-pos.json").read_text()


@pytest.mark.parametrize("profile_id", _SHIPPED)
def test_a_shipped_profile_loads_and_says_why_rules_are_open(profile_id: str) -> None:
    profile = read_profile(profile_id)
    assert (profile.maker, profile.category) == ("Generic", "scanner")
    assert profile.repeat_window_ms == 0
    assert [name for name, rule in profile.rules.items() if rule.status != "done" and not rule.reason] == []


def test_all_ways_of_speaking_are_shipped() -> None:
    assert len(_SHIPPED) == 10
    assert {read_profile(name).protocol for name in _SHIPPED} == {
        "scanner_serial",
        "scanner_hid_keyboard",
        "scanner_hid_pos",
    }


@pytest.mark.parametrize(
    ("profile_id", "framing"),
    [
        ("generic/scanner-serial-cr", SerialFraming()),
        ("generic/scanner-serial-stx-etx", SerialFraming(b"\x02", b"\x03")),
        ("generic/scanner-serial-plain", SerialFraming(suffix=b"", silence_s=0.05)),
        (
            "generic/scanner-serial-bluetooth",
            SerialFraming(silence_s=0.2, content=Content(aim=AimMode.REQUIRED)),
        ),
        ("generic/scanner-hid-enter", KeyboardFraming(silence_s=None)),
        ("generic/scanner-hid-silence", KeyboardFraming(silence_s=0.08)),
    ],
)
def test_a_profile_becomes_settings_of_its_codec(profile_id: str, framing: SerialFraming | KeyboardFraming) -> None:
    assert read_profile(profile_id).framing() == framing  # type: ignore[union-attr]


def test_the_report_of_the_pos_profile_is_the_one_of_the_notes() -> None:
    assert read_profile("generic/scanner-hid-pos").report() == PosReport()  # type: ignore[union-attr]


@pytest.mark.parametrize("profile_id", ["", "generic", "generic/", "generic/../generic/scanner-serial-cr", "x/y"])
def test_an_unknown_profile_is_refused(profile_id: str) -> None:
    with pytest.raises(PermanentError) as refusal:
        read_profile(profile_id)
    assert refusal.value.code == "SCN-404"
    assert refusal.value.parameters == {"profile": profile_id, "reason": "unknown"}


@pytest.mark.parametrize(
    ("text", "changes", "field"),
    [
        (_CR, {"suffix": "\u0416"}, "suffix"),
        (_CR, {"silence_ms": 5}, "silence_ms"),
        (_CR, {"line": {"baud": 9601}}, "line.baud"),
        (_CR, {"speed": 1}, "speed"),
        (_CR, {"protocol": "scanner_usb"}, "scanner_usb"),
        (_CR, {"category": "pos_printer"}, "category"),
        (_POS, {"more_at": 64}, "byte 64 lies outside"),
        (_POS, {"data_size": 60}, "byte 64 lies outside"),
    ],
)
def test_a_wrong_profile_is_refused_by_field(text: str, changes: dict[str, object], field: str) -> None:
    with pytest.raises(PermanentError) as refusal:
        load_profile(json.dumps({**json.loads(text), **changes}), "shop/own")
    assert refusal.value.code == "SCN-404"
    assert field in str(refusal.value.parameters["reason"])


def test_no_json_is_no_profile() -> None:
    with pytest.raises(PermanentError, match="SCN-404"):
        load_profile(b"\xff{", "shop/own")
