"""One device's life: opened when its port is there, run until it goes, opened again. No device is known here by kind.

A port that is missing is normal (unplugged, switched off) and costs no restart; anything unexpected goes to the
supervisor. The rule that must never break: close is called after every open, whatever happened in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from edge.supervision.health import HealthRegistry
from edge.supervision.supervisor import Sleep
from shared.clock import Clock
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TradepostError, TransientError
from shared.events import Condition, DeviceHealth

__all__ = ["LINK", "Openable", "keep_device"]

LINK: Final = "link"
"""Source of what is said here of a device's health; drivers use names of their own."""
LOOK_AGAIN_S: Final = 2.0
"""A plugged-in device works within this time; opening a missing port costs a system call."""
STEADY_S: Final = 30.0
"""A device that stayed this long was well: the next time it goes it is looked for at once."""
LONGEST_WAIT_S: Final = 60.0
"""For a device that comes and goes: each change becomes a fact, and a loose plug must not fill the journal."""


class Openable(Protocol):
    @property
    def device_id(self) -> str: ...

    async def open(self) -> None:
        """Raises TransientError while the port is missing, NeedsPerson, or PermanentError: not tried again then."""
        ...

    async def close(self) -> None: ...


async def keep_device(
    device: Openable,
    run: Callable[[], Awaitable[None]],
    *,
    health: HealthRegistry,
    clock: Clock,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Keep the device open and `run` running until cancelled. Returns when it will never work (PermanentError).

    run: what is done with the open device; ends by an error of ours when the device has gone.
    """
    gone_soon_s = LOOK_AGAIN_S
    while True:
        opened_at: float | None = None
        wait_s = LOOK_AGAIN_S
        try:
            await device.open()
            opened_at = clock.monotonic()
            health.report(device.device_id, LINK, DeviceHealth.OK)
            await run()
            return
        except PermanentError as error:
            _report(health, device, DeviceHealth.STOPPED, error)
            return
        except NeedsPerson as error:
            _report(health, device, DeviceHealth.ATTENTION, error)
        except (TransientError, OutcomeUnknown) as error:
            _report(health, device, DeviceHealth.STOPPED, error)
        finally:
            await device.close()
        if opened_at is not None:
            is_steady = clock.monotonic() - opened_at >= STEADY_S
            gone_soon_s = LOOK_AGAIN_S if is_steady else min(2 * gone_soon_s, LONGEST_WAIT_S)
            wait_s = gone_soon_s
        await sleep(wait_s)


def _report(health: HealthRegistry, device: Openable, state: DeviceHealth, error: TradepostError) -> None:
    health.report(device.device_id, LINK, state, [Condition(code=error.code, maker_code=error.maker_code)])
