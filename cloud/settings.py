"""Settings of head office's service, from the environment (TRADEPOST_*) or from whoever composes it. Checked at once.

A plain link is accepted on loopback only: elsewhere there is TLS here, or a proxy in front that has it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, urlsplit

__all__ = ["LONGEST_PLACE", "Broker", "Settings", "WrongSetting", "places_in"]


LONGEST_PLACE: Final = 150
"""As the database holds it."""


class WrongSetting(ValueError):
    """Names the variable and what it should be."""


@dataclass(frozen=True)
class Broker:
    """Where the MQTT broker is, and as whom head office signs in there."""

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = None

    @classmethod
    def from_url(cls, url: str, password: str | None = None) -> Self:
        """mqtt://user@host:1883 or mqtts://user@host:8883. Raises WrongSetting."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise WrongSetting(f"TRADEPOST_MQTT_URL: {error}") from error
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise WrongSetting("TRADEPOST_MQTT_URL is mqtt://user@host:port or mqtts://user@host:port")
        tls = parts.scheme == "mqtts"
        if not tls and not _is_loopback(parts.hostname):
            raise WrongSetting("TRADEPOST_MQTT_URL: only mqtts:// beyond this machine")
        username = unquote(parts.username) if parts.username else None
        return cls(parts.hostname, port or (8883 if tls else 1883), tls, username, password)


@dataclass(frozen=True)
class Settings:
    """database_url: postgresql+asyncpg://… or sqlite+aiosqlite:///FILE.

    public_url: what people and branches type; decides the cookie's Secure mark.
    port: 0 takes a free one. calling_code: of telephone numbers typed without a country.
    trusted_proxies: addresses whose X-Forwarded-For is believed, as uvicorn takes them.
    """

    database_url: str
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    broker: Broker | None = None
    broker_folder: Path | None = None
    """The broker's own files, when this service keeps them (cloud.fleet.keeping)."""
    session_hours: int = 12
    """One working day: whoever comes tomorrow signs in tomorrow."""
    calling_code: str = "374"
    trusted_proxies: str = ""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    backup_to: tuple[str, ...] = ()
    """Folders, each best on another server. They must be there: what is not mounted must not look like an empty one."""
    backup_at: time = time(22)
    """UTC. Night where most branches are; the service works on while it is made."""
    backup_keep: int = 14
    """Of the newest, in each place."""

    def __post_init__(self) -> None:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise WrongSetting("TRADEPOST_TLS_CERTIFICATE and TRADEPOST_TLS_KEY come together")
        if not _is_loopback(self.host) and self.tls_certificate is None and not self.trusted_proxies:
            raise WrongSetting(
                "TRADEPOST_LISTEN beyond this machine needs TRADEPOST_TLS_* or TRADEPOST_TRUSTED_PROXIES"
            )
        try:
            scheme = urlsplit(self.public_url).scheme
        except ValueError:
            scheme = ""
        if scheme not in ("http", "https"):
            raise WrongSetting("TRADEPOST_PUBLIC_URL is http://… or https://…")
        if not self.calling_code.isdigit():
            raise WrongSetting("TRADEPOST_CALLING_CODE is digits, without +")
        if self.backup_keep < 1:
            raise WrongSetting("TRADEPOST_BACKUP_KEEP is at least 1")
        for place in self.backup_to:
            if not Path(place).is_absolute() or len(place) > LONGEST_PLACE:
                raise WrongSetting(
                    f"TRADEPOST_BACKUP_TO: {place[:40]!r} is not /FOLDER of at most {LONGEST_PLACE} characters"
                )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Raises WrongSetting, naming the variable."""

        def given(name: str) -> str | None:
            return environment.get(f"TRADEPOST_{name}") or None

        database_url = given("DATABASE_URL")
        if database_url is None:
            raise WrongSetting("TRADEPOST_DATABASE_URL is not set")
        host, port = _listen(given("LISTEN") or "127.0.0.1:8000")
        mqtt_url, certificate, key = given("MQTT_URL"), given("TLS_CERTIFICATE"), given("TLS_KEY")
        broker_folder = given("BROKER_FOLDER")
        return cls(
            database_url=database_url,
            public_url=(given("PUBLIC_URL") or f"http://{host}:{port}").rstrip("/"),
            host=host,
            port=port,
            broker=Broker.from_url(mqtt_url, _mqtt_password(environment)) if mqtt_url else None,
            broker_folder=Path(broker_folder) if broker_folder else None,
            session_hours=_number("SESSION_HOURS", given("SESSION_HOURS") or "12"),
            calling_code=given("CALLING_CODE") or "374",
            trusted_proxies=given("TRUSTED_PROXIES") or "",
            tls_certificate=Path(certificate) if certificate else None,
            tls_key=Path(key) if key else None,
            backup_to=places_in(given("BACKUP_TO") or ""),
            backup_at=_time("BACKUP_AT", given("BACKUP_AT") or "22:00"),
            backup_keep=_number("BACKUP_KEEP", given("BACKUP_KEEP") or "14"),
        )


def places_in(text: str) -> tuple[str, ...]:
    """Separated by commas; each once."""
    return tuple(dict.fromkeys(place.strip().rstrip("/") for place in text.split(",") if place.strip()))


def _mqtt_password(environment: Mapping[str, str]) -> str | None:
    # A file keeps the password out of process lists and crash reports.
    file = environment.get("TRADEPOST_MQTT_PASSWORD_FILE")
    return Path(file).read_text().strip() if file else environment.get("TRADEPOST_MQTT_PASSWORD")


def _listen(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not host:
        raise WrongSetting("TRADEPOST_LISTEN is HOST:PORT")
    return host.strip("[]"), _number("LISTEN", port)


def _time(name: str, text: str) -> time:
    if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text) is None:
        raise WrongSetting(f"TRADEPOST_{name}: {text[:40]!r} is not HH:MM (UTC)")
    return time.fromisoformat(text)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise WrongSetting(f"TRADEPOST_{name}: {text[:40]!r} is not a number")
    return int(text)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
