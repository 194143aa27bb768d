"""Every writing endpoint is stopped at each of its writes in turn: whatever it had done until then is not there.

SEC-09: data stay whole whether or not the operator acts correctly. The database fails, as a disk does, at the first
write, at the second, and so on until the request gets through.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from cloud.access.rights import Preset
from cloud.app import API
from cloud.database import Database
from cloud.fleet.models import exceptions
from cloud.ingest.applier import Applier
from cloud.ingest.models import quarantine
from shared.ids import uuid7
from tests.cloud.deliveries import open_branch, open_gateway, sale
from tests.cloud.office import Office, add_branch, opened

PASSWORD = "doors-open-at-nine"
MOST_WRITES = 60


@dataclass(frozen=True)
class Write:
    """One request that is accepted. version: of which record it is an edit."""

    method: str
    path: str
    body: Any = None
    version: str | None = None


SOUTH = {"id": "south", "name": "South", "currency": "AMD", "zone": "Asia/Yerevan", "country": "AM"}
TEA = {"code": "7", "name": "Tea", "unit": "pcs", "tax_code": "A"}
AT_KENTRON = [{"role": "cashier", "branch": "kentron"}]
NARE = {"login": "nare", "name": "Nare", "roles": AT_KENTRON, "pin": "771204", "badges": ["B-2"]}
LEFT = {"name": "Gor", "language": "hy", "is_active": False, "roles": []}
CARD = {"number": "K2", "name": "Aram"}

WRITES = [
    Write("POST", "/branches", SOUTH),
    Write("PUT", "/branches/{branch}/price-list", {"list": "members"}),
    Write("POST", "/customers", {"name": "Anna", "phones": ["077111222"], "cards": ["C-9"]}),
    Write("POST", "/customers/import", {"customers": [CARD, CARD | {"number": "K3"}]}),
    Write("PUT", "/customers/{customer_id}", {"name": "Lusine", "phones": ["077999888"]}, "/customers/{customer_id}"),
    Write("DELETE", "/customers/{customer_id}"),
    Write("POST", "/customers/{customer_id}/consents", {"purpose": "sms", "is_given": True}),
    Write("POST", "/exceptions/settle", {"ids": ["{exception_id}"], "reason": "seen"}),
    Write("POST", "/exceptions/{exception_id}/settle", {"reason": "seen"}),
    Write("POST", "/nodes", {"branch": "kentron"}),
    Write("POST", "/nodes/{node}/commands", {"name": "open_drawer"}),
    Write("POST", "/nodes/{node}/epoch", {"epoch": "{epoch}"}),
    Write("POST", "/nodes/{node}/withdraw"),
    Write("POST", "/products", TEA | {"barcodes": [{"barcode": "4850001234567"}]}),
    Write("POST", "/products/import", {"products": [TEA | {"barcodes": [{"barcode": "8"}]}, TEA | {"code": "9"}]}),
    Write("PUT", "/products/{product_id}", TEA | {"code": "1"}, "/products/{product_id}"),
    Write("DELETE", "/products/{product_id}", None, "/products/{product_id}"),
    Write("POST", "/products/{deleted_id}/restore"),
    Write("POST", "/products/{product_id}/prices", {"currency": "AMD", "unit_price": 2, "valid_from": "2027-02-01"}),
    Write("DELETE", "/products/{product_id}/prices/retail/AMD/2027-01-01"),
    Write("POST", "/quarantine/decide", {"ids": ["{quarantine_id}"], "act": "dismiss", "reason": "seen"}),
    Write("POST", "/quarantine/{quarantine_id}/replay"),
    Write("DELETE", "/session"),
    Write("PUT", "/session/password", {"old": PASSWORD, "new": "lights-out-at-ten"}),
    Write("POST", "/taxes", {"country": "AM", "code": "A", "rate": 2000, "valid_from": "2027-01-01"}),
    Write("POST", "/tokens", {"name": "ledger", "rights": ["see_sales"]}),
    Write("DELETE", "/tokens/{token_id}"),
    Write("POST", "/users", NARE),
    Write("PUT", "/users/{user_id}", LEFT, "/users/{user_id}"),
    Write("POST", "/users/{user_id}/shut-out"),
    Write("PUT", "/users/{user_id}/password", {"password": "correct horse 12"}),
    Write("PUT", "/users/{user_id}/pin", {"pin": "582014"}),
    Write("PUT", "/users/{user_id}/badges", {"badges": ["B-3", "B-4"]}),
    Write("POST", "/views", {"list": "sales", "name": "Other", "question": "q=2"}),
    Write("DELETE", "/views/{view_id}"),
]  # fmt: skip

IN_STEPS = {("POST", "/session"): "an attempt counts even when nobody gets in: access/test_signing_in"}


async def test_every_writing_endpoint_is_in_this_table(small_office: Office) -> None:
    described = small_office.app.openapi()["paths"]
    every = {(method.upper(), path.removeprefix(API)) for path, methods in described.items() for method in methods}
    writing = {(method, path) for method, path in every if method != "GET"}
    names = {(each.method, _template(each.path)) for each in WRITES}
    assert names | set(IN_STEPS) == writing


def _template(path: str) -> str:
    return path.replace("{deleted_id}", "{product_id}").replace(
        "retail/AMD/2027-01-01", "{list}/{currency}/{valid_from}"
    )


COFFEE = {"code": "1", "name": "Coffee", "unit": "pcs", "tax_code": "A", "barcodes": [{"barcode": "4850009"}]}
PRICE = {"currency": "AMD", "unit_price": 1, "valid_from": "2027-01-01"}


async def _made(client: httpx.AsyncClient, path: str, body: Any) -> httpx.Response:
    answer = await client.post(path, json=body)
    assert answer.is_success, answer.text
    return answer


async def _fill(office: Office) -> dict[str, str]:
    """Something of everything; answers what stands for the places in paths and bodies."""
    await open_branch(office.database, "kentron")
    gateway = await open_gateway(office.database, "kentron")
    gateway.write("sale.completed", sale(1))
    [spoilt] = gateway.values()
    spoilt["data"]["total_minor"] = "much"
    await Applier(office.database, office.clock).apply([gateway.birth(), gateway.damaged([spoilt])])
    await office.add_user((Preset.OWNER, None), login="boss", password=PASSWORD)
    person = await office.add_user((Preset.CASHIER, "kentron"), login="gor", pin="204816", badges=["B-1"])
    owner = await office.owner()
    product = await _made(owner, "/products", COFFEE)
    await _made(owner, f"/products/{product.json()['id']}/prices", PRICE)
    deleted = await _made(owner, "/products", COFFEE | {"code": "2", "barcodes": [{"barcode": "4850010"}]})
    await _made(owner, f"/products/{deleted.json()['id']}/prices", PRICE)
    gone = await owner.delete(f"/products/{deleted.json()['id']}", headers={"If-Match": deleted.headers["ETag"]})
    assert gone.is_success
    async with office.database.reading() as tx:
        held, raised = await tx.scalar(select(quarantine.c.id)), await tx.scalar(select(exceptions.c.id))
    ids = {
        "customer_id": (await _made(owner, "/customers", {"name": "Lusine", "phones": ["077123456"]})).json()["id"],
        "token_id": (await _made(owner, "/tokens", {"name": "old", "rights": ["see_sales"]})).json()["id"],
        "product_id": product.json()["id"],
        "deleted_id": deleted.json()["id"],
        "user_id": person,
        "quarantine_id": held,
        "exception_id": raised,
        "branch": "kentron",
        "node": gateway.address.node,
        "epoch": gateway.epoch,
    }
    return {name: str(value) for name, value in ids.items()}


@pytest.fixture(scope="module")
async def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    file = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("office") / "filled.db"))
    database = Database.open(f"sqlite+aiosqlite:///{file}")
    async with opened(database) as office:
        known = await _fill(office)
    await database.close()
    return file, known


@pytest.fixture
async def shop(filled: tuple[Path, dict[str, str]], tmp_path: Path) -> AsyncIterator[Office]:
    """A copy of it, of this test's own."""
    database = Database.open(f"sqlite+aiosqlite:///{shutil.copy(filled[0], tmp_path / 'office.db')}")
    async with opened(database) as office:
        yield office
    await database.close()


