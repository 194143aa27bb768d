"""Targets in the gateway: the page's line, the web service, the replica's deltas, damaged journals, settings."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect, WebSocketState

from edge.config import WrongConfig, read_branch, read_node
from edge.journal.carving import carve_facts
from edge.journal.database import PAGE_SIZE
from edge.replica import Delta, Replica, StaleDelta
from edge.terminal.app import create_app
from edge.terminal.connection import Connection
from edge.terminal.room import Looker
from tests.edge.checkout.shop import ANNA, MILK, Shop, product_id, shop_delta
from tests.edge.terminal.conftest import Branch, make_branch
from tests.fuzz.target import Bytes, Target

__all__ = ["TARGETS"]

TODAY = date(2026, 11, 21)
MOST_MESSAGES = 12
UNFORESEEN = "SRV-490"
"""The code under which the line hides a mistake of ours."""


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop


@cache
def _folder() -> Path:
    """In memory: a durable commit there costs nothing."""
    folder = Path(tempfile.mkdtemp(prefix=f"tp-fuzz-{os.getpid()}-", dir="/dev/shm"))
    atexit.register(shutil.rmtree, folder, True)
    return folder


def _run(work: Coroutine[Any, Any, None]) -> None:
    _loop().run_until_complete(asyncio.wait_for(work, 20))


@cache
def _template() -> Path:
    """A till with its shift open, something in the basket, one sale behind it."""

    async def make() -> None:
        shop = Shop(folder, None)
        await shop.start()
        await shop.do("open_shift", float_minor=20_000)
        await shop.sell(MILK)
        await shop.scan(MILK, MILK, "CHEESE")
        await shop.stop()
        shop.close()

    folder = _folder() / "template"
    folder.mkdir()
    _run(make())
    return folder


@asynccontextmanager
async def _branch(template: Path) -> AsyncIterator[Branch]:
    folder = _folder() / "branch"
    shutil.copytree(template, folder)
    shop = Shop(folder, None)
    await shop.start()
    (folder / "static").mkdir()
    (folder / "static" / "index.html").write_text("the till")
    try:
        yield make_branch(shop, folder / "static")
    finally:
        await shop.stop()
        shop.close()
        shutil.rmtree(folder)


# -- the line ---------------------------------------------------------------------------------------------------------


class _Socket:
    """The page's end: says its messages, hears answers and views, hangs up when all are answered."""

    def __init__(self, messages: list[str]) -> None:
        self.application_state = WebSocketState.CONNECTED
        self._messages = list(messages)
        self._awaited = len(messages)
        self._all_answered = asyncio.Event()
        self.answers: list[dict[str, Any]] = []
        self.closed_with: int | None = None

    async def receive_text(self) -> str:
        if self._messages:
            return self._messages.pop(0)
        if self._awaited:
            await self._all_answered.wait()
        raise WebSocketDisconnect

    async def send_text(self, text: str) -> None:
        text.encode()
        message = json.loads(text)
        if "re" in message:
            self.answers.append(message)
            if len(self.answers) == self._awaited:
                self._all_answered.set()

    async def close(self, code: int = 1000) -> None:
        self.closed_with = code
        self._all_answered.set()


def _line(data: bytes) -> None:
    """Messages a line each. `@` in them is a new id, `$` the first line of the basket."""

    template = _template()

    async def talk() -> None:
        async with _branch(template) as branch:
            token, _ = await branch.gateway.sessions.log_in("till-1", badge="BADGE-00480")
            session = branch.gateway.sessions.find(token)
            assert session is not None
            line_id = branch.shop.till.state.basket.live_lines[0].id
            texts = data.decode("utf-8", "replace").replace("$", line_id).split("\n")[:MOST_MESSAGES]
            messages = [text.replace("@", str(UUID(int=number + 1))) for number, text in enumerate(texts)]
            socket = _Socket(messages)
            looker = Looker("tab", "somebody", lambda: None, session.token_hash, ANNA)
            await Connection(socket, branch.room, looker, branch.shop.texts).run()  # type: ignore[arg-type]
            assert socket.closed_with is None, "the line was cut"
            assert len(socket.answers) == len(messages)
            for answer in socket.answers:
                assert answer["ok"] or answer["error"]["code"] != UNFORESEEN, "an operation stumbled"
            branch.shop.facts()

    _run(talk())


# -- the web service --------------------------------------------------------------------------------------------------

