"""Ordered byte streams to devices: serial ports and TCP sockets. Nothing here knows what the bytes mean."""

from edge.transports.addresses import from_address
from edge.transports.contract import Transport
from edge.transports.serial import LineSettings, SerialTransport
from edge.transports.tcp import TcpTransport

__all__ = ["LineSettings", "SerialTransport", "TcpTransport", "Transport", "from_address"]
