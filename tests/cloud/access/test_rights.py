"""Every endpoint asked by every role: whoever lacks the right is refused, and a refusal changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from cloud.access.rights import PRESETS, Preset, Right
from cloud.app import API
from tests.cloud.office import Office, add_branch

NOBODY = "0197f3a0-0000-7000-8000-000000000000"
HEADERS = {"If-Match": '"1"', "Idempotency-Key": NOBODY}
PRODUCT = {"code": "1", "name": "Milk", "unit": "pcs", "tax_code": "A"}
TAX = {"country": "AM", "code": "A", "rate": 2000, "valid_from": "2026-01-01"}


@dataclass(frozen=True)
class Call:
    """One allowed request of an endpoint. right None: for anybody who is signed in."""

    method: str
    path: str
    right: str | None
    body: Any = None
    everywhere: bool = False

    @property
    def address(self) -> str:
        filled = self.path.replace("{branch}", "kentron").replace("{list}", "retail").replace("{currency}", "AMD")
        filled = filled.replace("{valid_from}", "2027-01-01").replace("{node}", "kentron-gw1")
        return re.sub(r"\{[a-z]+_id\}", NOBODY, filled)


def _all(right: str, *calls: tuple[str, str, Any], everywhere: bool = False) -> list[Call]:
    return [Call(method, path, right, body, everywhere) for method, path, body in calls]


CALLS = [
    Call("GET", "/session", None),
    Call("GET", "/roles", None),
    Call("GET", "/branches", None),
    Call("GET", "/views", None),
    Call("DELETE", "/views/{view_id}", None),
    Call("POST", "/views", None, {"list": "sales", "name": "Mine", "question": "q=1"}),
    *_all(
        "manage_users",
        ("GET", "/users", None),
        ("POST", "/users", {"login": "x", "name": "X"}),
        ("GET", "/users/{user_id}", None),
        ("PUT", "/users/{user_id}", {"name": "X", "language": "en", "is_active": False, "roles": []}),
        ("POST", "/users/{user_id}/shut-out", None),
        ("PUT", "/users/{user_id}/password", {"password": "correct horse 12"}),
        ("PUT", "/users/{user_id}/pin", {"pin": None}),
        ("PUT", "/users/{user_id}/badges", {"badges": []}),
        ("GET", "/tokens", None),
        ("POST", "/tokens", {"name": "X", "rights": ["see_sales"]}),
        ("DELETE", "/tokens/{token_id}", None),
        everywhere=True,
    ),
    *_all(
        "see_catalogue",
        ("GET", "/products", None),
        ("GET", "/products/{product_id}", None),
        ("GET", "/products/{product_id}/prices", None),
        ("GET", "/taxes", None),
        ("GET", "/branches/{branch}/price-list", None),
    ),
    *_all(
        "manage_catalogue",
        ("POST", "/products", PRODUCT),
        ("POST", "/products/import", {"products": [PRODUCT]}),
        ("PUT", "/products/{product_id}", PRODUCT),
        ("DELETE", "/products/{product_id}", None),
        ("POST", "/products/{product_id}/restore", None),
        (
            "POST",
            "/products/{product_id}/prices",
            {"currency": "AMD", "unit_price": 1, "valid_from": "2027-01-01"},
        ),
        ("DELETE", "/products/{product_id}/prices/{list}/{currency}/{valid_from}", None),
        ("POST", "/taxes", TAX),
        ("PUT", "/branches/{branch}/price-list", {"list": "members"}),
        everywhere=True,
    ),
    *_all(
        "see_customers",
        ("GET", "/customers", None),
        ("GET", "/customers/{customer_id}", None),
        ("GET", "/customers/{customer_id}/figures", None),
        ("GET", "/customers/{customer_id}/history", None),
    ),
    *_all(
        "manage_customers",
        ("POST", "/customers", {"name": "Lusine"}),
        ("PUT", "/customers/{customer_id}", {"name": "Lusine"}),
        ("POST", "/customers/{customer_id}/consents", {"purpose": "sms", "is_given": True}),
    ),
    *_all(
        "manage_customers",
        ("POST", "/customers/import", {"customers": [{"number": "1", "name": "Lusine"}]}),
        ("DELETE", "/customers/{customer_id}", None),
        everywhere=True,
    ),
    *_all(
        "see_sales",
        ("GET", "/sales", None),
        ("GET", "/sales/{sale_id}", None),
        ("GET", "/returns", None),
        ("GET", "/returns/{return_id}", None),
        ("GET", "/receipts", None),
        ("GET", "/shifts", None),
        ("GET", "/cancelled-sales", None),
    ),
    *_all("see_stock", ("GET", "/stock/balances", None), ("GET", "/stock/moves", None), ("GET", "/stock/matrix", None)),
    *_all("see_devices", ("GET", "/nodes", None), ("GET", "/devices", None), ("GET", "/commands", None)),
    *_all("see_devices", ("GET", "/backups", None), everywhere=True),
    *_all("see_exceptions", ("GET", "/exceptions", None), ("GET", "/quarantine", None)),
    *_all(
        "manage_devices",
        ("POST", "/exceptions/{exception_id}/settle", {"reason": "seen"}),
        ("POST", "/exceptions/settle", {"ids": [NOBODY], "reason": "seen"}),
        ("GET", "/quarantine/{quarantine_id}", None),
        ("POST", "/quarantine/decide", {"ids": [NOBODY], "act": "dismiss", "reason": "seen"}),
        ("POST", "/quarantine/{quarantine_id}/replay", None),
        ("POST", "/nodes", {"branch": "kentron"}),
        ("POST", "/nodes/{node}/withdraw", None),
        ("POST", "/nodes/{node}/epoch", {"epoch": NOBODY}),
        ("POST", "/nodes/{node}/commands", {"name": "open_drawer"}),
    ),
    *_all(
        "manage_devices",
        ("POST", "/branches", {"id": "b", "name": "B", "currency": "AMD", "zone": "Asia/Yerevan", "country": "AM"}),
        everywhere=True,
    ),
    *_all("see_audit", ("GET", "/audit", None)),
    *_all("see_audit", ("GET", "/audit/chain", None), everywhere=True),
]

ELSEWHERE = {
    ("POST", "/session"): "test_signing_in",
    ("DELETE", "/session"): "test_signing_in",
    ("PUT", "/session/password"): "test_signing_in",
    ("GET", "/panel"): "panel/test_panel: any of three rights, cut to each",
    ("GET", "/stream"): "live/test_stream: any of three rights, cut to each",
    ("GET", "/replica"): "replication/test_replica_endpoint: for nodes",
}


async def test_every_endpoint_is_in_this_table(small_office: Office) -> None:
    described = small_office.app.openapi()["paths"]
    under_api = {
        (method.upper(), path.removeprefix(API))
        for path, methods in described.items()
        if path.startswith(API)
        for method in methods
    }
    assert under_api == {(call.method, call.path) for call in CALLS} | set(ELSEWHERE)


Outcome = tuple[int, str | None, str | None]
"""Status, code, and the right that the refusal names."""


async def _outcomes(client: httpx.AsyncClient, calls: Iterable[Call]) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    for call in calls:
        answer = await client.request(call.method, call.address, json=call.body, headers=HEADERS)
        error = answer.json()["error"] if answer.status_code >= 400 else {"code": None, "parameters": {}}
        outcomes[f"{call.method} {call.path}"] = (answer.status_code, error["code"], error["parameters"].get("right"))
    return outcomes


def _refused(calls: Iterable[Call]) -> dict[str, Outcome]:
    return {f"{call.method} {call.path}": (403, "USR-211", call.right) for call in calls}


async def test_nobody_gets_anything(small_office: Office) -> None:
    before = await small_office.contents()
    outcomes = await _outcomes(small_office.client(), CALLS)
    assert outcomes == {f"{call.method} {call.path}": (401, "USR-210", None) for call in CALLS}
    assert await small_office.contents() == before


@pytest.mark.parametrize("preset", Preset)
async def test_each_role_may_exactly_what_its_rights_say(office: Office, preset: Preset) -> None:
    await add_branch(office, "kentron")
    await office.add_user((Preset.OWNER, None))
    client = await office.signed_in((preset, None))
    allowed = [call for call in CALLS if call.right is None or Right(call.right) in PRESETS[preset]]
    others = [call for call in CALLS if call not in allowed]
    before = await office.contents()
    assert await _outcomes(client, others) == _refused(others)
    assert await office.contents() == before
    stopped = [call for call, (status, *_) in (await _outcomes(client, allowed)).items() if status in (401, 403, 500)]
    assert stopped == []


async def test_a_branch_cannot_decide_for_the_company(small_office: Office) -> None:
    await add_branch(small_office, "kentron")
    client = await small_office.signed_in((Preset.OWNER, "kentron"))
    calls = [call for call in CALLS if call.everywhere]
    before = await small_office.contents()
    assert await _outcomes(client, calls) == _refused(calls)
    assert await small_office.contents() == before


async def test_another_branch_is_as_if_it_were_not_there(small_office: Office) -> None:
    await add_branch(small_office, "kentron")
    manager = await small_office.signed_in((Preset.MANAGER, "gyumri-1"))
    answer = await manager.get("/branches/kentron/price-list")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SRV-404")


async def test_session_says_what_the_caller_may_where(small_office: Office) -> None:
    client = await small_office.signed_in((Preset.MANAGER, "gyumri-1"), (Preset.SECURITY, None))
    rights = (await client.get("/session")).json()["rights"]
    assert rights["sell"] == ["gyumri-1"]
    assert rights["review_security"] is None
    assert "manage_users" not in rights
