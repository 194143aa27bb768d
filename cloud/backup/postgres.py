"""PostgreSQL's own tools: pg_dump out of a running server, pg_restore into an empty database.

Address, user and password travel in the environment of the child: a command line is in everybody's process list.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from shared.errors import PermanentError

__all__ = ["ProgramFailed", "dump", "environment_of", "find_program", "restore"]

_PLACE: Final = "/usr/lib/postgresql"
"""Where Debian keeps the programs of each version, of which only some are on the PATH."""
_SETTINGS: Final = {"ssl": "PGSSLMODE", "sslmode": "PGSSLMODE", "host": "PGHOST", "port": "PGPORT"}


class ProgramFailed(Exception):
    """The program's last line of complaint."""


def find_program(name: str) -> str:
    """The newest on this machine: an older pg_dump refuses a newer server. Raises PermanentError SRV-412."""
    versions = [path for path in Path(_PLACE).glob(f"*/bin/{name}") if os.access(path, os.X_OK)]
    newest = max(versions, key=lambda path: [int(part) for part in re.findall(r"\d+", path.parts[-3])], default=None)
    found = str(newest) if newest else shutil.which(name)
    if found is None:
        raise PermanentError("SRV-412", file=name, what="not installed; package postgresql-client")
    return found


def environment_of(database_url: str) -> dict[str, str]:
    """What libpq reads, for the database of this SQLAlchemy address."""
    url = make_url(database_url)
    given = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    given |= {_SETTINGS[name]: str(value) for name, value in url.query.items() if name in _SETTINGS}
    given["PGDATABASE"] = url.database
    return {name: str(value) for name, value in given.items() if value is not None}


async def dump(database_url: str, into: Path, *, snapshot: str) -> None:
    """The whole database as this exported snapshot shows it, in pg_dump's own packed format. Raises ProgramFailed."""
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={into}")
    await _run(find_program("pg_dump"), *options, environment=environment_of(database_url))


async def restore(database_url: str, file: Path) -> None:
    """All of it in one transaction, or nothing. Raises ProgramFailed."""
    environment = environment_of(database_url)
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments")
    into = f"--dbname={environment['PGDATABASE']}"
    await _run(find_program("pg_restore"), *options, into, str(file), environment=environment)


async def _run(program: str, *arguments: str, environment: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        env={**os.environ, "LC_ALL": "C", **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, complaint = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines() or [f"ended with {process.returncode}"]
        raise ProgramFailed(lines[0][:200])
