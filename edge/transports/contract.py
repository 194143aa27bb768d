"""What a driver may ask of a wire. Nothing about devices, framing or retries."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Transport"]


class Transport(Protocol):
    """An ordered byte stream to one device. One user at a time; opened and closed any number of times.

    Raises TransientError DEV-301 when the port cannot be opened or has gone (unplugged, refused, reset).
    """

    @property
    def address(self) -> str:
        """The port's path or host:port, as shown to a person."""
        ...

    async def open(self) -> None: ...

    async def read(self, limit: int = 4096) -> bytes:
        """At least one byte, as soon as there is one. Cancelling loses nothing."""
        ...

    async def write(self, data: bytes) -> None:
        """Hand all bytes to the system. Returning does not mean that the device saw them."""
        ...

    async def discard_input(self) -> None:
        """Forget bytes that have arrived and were not read (line noise after a reset)."""
        ...

    async def close(self) -> None: ...
