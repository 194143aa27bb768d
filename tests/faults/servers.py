"""The servers that a campaign kills: PostgreSQL on its own files, started again over what a power cut left."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from tests.services import PostgresCluster, find_program

__all__ = ["MortalPostgres"]

_START_S: Final = 30.0
"""Crash recovery of a campaign's database takes a second; this is for a machine that does twenty other things."""


class MortalPostgres(PostgresCluster):
    """A durable cluster that may be killed (SIGKILL to every process of it) and started again."""

    def __init__(self) -> None:
        super().__init__(durable=True)
        self.url_of_office = self.create("office")

    def kill(self) -> None:
        """The server and all its children at once, as a power cut would: nobody says goodbye, shared memory stays."""
        everybody = [self._server.pid, *_children(self._server.pid)]
        for pid in everybody:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._server.wait()

    def start(self) -> None:
        """Over the files as they are. A killed child that still holds shared memory is waited for."""
        deadline = time.monotonic() + _START_S
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "max_connections": "100"}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        while True:
            with (self.folder / "log").open("ab") as log:
                self._server = subprocess.Popen(
                    [find_program("postgres"), "-D", "data", *arguments],
                    cwd=self.folder,
                    user=self._user,
                    stdout=log,
                    stderr=log,
                )
            try:
                self._wait_until_ready()
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]
