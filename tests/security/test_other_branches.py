"""Somebody with every right in one branch, asking for another's things: as if they were not there, and nothing changes.

Asked from the same table as the rights, so that a new endpoint is asked here too.
"""

from __future__ import annotations

import re

import pytest

from cloud.access.rights import Preset
from tests.cloud.access.test_rights import CALLS, HEADERS, Call
from tests.cloud.office import Office
from tests.security.live_office import LiveOffice, fill

OF_THE_COMPANY = ("/products", "/taxes", "/customers", "/roles", "/session", "/views")
"""What no single branch owns: rights in one branch are enough to see it, or it is the asker's own."""
OF_BRANCHES = [call for call in CALLS if not call.everywhere and not call.path.startswith(OF_THE_COMPANY)]
NAMED = [call for call in OF_BRANCHES if "{" in call.path]
LISTS = [call for call in OF_BRANCHES if "{" not in call.path and call.method == "GET"]
IN_BODIES = [call for call in OF_BRANCHES if "{" not in call.path and call.method != "GET"]
BODIES = {
    "/nodes": ({"branch": "abovyan"}, 404),
    "/exceptions/settle": ({"ids": ["{exception_id}"], "reason": "seen"}, 200),
    "/quarantine/decide": ({"ids": ["{quarantine_id}"], "act": "dismiss", "reason": "seen"}, 200),
}
"""Path -> what names the other branch's things in a body, and the answer: of many ids those are left out."""


@pytest.fixture
async def there(office: Office) -> LiveOffice:
    """A branch with one of everything."""
    there = LiveOffice()
    await fill(office.database, there)
    return there


def _filled(text: str, there: LiveOffice) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda found: there.known[found[1]], text)


def test_the_table_is_all_of_these_kinds() -> None:
    assert len(NAMED) + len(LISTS) + len(IN_BODIES) == len(OF_BRANCHES)
    assert {call.path for call in IN_BODIES} == set(BODIES)


async def test_what_belongs_to_another_branch_is_not_there(office: Office, there: LiveOffice) -> None:
    client = await office.signed_in((Preset.OWNER, "gyumri-1"))
    before = await office.contents()

    async def ask(call: Call) -> tuple[str, int]:
        answer = await client.request(call.method, _filled(call.path, there), json=call.body, headers=HEADERS)
        return f"{call.method} {call.path}", answer.status_code

    assert [await ask(call) for call in NAMED] == [(f"{call.method} {call.path}", 404) for call in NAMED]
    assert await office.contents() == before


async def test_bodies_that_name_another_branchs_things_change_nothing(office: Office, there: LiveOffice) -> None:
    client = await office.signed_in((Preset.OWNER, "gyumri-1"))
    before = await office.contents()
    for path, (body, status) in BODIES.items():
        known = {"exception_id": there.known["exception_id"], "quarantine_id": there.known["quarantine_id"]}
        filled = {
            name: [known[each.strip("{}")] for each in value] if isinstance(value, list) else value
            for name, value in body.items()
        }
        assert (await client.post(path, json=filled)).status_code == status, path
    assert await office.contents() == before


async def test_lists_and_exports_hold_nothing_of_another_branch(office: Office, there: LiveOffice) -> None:
    stranger = await office.signed_in((Preset.OWNER, "gyumri-1"))
    own = await office.signed_in((Preset.OWNER, "abovyan"))
    seen = []
    for call in LISTS:
        for question in ({}, {"format": "csv"}, {"branch": "abovyan"}):
            answer = await stranger.get(call.path, params=question)
            assert answer.status_code in (200, 404), call.path
            assert there.known["sale_id"] not in answer.text
            assert "abovyan-" not in answer.text, call.path
        seen += [call.path] * ("abovyan" in (await own.get(call.path)).text)
    # It is there to be seen: otherwise this test would say nothing.
    assert {"/sales", "/returns", "/receipts", "/nodes", "/exceptions", "/quarantine"} <= set(seen)