_METHODS = ("GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "x")


def _http(data: bytes) -> None:
    """method, token, path NUL query NUL headers NUL body."""
    choices = Bytes(data)
    method, with_token = _METHODS[choices.below(len(_METHODS))], choices.below(2)
    path, query, headers, body = [*choices.rest().split(b"\0", 3), b"", b"", b""][:4]
    given = [tuple(line.split(b":", 1)) for line in headers.split(b"\n") if b":" in line][:20]
    statuses: list[int] = []

    template = _template()

    async def ask() -> None:
        async with _branch(template) as branch:
            token, _ = await branch.gateway.sessions.log_in("till-1", badge="BADGE-00480")
            own = [(b"host", b"127.0.0.1")] if not any(name.lower() == b"host" for name, _ in given) else []
            own += [(b"authorization", b"Bearer " + token.encode())] if with_token else []
            scope = {
                "type": "http",
                "method": method,
                "path": "/" + path.decode("utf-8", "replace"),
                "raw_path": b"/" + path,
                "query_string": query,
                "headers": [*own, *((name.lower(), value) for name, value in given)],
                "scheme": "http",
                "server": ("127.0.0.1", 80),
                "client": ("10.0.0.9", 5),
                "http_version": "1.1",
                "root_path": "",
            }
            parts = [{"type": "http.request", "body": body, "more_body": False}]

            async def receive() -> Any:
                return parts.pop() if parts else {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    statuses.append(message["status"])

            await create_app(branch.gateway)(scope, receive, send)

    _run(ask())
    assert len(statuses) == 1
    assert statuses[0] < 500, statuses


# -- the replica ------------------------------------------------------------------------------------------------------


def _replica(data: bytes) -> None:
    try:
        delta = Delta.model_validate_json(data)
    except ValidationError:
        return
    path = _folder() / "replica.db"
    replica = Replica.open(path, secret="a node's secret", currency="AMD")
    try:
        with suppress(StaleDelta):
            replica.apply(delta)
            assert replica.version == delta.version
            for row in delta.changes.barcodes:
                replica.lookup(row.barcode, TODAY)
            for word in ("a", "", '"', "\0", "ա 1"):
                replica.search(word, TODAY, 5)
                replica.find_customers(word, 5)
            replica.operator_by_badge("1")
            replica.customer_by_card("1")
            replica.settings()
            replica.tax_table()
    finally:
        replica.close()
        for file in path.parent.glob("replica.db*"):
            file.unlink()


# -- damaged journals -------------------------------------------------------------------------------------------------


def _journal_file() -> bytes:
    """Three facts as SQLite lays them out, the last with overflow pages."""
    with sqlite3.connect(":memory:") as file:
        file.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        file.execute(
            "CREATE TABLE facts (number INTEGER PRIMARY KEY, epoch TEXT, sequence INTEGER, event_id TEXT, name TEXT,"
            " time TEXT, body BLOB, crc INTEGER)"
        )
        for number, size in enumerate((40, 300, 2 * PAGE_SIZE), start=1):
            body = bytes(size)
            row = (number, "e", number, "id", "sale.completed", "t", body, zlib.crc32(body))
            file.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        file.commit()
        content = file.serialize()
    file.close()
    return content


def _endless_chain() -> bytes:
    """A leaf with one record that claims 2^61 bytes, whose overflow page is followed by itself."""
    size, most, least = 1 << 61, PAGE_SIZE - 35, (PAGE_SIZE - 12) * 32 // 255 - 23
    local = least + (size - least) % (PAGE_SIZE - 4)
    in_leaf = local if local <= most else least
    cell = b"\x90" + b"\x80" * 7 + b"\0" + b"\x01" + bytes(in_leaf) + (2).to_bytes(4, "big")
    leaf = bytearray(PAGE_SIZE)
    leaf[0], leaf[4], leaf[8:10] = 0x0D, 1, (16).to_bytes(2, "big")
    leaf[16 : 16 + len(cell)] = cell
    return bytes(leaf) + (2).to_bytes(4, "big") + bytes(PAGE_SIZE - 4)


def _carving(data: bytes) -> None:
    path = _folder() / "torn.db"
    path.write_bytes(data)
    for row in carve_facts(path):
        assert zlib.crc32(row["body"]) == row["crc"]
    wal = path.with_name("torn.db-wal")
    wal.write_bytes(data)
    path.write_bytes(data[:PAGE_SIZE])
    list(carve_facts(path))
    wal.unlink()


# -- settings ---------------------------------------------------------------------------------------------------------


def _config(data: bytes) -> None:
    for name, read in (("node.json", read_node), ("branch.json", read_branch)):
        path = _folder() / name
        path.write_bytes(data)
        path.chmod(0o600)
        with suppress(WrongConfig):
            config: Any = read(path.parent)
            str(config)
            if name == "branch.json":
                host, port = config.host_and_port
                assert host
                assert 0 <= port < 65_536


def _ops(*messages: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps({"id": "@", **message}) for message in messages).encode()


_LINE = (
    _ops({"op": "scan", "raw": MILK}, {"op": "undo"}, {"op": "pay"}, {"op": "tender", "form": "cash"}, {"op": "take"}),
    _ops(
        {"op": "quantity", "line_id": "$", "quantity_milli": 10**16},
        {"op": "price", "line_id": "$", "unit_price": 10**15, "reason": "x"},
        {"op": "quantity", "line_id": "$", "quantity_milli": 10**12},
        {"op": "pay"},
        {"op": "tender", "form": "card"},
    ),
    _ops(
        {"op": "discount", "line_id": "$", "rate": 10_000, "amount_minor": -1, "reason": "x"},
        {"op": "void_line", "line_id": "$"},
    ),
    _ops(
        {"op": "add", "product_id": str(product_id(2)), "quantity_milli": 1},
        {"op": "next_quantity", "quantity_milli": 0},
    ),
    _ops({"op": "find_sale", "number": "main-1-0001-1"}, {"op": "return_lines", "sale_id": "@", "lines": []}),
    _ops({"op": "count_shift", "pieces": [[50_000, 10**16]], "slips_minor": -1}, {"op": "close_shift"}),
    _ops({"op": "enrol_customer", "phone": "+37477123456", "name": "Ani", "consent": True}, {"op": "x_report"}),
    _ops({"op": "cash_movement", "amount_minor": -(10**16), "reason": "x"}, {"op": "open_drawer", "reason": "\\u0000"}),
    _ops({"op": "reference", "scheme": "s", "number": "1", "date": "0001-01-01"}, {"op": "park", "name": "\\u202e"}),
    _ops({"op": "scan", "raw": "]C1\x1d0104850001000013310399999910\x1d"}, {"op": "age", "answer": "yes"}),
    _ops(
        {"op": "count_cash", "pieces": [[1, 1]] * 41}, {"op": "quote_return", "sale_id": "@", "lines": [{"line_no": 1}]}
    ),
    b'{"id":"@","op":"ping"}\nnull\n[]\n{"op":{}}\n"',
)
_HEADERS = b"\0content-type:application/json\0"
_HTTP = (
    b"\1\0api/till/login\0" + _HEADERS + b'{"pin":"12","till":"till-1"}',
    b"\1\1api/till/approve\0" + _HEADERS + b'{"badge":"B","till":"till-1","request":"0"}',
    b"\0\1api/till/search\0q=mil%6b&lang=ru\0accept-language:hy\norigin:http://[\nhost:[::1]:80\0",
    b"\0\1api/till/customers\0q=%22*\0cookie:tradepost_till=x; a\0",
    b"\2\1api/till/session\0token=x\0authorization:bearer x\0",
    b"\0\0assets/../index.html\0\0accept-encoding:br;q=0,gzip\nrange:bytes=0-1,5-\nif-none-match:*\0",
    b"\0\0metrics\0\0host:x\0",
)
_NODE = (
    b'{"node":"n","branch":"b","partition":1,"secret":"%s","cloud_url":"https://x","mqtt":{"host":"h","port":1}}'
    % (b"s" * 32)
)
_BRANCH = b'{"name":"B","currency":"AMD","zone":"Asia/Yerevan","listen":"[::]:80","tills":[{"id":"t","number":1}]}'

TARGETS = (
    Target("till-line", _line, ("edge.terminal.connection", "edge.checkout.operations"), _LINE, 120),
    Target("till-http", _http, ("edge.terminal.app", "edge.terminal.guards", "edge.terminal.screens"), _HTTP, 120),
    Target("replica", _replica, ("edge.replica.delta",), (shop_delta().model_dump_json().encode(),), 100),
    Target("torn-journal", _carving, ("edge.journal.carving",), (_journal_file(), _endless_chain()), 150),
    Target(
        "settings-files",
        _config,
        ("edge.config",),
        (_NODE, _BRANCH, *(_BRANCH.replace(b"[::]:80", listen) for listen in (b"h:8-0", b":80", b"80", b"h:99999"))),
        150,
    ),
)
