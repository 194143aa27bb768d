from __future__ import annotations

import pytest

from cloud.customers.phones import international, search_words
from shared.errors import PermanentError


@pytest.mark.parametrize(
    ("typed", "calling_code", "stored"),
    [
        ("077 12 34 56", "374", "+37477123456"),
        ("(077) 12-34-56", "374", "+37477123456"),
        ("+374 77 123456", "7", "+37477123456"),
        ("00374\u00a077\u201112\u201134\u201156", "994", "+37477123456"),
        ("8 (912) 345-67-89", "7", "+79123456789"),
        ("0803 123 4567", "234", "+2348031234567"),
    ],
)
def test_number_is_stored_as_dialled_from_abroad(typed: str, calling_code: str, stored: str) -> None:
    assert international(typed, calling_code) == stored


@pytest.mark.parametrize(
    "typed", ["", "12345", "77123456", "+0 77 123456", "+1234567890123456", "077 call me", "+٣٧٤٧٧١٢٣"]
)
def test_what_nobody_could_dial_is_refused(typed: str) -> None:
    with pytest.raises(PermanentError, match="CUS-410"):
        international(typed, "374")


def test_found_in_both_forms() -> None:
    assert search_words("+37477123456", "374") == "+37477123456 077123456"
    assert search_words("+79123456789", "374") == "+79123456789"
