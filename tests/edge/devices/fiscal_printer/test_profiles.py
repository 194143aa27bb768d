"""Model facts of fiscal registers."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from edge.devices.fiscal_printer.contract import PaymentForm
from edge.devices.fiscal_printer.profiles import OperatorLogin, RegisterProfile, load_profile
from shared.profiles import ProfileError

DATECS = ["datecs/dp-25", "datecs/fp-700x", "datecs/fp-800"]


@pytest.mark.parametrize("name", DATECS)
def test_profile_knows_every_form_of_payment_and_eight_tax_groups(name: str) -> None:
    profile = load_profile(name)
    assert set(profile.payments) == set(PaymentForm)
    assert len(set(profile.payments.values())) == len(PaymentForm)
    assert len(set(profile.tax_groups)) == 8


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("datecs/fp-800", ("P", 115_200, 34, 36, 512, "0000")),
        ("datecs/dp-25", ("C", 115_200, 22, 36, 512, "1")),
        ("datecs/fp-700x", ("X", 115_200, 72, 46, 512, "0000")),
    ],
)
def test_facts_are_the_notes(name: str, facts: tuple[object, ...]) -> None:
    profile = load_profile(name)
    found = (profile.dialect, profile.baud, profile.text.item, profile.text.comment)
    assert (*found, profile.limits.lines_per_receipt, profile.operator.password) == facts


@pytest.mark.parametrize("name", ["datecs/fp-9000", "datecs", "", "../etc/passwd", "generic/scanner-serial-cr"])
def test_model_without_a_profile_is_unknown(name: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        load_profile(name)
    assert (refusal.value.code, refusal.value.parameters["profile"]) == ("DEV-404", name)


def test_unknown_fact_is_refused() -> None:
    facts = load_profile("datecs/fp-800").model_dump()
    with pytest.raises(ValidationError, match="colour"):
        RegisterProfile.model_validate({**facts, "colour": "white"})


def test_password_is_not_shown() -> None:
    assert "0000" not in repr(OperatorLogin(number=1, password="0000"))


def test_password_that_could_inject_a_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        OperatorLogin(number=1, password="0,1")
