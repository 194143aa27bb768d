"""From what a person writes as a device's address to a transport."""

from __future__ import annotations

import re

from edge.transports.contract import Transport
from edge.transports.serial import LineSettings, SerialTransport
from edge.transports.tcp import TcpTransport

__all__ = ["from_address"]

_HOST_AND_PORT = re.compile(r"(?:\[(?P<ipv6>[^\]]+)\]|(?P<host>[^/\[\]:]+)):(?P<port>\d{1,5})")


def from_address(address: str, baud: int = LineSettings.baud) -> Transport:
    """`/dev/ttyUSB0` becomes a serial port, `10.0.0.7:4999` or `[fd00::7]:4999` a TCP socket. Opens nothing.

    Raises ValueError when the port number is none.
    """
    match = _HOST_AND_PORT.fullmatch(address)
    if match is None:
        return SerialTransport(address, LineSettings(baud=baud))
    port = int(match["port"])
    if not 0 < port < 65_536:
        raise ValueError(f"{address}: no such TCP port")
    return TcpTransport(match["ipv6"] or match["host"], port)
