"""What keeps strangers' pages out of the branch: headers on every answer, and whose page a request comes from. Pure.

Never breaks: a page of another origin neither opens the till's line nor signs in, not even by pointing its own name
at the gateway (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

__all__ = ["BEHIND_TLS", "HEADERS", "is_own_page", "own_names"]

HEADERS: Final[dict[str, str]] = {
    # The screens' component library writes style elements; scripts come from files only.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
        " font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
BEHIND_TLS: Final[dict[str, str]] = {"Strict-Transport-Security": "max-age=31536000"}
"""Besides, where a proxy on this very machine brings TLS to the page."""


def own_names(configured: Iterable[str] = ()) -> frozenset[str]:
    """Names under which this gateway may be called, beside its addresses."""
    host = socket.gethostname().lower()
    return frozenset({"localhost", host, f"{host}.local", *(name.lower() for name in configured)})


def is_own_page(host: str | None, origin: str | None, names: frozenset[str]) -> bool:
    """Whether a request is the gateway's own page's, or a program's (which sends no Origin)."""
    try:
        is_own = host is not None and _is_own_name(host, names)
        return is_own and (origin is None or urlsplit(origin).netloc.lower() == (host or "").lower())
    except ValueError:
        return False  # brackets that hold no address


def _is_own_name(host: str, names: frozenset[str]) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
