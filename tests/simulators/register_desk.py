"""A register simulator on the table: commands in, answers out, no process and no port."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from edge.protocols.datecs_isl import Dialect, StatusFlag, decode_status
from simulators import datecs_isl, datecs_isl_x
from simulators.serving import Settings

AT = datetime(2026, 11, 21, 16, 0, 0)  # noqa: DTZ001 - a register's clock knows no zone
NOT_ALLOWED = {StatusFlag.NOT_ALLOWED, StatusFlag.GENERAL_ERROR}
SYNTAX = {StatusFlag.SYNTAX_ERROR, StatusFlag.GENERAL_ERROR}


class Wire:
    """A link in memory: what the host has sent, what the device has answered."""

    def __init__(self, *sent: bytes) -> None:
        self.sent = list(sent)
        self.received = b""

    async def read(self, limit: int = 4096) -> bytes:
        return self.sent.pop(0) if self.sent else b""

    async def write(self, data: bytes) -> None:
        self.received += data

    async def close(self) -> None: ...


class Desk:
    """A register on the table: `do` gives data and the flags beyond a healthy device's."""

    def __init__(self, *faults: str, state: Path | None = None, out: Path | None = None, **options: str) -> None:
        self.options = {"speed": "fast", **options}
        self.settings = Settings(state, out, frozenset(faults), self.options)
        self.dialect = Dialect(options.get("dialect", "P"))
        build = datecs_isl_x.build if self.dialect is Dialect.DATECS_X else datecs_isl.build
        self.device = build(self.settings, lambda: AT)
        SWITCHED_ON.append(self)

    def do(self, command: int, data: str = "") -> tuple[str, set[StatusFlag]]:
        answer = self.device.execute(command, data.encode("cp1251"))
        status = decode_status(answer.status, self.dialect)
        return answer.data.decode("cp1251"), set(status.flags) - self.healthy()

    def healthy(self) -> set[StatusFlag]:
        names = ("SERIALS_SET", "TAX_NUMBER_SET", "VAT_RATES_SET", "FISCALISED", "MEMORY_FORMATTED")
        return {StatusFlag[name] for name in names}

    async def play(self, *frames: str) -> str:
        wire = Wire(*(bytes.fromhex(frame) for frame in frames))
        await self.device.serve(wire)
        return wire.received.hex(" ").upper()

    def switch_off(self) -> None:
        """What a power cut leaves: the files."""
        self.device.execute.__self__.register.memory.close()

    def sale(self, *lines: str, pay: str = "\t") -> None:
        self.do(0x30, "1,0000,1")
        for line in lines:
            assert self.do(0x31, line) == ("", {StatusFlag.FISCAL_OPEN})
        self.do(0x35, pay)
        self.do(0x38)


SWITCHED_ON: list[Desk] = []
"""Switched off after each test by the fixture in conftest."""
