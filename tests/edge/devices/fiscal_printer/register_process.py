"""A register simulator as its own process on a real wire, and a driver on the other end."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.devices.fiscal_printer.contract import (
    DocumentKind,
    FiscalLine,
    FiscalPayment,
    FiscalReceipt,
    OriginalReceipt,
    PaymentForm,
)
from edge.devices.fiscal_printer.datecs_isl import DatecsIsl, Timing, datecs_isl
from edge.devices.fiscal_printer.datecs_isl.session import NoAnswer, Session
from edge.devices.fiscal_printer.profiles import OperatorLogin, load_profile
from edge.protocols.datecs_isl import LONG, SHORT, Reply
from edge.transports import from_address
from edge.transports.contract import Transport

ROOT = Path(__file__).parents[4]
START = """
import json, sys
from pathlib import Path
from simulators.serving import Settings, run
asked = json.loads(sys.argv[1])
settings = Settings(Path(asked["state"]), None, frozenset(asked["faults"]), asked["options"])
run(asked["name"], settings, tcp_port=asked["tcp_port"])
"""
QUICK = Timing(read_timeout_s=0.25, sends=8)
"""Patient enough for a busy test machine, quick to give up on a dead one."""

CASH, CARD = PaymentForm.CASH, PaymentForm.CARD


@dataclass(frozen=True)
class Kind:
    """A family of registers: which simulator, which profile, and its plain layouts for a foreign host."""

    simulator: str
    profile: str
    options: dict[str, str]
    open_sale: str
    one_line: str
    one_payment: str

    @property
    def is_long(self) -> bool:
        return self.simulator.endswith("-x")


KINDS = {
    "P": Kind("datecs-isl", "datecs/fp-800", {"dialect": "P"}, "1,0000,1", "Tea\tA1.00", "\tP0.40"),
    "C": Kind("datecs-isl", "datecs/dp-25", {"dialect": "C"}, "1,1,1", "Tea\tA1.00", "\tP0.40"),
    "X": Kind(
        "datecs-isl-x",
        "datecs/fp-700x",
        {},
        "1\t0000\t1\t\t",
        "Tea\t1\t1.00\t1.000\t0\t0.00\t0\t",
        "0\t0.40\t\t",
    ),
}


@dataclass
class RegisterProcess:
    kind: Kind
    folder: Path
    tcp: bool = False
    faults: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    address: str = ""
    since: int = 0
    _process: subprocess.Popen[str] | None = None

    def start(self) -> RegisterProcess:
        port = int(self.address.rpartition(":")[2] or 0) if self.tcp else None
        options = {"speed": "fast", "control": str(self.folder / "control"), **self.kind.options, **self.options}
        asked = {
            "name": self.kind.simulator,
            "state": str(self.folder / "fm"),
            "faults": self.faults,
            "options": options,
            "tcp_port": port,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", START, json.dumps(asked)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.address = json.loads(self._process.stdout.readline())["listening"]
        return self

    def kill(self) -> None:
        """As a power cut: kill -9."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        """Until it has ended by itself."""
        assert self._process is not None
        self._process.wait(timeout=10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self.kill()

    def control(self, *faults: str, fault_at: str = "") -> None:
        """Change the faults of the moment."""
        new = self.folder / "control.new"
        new.write_text(json.dumps({"faults": faults, "fault_at": fault_at}))
        new.replace(self.folder / "control")

    def memory(self) -> list[dict[str, Any]]:
        """Documents in fiscal memory, read as any other program would; of this test when the register is shared."""
        lines = (self.folder / "fm").read_text().splitlines()
        return [json.loads(line) for line in lines[1:]][self.since :]

    def begin_test(self) -> None:
        self.since = 0
        self.since = len(self.memory())

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def driver(
        self,
        transport: Transport | None = None,
        timing: Timing = QUICK,
        operators: dict[str, OperatorLogin] | None = None,
    ) -> DatecsIsl:
        wire = transport or from_address(self.address)
        return datecs_isl(wire, load_profile(self.kind.profile), timing=timing, operators=operators)

    async def foreign_host(self, driver: DatecsIsl, *commands: tuple[int, str]) -> list[Reply]:
        """Somebody else's commands while our driver is away from the wire, in a session of their own."""
        await driver.disconnect()
        transport = from_address(self.address)
        await transport.open()
        await transport.discard_input()
        session = Session(transport, LONG if self.kind.is_long else SHORT, QUICK)
        with contextlib.suppress(NoAnswer):  # the random SEQ may be the last one of the session before
            await session.exchange(0x4A, sends=1)
        replies = [await session.exchange(command, data.encode("cp1251")) for command, data in commands]
        await transport.close()
        await driver.connect()
        return replies

    async def leave_open(self, driver: DatecsIsl, *, paid: bool = False) -> None:
        """A receipt over 1.00 left open by somebody, 0.40 of it paid."""
        commands = [(0x30, self.kind.open_sale), (0x31, self.kind.one_line)]
        await self.foreign_host(driver, *commands, *([(0x35, self.kind.one_payment)] if paid else []))


def line(text: str = "Tea", price_minor: int = 100, quantity_milli: int = 1000, **facts: Any) -> FiscalLine:
    """A line whose sum the register computes alike."""
    gross = (2 * price_minor * quantity_milli + 1000) // 2000
    discount = facts.pop("discount_minor", 0)
    return FiscalLine(
        text=text,
        quantity_milli=quantity_milli,
        unit_price=price_minor * 10_000,
        discount_minor=discount,
        amount_minor=gross - discount,
        tax_code=facts.pop("tax_code", "A"),
        **facts,
    )


def sale(*lines: FiscalLine, paid: tuple[tuple[PaymentForm, int], ...] = (), **facts: Any) -> FiscalReceipt:
    """A sale of these lines, paid in cash to the unit unless told otherwise."""
    lines = lines or (line(),)
    total = sum(one.amount_minor for one in lines)
    return FiscalReceipt(
        kind=facts.pop("kind", DocumentKind.SALE),
        lines=lines,
        payments=tuple(FiscalPayment(form, amount) for form, amount in paid or ((CASH, total),)),
        total_minor=facts.pop("total_minor", total),
        operator=facts.pop("operator", "anna"),
        till_no=facts.pop("till_no", 1),
        **facts,
    )


def returned(original: OriginalReceipt, *lines: FiscalLine, **facts: Any) -> FiscalReceipt:
    return sale(*lines, kind=DocumentKind.RETURN, original=original, **facts)
