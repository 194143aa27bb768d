"""The stage on which demo and replay play: head office, a broker, and branches with simulated devices at every wire.

Each part is its own process, started by the same commands that a shop would use. The stage only writes the
configuration that an installer would write.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from cloud.access.rights import Preset, Right
from cloud.fleet.broker import ACL_FILE, PASSWORD_FILE, BrokerSettings, mosquitto_conf
from simulators.customers.retail import Article
from simulators.customers.shopper import CARD_PREFIX
from tradepost.office_client import OfficeClient
from tradepost.office_home import OfficeHome
from tradepost.processes import Child, Household

__all__ = ["CASHIER_PIN", "HEAD_OFFICE", "MANAGER", "MANAGER_PIN", "SimulatedBranch", "Stage"]

CASHIER_PIN: Final = "204816"
MANAGER_PIN: Final = "975310"
HEAD_OFFICE: Final = ("head.office", "stage-lights-and-scales")
MANAGER: Final = ("manager", "doors-open-at-nine")
"""Logins of the demo, printed when it starts. A real head office chooses its own."""

_LOOK_AGAIN_S: Final = 0.02
_READY_S: Final = 60.0
"""A gateway is ready in a second; this is for a machine that does twenty other things."""
_IMPORT_MOST: Final = 2_000
_VISITORS: Final = "-visitors"
"""In the names of what belongs to the till that no customer uses."""
_REGISTERS: Final = (("datecs-isl", "datecs/fp-800"), ("datecs-isl-x", "datecs/fp-700x"))
"""Simulator and profile; branches take them in turn, so that both dialects are at work."""


@dataclass(frozen=True)
class SimulatedBranch:
    """One branch as the outside sees it. customers_till: whose scanner and memory these are."""

    id: str
    home: Path
    node: str
    till_url: str
    scanner_fifo: Path
    scanner_output: Path
    fiscal_memory: Path
    gateway: Child
    customers_till: str
    visitors_memory: Path | None
    """Fiscal memory of the visitors' till, where there is one."""


