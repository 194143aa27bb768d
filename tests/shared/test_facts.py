"""Facts: what is written can be read for ever, and what cannot be read is refused by code."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.envelope import Envelope
from shared.errors import PermanentError
from shared.events import PAYLOADS, SaleCompleted
from shared.facts import read_fact, write_fact
from tests.shared.samples import SALE, SAMPLES, STAMP

GOLDEN = Path(__file__).parent / "golden"


def body_of(name: str) -> bytes:
    subject, payload = SAMPLES[name]
    return write_fact(name, subject, payload, STAMP)


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(SAMPLES) == set(PAYLOADS)


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_the_body_of_this_version_is_the_golden_one(name: str) -> None:
    golden = GOLDEN / f"{name}.v{PAYLOADS[name][0]}.json"
    assert json.loads(body_of(name)) == json.loads(golden.read_text())


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_body_ever_written_can_be_read(path: Path) -> None:
    fact = read_fact(Envelope.model_validate_json(path.read_bytes()))
    assert type(fact.payload) is PAYLOADS[fact.name][1]


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_reading_gives_back_what_was_written(name: str) -> None:
    fact = read_fact(Envelope.model_validate_json(body_of(name)))
    assert (fact.name, fact.payload) == (name, SAMPLES[name][1])


def test_unknown_fields_are_kept() -> None:
    value = json.loads(body_of("drawer.opened"))
    value["data"]["seen_by"] = "camera-6"
    value["shopmood"] = "calm"
    envelope = Envelope.model_validate(value)
    assert json.loads(envelope.model_dump_json(exclude_none=True)) == value
    assert read_fact(envelope).payload.model_extra == {"seen_by": "camera-6"}


def _changed(name: str, path: str, value: object) -> Envelope:
    body: Any = json.loads(body_of(name))
    *parents, last = path.split(".")
    target = body
    for step in parents:
        target = target[int(step)] if step.isdigit() else target[step]
    target[last] = value
    return Envelope.model_validate(body)


@pytest.mark.parametrize(
    ("name", "path", "value", "code"),
    [
        ("drawer.opened", "type", "tradepost.drawer.exploded.v1", "EVT-401"),
        ("drawer.opened", "type", "tradepost.drawer.opened.v2", "EVT-402"),
        ("drawer.opened", "type", "tradepost.drawer.opened.v0", "EVT-402"),
        ("sale.completed", "data.total_minor", -1, "EVT-403"),
        ("sale.completed", "data.total_minor", 494_501, "EVT-403"),
        ("sale.completed", "data.total_minor", "494500", "EVT-403"),
        ("sale.completed", "data.total_minor", 494_500.0, "EVT-403"),
        ("sale.completed", "data.currency", "XXX", "EVT-403"),
        ("sale.completed", "data.lines.0.quantity_milli", 3_000, "EVT-403"),
        ("sale.completed", "data.lines.0.quantity_milli", 0, "EVT-403"),
        ("sale.completed", "data.lines", [], "EVT-403"),
        ("sale.completed", "data.payments.1.change_minor", 0, "EVT-403"),
        ("sale.returned", "data.refunds.0.amount_minor", 1, "EVT-403"),
        ("cash.moved", "data.amount_minor", 0, "EVT-403"),
    ],
)
def test_what_cannot_be_read_is_refused_by_code(name: str, path: str, value: object, code: str) -> None:
    with pytest.raises(PermanentError) as refused:
        read_fact(_changed(name, path, value))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("sequence", 0),
        ("sequence", "17"),
        ("branch", "Abovyan/12"),
        ("type", "com.example.sale"),
        ("time", "yesterday"),
        ("id", "1"),
    ],
)
def test_an_envelope_that_is_none_is_refused(path: str, value: object) -> None:
    with pytest.raises(ValidationError):
        _changed("drawer.opened", path, value)


def test_a_payload_of_another_kind_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        write_fact("drawer.opened", "till-2", SALE, STAMP)


def test_a_line_that_is_not_price_times_quantity_cannot_exist() -> None:
    broken = SALE.model_dump(mode="json")
    broken["lines"][0]["unit_price"] += 1_000_000
    with pytest.raises(ValidationError, match="price x quantity"):
        SaleCompleted.model_validate(broken)
