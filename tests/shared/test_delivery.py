"""Packing of batches: what goes in comes out byte for byte; hostile messages are refused, never believed."""

import json
import random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from shared.delivery import Ack, Birth, RefusedMessage, pack_batch, parse_message, unpack_batch
from shared.facts import write_fact
from tests.shared.samples import SAMPLES, STAMP, uid

BODIES = [write_fact(name, subject, payload, STAMP) for name, (subject, payload) in SAMPLES.items()]


@pytest.mark.parametrize("count", [1, 2, len(BODIES)])
def test_bodies_come_out_as_they_went_in(count: int) -> None:
    assert unpack_batch(pack_batch(BODIES[:count])) == [json.loads(body) for body in BODIES[:count]]


def test_a_large_batch_travels_compressed() -> None:
    plain = sum(map(len, BODIES))
    assert len(pack_batch(BODIES)) < plain / 3


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", "EVT-430"),
        (b"{}", "EVT-430"),
        (b"[1, 2", "EVT-430"),
        (b"\xff\xfe", "EVT-430"),
        (b"[" * 100_000, "EVT-430"),
        (b"\x28\xb5\x2f\xfd" + b"nonsense", "EVT-430"),
        (b"[" + b" " * (1024 * 1024) + b"]", "EVT-431"),
        (b"x" * 10_000_000, "EVT-431"),
        (zstandard.ZstdCompressor().compress(b"[" + b" " * 50_000_000 + b"]"), "EVT-431"),
    ],
    ids=["empty", "object", "cut", "not utf-8", "deep", "not zstd", "large", "10 MB", "bomb"],
)
def test_a_message_that_is_no_batch_is_refused_by_code(message: bytes, code: str) -> None:
    with pytest.raises(RefusedMessage) as refused:
        unpack_batch(message)
    assert refused.value.code == code


def outcome_of(message: bytes) -> str:
    try:
        return type(unpack_batch(message)).__name__
    except RefusedMessage as refused:
        return refused.code


@given(st.binary(max_size=2_000))
def test_random_bytes_are_a_list_or_refused(message: bytes) -> None:
    assert outcome_of(message) in {"list", "EVT-430", "EVT-431"}


def test_a_batch_with_any_byte_damaged_is_refused_or_still_a_list() -> None:
    packed = bytearray(pack_batch(BODIES))
    chance = random.Random(7)
    for position in range(0, len(packed), 7):
        damaged = bytearray(packed)
        damaged[position] ^= chance.randrange(1, 256)
        assert outcome_of(bytes(damaged)) in {"list", "EVT-430", "EVT-431"}


def test_an_ack_survives_the_wire() -> None:
    ack = Ack(epoch=uid(2), upto=41, quarantined=(uid(7),))
    assert parse_message(Ack, ack.model_dump_json().encode()) == ack


@pytest.mark.parametrize("message", [b"", b"[]", b'{"epoch":"x","upto":1}', b'{"state":"online"}'])
def test_a_control_message_of_another_shape_is_refused(message: bytes) -> None:
    with pytest.raises(RefusedMessage):
        parse_message(Birth, message)
