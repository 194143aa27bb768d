"""A new customer card at the till, with and without head office."""

from __future__ import annotations

from typing import Any

import pytest

from edge.replica import Delta
from shared.events import CustomerEnrolled, SaleCompleted
from tests.edge.checkout.shop import MILK, Shop

LEVON: dict[str, Any] = {"phone": "077 123 499", "name": "Levon M.", "consent": True, "language": "hy"}


async def test_a_new_card_is_a_fact_and_attached_to_the_sale(shop: Shop) -> None:
    card = await shop.do("enrol_customer", **LEVON)
    assert shop.view["basket"]["customer"]["name"] == "Levon M."
    [enrolled] = [fact.payload for fact in shop.facts("customer.enrolled")]
    assert isinstance(enrolled, CustomerEnrolled)
    assert (str(enrolled.customer_id), enrolled.phone, enrolled.consent) == (card["customer_id"], "077 123 499", True)
    await shop.sell(MILK)
    [sale] = [fact.payload for fact in shop.facts("sale.completed")]
    assert isinstance(sale, SaleCompleted)
    assert str(sale.customer_id) == card["customer_id"]


async def test_the_same_phone_is_offered_and_not_enrolled_twice(shop: Shop) -> None:
    card = await shop.do("enrol_customer", **LEVON)
    await shop.sell(MILK)
    code, parameters = await shop.refused("enrol_customer", **{**LEVON, "phone": "77-123499", "name": "L. M."})
    assert (code, parameters["customer_id"], parameters["name"]) == ("CUS-411", card["customer_id"], "Levon M.")
    await shop.restart()
    await shop.do("customer", customer_id=card["customer_id"])
    assert shop.view["basket"]["customer"]["name"] == "Levon M."
    assert len(shop.facts("customer.enrolled")) == 1


async def test_whom_head_office_knows_by_this_phone_is_offered(shop: Shop) -> None:
    customer = {
        "id": "01936b2e-0000-7000-8000-000000000077",
        "number": "10233",
        "name": "Lusine",
        "phone": "+37477123456",
    }
    version = shop.replica.version
    shop.replica.apply(
        Delta.model_validate(
            {"since": version, "version": version + 1, "complete": True, "changes": {"customers": [customer]}}
        )
    )
    code, parameters = await shop.refused("enrol_customer", phone="077 123456", name="Lusine M.", consent=False)
    assert (code, parameters["number"], parameters["customer_id"]) == ("CUS-411", "10233", customer["id"])
    assert shop.facts("customer.enrolled") == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"phone": "12"}, "CUS-410"),
        ({"phone": "+374 77 12345 67890 123"}, "CUS-410"),
        ({"phone": "call me 077123456"}, "CUS-410"),
        ({"name": "  "}, "SAL-401"),
        ({"consent": "yes"}, "SAL-401"),
    ],
)
async def test_what_is_no_card_changes_nothing(shop: Shop, wrong: dict[str, Any], code: str) -> None:
    assert (await shop.refused("enrol_customer", **{**LEVON, **wrong}))[0] == code
    assert shop.facts("customer.enrolled") == []
