"""An input node as a byte stream: /dev/input/event*, /dev/hidraw*, or a FIFO or terminal that carries the same."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
import time
from typing import Final

from edge.transports._descriptor import DescriptorTransport, gone, reason_of

__all__ = ["InputNode"]

# Linux input.h: _IOW('E', 0x90, int) and _IOW('E', 0xa0, int).
_EVIOCGRAB: Final = 0x40044590
_EVIOCSCLOCKID: Final = 0x400445A0

_NOT_AN_INPUT_DEVICE = frozenset({errno.ENOTTY, errno.EINVAL})


class InputNode(DescriptorTransport):
    """Held exclusively where the kernel can do that, so that digits do not also land on the console.

    Prefer stable paths (/dev/input/by-id/...-event-kbd). Raises TransientError DEV-301, also when another program
    holds the device.
    """

    async def open(self) -> None:
        await self.close()
        try:
            # A FIFO is opened both ways: read-only it would say "end of file" whenever no writer is there.
            is_fifo = stat.S_ISFIFO(os.stat(self.address).st_mode)  # noqa: PTH116 - a device path, not a file
            way = os.O_RDWR if is_fifo else os.O_RDONLY
            descriptor = os.open(self.address, way | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            raise gone(self.address, reason_of(error)) from error
        try:
            _claim(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise gone(self.address, reason_of(error)) from error
        self._descriptor = descriptor

    async def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _claim(descriptor: int) -> None:
    try:
        fcntl.ioctl(descriptor, _EVIOCGRAB, 1)
        # Records are stamped with wall time unless told otherwise, and wall time jumps.
        fcntl.ioctl(descriptor, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
    except OSError as error:
        if error.errno not in _NOT_AN_INPUT_DEVICE:
            raise
