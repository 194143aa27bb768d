"""Head office asked by a machine, by its own OpenAPI: whatever fits it and whatever does not.

No answer is a 500, and every answer is one that the description promises. More of it by hand:
`SCHEMA_EXAMPLES=200 python -m pytest tests/security/test_schemas.py`. The gateway's API has no OpenAPI: its addresses,
headers and bodies are driven by the fuzz targets `till-http` and `till-line`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cloud.openapi import document
from tests.security.live_office import LiveOffice, running_office

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "5"))
"""Of each operation, with each kind of database."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NOT_ASKED = {
    "stream": "never ends: tests/cloud/live",
    "sign_in": "counts wrong passwords and closes: tests/cloud/access",
    "withdraw_token": "would take away the token that asks: tests/cloud/access",
}
LAST = {"withdraw_node", "shut_out_user", "decide_quarantined"}
"""Beside every DELETE: after them less is there to be found."""


def _operations() -> list[APIOperation]:
    schema = schemathesis.openapi.from_dict(json.loads(document()))
    found = [result.ok() for result in schema.get_all_operations()]
    wanted = [operation for operation in found if _name(operation) not in NOT_ASKED]
    return sorted(wanted, key=lambda each: (_name(each) in LAST, ("get", "post", "put", "delete").index(each.method)))


def _name(operation: APIOperation) -> str:
    return str(operation.definition.raw["operationId"])


OPERATIONS = _operations()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest) -> Iterator[LiveOffice]:
    """Without the fixtures of one test: this office lives as long as its file is run."""
    url = request.getfixturevalue(f"{request.param}_module_url")
    with running_office(url) as office:
        yield office


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_no_request_brings_out_a_500_or_what_the_description_does_not_promise(
    office: LiveOffice, operation: APIOperation
) -> None:
    cases = st.one_of(*(operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)))

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.booleans())
    def ask(case: Case, known: bool) -> None:
        here = {name: value for name, value in office.known.items() if name in case.path_parameters}
        case.path_parameters.update(here if known else {})
        answer = case.call(base_url=office.url, headers={"Authorization": f"Bearer {office.token}"})
        case.validate_response(answer, checks=CHECKS)

    ask()
