"""A branch's gateway as it is measured: the real program, a register and a printer on their wires, 100,000 products.

The scanner's wire is held by us, so that the moment of its byte is known. Head office is not there: the branch works
alone, and what it would send waits in its journal.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from edge.replica import Delta, Replica, hash_pin
from shared.barcodes import with_check_digit
from tests.edge.terminal.page import Page, open_page, sign_in
from tradepost.processes import Child, Household

__all__ = ["PIN", "SECRET", "TILL", "MeasuredBranch", "barcode", "name_of", "open_branch"]

PIN: Final = "204816"
TILL: Final = "till-1"
SECRET: Final = "s" * 43
"""Of every gateway that is measured: the filled replica is keyed with it."""
_OPERATOR: Final = UUID(int=101)
_RIGHTS: Final = ("sell", "void_line", "cancel_sale", "close_shift", "x_report")
_PAGE_ROWS: Final = 2_000
"""As head office's pages have them."""


def barcode(number: int) -> str:
    """EAN-13 of product `number`."""
    return with_check_digit(f"485{number:09d}")


def name_of(number: int) -> str:
    return f"Article no. {number}"


@cache
def _replica_of(products: int) -> Path:
    """A filled replica.db to copy; made once a process, since it takes longer than most measurements."""
    folder = Path(tempfile.mkdtemp(prefix="tp-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    replica = Replica.open(folder / "replica.db", secret=SECRET, currency="AMD")
    for start in range(0, products, _PAGE_ROWS):
        _apply(replica, _products(range(start, min(start + _PAGE_ROWS, products))))
    operator = {"id": str(_OPERATOR), "name": "Anna S.", "pin": hash_pin(PIN, bytes(16)).hex(), "rights": _RIGHTS}
    taxes = [{"code": "A", "rate": 2_000, "valid_from": "2020-01-01", "inclusive": True}]
    templates = ["21IIIIIWWWWWC"]
    _apply(
        replica,
        {"operators": [operator], "taxes": taxes, "settings": {"in_store_templates": templates, "pin_salt": "00" * 16}},
    )
    replica.confirm(datetime.now(UTC))
    replica.close()
    return folder / "replica.db"


def _apply(replica: Replica, changes: dict[str, Any]) -> None:
    delta = {"since": replica.version, "version": replica.version + 1, "complete": True, "changes": changes}
    replica.apply(Delta.model_validate_json(json.dumps(delta)))


def _products(numbers: range) -> dict[str, Any]:
    ids = {number: str(UUID(int=1_000 + number)) for number in numbers}
    return {
        "products": [
            {
                "id": id,
                "code": f"A{number:06d}",
                "name": name_of(number),
                "unit": "pcs",
                "tax_code": "A",
            }
            for number, id in ids.items()
        ],
        "barcodes": [{"barcode": barcode(number), "product_id": id} for number, id in ids.items()],
        "prices": [
            {"product_id": id, "valid_from": "2020-01-01", "unit_price": (100 + number % 900) * 10_000_000}
            for number, id in ids.items()
        ],
    }


@dataclass
class MeasuredBranch:
    """home: node.json, branch.json, journal and replica. The gateway runs between `start` and `stop` or `kill`."""

    home: Path
    scanner: int
    """The far end of the scanner's line: what is written here the scanner has read."""
    products: int
    gateway: subprocess.Popen[bytes] | None = None
    url: str = ""
    started_at: float = 0.0
    """On the clock of time.perf_counter."""

    def start(self, program: Sequence[str] = ("-m", "tradepost", "edge")) -> None:
        """Returns once it has said that it serves."""
        with (self.home / "gateway.log").open("ab") as log:
            self.started_at = time.perf_counter()
            self.gateway = subprocess.Popen(
                [sys.executable, *program, "--home", str(self.home)], stdout=subprocess.PIPE, stderr=log
            )
        assert self.gateway.stdout is not None
        said = self.gateway.stdout.readline()
        if not said:
            raise RuntimeError("the gateway has ended: " + (self.home / "gateway.log").read_text()[-2_000:])
        self.url = json.loads(said)["ready"]

    @property
    def pid(self) -> int:
        assert self.gateway is not None
        return self.gateway.pid

    def stop(self) -> None:
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """A power cut."""
        self._end(subprocess.Popen.kill)

    def _end(self, how: Any) -> None:
        gateway, self.gateway = self.gateway, None
        if gateway is not None:
            how(gateway)
            gateway.wait()
            assert gateway.stdout is not None
            gateway.stdout.close()

    def scan(self, code: str) -> float:
        """The code on the scanner's line, and the moment (time.time) just before its bytes went out."""
        begun = time.time()
        os.write(self.scanner, code.encode() + b"\r")
        return begun

    async def token(self) -> str:
        answer = await sign_in(self.url, pin=PIN, till=TILL)
        token: str = answer.json()["token"]
        return token

    async def page(self, token: str, tab: str = "bench") -> Page:
        return await open_page(self.url, token, tab)


@contextmanager
def open_branch(
    products: int, *, has_register: bool = True, node: Mapping[str, Any] | None = None
) -> Iterator[MeasuredBranch]:
    """A branch whose gateway is not started yet. node: what differs in its node.json, where head office is there."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder, Household(Path(folder)) as household:
        home = Path(folder) / "gateway"
        home.mkdir()
        near, far = _scanner_line()
        till: dict[str, Any] = {
            "id": TILL,
            "number": 1,
            "scanners": [{"id": "scanner-1", "profile": "generic/scanner-serial-cr", "address": os.ttyname(near)}],
        }
        if has_register:
            till |= _papers(household, home)
        branch = {
            "name": "Abovyan 12",
            "currency": "AMD",
            "zone": "Asia/Yerevan",
            "listen": "127.0.0.1:0",
            "tills": [till],
        }
        identity = {
            "node": "gw-1",
            "branch": "main",
            "partition": 7,
            "secret": SECRET,
            "cloud_url": "http://127.0.0.1:9",
            "mqtt": {"host": "127.0.0.1", "port": 9, "tls": False},
            **(node or {}),
        }
        (home / "branch.json").write_text(json.dumps(branch))
        (home / "node.json").touch(0o600)
        (home / "node.json").write_text(json.dumps(identity))
        shutil.copy(_replica_of(products), home / "replica.db")
        measured = MeasuredBranch(home, far, products)
        try:
            yield measured
        finally:
            measured.kill()
            os.close(near)
            os.close(far)


def _scanner_line() -> tuple[int, int]:
    """The gateway's end, kept open so that the line never hangs up, and ours."""
    far, near = os.openpty()
    tty.setraw(near)
    return near, far


def _papers(household: Household, home: Path) -> dict[str, Any]:
    memory = str(home / "fiscal-memory.jsonl")
    children: list[Child] = [
        household.tradepost("register", "simulate", "datecs-isl", "--state", memory, "--set", "speed=fast"),
        household.tradepost("printer", "simulate", "escpos", "--tcp", "0", "--out", str(home / "paper")),
    ]
    register, printer = (child.ready["listening"] for child in children)
    return {
        "register": {"id": "register-1", "profile": "datecs/fp-800", "address": register},
        "printer": {"id": "printer-1", "profile": "generic/pos80", "address": printer},
    }
