"""Private PostgreSQL and Mosquitto for tests: own folder, own socket or free port, stopped when the test run ends.

Nothing here touches a server that runs on the machine. As root the servers are started as an ordinary user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["MosquittoServer", "PostgresCluster", "find_program", "free_port"]

WAIT_S: Final = 20.0
"""A server that does not answer by then will not: a loaded CI machine starts PostgreSQL in about two seconds."""

_PLACES: Final = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/postgresql/*/bin", "/usr/local/bin")


def find_program(name: str) -> str:
    """Path of a server program; Debian keeps these off the PATH of ordinary users. Raises FileNotFoundError."""
    found = shutil.which(name)
    for place in _PLACES:
        for path in sorted(Path("/").glob(f"{place.lstrip('/')}/{name}"), reverse=True):
            found = found or str(path)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed; scripts/setup test installs it")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ordinary_user(*wanted: str) -> str | None:
    # None: we are an ordinary user already.
    if os.getuid() != 0:
        return None
    for name in (*wanted, "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise LookupError("no ordinary user to run a server as")


def _private_folder(prefix: str, user: str | None) -> Path:
    # Directly in the temp directory: pytest's own folders are closed to other users, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if user is not None:
        shutil.chown(folder, user)
    return folder


class PostgresCluster:
    """One cluster on a Unix socket, without TCP. `durable` keeps fsync, where durability is what is tested."""

    def __init__(self, *, durable: bool = False) -> None:
        self._user = _ordinary_user("postgres")
        self.folder = _private_folder("tp-pg-", self._user)
        self._run("initdb", "-D", "data", "-U", "tradepost", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "max_connections": "100"}
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [find_program("postgres"), "-D", "data", *arguments],
                cwd=self.folder,
                user=self._user,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready()

    def url(self, database: str) -> str:
        """SQLAlchemy address of a database of this cluster."""
        return f"postgresql+asyncpg://tradepost@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template0") -> str:
        """A new database; answers its address."""
        self._sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        self._sql(f'DROP DATABASE "{database}" WITH (FORCE)')

    def kill(self) -> None:
        """As a power cut would: no checkpoint, no goodbye."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(WAIT_S)

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)
        self._server.wait(WAIT_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sql(self, statement: str) -> None:
        self._run("psql", "-h", str(self.folder), "-U", "tradepost", "-q", "-d", "postgres", "-c", statement)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + WAIT_S
        ask = [find_program("pg_isready"), "-q", "-h", str(self.folder)]
        while subprocess.run(ask, check=False).returncode != 0:
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start: " + (self.folder / "log").read_text()[-2000:])
            time.sleep(0.02)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [find_program(program), *arguments],
            cwd=self.folder,
            user=self._user,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr[-2000:]}")


class MosquittoServer:
    """One broker on a free loopback port, from a configuration that the caller gives as text."""

    def __init__(self, configuration: str, port: int, files: Sequence[tuple[str, str]] = ()) -> None:
        """configuration: {folder} in it is replaced by the broker's own folder. files: (name, content) put there."""
        self._user = _ordinary_user("mosquitto")
        self.folder = _private_folder("tp-mq-", self._user)
        self.port = port
        for name, content in (("mosquitto.conf", configuration.replace("{folder}", str(self.folder))), *files):
            self.write(name, content)
        self.start()

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [find_program("mosquitto"), "-c", str(self.folder / "mosquitto.conf")],
                cwd=self.folder,
                user=self._user,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + WAIT_S
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Mosquitto did not start: " + self.log())
            time.sleep(0.005)

    def write(self, name: str, content: str) -> None:
        """Put a file into the broker's folder, closed to others."""
        path = self.folder / name
        path.write_text(content)
        path.chmod(0o600)
        if self._user is not None:
            shutil.chown(path, self._user)

    @property
    def pid(self) -> int:
        return self._server.pid

    def reload(self) -> None:
        """Make it read its password and access files again."""
        self._server.send_signal(signal.SIGHUP)

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def kill(self) -> None:
        """As a power cut would."""
        self._server.kill()
        self._server.wait(WAIT_S)

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait(WAIT_S)
        shutil.rmtree(self.folder, ignore_errors=True)
