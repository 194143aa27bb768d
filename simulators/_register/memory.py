"""Fiscal memory: an append-only file of JSON lines that any program can read after the register is gone.

Format: docs/fiscal-memory.md. The rule that never breaks: `append` returns only when the document is on the disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["FORMAT_VERSION", "FiscalMemory", "Record", "header_of"]

FORMAT_VERSION = 1

Record = dict[str, Any]
"""One line of the file, as in docs/fiscal-memory.md."""


class FiscalMemory:
    """One header line, then one line per document, numbered without gaps.

    A last line that was torn by a power cut never happened: it is cut off when the file is opened. A second register on
    the same file is refused. Without a path the memory is a file that vanishes with the process.
    """

    def __init__(self, path: Path | None, header: Record) -> None:
        self._file = _open(path)
        self._offsets: dict[int, int] = {}
        try:
            self._header = self._load() or self._begin(header, path)
            self._check(header)
        except BaseException:
            self._file.close()
            raise

    @property
    def header(self) -> Record:
        return self._header

    @property
    def last_number(self) -> int:
        return next(reversed(self._offsets), 0)

    def append(self, record: Record) -> None:
        offset = self._file.seek(0, os.SEEK_END)
        self._write(record)
        self._offsets[record["document"]] = offset

    def read(self, number: int) -> Record | None:
        if number not in self._offsets:
            return None
        self._file.seek(self._offsets[number])
        record: Record = json.loads(self._file.readline())
        return record

    def records(self) -> Iterator[Record]:
        for number in self._offsets:
            record = self.read(number)
            if record is not None:
                yield record

    def close(self) -> None:
        self._file.close()

    def _load(self) -> Record | None:
        header: Record | None = None
        offset = 0
        self._file.seek(0)
        for line in self._file:
            try:
                record = _parse(line)
            except ValueError as error:
                if self._file.read(1):
                    raise SystemExit(f"fiscal memory is damaged at byte {offset}: {error}") from error
                self._file.truncate(offset)
                return header
            if header is None:
                header = record
            else:
                self._offsets[record["document"]] = offset
            offset += len(line)
        return header

    def _begin(self, header: Record, path: Path | None) -> Record:
        header = {"fiscal_memory": FORMAT_VERSION, **header}
        self._write(header)
        if path is not None:
            _sync_folder(path.parent)
        return header

    def _check(self, asked: Record) -> None:
        if self._header.get("fiscal_memory") != FORMAT_VERSION:
            raise SystemExit(f"not a fiscal memory of format {FORMAT_VERSION}: {self._header}")
        if self._header["dialect"] != asked["dialect"]:
            raise SystemExit(f"this fiscal memory has dialect {self._header['dialect']}, not {asked['dialect']}")

    def _write(self, record: Record) -> None:
        self._file.seek(0, os.SEEK_END)
        self._file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def header_of(path: Path | None) -> Record:
    """The header of a memory that may not exist yet, or be damaged: then empty."""
    if path is None or not path.exists():
        return {}
    with path.open("rb") as file:
        try:
            return _parse(file.readline())
        except ValueError:
            return {}


def _open(path: Path | None) -> BinaryIO:
    if path is None:
        return tempfile.TemporaryFile()
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise SystemExit(f"{path} belongs to a register that is running") from error
    return file


def _parse(line: bytes) -> Record:
    if not line.endswith(b"\n"):
        raise ValueError("the line has no end")
    record = json.loads(line)
    if not isinstance(record, dict):
        raise ValueError("not an object")
    return record


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
