"""A broker for machines that have no Mosquitto: amqtt, with Mosquitto's own password and access files.

It forgets what it had queued when it restarts; the delivery protocol does not mind (docs/delivery.md, N7).
`python -m tradepost.embedded_broker PORT PASSWORD_FILE ACL_FILE` serves on loopback and says so in one JSON line.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import signal
import sys
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from amqtt.broker import Broker
from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

__all__ = ["FileAccess", "FileAuthentication", "read_access", "read_passwords", "topic_matches"]

_ACCESS: Final = {
    "read": frozenset({Action.SUBSCRIBE, Action.RECEIVE}),
    "write": frozenset({Action.PUBLISH}),
    "readwrite": frozenset({Action.SUBSCRIBE, Action.RECEIVE, Action.PUBLISH}),
}


def read_passwords(path: Path) -> dict[str, str]:
    """User -> hash as Mosquitto writes it: $7$iterations$salt$hash, PBKDF2-HMAC-SHA512."""
    found = (line.partition(":") for line in path.read_text().splitlines())
    return {user: stored for user, colon, stored in found if colon}


def read_access(path: Path) -> dict[str, list[tuple[frozenset[Action], str]]]:
    """User -> (what it may do, topic filter), from `user` and `topic` lines."""
    rules: dict[str, list[tuple[frozenset[Action], str]]] = defaultdict(list)
    user = ""
    for line in path.read_text().splitlines():
        words = line.split()
        match words:
            case ["user", name]:
                user = name
            case ["topic", access, topic] if access in _ACCESS:
                rules[user].append((_ACCESS[access], topic))
            case ["topic", topic]:
                rules[user].append((_ACCESS["readwrite"], topic))
    return dict(rules)


def topic_matches(asked: str, allowed: str) -> bool:
    """Whether an allowed filter covers a topic or a filter asked for. A wildcard is covered by a wildcard only."""
    asked_levels, allowed_levels = asked.split("/"), allowed.split("/")
    for place, level in enumerate(allowed_levels):
        if level == "#":
            return True
        if place >= len(asked_levels) or asked_levels[place] == "#":
            return False
        if level not in ("+", asked_levels[place]):
            return False
    return len(asked_levels) == len(allowed_levels)


@cache
def _derived(password: str, salt: str, iterations: int) -> bytes:
    # A node connects with the same secret again and again; deriving costs a tenth of a second.
    return hashlib.pbkdf2_hmac("sha512", password.encode(), base64.b64decode(salt), iterations)


def _is_password(password: str, stored: str) -> bool:
    _, version, iterations, salt, expected = stored.split("$")
    return version == "7" and hmac.compare_digest(_derived(password, salt, int(iterations)), base64.b64decode(expected))


class FileAuthentication(BaseAuthPlugin):  # type: ignore[misc] # amqtt is untyped
    """Users of a Mosquitto password file. The file is read at each connection, so a new node needs no restart."""

    async def authenticate(self, *, session: Session) -> bool | None:
        stored = read_passwords(Path(self.config.path)).get(session.username or "")
        return stored is not None and _is_password(session.password or "", stored)

    @dataclass
    class Config:
        path: str = ""


class FileAccess(BaseTopicPlugin):  # type: ignore[misc] # amqtt is untyped
    """Rules of a Mosquitto access file. What no rule allows is refused."""

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        if session is None or topic is None or action is None:
            return False
        rules = read_access(Path(self.config.path)).get(session.username or "", [])
        return any(action in allowed and topic_matches(topic, pattern) for allowed, pattern in rules)

    @dataclass
    class Config:
        path: str = ""


async def serve(port: int, passwords: Path, access: Path) -> None:
    """Until SIGTERM or Ctrl-C, on loopback only."""
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {
                "tradepost.embedded_broker.FileAuthentication": {"path": str(passwords)},
                "tradepost.embedded_broker.FileAccess": {"path": str(access)},
            },
        }
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await broker.start()
    sys.stdout.write(json.dumps({"listening": f"127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
