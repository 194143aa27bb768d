"""The gateway as a process: real wires, power cuts, and no head office from the first second on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed

from edge.config import WrongConfig, read_branch, read_node
from tests.edge.checkout.shop import BREAD, COFFEE, MILK
from tests.edge.terminal.gateway_process import PIN, BranchOnWires
from tests.edge.terminal.page import Page, open_page, sign_in


@pytest.fixture
def branch(tmp_path: Path) -> Iterator[BranchOnWires]:
    branch = BranchOnWires(tmp_path / "home")
    yield branch
    branch.close()


async def page_of(branch: BranchOnWires) -> Page:
    token = (await sign_in(branch.url, pin=PIN, till="till-1")).json()["token"]
    return await open_page(branch.url, token)


async def ready_to_sell(branch: BranchOnWires) -> Page:
    branch.start()
    page = await page_of(branch)
    await page.until(lambda page: page.state["register"]["state"] == "ok")
    await page.do("open_shift", float_minor=0)
    return page


def is_printed(page: Page) -> bool:
    receipt = page.state["receipt"]
    return bool(receipt) and all(part["state"] == "done" for part in receipt["fiscal"])


def facts(branch: BranchOnWires, name: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(branch.home / "journal.db")
    rows = connection.execute("SELECT body FROM facts WHERE name = ? ORDER BY number", (name,)).fetchall()
    connection.close()
    return [json.loads(body)["data"] for (body,) in rows]


async def test_from_scanner_bytes_to_two_papers_without_head_office(branch: BranchOnWires) -> None:
    branch.furnish(printer=True)
    page = await ready_to_sell(branch)
    branch.scan(MILK, BREAD, MILK)
    await page.until(lambda page: page.state["basket"]["scans"] == 3)
    await page.do("pay")
    await page.do("tender", form="cash", amount_minor=200_000)
    taken = await page.do("take")
    await page.until(is_printed)
    [receipt] = branch.fiscal_receipts()
    [fact] = facts(branch, "receipt.fiscalised")
    assert (fact["total_minor"], fact["document_no"], fact["of_id"]) == (
        159_000,
        receipt["document"],
        taken["sale_id"],
    )
    await page.until(lambda page: page.state["receipt"]["paper"] == "done")
    [paper] = [text.read_text() for text in (branch.home / "paper").rglob("*.txt")]
    assert taken["number"] in paper
    assert page.state["link"]["online"] is False
    async with httpx.AsyncClient(base_url=branch.url, trust_env=False) as http:
        assert (await http.get("/healthz")).json()["status"] == "ok"
        assert "tradepost_boot 1" in (await http.get("/metrics")).text
    await page.close()


async def test_a_receipt_has_the_branch_s_own_words_and_logo(branch: BranchOnWires) -> None:
    words = {"lines": ["TIN 01234567"], "footer": ["Goods come back within 14 days", "www.example.com"]}
    branch.furnish(printer=True, receipt={**words, "logo": "logo.png"})
    Image.new("1", (64, 64)).save(branch.home / "logo.png")
    page = await ready_to_sell(branch)
    await page.do("scan", raw=MILK)
    await page.do("pay")
    await page.do("tender", form="cash")
    await page.do("take")
    await page.until(lambda page: page.state["receipt"] and page.state["receipt"]["paper"] == "done")
    await page.close()
    [text] = [path.read_text() for path in (branch.home / "paper").rglob("receipt-*.txt")]
    printed = [line.strip() for line in text.splitlines() if line.strip()]
    assert "TIN 01234567" in printed
    assert printed[-2:] == words["footer"]
    [png] = (branch.home / "paper").rglob("receipt-*.png")
    with Image.open(png) as paper:
        top = paper.convert("L").crop((256, 0, 320, 64))
    assert top.getextrema() == (0, 0)


async def test_a_power_cut_after_every_step_keeps_basket_money_and_one_receipt(branch: BranchOnWires) -> None:
    branch.furnish()
    page = await ready_to_sell(branch)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("scan", {"raw": MILK}),
        ("scan", {"raw": COFFEE}),
        ("pay", {}),
        ("tender", {"form": "cash", "amount_minor": 500_000}),
    ]
    for step, arguments in steps:
        op_id = await page.send(step, **arguments)
        first = await page.answer(op_id)
        before = page.state
        branch.kill()
        await page.close()
        branch.start()
        page = await page_of(branch)
        again = await page.ask(step, op_id, **arguments)
        assert (again["ok"], again["result"]) == (first["ok"], first["result"])
        assert (page.state["basket"], page.state["payment"]) == (before["basket"], before["payment"])
    await page.until(lambda page: page.state["register"]["state"] == "ok")
    op_id = await page.send("take")
    taken = (await page.answer(op_id))["result"]
    branch.kill()
    await page.close()
    branch.start()
    page = await page_of(branch)
    assert (await page.ask("take", op_id))["result"] == taken
    await page.until(is_printed)
    assert len(branch.fiscal_receipts()) == 1
    assert [fact["number"] for fact in facts(branch, "sale.completed")] == [taken["number"]]
    assert len(facts(branch, "receipt.fiscalised")) == 1
    await page.close()


@pytest.mark.faults
async def test_dying_at_the_named_points_of_a_receipt_leaves_one_receipt_each(branch: BranchOnWires) -> None:
    branch.furnish()
    page = await ready_to_sell(branch)
    await page.close()
    branch.terminate()
    points = ["fiscal.intent_committed", "fiscal.register_did_it", "fiscal.reply_read", "fiscal.number_committed"]
    for sold, point in enumerate(points, 1):
        branch.start({"point": point, "skip": 0})
        page = await page_of(branch)
        await page.until(lambda page: page.state["register"]["state"] == "ok")
        await page.do("scan", raw=COFFEE)
        await page.do("pay")
        await page.do("tender", form="cash")
        op_id = await page.send("take")
        assert branch.died() == -9
        await page.close()
        branch.start()
        page = await page_of(branch)
        assert (await page.ask("take", op_id))["ok"]
        await page.until(is_printed)
        assert len(branch.fiscal_receipts()) == sold
        assert len(facts(branch, "sale.completed")) == sold
        assert len(facts(branch, "receipt.fiscalised")) == sold
        await page.close()
        branch.kill()
    assert (branch.home / "hits").read_text().split() == points


@pytest.mark.faults
@pytest.mark.parametrize("point", ["journal.before_commit", "journal.after_commit"])
async def test_dying_at_a_commit_loses_no_scan_and_counts_none_twice(branch: BranchOnWires, point: str) -> None:
    branch.furnish()
    page = await ready_to_sell(branch)
    await page.close()
    branch.terminate()
    branch.start({"point": point, "skip": 20})
    page = await page_of(branch)
    ids = []
    with suppress(ConnectionClosed, TimeoutError):
        for _ in range(60):
            ids.append(await page.send("scan", raw=MILK))
            await page.answer(ids[-1])
    assert branch.died() == -9
    await page.close()
    branch.start()
    page = await page_of(branch)
    for op_id in ids:
        assert (await page.ask("scan", op_id, raw=MILK))["ok"]
    assert page.state["basket"]["lines"][0]["quantity_milli"] == 1_000 * len(ids)
    await page.close()


async def test_a_damaged_journal_ends_the_gateway_and_the_next_start_sells_again(branch: BranchOnWires) -> None:
    branch.furnish()
    page = await ready_to_sell(branch)
    for path in (branch.home / "journal.db", branch.home / "journal.db-wal"):
        _spoil(path)
    await page.send("scan", raw=COFFEE)
    assert branch.died() == 2
    await page.close()
    branch.start()
    page = await page_of(branch)
    await page.until(lambda page: page.state["register"]["state"] == "ok")
    await page.do("open_shift", float_minor=0)
    await page.do("scan", raw=COFFEE)
    await page.close()
    [kept] = branch.home.glob("journal.db.damaged-*Z")
    [told] = [line for line in (branch.home / "gateway.log").read_text().splitlines() if "journal was damaged" in line]
    assert told.endswith(f"kept as {kept}")


def _spoil(path: Path) -> None:
    """All but the first page."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(path.stat().st_size - 4096))


