"""The address that branches fetch from: who may, what comes over the wire, and how they hear of news."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from typing import Any

import aiomqtt
import httpx
import pytest
import zstandard

from cloud.app import create_app
from cloud.fleet.models import nodes
from cloud.settings import Broker, Settings
from shared.delivery import ReplicaVersion
from tests.cloud.office import Office, add_branch, add_node
from tests.services import MosquittoServer, free_port

SECRET = "a secret of 256 bits, in principle"


@pytest.fixture
async def company(office: Office) -> Office:
    await add_branch(office, "kentron")
    await add_node(office, "kentron", "kentron-gw1", SECRET)
    owner = await office.owner()
    await owner.post("/taxes", json={"country": "AM", "code": "A", "rate": 2000, "valid_from": "2026-01-01"})
    await owner.post("/products", json={"code": "1", "name": "Կաթ", "unit": "pcs", "tax_code": "A"})
    return office


def _node(office: Office, **headers: str) -> httpx.AsyncClient:
    credentials = base64.b64encode(f"kentron-gw1:{SECRET}".encode()).decode()
    return office.client(Authorization=f"Basic {credentials}", **{"Accept-Encoding": "identity"} | headers)


async def test_node_gets_its_branch_and_then_only_what_is_new(company: Office) -> None:
    node = _node(company)
    first = await node.get("/replica")
    delta = first.json()
    assert (delta["since"], delta["complete"]) == (0, True)
    assert first.headers["ETag"] == f'"{delta["version"]}"'
    assert [row["name"] for row in delta["changes"]["products"]] == ["Կաթ"]
    assert delta["changes"]["taxes"] == [{"code": "A", "rate": 2000, "valid_from": "2026-01-01", "inclusive": True}]
    same = await node.get(
        "/replica", params={"since": delta["version"]}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (same.status_code, same.content) == (304, b"")
    owner = await company.owner()
    await owner.post("/products", json={"code": "2", "name": "Հաց", "unit": "pcs", "tax_code": "A"})
    news = await node.get(
        "/replica", params={"since": delta["version"]}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert [row["name"] for row in news.json()["changes"]["products"]] == ["Հաց"]


async def test_packed_as_the_node_asks(small_office: Office) -> None:
    await add_branch(small_office, "kentron")
    await add_node(small_office, "kentron", "kentron-gw1", SECRET)
    unpack: dict[str | None, Any] = {
        "zstd": lambda packed: zstandard.ZstdDecompressor().decompress(packed),
        "gzip": gzip.decompress,
        None: bytes,
    }
    for accepted, encoding in (("zstd, gzip", "zstd"), ("gzip;q=0.5", "gzip"), ("br", None), ("identity", None)):
        client = _node(small_office, **{"Accept-Encoding": accepted})
        async with client.stream("GET", "/replica") as answer:
            body = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers.get("content-encoding") == encoding
        assert json.loads(unpack[encoding](body))["complete"] is True


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


async def test_everybody_else_is_refused(company: Office) -> None:
    owner = await company.owner()
    refused = [
        company.client(),
        owner,
        *(
            company.client(Authorization=header)
            for header in (
                _basic(f"kentron-gw1:{SECRET}x"),
                _basic("kentron-gw1:"),
                _basic(f"kentron-gw2:{SECRET}"),
                _basic(f"kentron-gw1\0:{SECRET}"),
                _basic("kentron-gw1"),
                "Basic !!!",
                "Basic " + base64.b64encode(b"\xff:\xff").decode(),
                "Bearer x",
            )
        ),
    ]
    answers = [await client.get("/replica") for client in refused]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(401, "SEC-410")] * 10
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Basic realm="tradepost"'}


async def test_withdrawn_node_gets_nothing(company: Office) -> None:
    async with company.database.transaction() as tx:
        await tx.execute(nodes.update().values(withdrawn_at=company.clock.now()))
    assert (await _node(company).get("/replica")).status_code == 401


async def test_every_node_hears_of_a_change_also_the_one_that_was_away(company: Office) -> None:
    port = free_port()
    broker = MosquittoServer(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n", port)
    settings = Settings(
        str(company.database.engine.url), public_url="http://office.test", broker=Broker("127.0.0.1", port)
    )
    app = create_app(settings, company.database, clock=company.clock)
    owner = await company.owner()
    try:
        async with app.router.lifespan_context(app), asyncio.timeout(20), aiomqtt.Client("127.0.0.1", port) as node:
            await node.subscribe("tradepost/v1/07/kentron/kentron-gw1/config", qos=1)
            heard = node.messages
            first = ReplicaVersion.model_validate_json(bytes((await anext(heard)).payload)).version
            assert first == (await _node(company).get("/replica")).json()["version"]
            await owner.post("/products", json={"code": "3", "name": "Tea", "unit": "pcs", "tax_code": "A"})
            second = ReplicaVersion.model_validate_json(bytes((await anext(heard)).payload)).version
            assert second == (await _node(company).get("/replica")).json()["version"] == first + 1
            assert app.state.readiness["broker"]() is True
            async with aiomqtt.Client("127.0.0.1", port) as late:
                await late.subscribe("tradepost/v1/+/+/+/config", qos=1)
                message = await anext(late.messages)
                assert (message.retain, bytes(message.payload)) == (True, b'{"version":%d}' % second)
    finally:
        broker.stop()
