"""Where backups lie: folders, usually mounted from other servers. Each is written and verified on its own.

What never breaks: a backup is there whole or not at all. The data is written under another name, brought to the disk,
read back, and only then named; the manifest comes last, and goes first when a backup is thrown away.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

from cloud.backup.manifest import SUFFIX, Manifest, manifest_of

__all__ = ["PART", "Folder", "NotAsWritten", "digest"]

PART: Final = ".part"
ABANDONED: Final = timedelta(days=2)
"""A file that was not finished in this time never will be: whoever wrote it is gone."""
_PIECE: Final = 8 * 1024 * 1024
"""Bytes moved in one go of a thread: 0.1 s of a slow disk, so that stopping need not wait for more."""


class NotAsWritten(Exception):
    """What lies there now is not what was written."""


class Folder:
    """One folder, which must be there already: a server that is not mounted must not look like an empty place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def put(self, file: Path, manifest: Manifest) -> None:
        """Raises OSError, NotAsWritten; then nothing of it is there."""
        target, beside = self.path / manifest.name, self.path / manifest.file_name
        part, part_beside = target.with_name(target.name + PART), beside.with_name(beside.name + PART)
        try:
            await _copy(file, part)
            if await digest(part) != manifest.sha256:
                raise NotAsWritten(f"{manifest.name} reads back differently")
            part_beside.write_text(manifest.model_dump_json(indent=1))
            _sync(part_beside)
            part.rename(target)
            part_beside.rename(beside)
            _sync(self.path)
        except BaseException:
            for left in (part, part_beside, beside, target):
                left.unlink(missing_ok=True)
            raise

    def whole(self) -> list[Manifest]:
        """Backups that are there with data of the right size, the newest first. Raises OSError."""
        found = [
            manifest_of(path.read_bytes(), path.name) for path in self.path.iterdir() if path.name.endswith(SUFFIX)
        ]
        there = [manifest for manifest in found if manifest and self._size(manifest) == manifest.size]
        return sorted(there, key=lambda manifest: (manifest.made_at, manifest.name), reverse=True)

    def keep(self, newest: int) -> None:
        """Throw away all but so many of the newest, at least one, and what was never finished. Raises OSError."""
        for manifest in self.whole()[max(newest, 1) :]:
            (self.path / manifest.file_name).unlink()
            _sync(self.path)
            (self.path / manifest.name).unlink()
        for path in self._abandoned():
            path.unlink(missing_ok=True)

    def _size(self, manifest: Manifest) -> int:
        try:
            return (self.path / manifest.name).stat().st_size
        except FileNotFoundError:
            return -1

    def _abandoned(self) -> Iterator[Path]:
        long_ago = time.time() - ABANDONED.total_seconds()  # the file system's clock, as the files' times are
        for path in self.path.glob(f"tradepost-*{PART}"):
            if path.stat().st_mtime < long_ago:
                yield path


async def digest(file: Path) -> str:
    """SHA-256, in hexadecimal digits, as the disk has it. Raises OSError."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # not what memory remembers of it
        while piece := await asyncio.to_thread(stream.read, _PIECE):
            await asyncio.to_thread(found.update, piece)
    return found.hexdigest()


async def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as given, target.open("wb") as written:
        while await asyncio.to_thread(_move, given, written):
            pass
        await asyncio.to_thread(os.fsync, written.fileno())


def _move(given: BinaryIO, written: BinaryIO) -> bool:
    piece = given.read(_PIECE)
    written.write(piece)
    written.flush()
    return bool(piece)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
