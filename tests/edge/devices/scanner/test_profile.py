"""Scanner profiles: each shipped one becomes its codec's settings; a wrong one is refused by field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

import firmware_profiles
from edge.devices.scanner import read_profile
from edge.devices.scanner.profile import ScannerProfile
from edge.protocols.scanner import AimMode, Content, KeyboardFraming, PosReport, SerialFraming
from shared.profiles import ProfileError, parse_profile, profile_ids

_FOLDER = Path(*firmware_profiles.__path__)
_SHIPPED = [profile_id for profile_id in profile_ids() if "/scanner-" in profile_id]
_CR = (_FOLDER / "generic" / "scanner-serial-cr.json").read_text()
_POS = (_FOLDER / "generic" / "scanner-hid-pos.json").read_text()
_MODEL: TypeAdapter[ScannerProfile] = TypeAdapter(ScannerProfile)


@pytest.mark.parametrize("profile_id", _SHIPPED)
def test_every_read_of_a_shipped_scanner_counts(profile_id: str) -> None:
    profile = read_profile(profile_id)
    assert (profile.maker, profile.category, profile.repeat_window_ms) == ("Generic", "Scanner", 0)


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


@pytest.mark.parametrize("profile_id", ["generic/none", "generic/pos80"])
def test_what_is_no_scanner_is_refused(profile_id: str) -> None:
    with pytest.raises(ProfileError, match="DEV-404"):
        read_profile(profile_id)


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
    with pytest.raises(ProfileError) as refusal:
        parse_profile("shop/own", json.dumps({**json.loads(text), **changes}), _MODEL)
    assert field in str(refusal.value.parameters["reason"])