class Stage:
    """Build in this order: `open_office`, `stock_shelves`, then `open_branch` for each."""

    def __init__(
        self,
        household: Household,
        *,
        register_speed: str,
        database_url: str | None = None,
        has_embedded_broker: bool = False,
    ) -> None:
        """has_embedded_broker: amqtt even where Mosquitto is installed."""
        self._has_embedded_broker = has_embedded_broker
        self.household = household
        self.home = OfficeHome(household.folder / "office", database_url)
        self._register_speed = register_speed
        self._mqtt_port = _free_port()
        self._office_port = _free_port()
        self.broker_name = ""
        self.office_url = ""
        self.office: OfficeClient
        self.office_process: Child

    def open_office(self, branches: Sequence[tuple[str, str]]) -> None:
        """Head office with these branches (id, name), its broker, its users, and a token for the judge."""
        home = self.home
        home.prepare()
        home.set_tax("GB", "A", 2_000, date(2011, 1, 4))
        for id, name in branches:
            home.add_branch(id, name, currency="GBP", zone="Europe/London", country="GB")
        home.add_user(
            *_named(HEAD_OFFICE, "Head Office"), role=Preset.OWNER, branch=None, password=HEAD_OFFICE[1], pin=None
        )
        home.add_user(
            *_named(MANAGER, "Mariam H."), role=Preset.MANAGER, branch=None, password=MANAGER[1], pin=MANAGER_PIN
        )
        home.add_user("anna", "Anna S.", role=Preset.CASHIER, branch=None, password=None, pin=CASHIER_PIN)
        token = home.add_token("demo", tuple(Right))
        home.write_broker_files()
        self._start_broker()
        self.office_process = self.start_head_office()
        self.office_url = self.office_process.ready["ready"]
        self.office = OfficeClient(self.office_url, token)

    def stock_shelves(self, articles: Sequence[Article], customers: Sequence[str]) -> None:
        """Articles, prices and customers through the public API, as any other program would bring them."""
        for start in range(0, len(articles), _IMPORT_MOST):
            part = articles[start : start + _IMPORT_MOST]
            self.office.post("/api/v1/products/import", {"products": [_product(article) for article in part]})
        for start in range(0, len(customers), _IMPORT_MOST):
            some = customers[start : start + _IMPORT_MOST]
            self.office.post("/api/v1/customers/import", {"customers": [_customer(number) for number in some]})

    def open_branch(self, index: int, id: str, name: str, *, has_visitors: bool = False) -> SimulatedBranch:
        """A gateway with a scanner, a fiscal register and a receipt printer, ready to sell.

        has_visitors: a second till stands first, for whoever watches; no customer comes there, and it has no scanner.
        """
        folder = self.household.folder / id
        folder.mkdir()
        scanner_fifo = folder / "scanner.in"
        os.mkfifo(scanner_fifo)
        simulator, profile = _REGISTERS[index % len(_REGISTERS)]
        memories = {"": folder / "fiscal-memory.jsonl"}
        if has_visitors:
            memories = {_VISITORS: folder / "visitors-fiscal-memory.jsonl", **memories}
        scanner = self._scanner(f"{id}-scanner", scanner_fifo)
        devices = [
            self._till_devices(
                f"{id}{who}", simulator, f"{1 + index + 500 * bool(who)}", folder / f"paper{who}", memory
            )
            for who, memory in memories.items()
        ]
        tills = [_till(number, profile, *pair) for number, pair in enumerate(devices, start=1)]
        tills[-1]["scanners"] = [
            {"id": "scanner-1", "profile": "generic/scanner-serial-cr", "address": scanner.ready["listening"]}
        ]
        node = self.home.add_node(id, folder, cloud_url=self.office_url, mqtt=("127.0.0.1", self._mqtt_port, False))
        self._reload_broker()
        (folder / "branch.json").write_text(json.dumps(_branch_settings(name, tills), indent=1))
        gateway = self.start_gateway(id, folder)
        return SimulatedBranch(
            id,
            folder,
            node,
            gateway.ready["ready"],
            scanner_fifo,
            self.household.folder / f"{id}-scanner.out",
            memories[""],
            gateway,
            tills[-1]["id"],
            memories.get(_VISITORS),
        )

    def _till_devices(self, name: str, simulator: str, number: str, paper: Path, memory: Path) -> tuple[Child, Child]:
        """A fiscal register and a receipt printer; they get ready while others do."""
        register = self.household.tradepost(
            f"{name}-register", "simulate", simulator, "--pty", "--state", str(memory), "--out", str(paper),
            "--set", f"speed={self._register_speed}", "--set", f"serial=DT{number:0>6}", "--set", f"fm={number:0>8}",
            ready_s=None,
        )  # fmt: skip
        receipts = paper.with_name(paper.name.replace("paper", "receipts"))
        printer = self.household.tradepost(
            f"{name}-printer", "simulate", "escpos", "--tcp", "0", "--out", str(receipts), ready_s=None
        )
        return register, printer

    def start_gateway(
        self, id: str, home: Path, environment: Mapping[str, str] | None = None, ready_s: float | None = _READY_S
    ) -> Child:
        """The gateway of this folder; again, after it has ended. Waits for it unless `ready_s` is None."""
        return self.household.tradepost(
            f"{id}-gateway", "edge", "--home", str(home), environment=environment, ready_s=ready_s
        )

    def start_head_office(
        self, environment: Mapping[str, str] | None = None, ready_s: float | None = _READY_S
    ) -> Child:
        """API and ingest; again, after it has ended, under the same address. Waits unless `ready_s` is None."""
        arguments = ["--home", str(self.home.folder), "--listen", f"127.0.0.1:{self._office_port}"]
        arguments += ["--broker", f"mqtt://127.0.0.1:{self._mqtt_port}", "--database", self.home.database_url]
        return self.household.tradepost("office", "cloud", *arguments, environment=environment, ready_s=ready_s)

    def customers(
        self, branches: Sequence[SimulatedBranch], csv: Path, *, limit: int | None, pause_s: float, patience_s: float
    ) -> tuple[Child, Path]:
        """The customers of this file, one stream of them at each branch's till; and where their log is."""
        log = self.household.folder / "customers.jsonl"
        plan = self.household.folder / "customers.json"
        settings = {
            "csv": str(csv),
            "branches": len(branches),
            "limit": limit,
            "log": str(log),
            "pause_s": pause_s,
            "patience_s": patience_s,
            "tills": [
                {
                    "url": branch.till_url,
                    "till": branch.customers_till,
                    "pin": MANAGER_PIN,
                    "scanner": str(branch.scanner_fifo),
                }
                for branch in branches
            ],
        }
        plan.write_text(json.dumps(settings))
        child = self.household.start("customers", [sys.executable, "-m", "simulators.customers", str(plan)])
        return child, log

    def _scanner(self, name: str, fifo: Path) -> Child:
        # Open for both directions, so that the scanner's input never ends.
        descriptor = os.open(fifo, os.O_RDWR)
        try:
            return self.household.tradepost(name, "simulate", "scanner", "--pty", "--set", "aim=off", stdin=descriptor)
        finally:
            os.close(descriptor)

    def _start_broker(self) -> None:
        folder = self.home.broker_folder.absolute()
        mosquitto = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if mosquitto is None or self._has_embedded_broker:
            self.broker_name = "amqtt"
            arguments = [str(self._mqtt_port), str(folder / PASSWORD_FILE), str(folder / ACL_FILE)]
            self._broker = self.household.start(
                "broker", [sys.executable, "-m", "tradepost.embedded_broker", *arguments]
            )
            return
        self.broker_name = "Mosquitto"
        settings = folder / "mosquitto.conf"
        # Started as root Mosquitto would become a user who cannot read this folder.
        owner = f"user {getpass.getuser()}\n"
        settings.write_text(mosquitto_conf(BrokerSettings(str(folder), self._mqtt_port)) + owner)
        self._broker = self.household.start("broker", [mosquitto, "-c", str(settings)], ready_s=None)
        _wait_for_port(self._mqtt_port, self._broker)

    def _reload_broker(self) -> None:
        if self.broker_name == "Mosquitto":
            self.home.write_broker_files(self._broker.process.pid)


