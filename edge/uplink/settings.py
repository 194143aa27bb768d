"""Where the broker is and how patient we are. A plain link beyond loopback is refused here, before a byte is sent."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from edge.uplink.window import NO_PROGRESS_S
from shared.errors import PermanentError

__all__ = ["BrokerSettings", "PlainLinkRefused", "Timings", "refuse_plain_link"]


class PlainLinkRefused(PermanentError):
    """NET-401 host: secrets would travel readable; use TLS, or an address of this very machine."""


def refuse_plain_link(host: str) -> None:
    """Raises PlainLinkRefused unless the host is loopback (DESIGN, Decided: node identity)."""
    try:
        is_loopback = ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback:
        raise PlainLinkRefused("NET-401", host=host)


@dataclass(frozen=True)
class BrokerSettings:
    """Raises PlainLinkRefused NET-401 when made without TLS for another machine."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    tls: bool
    ca_file: Path | None = None
    """Certificates to trust; the system's when not given."""

    def __post_init__(self) -> None:
        if not self.tls:
            refuse_plain_link(self.host)


@dataclass(frozen=True)
class Timings:
    """All in seconds."""

    no_progress_s: float = NO_PROGRESS_S
    connect_s: float = 10.0
    """A handshake that takes longer is given up: TCP alone would wait for minutes."""
    reconnect_first_s: float = 1.0
    reconnect_most_s: float = 60.0
    """Doubling in between; each wait is a random part of it from one half up, so that a thousand branches that lost
    one broker do not come back in one second."""
    steady_s: float = 10.0
    """A connection that lasted this long was a good one: the next wait is the first again."""
    keepalive_s: int = 20
    """Mosquitto gives up a silent client after 1.5 of these; the will is then published."""
    goodbye_s: float = 2.0
    """How long a stop waits for the broker to take the death message."""
