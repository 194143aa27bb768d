"""From settings to a register and its device: what both frame formats do alike when they are switched on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from edge.protocols.datecs_isl import FrameFormat
from simulators._register.faults import Faults
from simulators._register.memory import FiscalMemory
from simulators._register.options import RegisterOptions
from simulators._register.ram import Ram
from simulators._register.register import Model, Register
from simulators._register.wire import Answer, IslDevice
from simulators.serving import Settings

__all__ = ["switch_on", "wire_up"]

_FAST_SYN_INTERVAL_S = 0.002


def switch_on(settings: Settings, options: RegisterOptions, model: Model, now: Callable[[], datetime]) -> Register:
    """Power on: fiscal memory is read, an open document resumed from RAM."""
    state = settings.state
    if settings.out is not None:
        settings.out.mkdir(parents=True, exist_ok=True)
    header = {
        "serial": options.serial,
        "fiscal_memory_no": options.fiscal_memory_no,
        "model": model.name,
        "dialect": options.dialect,
        "currency_decimals": options.currency_decimals,
        "created_at": now().replace(microsecond=0).isoformat(),
    }
    memory = FiscalMemory(state, header)
    faults = Faults(
        settings.faults,
        options.fault_at,
        control=options.control,
        counts=_beside(state, ".strikes"),
    )
    return Register(model, memory, Ram(_beside(state, ".ram")), faults, now, settings.out)


def wire_up(
    register: Register,
    options: RegisterOptions,
    format: FrameFormat,
    execute: Callable[[int, bytes], Answer],
) -> IslDevice:
    device = IslDevice(
        format,
        execute,
        lambda: len(register.receipt.lines) if register.receipt else 0,
        register.end_paper,
        register.faults,
        options.drop_reply_every,
        options.slow_ms / 1000,
    )
    if not options.real_speed:
        device.syn_interval_s = _FAST_SYN_INTERVAL_S
    return device


def _beside(state: Path | None, suffix: str) -> Path | None:
    return state.with_name(state.name + suffix) if state else None