def _named(login: tuple[str, str], name: str) -> tuple[str, str]:
    return login[0], name


def _product(article: Article) -> dict[str, Any]:
    return {
        "code": article.code,
        "name": article.name,
        "unit": "pcs",
        "tax_code": "A",
        "barcodes": [{"barcode": article.code}],
        "prices": [{"currency": "GBP", "unit_price": article.unit_price, "valid_from": "2010-01-01"}],
    }


def _customer(number: str) -> dict[str, Any]:
    return {"number": number, "name": f"Customer {number}", "cards": [CARD_PREFIX + number]}


def _branch_settings(name: str, tills: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "currency": "GBP",
        "zone": "Europe/London",
        "language": "en",
        "listen": f"127.0.0.1:{_free_port()}",
        "tills": tills,
    }


def _till(number: int, profile: str, register: Child, printer: Child) -> dict[str, Any]:
    """Waits until its devices are ready."""
    register, printer = (device.wait_until_ready(_READY_S) for device in (register, printer))
    return {
        "id": f"till-{number}",
        "number": number,
        "scanners": [],
        "register": {"id": f"register-{number}", "profile": profile, "address": register.ready["listening"]},
        "printer": {"id": f"printer-{number}", "profile": "generic/pos80", "address": printer.ready["listening"]},
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(port: int, child: Child) -> None:
    while True:
        if child.process.poll() is not None:
            raise RuntimeError(f"{child.name} ended: {child.complaint()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(_LOOK_AGAIN_S)
