"""How every device is: the worst that anybody says of it, and why. Changes are told once, for others to act on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from shared.events import Condition, DeviceHealth, DeviceState

__all__ = ["HealthRegistry"]

log = logging.getLogger(__name__)

_BADNESS: Final = {DeviceHealth.OK: 0, DeviceHealth.ATTENTION: 1, DeviceHealth.STOPPED: 2}


@dataclass
class _Device:
    category: str
    said: dict[str, tuple[DeviceHealth, tuple[Condition, ...]]] = field(default_factory=dict)
    """By source: the link to the device knows other things than its driver."""
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    told: DeviceState | None = None


class HealthRegistry:
    """For one event loop; no locks."""

    def __init__(self) -> None:
        self._devices: dict[str, _Device] = {}
        self._listeners: list[Callable[[DeviceState], None]] = []

    def register(self, device_id: str, category: str) -> None:
        """category: UnifiedPOS class name. A device nobody has spoken of yet has no state."""
        self._devices[device_id] = _Device(category)

    def report(self, device_id: str, source: str, health: DeviceHealth, conditions: Iterable[Condition] = ()) -> None:
        """What one source says of a device now; it replaces what that source said before. Raises KeyError."""
        device = self._devices[device_id]
        device.said[source] = health, tuple(conditions)
        self._tell(device_id, device)

    def identify(self, device_id: str, *, model: str, serial: str, firmware: str) -> None:
        """Who the device says it is; empty where it does not say. Raises KeyError."""
        device = self._devices[device_id]
        device.model, device.serial, device.firmware = model or None, serial or None, firmware or None
        if device.said:
            self._tell(device_id, device)

    def states(self) -> tuple[DeviceState, ...]:
        """Of every device that has been spoken of."""
        return tuple(device.told for device in self._devices.values() if device.told)

    def summary(self) -> dict[str, str]:
        """Device id -> health, as a birth tells it."""
        return {state.device_id: state.health.value for state in self.states()}

    def on_change(self, callback: Callable[[DeviceState], None]) -> None:
        """Have this called with each new state, in the order in which they come."""
        self._listeners.append(callback)

    def _tell(self, device_id: str, device: _Device) -> None:
        state = _state(device_id, device)
        if state == device.told:
            return
        before, device.told = device.told, state
        if before is None or (before.health, before.conditions) != (state.health, state.conditions):
            log.info("%s", " ".join([device_id, state.health, *(condition.code for condition in state.conditions)]))
        for listener in self._listeners:
            listener(state)


def _state(device_id: str, device: _Device) -> DeviceState:
    conditions = {condition: None for _, said in device.said.values() for condition in said}
    return DeviceState(
        device_id=device_id,
        category=device.category,
        health=max((health for health, _ in device.said.values()), key=_BADNESS.__getitem__),
        conditions=tuple(sorted(conditions, key=lambda condition: (condition.code, condition.maker_code or ""))),
        model=device.model,
        serial=device.serial,
        firmware=device.firmware,
    )