@contextmanager
def failing(database: Database, at: int) -> Iterator[None]:
    """The disk fails at this write, counted from 1; at the commit: 0."""
    engine, seen = database.engine.sync_engine, [0]

    def fail(*_: object) -> None:
        raise OperationalError("write", {}, OSError("disk I/O error"))

    def count(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen[0] += bool(re.match(r"\s*(INSERT|UPDATE|DELETE)\b", statement))
        (fail if seen[0] == at else bool)()

    hook = ("before_cursor_execute", count) if at else ("commit", fail)
    event.listen(engine, *hook)
    try:
        yield
    finally:
        event.remove(engine, *hook)


@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write.method} {write.path}")
async def test_what_fails_in_the_middle_leaves_nothing(
    shop: Office, filled: tuple[Path, dict[str, str]], write: Write
) -> None:
    client = await shop.signed_in((Preset.OWNER, None), password=PASSWORD)
    view = (await _made(client, "/views", {"list": "sales", "name": "Mine", "question": "q=1"})).json()["id"]
    known = filled[1] | {"view_id": view}

    def placed(text: str) -> str:
        return re.sub(r"\{([a-z_]+)\}", lambda place: known.get(place[1], place[0]), text)

    body = None if write.body is None else json.loads(placed(json.dumps(write.body)))
    version = (await client.get(placed(write.version))).headers["ETag"] if write.version else ""
    headers = {"Idempotency-Key": str(uuid7()), "If-Match": version}
    before = await shop.contents()
    for at in range(MOST_WRITES):
        with failing(shop.database, at):
            answer = await client.request(write.method, placed(write.path), json=body, headers=headers)
        if answer.is_success:
            break
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SRV-301"), (at, answer.text)
        assert await shop.contents() == before
    assert answer.is_success
    assert at >= 2
    assert await shop.contents() != before


