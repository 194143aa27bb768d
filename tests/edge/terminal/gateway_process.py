"""A whole branch of real processes: the gateway, and a simulated device at the other end of every wire."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.replica import Delta, Replica, hash_pin
from tests.edge.checkout.shop import ANNA, shop_delta

__all__ = ["PIN", "BranchOnWires"]

PIN = "204816"
SECRET = "s" * 43


@dataclass
class BranchOnWires:
    """home: the gateway's folder, made by `furnish`; everything in it outlives every process."""

    home: Path
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    gateway: subprocess.Popen[bytes] | None = None
    scanner: subprocess.Popen[bytes] | None = None
    url: str = ""

    @property
    def memory(self) -> Path:
        return self.home / "fiscal-memory.jsonl"

    def furnish(self, *, printer: bool = False, **more: Any) -> None:
        """Start the devices, write the configuration, fill the replica. more: further fields of branch.json.

        Head office is never there.
        """
        self.home.mkdir()
        register, listening = self._simulate("datecs-isl", "--state", str(self.memory), "--set", "speed=fast")
        self.register = register
        self.scanner, scanner_port = self._simulate("scanner", "--set", "aim=off", stdin=subprocess.PIPE)
        till: dict[str, Any] = {
            "id": "till-1",
            "number": 1,
            "scanners": [{"id": "scanner-1", "profile": "generic/scanner-serial-cr", "address": scanner_port}],
            "register": {"id": "register-1", "profile": "datecs/fp-800", "address": listening},
        }
        if printer:
            _, address = self._simulate("escpos", "--tcp", "0", "--out", str(self.home / "paper"))
            till["printer"] = {"id": "printer-1", "profile": "generic/pos80", "address": address}
        branch = {
            "name": "Abovyan 12",
            "currency": "GBP",
            "zone": "Asia/Yerevan",
            "language": "en",
            "listen": "127.0.0.1:0",
            "tills": [till],
            **more,
        }
        node = {
            "node": "gw-1",
            "branch": "main",
            "partition": 7,
            "secret": SECRET,
            "cloud_url": "http://127.0.0.1:9",
            "mqtt": {"host": "127.0.0.1", "port": 9, "tls": False},
        }
        (self.home / "branch.json").write_text(json.dumps(branch))
        (self.home / "node.json").write_text(json.dumps(node))
        (self.home / "node.json").chmod(0o600)
        self._fill_replica()

    def _fill_replica(self) -> None:
        replica = Replica.open(self.home / "replica.db", secret=SECRET, currency="GBP")
        replica.apply(shop_delta())
        operator = {
            "id": str(ANNA.operator_id),
            "name": ANNA.name,
            "pin": hash_pin(PIN, bytes(16)).hex(),
            "rights": sorted(ANNA.rights),
        }
        delta = {"since": 1, "version": 2, "complete": True, "changes": {"operators": [operator]}}
        replica.apply(Delta.model_validate_json(json.dumps(delta)))
        replica.confirm(datetime.now(UTC))
        replica.close()

    def _simulate(self, *arguments: str, stdin: int | None = None) -> tuple[subprocess.Popen[bytes], str]:
        command = [sys.executable, "-m", "tradepost", "simulate", *arguments]
        child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.children.append(child)
        assert child.stdout is not None
        return child, str(json.loads(child.stdout.readline())["listening"])

    def start(self, plan: dict[str, Any] | None = None) -> str:
        """Start the gateway; its page's address. plan: where it is to die (shared.faults)."""
        environment = dict(os.environ)
        if plan is not None:
            path = self.home / "plan.json"
            path.write_text(json.dumps({**plan, "hits": str(self.home / "hits")}))
            environment["TRADEPOST_FAULT_PLAN"] = str(path)
        with (self.home / "gateway.log").open("ab") as log:
            self.gateway = subprocess.Popen(
                [sys.executable, "-m", "tradepost", "edge", "--home", str(self.home)],
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
            )
        assert self.gateway.stdout is not None
        said = self.gateway.stdout.readline()
        assert said, (self.home / "gateway.log").read_text()[-3000:]
        self.url = json.loads(said)["ready"]
        return self.url

    def kill(self) -> None:
        """A power cut."""
        assert self.gateway is not None
        self.gateway.kill()
        self.died()

    def died(self) -> int:
        """Wait until the gateway has gone; its exit status."""
        assert self.gateway is not None
        assert self.gateway.stdout is not None
        status = self.gateway.wait(30)
        self.gateway.stdout.close()
        return status

    def terminate(self) -> tuple[int, float]:
        """A clean stop: its exit status and how long it took."""
        assert self.gateway is not None
        began = time.monotonic()
        self.gateway.send_signal(signal.SIGTERM)
        return self.died(), time.monotonic() - began

    def scan(self, *codes: str) -> None:
        assert self.scanner is not None
        assert self.scanner.stdin is not None
        self.scanner.stdin.write("".join(f"{code}\n" for code in codes).encode())
        self.scanner.stdin.flush()

    def fiscal_receipts(self) -> list[dict[str, Any]]:
        """What the register's memory holds, read from its file."""
        records = [json.loads(line) for line in self.memory.read_text().splitlines() if line.strip()]
        return [record for record in records if record.get("kind") in ("sale", "return")]

    def close(self) -> None:
        if self.gateway is not None and self.gateway.poll() is None:
            self.kill()
        for child in self.children:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()
