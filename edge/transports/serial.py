"""A serial port: RS-232, USB-CDC or a pseudo-terminal. pyserial sets the line, the asyncio loop moves the bytes."""

from __future__ import annotations

import contextlib
import termios
from dataclasses import dataclass
from typing import Literal

import serial

from edge.transports._descriptor import DescriptorTransport, gone

__all__ = ["LineSettings", "SerialTransport"]


@dataclass(frozen=True)
class LineSettings:
    """Speed and character frame of the line; 8N1 unless a profile says otherwise."""

    baud: int = 115_200
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1


class SerialTransport(DescriptorTransport):
    """Holds the port alone (a lock on the device file), so that two drivers cannot mix their bytes."""

    def __init__(self, path: str, line: LineSettings | None = None) -> None:
        super().__init__(path)
        self._line = line or LineSettings()
        self._port: serial.Serial | None = None

    async def open(self) -> None:
        await self.close()
        try:
            self._port = serial.Serial(
                self.address,
                baudrate=self._line.baud,
                bytesize=self._line.data_bits,
                parity=self._line.parity,
                stopbits=self._line.stop_bits,
                timeout=0,
                exclusive=True,
            )
            _report_hang_up(self._port.fileno())
        except (serial.SerialException, OSError, termios.error) as error:
            raise gone(self.address, str(error)) from error
        self._descriptor = self._port.fileno()

    async def close(self) -> None:
        port, self._port, self._descriptor = self._port, None, None
        if port is not None:
            # A port that was pulled out cannot be restored to its old settings; it is closed all the same.
            with contextlib.suppress(OSError, termios.error):
                port.close()


def _report_hang_up(descriptor: int) -> None:
    """Make an empty read mean that the port has gone, and nothing else.

    pyserial sets VMIN to 0, with which Linux answers "no bytes yet" and "unplugged" alike by an empty read.
    """
    attributes = termios.tcgetattr(descriptor)
    attributes[6][termios.VMIN] = 1
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
