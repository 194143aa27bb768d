"""Targets in the contract: bar codes, GS1, envelopes, facts, batches, messages, topics, profiles, catalogues."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from edge.devices.fiscal_printer.profiles import RegisterProfile
from edge.devices.pos_printer.profiles import POSPrinterProfile
from edge.devices.scanner.profile import ScannerProfile
from shared.barcodes import (
    MalformedCode,
    compile_templates,
    expand_upc_e,
    find_template,
    has_valid_check_digit,
    inner_price_check,
    normalise_gtin,
)
from shared.delivery import (
    Ack,
    Birth,
    Command,
    Death,
    Gone,
    RefusedMessage,
    ReplicaVersion,
    Reply,
    pack_batch,
    parse_message,
    unpack_batch,
)
from shared.envelope import Envelope, split_type
from shared.errors import PermanentError
from shared.events import PAYLOADS
from shared.facts import UnreadableFact, read_fact
from shared.gs1 import interpret
from shared.gs1.digital_link import parse_digital_link
from shared.gs1.elements import (
    MalformedElements,
    encode_elements,
    human_form,
    parse_elements,
    parse_human_form,
)
from shared.profiles import ProfileError, parse_profile, read_profile
from shared.topics import Channel, NodeAddress
from shared.words._po import MalformedCatalogue, read_po
from tests.fuzz.target import Bytes, Target

__all__ = ["TARGETS"]

TODAY = date(2026, 11, 21)
TEMPLATES = compile_templates(["2xIIIIIWWWWWC", "02IIIIIPPPPPC", "04IIIIVPPPPPC"])

# -- what scanners bring ----------------------------------------------------------------------------------------------

_AIMS = (None, "]E0", "]C1", "]d2", "]Q3", "]e0", "]C0", "]J1", "no")


def _interpret(data: bytes) -> None:
    choices = Bytes(data)
    aim = _AIMS[choices.below(len(_AIMS))]
    rest = choices.rest()
    scanned = interpret(rest, aim=aim, templates=TEMPLATES, today=TODAY)
    assert scanned == interpret(rest, aim=aim, templates=TEMPLATES, today=TODAY)
    # A misread never names an article but by what a person could have typed.
    assert scanned.problem is not None or not scanned.is_misread
    interpret(rest.decode("latin-1"), templates=TEMPLATES, today=TODAY)
    interpret(rest.decode("utf-8", "surrogateescape"), templates=TEMPLATES, today=TODAY)


def _elements(data: bytes) -> None:
    text = data.decode("latin-1")
    with suppress(MalformedElements):
        found = parse_elements(text)
        again = parse_elements(encode_elements(found.elements))
        assert again.elements == found.elements
        assert not again.gs_missing
        assert parse_human_form(human_form(found.elements)).elements == found.elements
    with suppress(MalformedElements):
        parse_human_form(text)


def _digital_link(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with suppress(MalformedElements):
        parse_digital_link(text)


def _gtins(data: bytes) -> None:
    text = data.decode("latin-1")
    with suppress(MalformedCode):
        stored = normalise_gtin(text)
        assert normalise_gtin(stored) == stored
        assert has_valid_check_digit(stored)
    with suppress(MalformedCode):
        assert has_valid_check_digit(expand_upc_e(text))
    with suppress(MalformedCode):
        assert 0 <= inner_price_check(text) <= 9
    has_valid_check_digit(text)
    template = find_template(text, TEMPLATES)
    if template is not None:
        with suppress(MalformedCode):
            label = template.read(text)
            value = label.weight_g or label.price_minor or label.pieces or 0
            spare = "".join(text[at] for at, place in enumerate(template.prefix) if place == "x")
            assert template.write(label.item_code, value, wildcards=spare) == text


def _templates(data: bytes) -> None:
    with suppress(PermanentError):
        compile_templates(data.decode("latin-1").split("\n"))


# -- what travels -----------------------------------------------------------------------------------------------------


def _batch(data: bytes) -> None:
    with suppress(RefusedMessage):
        values = unpack_batch(data)
        bodies = [json.dumps(value).encode() for value in values]
        again = unpack_batch(pack_batch(bodies))
        assert json.dumps(again) == json.dumps(values)


_MESSAGES: tuple[type[BaseModel], ...] = (Ack, Birth, Command, Death, Gone, ReplicaVersion, Reply)


def _messages(data: bytes) -> None:
    for model in _MESSAGES:
        with suppress(RefusedMessage):
            message = parse_message(model, data)
            assert parse_message(model, message.model_dump_json().encode()) == message


def _facts(data: bytes) -> None:
    try:
        envelope = Envelope.model_validate_json(data)
    except ValidationError:
        return
    assert Envelope.model_validate_json(envelope.model_dump_json()) == envelope
    with suppress(ValueError):
        split_type(envelope.type)
    with suppress(UnreadableFact):
        fact = read_fact(envelope)
        _, model = PAYLOADS[fact.name]
        assert model.model_validate_json(fact.payload.model_dump_json(exclude_none=True)) == fact.payload


def _topics(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with suppress(ValueError):
        address, channel = NodeAddress.parse(text)
        assert address.topic(channel) == text


# -- what comes with the program --------------------------------------------------------------------------------------

_PROFILES: tuple[TypeAdapter[Any], ...] = (
    TypeAdapter(RegisterProfile),
    TypeAdapter(POSPrinterProfile),
    TypeAdapter(ScannerProfile),
)


def _profiles(data: bytes) -> None:
    for model in _PROFILES:
        with suppress(ProfileError):
            parse_profile("maker/model", data, model)
    with suppress(ProfileError):
        read_profile(data.decode("utf-8", "replace"), _PROFILES[0])


def _catalogue(data: bytes) -> None:
    with suppress(MalformedCatalogue):
        read_po(data.decode("utf-8", "replace"))


_HEAD = (
    b'"specversion":"1.0","id":"0197f3a0-0000-7000-8000-000000000001","source":"/branches/b/nodes/n",'
    b'"time":"2026-11-21T10:00:00Z","dataschema":"urn:x","branch":"b","node":"n","boot":1,"sequence":1,'
    b'"epoch":"0197f3a0-0000-7000-8000-00000000000e","subject":"s"'
)


def _fact(name: str, payload: bytes) -> bytes:
    return b'{%s,"type":"tradepost.%s.v1","data":%s}' % (_HEAD, name.encode(), payload)


_SALE = (
    b'{"sale_id":"0197f3a0-0000-7000-8000-000000000002","number":"b-1-0001-1","currency":"AMD","total_minor":100,'
    b'"rounding_minor":0,"lines":[],"payments":[],"taxes":[]}'
)
_DEVICE = b'{"device_id":"d","category":"Scanner","health":"ok"}'
_BIRTH = (
    b'{"state":"online","node":"n","boot":1,"epochs":[{"epoch":"0197f3a0-0000-7000-8000-00000000000e","first":1,'
    b'"last":9}],"version":"1","started_at":"2026-11-21T10:00:00Z","devices":{"d":"ok"}}'
)
_ACK = b'{"epoch":"0197f3a0-0000-7000-8000-00000000000e","upto":9,"gap":{"first":1,"last":2},"fork":false}'
_COMMAND = (
    b'{"command_id":"0197f3a0-0000-7000-8000-000000000003","name":"x","expires_at":"2026-11-21T10:00:00Z",'
    b'"arguments":{"a":1}}'
)
_REPLY = b'{"kind":"reply","command_id":"0197f3a0-0000-7000-8000-000000000003","outcome":"done","result":{"a":[1]}}'

TARGETS = (
    Target(
        "gs1-interpret",
        _interpret,
        (
            "shared.gs1.interpreting",
            "shared.gs1.symbologies",
            "shared.gs1.dates",
            "shared.gs1.scanned",
        ),
        (
            b"\0]E04850001000013",
            b"\x020104850001000013172612311 0LOT\x1d21SER",
            b"\0(01)04850001000013(10)A",
            b"\0https://id.gs1.org/01/04850001000013/10/A?17=261231",
            b"\0]E02112345004327",
            b"\0" + b"04850001000013" + b"aBcDeFgAAAA" * 2,
        ),
    ),
    Target(
        "gs1-elements",
        _elements,
        ("shared.gs1.elements", "shared.gs1.identifiers"),
        (b"010485000100001310LOT\x1d17261231", b"(01)04850001000013(3103)000432", b"8005000500", b"21a\x1d93b"),
    ),
    Target(
        "gs1-digital-link",
        _digital_link,
        ("shared.gs1.digital_link",),
        (b"https://example.com/gtin/4850001000013/lot/A%2f1;exp=261231", b"http://[::1]/01/1", b"HTTP://a/8010/x"),
    ),
    Target(
        "gtins",
        _gtins,
        ("shared.barcodes",),
        (b"4850001000013", b"2112345004327", b"01234565", b"0212345001239", b"123456"),
    ),
    Target("label-templates", _templates, ("shared.barcodes",), (b"2xIIIIIWWWWWC\n02IIIIIPPPPPC", b"04IIIIVPPPPPC")),
    Target(
        "batch",
        _batch,
        ("shared.delivery",),
        (b"[]", pack_batch([b'{"a":1}'] * 200), b'[{"id":"\\ud800"}]', b"[[[[1e999]]]]", b"[9999999999999999999999]"),
    ),
    Target("messages", _messages, ("shared.delivery",), (_BIRTH, _ACK, _COMMAND, _REPLY, b'{"version":1}')),
    Target(
        "facts",
        _facts,
        ("shared.envelope", "shared.facts", "shared.events"),
        (_fact("sale.completed", _SALE), _fact("device.state", _DEVICE), _fact("none.such", b"{}")),
    ),
    Target(
        "topics",
        _topics,
        ("shared.topics",),
        (NodeAddress(7, "kentron", "kentron-gw1").topic(Channel.EVENTS).encode(), b"tradepost/v1/00/b/n/ack"),
    ),
    Target(
        "profiles",
        _profiles,
        ("shared.profiles",),
        (b'{"maker":"m","model":"x","category":"Scanner","protocol":"serial","grade":"bronze","rules":{}}', b"a/../b"),
    ),
    Target("catalogue", _catalogue, ("shared.words._po",), (b'msgid "a"\nmsgstr "b"\n"c\\n"\n', b'msgstr "x"\n"y')),
)
