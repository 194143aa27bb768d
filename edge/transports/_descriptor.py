"""Reading and writing a non-blocking descriptor on the asyncio loop: what serial ports and sockets share.

The rule that never breaks: bytes are taken from the system only on the way out of `read`; a cancelled read loses none.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import NoReturn

from shared.errors import TransientError

__all__ = ["DescriptorTransport", "gone", "reason_of"]

_DISCARD_CHUNK = 4096


def gone(address: str, reason: str) -> TransientError:
    """DEV-301: the port cannot be opened, or is no longer there. Open it again later."""
    return TransientError("DEV-301", address=address, reason=reason)


def reason_of(error: OSError) -> str:
    """The system's own words; asyncio puts the address into `strerror`, which we show anyway."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)


class DescriptorTransport:
    """Base of the transports. Subclasses open and close; this class moves bytes."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._descriptor: int | None = None

    @property
    def address(self) -> str:
        return self._address

    async def read(self, limit: int = 4096) -> bytes:
        loop = asyncio.get_running_loop()
        while True:
            descriptor = self._opened()
            try:
                data = os.read(descriptor, limit)
            except BlockingIOError:
                await _ready(loop.add_reader, loop.remove_reader, descriptor)
            except OSError as error:
                self._fail(error)
            else:
                if not data:
                    raise gone(self._address, "closed by the other side")
                return data

    async def write(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        rest = memoryview(data)
        while rest:
            descriptor = self._opened()
            try:
                rest = rest[os.write(descriptor, rest) :]
            except BlockingIOError:
                await _ready(loop.add_writer, loop.remove_writer, descriptor)
            except OSError as error:
                self._fail(error)

    async def discard_input(self) -> None:
        descriptor = self._opened()
        try:
            while os.read(descriptor, _DISCARD_CHUNK):
                pass
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(error)

    def _opened(self) -> int:
        if self._descriptor is None:
            raise gone(self._address, "not open")
        return self._descriptor

    def _fail(self, error: OSError) -> NoReturn:
        raise gone(self._address, reason_of(error)) from error


async def _ready(
    add: Callable[[int, Callable[[], None]], object], remove: Callable[[int], object], descriptor: int
) -> None:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def mark() -> None:
        if not done.done():
            done.set_result(None)

    add(descriptor, mark)
    try:
        await done
    finally:
        remove(descriptor)