async def test_a_deleted_product_comes_back_whole(office: Office) -> None:
    owner = await office.owner()
    made = await _made(owner, "/products", COFFEE | {"barcodes": [{"barcode": "1"}, {"barcode": "2"}]})
    address = f"/products/{made.json()['id']}"
    await _made(owner, f"{address}/prices", PRICE | {"valid_from": "2026-01-01"})
    await _made(owner, f"{address}/prices", PRICE | {"valid_from": "2027-01-01", "unit_price": 2})
    await owner.delete(f"{address}/prices/retail/AMD/2027-01-01")  # taken back before; it stays away
    was, prices = await owner.get(address), (await owner.get(f"{address}/prices")).json()
    for _ in range(2):
        now = await owner.get(address)
        assert (await owner.delete(address, headers={"If-Match": now.headers["ETag"]})).status_code == 204
        assert (await owner.post(f"{address}/restore")).status_code == 200
    back = (await owner.get(address)).json()
    assert _without_when(back) == _without_when(was.json())
    back_prices = (await owner.get(f"{address}/prices")).json()
    assert [_without_when(price) for price in back_prices] == [_without_when(price) for price in prices]
    assert [price["valid_from"] for price in back_prices] == ["2026-01-01"]
    assert (await owner.get("/products", params={"q": "coff"})).json()["total"] == 1
    entries = (await owner.get("/audit", params={"record": made.json()["id"], "action": "restored"})).json()["items"]
    assert [entry["new"]["barcodes"] for entry in entries] == [{"1": 1000, "2": 1000}] * 2


def _without_when(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name not in ("changed_at", "version", "prices")}


async def test_a_bar_code_that_another_product_has_meanwhile_stays_there(office: Office) -> None:
    owner = await office.owner()
    made = await _made(owner, "/products", COFFEE | {"barcodes": [{"barcode": "1"}, {"barcode": "2"}]})
    address = f"/products/{made.json()['id']}"
    await owner.delete(address, headers={"If-Match": made.headers["ETag"]})
    await _made(owner, "/products", COFFEE | {"code": "2", "barcodes": [{"barcode": "2"}]})
    assert [each["barcode"] for each in (await owner.post(f"{address}/restore")).json()["barcodes"]] == ["1"]


async def test_what_is_not_deleted_is_not_restored(small_office: Office) -> None:
    owner = await small_office.owner()
    made = await _made(owner, "/products", COFFEE)
    before = await small_office.contents()
    answer = await owner.post(f"/products/{made.json()['id']}/restore")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SRV-404")
    assert await small_office.contents() == before


async def test_somebody_who_was_switched_off_is_switched_on_whole(small_office: Office) -> None:
    await add_branch(small_office, "kentron")
    owner = await small_office.owner()
    new = {"login": "gor", "name": "Gor", "language": "hy", "roles": AT_KENTRON, "pin": "204816", "badges": ["B-1"]}
    person = (await _made(owner, "/users", new | {"password": PASSWORD})).json()
    address = f"/users/{person['id']}"
    assert (await owner.post(f"{address}/shut-out")).is_success
    login = {"login": "gor", "password": PASSWORD}
    assert (await small_office.client(Origin="http://office.test").post("/session", json=login)).status_code == 401
    on = {"name": "Gor", "language": "hy", "is_active": True, "roles": AT_KENTRON}
    off = await owner.get(address)
    assert (await owner.put(address, json=on, headers={"If-Match": off.headers["ETag"]})).is_success
    assert _without_when((await owner.get(address)).json()) == _without_when(person)
    assert (await small_office.client(Origin="http://office.test").post("/session", json=login)).is_success
