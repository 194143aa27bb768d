"""Targets at head office: what nodes say over MQTT, imports, cursors, headers, settings. Its HTTP: schemathesis."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request

from cloud.access.dependencies import refuse_other_sites
from cloud.catalogue.models import products
from cloud.catalogue.planning import Stored, Wanted, plan
from cloud.catalogue.schemas import ProductImport
from cloud.customers.phones import international, search_words
from cloud.customers.schemas import CustomerImport
from cloud.editing import _expected_version
from cloud.errors import Forbidden, Malformed, NotSignedIn, language_of
from cloud.ingest.intake import Incoming, read_messages, read_payload
from cloud.live.feed import Position
from cloud.paging import _ordering, _read_cursor, _write_cursor
from cloud.replication.endpoints import _basic
from cloud.settings import Broker, Settings, WrongSetting
from shared.delivery import pack_batch
from shared.errors import PermanentError
from shared.topics import Channel, NodeAddress
from tests.fuzz.contract import TODAY
from tests.fuzz.target import Bytes, Target

__all__ = ["TARGETS"]

ADDRESS = NodeAddress(7, "abovyan-12", "gw-01")
_CHANNELS = (Channel.EVENTS, Channel.STATUS, Channel.REPLIES, Channel.ACK)


def _intake(data: bytes) -> None:
    """Messages behind one another, each with its channel; nothing a node says may be more than refused."""
    messages = []
    for part in data.split(b"\xfe\xfe")[:6]:
        choices = Bytes(part)
        messages.append(Incoming(ADDRESS.topic(_CHANNELS[choices.below(4)]), choices.rest()))
    told, refused = read_messages(messages)
    assert len(refused) <= len(messages)
    for node in told:
        assert node.address == ADDRESS
        for item in (*node.items, *node.unplaced):
            json.loads(item.body)
            fact = read_payload(item)
            assert (fact is None) == (item.problem is not None)


def _topic(data: bytes) -> None:
    read_messages([Incoming(data.decode("utf-8", "replace"), b"[]")])


def _imports(data: bytes) -> None:
    with suppress(ValidationError):
        wanted = [
            Wanted(
                UUID(int=number),
                {name: getattr(item, name) for name in ("code", "name", "unit", "tax_code", "minimum_age")},
                {given.barcode: given.quantity_milli for given in item.barcodes or ()},
                {(price.list, price.currency, price.valid_from): price.unit_price for price in item.prices},
            )
            for number, item in enumerate(ProductImport.model_validate_json(data).products)
        ]
        result = plan(wanted, Stored({}, {}, {}), TODAY)
        assert len(result.created) + len({problem.index for problem in result.problems}) == len(wanted)
    with suppress(ValidationError):
        CustomerImport.model_validate_json(data)


def _phones(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for code in ("374", "7"):
        with suppress(PermanentError):
            stored = international(text, code)
            assert international(stored, code) == stored
            assert stored in search_words(stored, code)


def _cursors(data: bytes) -> None:
    text = data.decode("latin-1")
    from cloud.paging import Listing, PageQuery

    listing: Any = Listing(
        name="products",
        statement=products.select(),
        key=products.c.id,
        sortable={name: products.c[name] for name in ("code", "version")},
        default="code",
        item=None,  # type: ignore[arg-type]
        present=None,  # type: ignore[arg-type]
    )
    for sort in ("code", "version"):
        ordering = _ordering(listing, PageQuery(sort=sort))
        for cursor in (text, base64.urlsafe_b64encode(data).decode().rstrip("=")):
            with suppress(Malformed):
                value, key = _read_cursor(cursor, ordering, products.c.id)
                assert _read_cursor(_write_cursor(ordering, value, key), ordering, products.c.id) == (value, key)
    position = Position.parse(text)
    assert position is None or Position.parse(str(position)) == position


class _App:
    class state:  # noqa: N801 - as Starlette names it
        settings = Settings("sqlite+aiosqlite:///x")


def _headers(data: bytes) -> None:
    with suppress(Malformed):
        _expected_version(data.decode("latin-1"))
    with suppress(NotSignedIn):
        _basic(data.decode("latin-1"))
    names = (b"accept-language", b"origin", b"host", b"cookie", b"authorization")
    for name in names:
        scope = {"type": "http", "method": "POST", "path": "/", "scheme": "http", "query_string": b"", "app": _App}
        request = Request({**scope, "headers": [(b"host", b"office.test"), (name, data)]})
        assert len(language_of(request)) == 2
        with suppress(Forbidden):
            refuse_other_sites(request)
            assert name != b"origin" or data in (b"http://office.test", b"http://127.0.0.1:8000")


def _settings(data: bytes) -> None:
    text = data.decode("latin-1")
    with suppress(WrongSetting):
        broker = Broker.from_url(text)
        assert broker.tls or broker.host in ("localhost", "::1") or broker.host.startswith("127.")
    names = ("DATABASE_URL", "LISTEN", "PUBLIC_URL", "SESSION_HOURS", "CALLING_CODE")
    values = [*text.split("\n"), *[""] * len(names)]
    with suppress(WrongSetting):
        Settings.from_environment({f"TRADEPOST_{name}": value for name, value in zip(names, values, strict=False)})


_FACT = (
    b'{"specversion":"1.0","id":"0197f3a0-0000-7000-8000-000000000001","source":"/x","type":"tradepost.device.state.v1",'
    b'"time":"2026-11-21T10:00:00Z","subject":"d","dataschema":"x","branch":"abovyan-12","node":"gw-01",'
    b'"epoch":"0197f3a0-0000-7000-8000-00000000000e","boot":1,"sequence":1,'
    b'"data":{"device_id":"d","category":"Scanner","health":"ok"}}'
)
_LIFE = (
    b'{"state":"online","node":"gw-01","boot":1,"epochs":[{"epoch":"0197f3a0-0000-7000-8000-00000000000e","first":1,'
    b'"last":9}],"version":"1","started_at":"2026-11-21T10:00:00Z","devices":{"d":"ok"}}'
)
_GONE = b'{"kind":"gone","epoch":"0197f3a0-0000-7000-8000-00000000000e","span":{"first":1,"last":2}}'
_BATCH = pack_batch([_FACT, _FACT.replace(b'"sequence":1', b'"sequence":3'), b'{"sequence":2}'])

TARGETS = (
    Target(
        "ingest",
        _intake,
        ("cloud.ingest.intake",),
        (
            b"\0[%s]" % _FACT,
            b"\0" + _BATCH,
            b"\1%s\xfe\xfe\2%s" % (_LIFE, _GONE),
            b'\0[{"id":"\\ud800"}, 1e999, [%s]]' % _FACT,
            b"\0[%s]" % _FACT.replace(b"2026-11", b"0001-01"),
        ),
    ),
    Target("ingest-topics", _topic, ("cloud.ingest.intake",), (ADDRESS.topic(Channel.EVENTS).encode(),)),
    Target(
        "imports",
        _imports,
        ("cloud.catalogue.planning", "cloud.catalogue.schemas", "cloud.customers.schemas"),
        (
            b'{"products":[{"code":"1","name":"Milk","unit":"pcs","tax_code":"A","barcodes":[{"barcode":"4850001000013"}],'
            b'"prices":[{"currency":"AMD","unit_price":1,"valid_from":"2027-01-01"}]}]}',
            b'{"customers":[{"number":"1","name":"Ani","phones":["077 12 34 56"],"cards":["C1"]}]}',
        ),
    ),
    Target("phones", _phones, ("cloud.customers.phones",), (b"077 12-34-56", b"+37477123456", b"8 (912) 345 67 89")),
    Target(
        "cursors",
        _cursors,
        ("cloud.paging", "cloud.live.feed"),
        (b'["code", false, "a", "0197f3a0-0000-7000-8000-000000000001"]', b'["version", false, 7, null]', b"12-34"),
    ),
    Target(
        "headers",
        _headers,
        ("cloud.editing", "cloud.errors", "cloud.replication.endpoints", "cloud.access.dependencies"),
        (b'"12"', b"Basic bjpz", b"hy, ru;q=0.8", b"http://office.test", b"http://[", b"tradepost_session=x; a=b"),
    ),
    Target(
        "environment",
        _settings,
        ("cloud.settings",),
        (
            b"mqtts://u%40:p@h:8883",
            b"mqtt://[::1]:1883",
            b"sqlite://\n127.0.0.1:80\nhttp://x\n12\n374",
            b"mqtt://h:99999",
        ),
    ),
)
