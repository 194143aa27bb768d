"""A copy, beside the journal, of the few pages that say where each table begins: without them no row can be found.

They change only with a migration, so an old copy put back makes a file readable whose first page is gone.
Source: sqlite.org/fileformat2.html, 1.6 (b-tree pages) and 2.6 (the schema table's root is page 1).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Final

from edge.journal.database import PAGE_SIZE, sync_folder

__all__ = ["keep_schema_pages", "put_back_schema_pages", "schema_copy_of"]

_FILE_HEADER: Final = 100
_PAGE_COUNT: Final = 28
_INTERIOR: Final = 0x05
_NUMBER: Final = 4
"""Bytes of a page number."""


def schema_copy_of(path: Path) -> Path:
    return path.with_name(path.name + ".schema")


def keep_schema_pages(path: Path) -> None:
    """Bring the copy up to date. The file must be checkpointed: its WAL is not looked at."""
    with path.open("rb") as file:
        pages = _schema_pages(file)
    copy = schema_copy_of(path)
    if copy.exists() and _without_header(_unpack(copy.read_bytes())) == _without_header(pages):
        return
    unfinished = copy.with_name(copy.name + ".part")
    with unfinished.open("wb") as out:
        out.write(b"".join(number.to_bytes(_NUMBER, "big") + page for number, page in pages.items()))
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(copy)
    sync_folder(copy.parent)


def put_back_schema_pages(damaged_copy: Path, schema_copy: Path) -> None:
    """Overwrite these pages in a copy of the damaged file."""
    with damaged_copy.open("r+b") as file:
        for number, page in _unpack(schema_copy.read_bytes()).items():
            file.seek((number - 1) * PAGE_SIZE)
            file.write(page)
        # The copy's header counts the pages of its own day; zero makes SQLite count those of the file.
        file.seek(_PAGE_COUNT)
        file.write(bytes(4))


def _schema_pages(file: BinaryIO) -> dict[int, bytes]:
    """Page 1 and, where the schema has outgrown it, every page below."""
    pages: dict[int, bytes] = {}
    waiting = [1]
    while waiting:
        number = waiting.pop()
        file.seek((number - 1) * PAGE_SIZE)
        page = pages[number] = file.read(PAGE_SIZE)
        header = _FILE_HEADER if number == 1 else 0
        if page[header] == _INTERIOR:
            waiting += _children(page, header)
    return pages


def _children(page: bytes, header: int) -> list[int]:
    count = int.from_bytes(page[header + 3 : header + 5], "big")
    pointers = range(header + 12, header + 12 + 2 * count, 2)
    cells = [int.from_bytes(page[at : at + 2], "big") for at in pointers]
    return [int.from_bytes(page[at : at + _NUMBER], "big") for at in (header + 8, *cells)]


def _unpack(data: bytes) -> dict[int, bytes]:
    size = _NUMBER + PAGE_SIZE
    return {
        int.from_bytes(data[at : at + _NUMBER], "big"): data[at + _NUMBER : at + size]
        for at in range(0, len(data), size)
    }


def _without_header(pages: dict[int, bytes]) -> dict[int, bytes]:
    # The file's header counts changes and free pages; reading rows does not need it to be of today.
    return {number: page[_FILE_HEADER:] if number == 1 else page for number, page in pages.items()}
