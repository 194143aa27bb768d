"""Every profile that comes with the program: read by its category, named by its path, graded by its rules."""

from __future__ import annotations

import pytest

from edge.devices.profiles import ANY_PROFILE, all_profiles
from shared.profiles import DeviceProfile, ProfileError, justified_grade, parse_profile, profile_ids

PROFILES = all_profiles()


def test_a_profile_is_named_by_its_path() -> None:
    assert tuple(profile.id for profile in PROFILES) == profile_ids()


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
def test_a_grade_is_justified_and_what_is_open_says_why(profile: DeviceProfile) -> None:
    assert profile.grade == justified_grade(profile.rules)
    assert [name for name, rule in profile.rules.items() if rule.status != "done" and not rule.reason] == []


def test_all_categories_of_the_branch_are_there() -> None:
    assert {profile.category for profile in PROFILES} == {"Scanner", "FiscalPrinter", "POSPrinter"}


def test_a_category_without_a_driver_is_refused() -> None:
    with pytest.raises(ProfileError, match="'category'"):
        parse_profile("acme/scale-15", '{"category": "Scale"}', ANY_PROFILE)