async def test_it_stops_cleanly_when_asked(branch: BranchOnWires) -> None:
    branch.furnish()
    page = await ready_to_sell(branch)
    status, took_s = branch.terminate()
    assert (status, took_s < 15) == (0, True)
    await page.close()


def test_what_it_is_told_is_checked_before_anything_starts(tmp_path: Path) -> None:
    node = {
        "node": "gw-1",
        "branch": "main",
        "partition": 7,
        "secret": "s" * 43,
        "cloud_url": "http://127.0.0.1:9",
        "mqtt": {"host": "127.0.0.1", "port": 9},
    }
    (tmp_path / "node.json").write_text(json.dumps(node))
    (tmp_path / "node.json").chmod(0o644)
    with pytest.raises(WrongConfig) as refused:
        read_node(tmp_path)
    assert (refused.value.code, refused.value.parameters["what"]) == ("SRV-412", "others may read it: chmod 600")
    (tmp_path / "node.json").chmod(0o600)
    assert read_node(tmp_path).partition == 7
    with pytest.raises(WrongConfig) as missing:
        read_branch(tmp_path)
    assert missing.value.code == "SRV-412"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"currency": "XXX"}, "currency"),
        ({"zone": "Nowhere/City"}, "zone"),
        ({"tills": []}, "tills"),
        ({"tills": [{"id": "till-1", "number": 0}]}, "tills"),
        ({"tills": [{"id": "Till 1", "number": 1}]}, "tills"),
        ({"tills": [{"id": "till-1", "number": 1}, {"id": "till-1", "number": 2}]}, ""),
        ({"unknown": 1}, "unknown"),
        ({"receipt": {"footer": "Thanks"}}, "receipt.footer"),
        ({"receipt": {"footer": [""]}}, "receipt.footer.0"),
        ({"receipt": {"lines": ["Abovyan 12"] * 13}}, "receipt.lines"),
    ],
)
def test_a_branch_that_cannot_be_is_refused_with_the_field(tmp_path: Path, change: dict[str, Any], where: str) -> None:
    branch = {"name": "Shop", "currency": "GBP", "zone": "Europe/London", "tills": [{"id": "till-1", "number": 1}]}
    (tmp_path / "branch.json").write_text(json.dumps({**branch, **change}))
    with pytest.raises(WrongConfig) as refused:
        read_branch(tmp_path)
    assert refused.value.code == "SRV-412"
    assert str(refused.value.parameters["what"]).startswith(where)
