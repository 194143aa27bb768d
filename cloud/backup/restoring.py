"""Putting a backup into an empty database, and telling the restored head office that time has passed without it.

What never breaks: a database with anything in it is not touched, and one that could not be restored whole stays empty.
What branches sold since the backup comes again by itself (docs/delivery.md, N6c).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import delete, insert, literal, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access.models import sessions
from cloud.audit.service import COMMAND_LINE, Entry, record
from cloud.backup import postgres, sqlite
from cloud.backup.manifest import SUFFIX, Manifest, manifest_of
from cloud.backup.models import backup_places
from cloud.backup.places import Folder, digest
from cloud.backup.service import COMPANY
from cloud.backup.taking import contents_of
from cloud.catalogue.models import branch_price_lists
from cloud.catalogue.repository import USUAL_LIST
from cloud.database import Database
from cloud.fleet.exceptions import Raised, raise_all
from cloud.fleet.models import branches
from cloud.ingest.models import ingest_leases, ingest_workers
from cloud.live.models import live_feed
from cloud.migrations.runner import is_known_step, migrate
from shared.clock import Clock
from shared.errors import PermanentError

__all__ = ["RestoreRefused", "find", "restore"]

_NEW_GENERATIONS: Final = 16
"""Of every branch's replica: more than the times a branch can have got another price list since the backup, so that no
mark of the head office that is gone is taken for one of ours."""


class RestoreRefused(PermanentError):
    """SRV-420 the database is not empty; SRV-421 {file} is not whole: {what}; SRV-423 {file} is of a newer program;
    SRV-424 {file} is of {found}, the database is {expected}.
    """


def find(path: Path) -> tuple[Path, Manifest]:
    """The data and manifest of a backup: of either file, or the newest in a folder. Raises RestoreRefused SRV-421."""
    if path.is_dir():
        whole = Folder(path).whole()
        if not whole:
            raise _not_whole(path, "no backup in this folder")
        return path / whole[0].name, whole[0]
    data = path.with_name(path.name.removesuffix(SUFFIX))
    beside = data.with_name(data.name + SUFFIX)
    if not beside.is_file():
        raise _not_whole(data, f"{beside.name} is missing")
    manifest = manifest_of(beside.read_bytes(), beside.name)
    if manifest is None:
        raise _not_whole(data, f"{beside.name} is not a manifest of it")
    if not data.is_file() or data.stat().st_size != manifest.size:
        raise _not_whole(data, "not of the size that its manifest says")
    return data, manifest


async def restore(path: Path, database_url: str, *, clock: Clock) -> Manifest:
    """All of a backup into an empty database, brought to today's tables. Raises RestoreRefused; OSError."""
    data, manifest = find(path)
    if not is_known_step(manifest.contents.migration):
        raise RestoreRefused("SRV-423", file=data.name, found=manifest.contents.migration)
    backend = make_url(database_url).get_backend_name()
    if backend != manifest.dialect:
        raise RestoreRefused("SRV-424", file=data.name, found=manifest.dialect, expected=backend)
    if await digest(data) != manifest.sha256:
        raise _not_whole(data, "its SHA-256 is not that of its manifest")
    fill = _fill_postgresql if backend == "postgresql" else _fill_sqlite
    async with fill(data, database_url) as filled, _opened(filled) as database:
        async with database.reading() as tx:
            if await contents_of(tx) != manifest.contents:
                raise _not_whole(data, "it holds something else than its manifest says")
        await migrate(database)
        async with database.transaction() as tx:
            await _begin_anew(tx, manifest, clock.now())
    return manifest


@asynccontextmanager
async def _fill_sqlite(data: Path, database_url: str) -> AsyncIterator[str]:
    """Yields the address of a copy beside the database, which takes its place when the block ends well."""
    target = _file_of(database_url)
    if not await asyncio.to_thread(sqlite.is_empty, target):
        raise RestoreRefused("SRV-420")
    with TemporaryDirectory(prefix=f"{target.name}-restoring-", dir=target.parent) as folder:
        unpacked = Path(folder) / target.name
        try:
            await asyncio.to_thread(sqlite.unpack, data, unpacked)
        except sqlite.Unsound as error:
            raise _not_whole(data, str(error)) from error
        yield f"sqlite+aiosqlite:///{unpacked}"
        await asyncio.to_thread(sqlite.put_in_place, unpacked, target)


def _file_of(database_url: str) -> Path:
    return Path(make_url(database_url).database or "").absolute()


@asynccontextmanager
async def _fill_postgresql(data: Path, database_url: str) -> AsyncIterator[str]:
    """Yields the address itself; empties the database again when the block fails."""
    async with _opened(database_url) as database:
        async with database.reading() as tx:
            if (await tx.execute(text(_OBJECTS))).scalar_one():
                raise RestoreRefused("SRV-420")
        try:
            await postgres.restore(database_url, data)
        except postgres.ProgramFailed as error:
            raise _not_whole(data, str(error)) from error
        try:
            yield database_url
        except BaseException:
            async with database.transaction() as tx:
                await tx.execute(text("DROP SCHEMA public CASCADE"))
                await tx.execute(text("CREATE SCHEMA public"))
            raise


_OBJECTS: Final = r"""
    SELECT count(*) FROM pg_class WHERE relnamespace NOT IN
      (SELECT oid FROM pg_namespace WHERE nspname = 'information_schema' OR nspname LIKE 'pg\_%')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = CAST('pg_class' AS regclass) AND objid = pg_class.oid
                      AND deptype = 'e')
"""
"""Tables, views and sequences of anybody, but for those that belong to an extension."""


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database.open(url)
    try:
        yield database
    finally:
        await database.close()


async def _begin_anew(tx: AsyncConnection, manifest: Manifest, now: datetime) -> None:
    """What the backup remembers of processes, people and other machines is not so any more."""
    # Positions of the feed are transaction numbers of the server that is gone; new ones would sort before them.
    await tx.execute(delete(live_feed))
    # Somebody who has signed out or was shut out since then must not be in again.
    await tx.execute(delete(sessions))
    await tx.execute(delete(ingest_workers))
    leases = ingest_leases.c
    await tx.execute(update(ingest_leases).values(owner=None, expires_at=None, fence=leases.fence + 1))
    await tx.execute(update(backup_places).values(claimed_by=None, claimed_until=None))
    await _renew_replicas(tx)
    await record(tx, COMMAND_LINE, now, [Entry("restored", "backup", manifest.name)])
    made_at = manifest.made_at.isoformat(timespec="minutes")
    told = Raised("SRV-220", f"restore:{manifest.name}", COMPANY, None, now, manifest.name, {"time": made_at})
    await raise_all(tx, [told], now)


async def _renew_replicas(tx: AsyncConnection) -> None:
    """Branches may hold versions that we shall give to other changes: every replica begins anew."""
    lists = branch_price_lists.c
    await tx.execute(update(branch_price_lists).values(generation=lists.generation + _NEW_GENERATIONS))
    others = select(branches.c.id, literal(USUAL_LIST), literal(_NEW_GENERATIONS)).where(
        branches.c.id.not_in(select(lists.branch))
    )
    await tx.execute(insert(branch_price_lists).from_select(["branch", "list", "generation"], others))


def _not_whole(file: Path, what: str) -> RestoreRefused:
    return RestoreRefused("SRV-421", file=file.name, what=what[:200])
