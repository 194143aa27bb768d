"""`tradepost cloud`: head office in one process, API and one ingest worker. More workers may run beside it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace

from cloud.logs import configure
from cloud.serving import serve
from cloud.settings import Broker, Settings
from tradepost.office_home import OFFICE_USER, OfficeHome

__all__ = ["office_settings", "serve_office"]


def office_settings(home: OfficeHome, *, listen: str, broker: str | None, public_url: str | None) -> Settings:
    """Settings of the head office in this folder. broker: mqtt://HOST:PORT, or mqtts:// beyond this machine.

    What has no argument (TLS, proxies, session hours) comes from the environment, as cloud.settings names it.
    """
    given = {"DATABASE_URL": home.database_url, "LISTEN": listen, "PUBLIC_URL": public_url}
    arguments = {f"TRADEPOST_{name}": value for name, value in given.items() if value}
    settings = Settings.from_environment({**os.environ, **arguments})
    if broker is None:
        return settings
    address = Broker.from_url(broker, home.secret_file.read_text())
    return replace(settings, broker=replace(address, username=OFFICE_USER), broker_folder=home.broker_folder)


async def serve_office(settings: Settings) -> None:
    """Until SIGTERM or Ctrl-C. Prints {"ready": URL} as one JSON line once requests are answered."""
    configure()
    await serve(settings, on_ready=_say_ready)


def _say_ready(url: str) -> None:
    sys.stdout.write(json.dumps({"ready": url}) + "\n")
    sys.stdout.flush()
