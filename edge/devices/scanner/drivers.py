"""From a profile and an address to a driver. Opens nothing."""

from __future__ import annotations

from edge.devices.scanner.contract import Scanner
from edge.devices.scanner.hid_keyboard import KeyboardScanner
from edge.devices.scanner.hid_pos import PosScanner
from edge.devices.scanner.profile import KeyboardProfile, ScannerProfile, SerialProfile
from edge.devices.scanner.serial import SerialScanner
from edge.transports.addresses import from_address
from edge.transports.contract import Transport
from edge.transports.serial import LineSettings, SerialTransport
from shared.clock import Clock
from shared.profiles import SerialLine

__all__ = ["build_scanner"]


def build_scanner(device_id: str, address: str, profile: ScannerProfile, *, clock: Clock) -> Scanner:
    """address: a port's or input node's path, or host:port for a serial scanner behind a network."""
    if isinstance(profile, SerialProfile):
        return SerialScanner(device_id, _serial_transport(address, profile.line), profile, clock=clock)
    if isinstance(profile, KeyboardProfile):
        return KeyboardScanner(device_id, address, profile, clock=clock)
    return PosScanner(device_id, address, profile, clock=clock)


def _serial_transport(address: str, line: SerialLine) -> Transport:
    if address.startswith("/"):
        return SerialTransport(address, LineSettings(line.baud, line.data_bits, line.parity, line.stop_bits))
    return from_address(address)
