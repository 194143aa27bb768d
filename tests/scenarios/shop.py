"""One small shop of real processes: head office, broker, gateway, and a simulated device at the end of every wire.

The prices are those of UX.md's till, so that its figures can be expected. Faults are pulled through control files.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.request import urlopen

from cloud.database import Database
from cloud.replication.versions import set_setting
from shared.barcodes import compile_templates
from tests.services import free_port
from tradepost.processes import Child, Household
from tradepost.register_files import read_documents
from tradepost.stage import Stage

T = TypeVar("T")

__all__ = ["BREAD", "CHEESE", "COFFEE", "JAM", "MILK", "Shop", "label", "until"]

BRANCH: Final = "abovyan-12"
TILL: Final = "till-1"
WEIGHED: Final = "21IIIIIWWWWWC"
"""Own labels of the scales: five digits of the article, grams."""
CHEESE: Final = "00417"
MILK: Final = "4850001000013"
BREAD: Final = "4850001000020"
COFFEE: Final = "4850001234562"
JAM: Final = "4850001000068"

ARTICLES: Final = (
    # article, name, unit, price in minor units, bar code
    ("10480", "Milk 3.2 % 1 l", "pcs", 62_000, MILK),
    (CHEESE, "Cheese Lori, weighed", "kg", 420_000, None),
    ("10481", "Bread Matnakash", "pcs", 35_000, BREAD),
    ("10482", "Coffee beans 250 g", "pcs", 390_000, COFFEE),
    ("10483", "Filters no. 4", "pcs", 65_000, "4850001000044"),
    ("10484", "Mineral water Jermuk 0.5 l, glass bottle, deposit", "pcs", 28_000, "4850001000051"),
    ("10485", "Apricot jam 360 g", "pcs", 145_000, JAM),
    ("10486", "Լավաշ բարակ 500 գ", "pcs", 40_000, "4850001000075"),
    ("10487", "Tea Ahmad No. 1, 100 bags", "pcs", 210_000, "4850001000082"),
    ("10488", "Sunflower oil 1 l", "pcs", 98_000, "4850001000099"),
)
_SCALE: Final = 10_000
"""Unit prices are in 1/10,000 minor units."""
_WAIT_S: Final = 20.0
_START_S: Final = 60.0
_LOOK_AGAIN_S: Final = 0.02


def label(article: str, grams: int) -> str:
    """What the scales print for this much of it."""
    [template] = compile_templates([WEIGHED])
    return template.write(article, grams)


async def until(look: Callable[[], T | None], wait_s: float = _WAIT_S) -> T:
    """The first answer that is neither None nor false."""
    async with asyncio.timeout(wait_s):
        while not (seen := look()):  # noqa: ASYNC110 - files and another process tell nobody that they have changed
            await asyncio.sleep(_LOOK_AGAIN_S)
        return seen


class Shop(Stage):
    """Build it inside a household; it is open when the constructor returns."""

    def __init__(self, household: Household) -> None:
        super().__init__(household, register_speed="fast")
        self.folder = household.folder / BRANCH
        self.folder.mkdir()
        self._start_devices()
        self.open_office([])
        self.home.set_tax("AM", "A", 2_000, date(2020, 1, 1))
        self.home.add_branch(BRANCH, "Abovyan 12", currency="AMD", zone="Asia/Yerevan", country="AM")
        asyncio.run(self._set_templates())
        self.office.post("/api/v1/products/import", {"products": [_product(*article) for article in ARTICLES]})
        card = {"number": "C-1", "name": "Lusine Mkrtchyan", "cards": ["CARD-000001"]}
        self.office.post("/api/v1/customers/import", {"customers": [card]})
        self._write_branch()
        self.node = self.home.add_node(
            BRANCH, self.folder, cloud_url=self.office_url, mqtt=("127.0.0.1", self._mqtt_port, False)
        )
        self._reload_broker()
        self.till_url = ""
        self.gateway: Child
        self.open_till()
        self._wait_for_prices()

    # -- building -----------------------------------------------------------------------------------------------------

    async def _set_templates(self) -> None:
        database = Database.open(self.home.database_url)
        try:
            async with database.transaction() as tx:
                await set_setting(tx, "in_store_templates", [WEIGHED])
        finally:
            await database.close()

    def _start_devices(self) -> None:
        """They get ready while head office does."""
        folder = self.folder
        self.scanner_fifo = folder / "scanner.in"
        os.mkfifo(self.scanner_fifo)
        self.memory = folder / "fiscal-memory.jsonl"
        self.receipts = folder / "receipts"
        self._register = self.household.tradepost(
            "register", "simulate", "datecs-isl", "--pty", "--state", str(self.memory), "--out", str(folder / "paper"),
            "--set", "speed=fast", "--set", f"control={folder / 'register.json'}", ready_s=None,
        )  # fmt: skip
        self._printer = self.household.tradepost(
            "printer", "simulate", "escpos", "--tcp", "0", "--out", str(self.receipts),
            "--set", f"control={folder / 'printer.json'}", "--set", "drawer=0.2", ready_s=None,
        )  # fmt: skip
        self._serial_scanner = self._scanner("scanner", self.scanner_fifo)

    def _write_branch(self) -> None:
        devices = (self._serial_scanner, *(each.wait_until_ready(_START_S) for each in (self._register, self._printer)))
        address = {child.name: child.ready["listening"] for child in devices}
        till = {
            "id": TILL,
            "number": 1,
            "scanners": [
                {"id": "scanner-1", "profile": "generic/scanner-serial-cr", "address": address["scanner"]},
            ],
            "register": {"id": "register-1", "profile": "datecs/fp-800", "address": address["register"]},
            "printer": {"id": "printer-1", "profile": "generic/pos80", "address": address["printer"]},
        }
        branch = {
            "name": "Abovyan 12",
            "currency": "AMD",
            "zone": "Asia/Yerevan",
            "language": "en",
            "listen": f"127.0.0.1:{free_port()}",
            "tills": [till],
        }
        (self.folder / "branch.json").write_text(json.dumps(branch))

    def open_till(self) -> None:
        """Start the gateway; again, after it has ended, under the same address."""
        self.gateway = self.start_gateway(BRANCH, self.folder)
        self.till_url = self.gateway.ready["ready"]

    def _wait_for_prices(self) -> None:
        """The first delta is here when a cashier can sign in; the page would wait, a test would not."""
        while "tradepost_replica_version 0\n" in self.metrics():
            time.sleep(_LOOK_AGAIN_S)

    # -- what happens in it -------------------------------------------------------------------------------------------

    def scan(self, *codes: str) -> None:
        """Codes under the serial scanner, one after the other."""
        with self.scanner_fifo.open("w") as trigger:
            trigger.write("".join(f"{code}\n" for code in codes))

    def register_faults(self, *faults: str) -> None:
        _write(self.folder / "register.json", {"faults": faults})

    def printer_faults(self, *faults: str) -> None:
        _write(self.folder / "printer.json", {"faults": faults})

    def put_right(self) -> None:
        """Whatever a failed test has left broken must not fail the next one."""
        self.register_faults()
        self.printer_faults()
        if self.gateway.process.poll() is not None:
            self.open_till()
        if self.office_process.process.poll() is not None:
            self.mend_the_line()

    def kill_gateway(self) -> None:
        """A power cut in the branch."""
        self.gateway.process.kill()
        self.gateway.process.wait()

    def cut_the_line(self) -> None:
        """Head office and its broker are gone, as for a branch whose internet has failed."""
        self.office_process.stop()
        self._broker.stop()

    def mend_the_line(self) -> None:
        self._start_broker()
        self.office_process = self.start_head_office()

    # -- what the witnesses say ---------------------------------------------------------------------------------------

    def documents(self, kind: str, number: str = "") -> list[dict[str, Any]]:
        """Documents of this kind in the register's memory; with a number, those whose comments name it."""
        return [
            document
            for document in read_documents(self.memory)
            if document["kind"] == kind and (not number or number in " ".join(document["comments"]).split())
        ]

    def printed(self, *words: str) -> list[Path]:
        """Pictures of the receipt printer's papers on which all these words stand, oldest first."""
        papers = sorted(self.receipts.glob("receipt-*.json"), key=lambda path: int(path.stem.partition("-")[2]))
        return [
            path.with_suffix(".png")
            for path in papers
            if all(word in path.with_suffix(".txt").read_text() for word in words)
        ]

    def sales(self, **filters: str) -> list[dict[str, Any]]:
        """Through the public API of head office."""
        return list(self.office.every("/api/v1/sales", branch=BRANCH, **filters))

    def sale(self, number: str) -> dict[str, Any] | None:
        """One sale in full, when head office knows it."""
        found = self.sales(number=number)
        return self.office.get(f"/api/v1/sales/{found[0]['id']}") if found else None

    def return_of(self, number: str) -> dict[str, Any] | None:
        """The return against this sale, when head office knows it."""
        returns = self.office.every("/api/v1/returns", branch=BRANCH)
        return next((row for row in returns if row["sale_number"] == number), None)

    def cancelled(self) -> list[dict[str, Any]]:
        """Sales dropped before payment, the newest first."""
        return list(self.office.every("/api/v1/cancelled-sales", branch=BRANCH))

    def closed_shifts(self) -> list[dict[str, Any]]:
        """The newest first."""
        return list(self.office.every("/api/v1/shifts", branch=BRANCH, open="false"))

    def on_stock(self, article: str) -> int:
        """Thousandths that head office counts here. Goods are only sold in this shop, so it is below zero."""
        balances = self.office.every("/api/v1/stock/balances", branch=BRANCH)
        return sum(row["quantity_milli"] for row in balances if row["product_code"] == article)

    def metrics(self) -> str:
        with urlopen(f"{self.till_url}/metrics", timeout=10) as answer:
            text: str = answer.read().decode()
        return text


def _product(code: str, name: str, unit: str, price_minor: int, barcode: str | None) -> dict[str, Any]:
    price = {"currency": "AMD", "unit_price": price_minor * _SCALE, "valid_from": "2020-01-01"}
    barcodes = [{"barcode": barcode}] if barcode else []
    return {"code": code, "name": name, "unit": unit, "tax_code": "A", "barcodes": barcodes, "prices": [price]}


def _write(path: Path, content: dict[str, Any]) -> None:
    """Whole at once: a simulator looks at it many times a second."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.replace(path)
