"""What `--set NAME=VALUE` may say to a register simulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from simulators._register.faults import FaultOptions

__all__ = ["OPTIONS", "RegisterOptions"]

OPTIONS: Mapping[str, str] = {
    "dialect": "P or C (short frames only)",
    "speed": "real (default): commands take their time, SYNs meanwhile; fast: no waiting",
    "serial": "serial number, two letters and six digits",
    "fm": "fiscal memory number, eight digits",
    "password": "operators' password",
    "currency_decimals": "2 (default) or 0: decimals of the amounts on the wire",
    "tax_rates": "percent of tax groups A..H, included in prices (default 0,20,20,9,0,0,0,0)",
    "cancelled_numbers": "on (default): a cancelled document takes a document number; off: it leaves no trace",
    "qr": "on (default): command 74h is known; off: as on older firmware",
    "control": 'file with the faults of the moment, {"faults": [...], "fault_at": "38:1"}, read whenever it changes',
    "fault_at": "command and count for momentary faults: 38:3 strikes three times at command 38h",
    "drop_reply_every": "fault drop-reply strikes at every n-th command (default 1)",
    "slow_ms": "fault slow: milliseconds of a command (default 1000)",
}


@dataclass(frozen=True)
class RegisterOptions:
    """Parsed options. Raises SystemExit with a plain sentence for what it does not understand."""

    dialect: str
    real_speed: bool
    serial: str
    fiscal_memory_no: str
    password: str | None
    currency_decimals: int
    tax_rates: tuple[int, ...]
    """Hundredths of a percent, A to H."""
    cancelled_numbers: bool
    qr: bool
    control: Path | None
    fault_at: FaultOptions
    drop_reply_every: int
    slow_ms: int

    @classmethod
    def parse(
        cls, given: Mapping[str, str], *, dialects: tuple[str, ...], serial: str, fiscal_memory_no: str
    ) -> RegisterOptions:
        unknown = sorted(given.keys() - OPTIONS.keys())
        if unknown:
            raise SystemExit(f"no option {', '.join(unknown)}; known: {', '.join(OPTIONS)}")
        control = given.get("control")
        return cls(
            dialect=_one_of(given, "dialect", dialects),
            real_speed=_one_of(given, "speed", ("real", "fast")) == "real",
            serial=given.get("serial", serial),
            fiscal_memory_no=given.get("fm", fiscal_memory_no),
            password=given.get("password"),
            currency_decimals=int(_one_of(given, "currency_decimals", ("2", "0"))),
            tax_rates=_rates(given.get("tax_rates", "0,20,20,9,0,0,0,0")),
            cancelled_numbers=_one_of(given, "cancelled_numbers", ("on", "off")) == "on",
            qr=_one_of(given, "qr", ("on", "off")) == "on",
            control=Path(control) if control else None,
            fault_at=_placed(given.get("fault_at", "")),
            drop_reply_every=_count(given, "drop_reply_every", 1),
            slow_ms=_count(given, "slow_ms", 1000),
        )


def _one_of(given: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = given.get(name, allowed[0])
    if value not in allowed:
        raise SystemExit(f"{name}={value}: one of {', '.join(allowed)}")
    return value


def _count(given: Mapping[str, str], name: str, default: int) -> int:
    value = given.get(name, str(default))
    if not value.isdecimal() or int(value) < 1:
        raise SystemExit(f"{name}={value}: a number from 1 up")
    return int(value)


def _placed(text: str) -> FaultOptions:
    try:
        return FaultOptions(text)
    except ValueError as error:
        raise SystemExit(f"fault_at={text}: hexadecimal commands, each with a count if wanted: 38:3,31") from error


def _rates(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if len(parts) > 8 or not all(part.isdecimal() and int(part) < 100 for part in parts):
        raise SystemExit(f"tax_rates={text}: up to eight whole percents")
    return tuple(int(part) * 100 for part in parts) + (0,) * (8 - len(parts))
