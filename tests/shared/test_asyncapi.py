"""The AsyncAPI document: committed as generated, and an independent validator agrees with our models."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.asyncapi import document
from shared.delivery import Ack, Birth, Death, EpochHeld, Gone, Span
from shared.facts import write_fact
from tests.shared.samples import SAMPLES, STAMP, uid

COMMITTED = Path(__file__).parents[2] / "docs" / "asyncapi.json"


def validator(message: str) -> Draft202012Validator:
    whole = document()
    payload = whole["components"]["messages"][message]["payload"]
    return Draft202012Validator({**payload, "components": whole["components"]})


def test_the_committed_document_is_the_generated_one() -> None:
    assert json.loads(COMMITTED.read_text()) == document()


def test_every_sample_is_valid_in_the_eyes_of_a_stranger() -> None:
    batch = [json.loads(write_fact(name, *SAMPLES[name], STAMP)) for name in sorted(SAMPLES)]
    validator("batch").validate(batch)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("data", "total_minor"), -1),
        (("type",), "tradepost.sale.exploded.v1"),
        (("sequence",), 0),
        (("branch",), "A/B"),
    ],
)
def test_a_stranger_refuses_what_we_refuse(path: tuple[str, ...], value: object) -> None:
    fact: Any = json.loads(write_fact("sale.completed", *SAMPLES["sale.completed"], STAMP))
    target = fact
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    assert not validator("batch").is_valid([fact])


@pytest.mark.parametrize(
    "message",
    [
        Ack(epoch=uid(2), upto=4, gap=Span(first=5, last=9)),
        Gone(epoch=uid(2), span=Span(first=5, last=9)),
        Death(node="gw-01", boot=3, epoch=uid(2)),
        Birth(
            node="gw-01", boot=3, epochs=(EpochHeld(epoch=uid(2), first=1, last=17),), version="0.1.0",
            started_at=STAMP.time,
        ),
    ],
    ids=lambda message: type(message).__name__,
)  # fmt: skip
def test_control_messages_are_valid_too(message: Ack | Gone | Death | Birth) -> None:
    validator(type(message).__name__).validate(json.loads(message.model_dump_json()))
