"""Mosquitto's files: who may connect, on which topics, and how the broker runs. Text only, apart from the two writers.

The rules are explicit for each node: it publishes and subscribes under its own prefix and nowhere else. Ingest checks
every message again.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import os
import secrets
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.fleet.models import nodes
from shared.delivery import BATCHES_IN_FLIGHT, MAX_PACKED
from shared.topics import Channel, NodeAddress, node_filter

__all__ = [
    "ACL_FILE",
    "PASSWORD_FILE",
    "PID_FILE",
    "BrokerSettings",
    "BrokerUser",
    "access_rules",
    "broker_hash",
    "broker_users",
    "mosquitto_conf",
    "password_file",
    "write_broker_files",
]

PASSWORD_FILE: Final = "passwords"  # noqa: S105 - the name of the file
ACL_FILE: Final = "acl"
PID_FILE: Final = "mosquitto.pid"

_ITERATIONS: Final = 101
"""Mosquitto's own default. Secrets have 256 random bits: stretching them only adds time to each connection."""

_QUEUED: Final = 5_000 * BATCHES_IN_FLIGHT
"""Messages that may wait for one client: the unacked batches of 5,000 nodes after a broker's pause."""

_NODE_WRITES: Final = (Channel.EVENTS, Channel.STATUS, Channel.REPLIES)
_NODE_READS: Final = (Channel.ACK, Channel.COMMANDS, Channel.CONFIG)


@dataclass(frozen=True)
class BrokerUser:
    """Somebody who may connect. address is None for head office itself, which talks to every node."""

    name: str
    stored: str
    """The secret as the password file has it (`broker_hash`)."""
    address: NodeAddress | None = None


@dataclass(frozen=True)
class BrokerSettings:
    """How the broker listens. Without a certificate it listens on loopback only.

    folder: where the password file, the access file and the broker's memory are.
    """

    folder: str
    port: int
    host: str = "127.0.0.1"
    certificate: str | None = None
    key: str | None = None


def broker_hash(secret: str) -> str:
    """A secret as Mosquitto's password file has it: $7$iterations$salt$hash, PBKDF2-HMAC-SHA512, base64.

    Source: mosquitto_passwd(1), version 2.0; proved against the broker itself in the tests.
    """
    salt = secrets.token_bytes(12)
    derived = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"


async def broker_users(tx: AsyncConnection, office: str, office_secret: str) -> list[BrokerUser]:
    """Head office and every node that has not been withdrawn."""
    rows = await tx.execute(select(nodes).where(nodes.c.withdrawn_at.is_(None)).order_by(nodes.c.id))
    users = [BrokerUser(row.id, row.broker_hash, NodeAddress(row.partition, row.branch, row.id)) for row in rows]
    return [BrokerUser(office, broker_hash(office_secret)), *users]


def password_file(users: Iterable[BrokerUser]) -> str:
    return "".join(f"{user.name}:{user.stored}\n" for user in users)


def access_rules(users: Iterable[BrokerUser]) -> str:
    """Who may publish (write) and be told (read) what."""
    return "\n".join(_rules_of(user) for user in users)


def _rules_of(user: BrokerUser) -> str:
    if user.address is None:
        reads = [node_filter(None, channel) for channel in _NODE_WRITES]
        writes = [node_filter(None, channel) for channel in _NODE_READS]
    else:
        reads = [user.address.topic(channel) for channel in _NODE_READS]
        writes = [user.address.topic(channel) for channel in _NODE_WRITES]
    lines = [f"user {user.name}", *(f"topic read {topic}" for topic in reads), *(f"topic write {t}" for t in writes)]
    return "\n".join(lines) + "\n"


def mosquitto_conf(settings: BrokerSettings) -> str:
    """The broker's configuration. Raises ValueError for a plain listener that other machines can reach."""
    has_tls = settings.certificate is not None and settings.key is not None
    if not has_tls and not _is_loopback(settings.host):
        raise ValueError(f"a listener on {settings.host} needs a certificate and its key")
    lines = [
        f"listener {settings.port} {settings.host}",
        *([f"certfile {settings.certificate}", f"keyfile {settings.key}", "tls_version tlsv1.2"] if has_tls else []),
        "allow_anonymous false",
        f"password_file {settings.folder}/{PASSWORD_FILE}",
        f"acl_file {settings.folder}/{ACL_FILE}",
        f"pid_file {settings.folder}/{PID_FILE}",
        "# The broker may forget; remembering saves the nodes a repeat.",
        "persistence true",
        f"persistence_location {settings.folder}/",
        "autosave_interval 60",
        "persistent_client_expiration 14d",
        "# One worker may read every node of a large company at once, and each may have several batches out.",
        f"max_queued_messages {_QUEUED}",
        "max_inflight_messages 200",
        "# Ingest refuses above 1 MiB and says so (EVT-431); what is far above never gets in.",
        f"message_size_limit {4 * MAX_PACKED}",
        "set_tcp_nodelay true",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
    ]
    return "\n".join(lines) + "\n"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def write_broker_files(folder: Path, users: Iterable[BrokerUser], broker_pid: int | None = None) -> None:
    """Write password and access file, closed to others, and make a running broker read them again."""
    users = list(users)
    for name, content in ((PASSWORD_FILE, password_file(users)), (ACL_FILE, access_rules(users))):
        path = folder / name
        new = path.with_suffix(f".{os.getpid()}")  # another process may be writing the same
        new.touch(0o600)
        new.write_text(content)
        if os.getuid() == 0:  # the broker itself is no superuser: it owns its folder
            owner = folder.stat()
            os.chown(new, owner.st_uid, owner.st_gid)
        new.replace(path)
    if broker_pid is not None:
        os.kill(broker_pid, signal.SIGHUP)
