"""Facts cut out of the raw pages of a journal that SQLite can no longer open or walk.

A row counts only when its body has its checksum, so a wrong guess finds nothing rather than something false.
Source: sqlite.org/fileformat2.html, 1.6 (b-tree pages), 2.1 (records), 4.1 (WAL).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from edge.journal.database import PAGE_SIZE

__all__ = ["carve_facts"]

_COLUMNS: Final = ("number", "epoch", "sequence", "event_id", "name", "time", "body", "crc")
"""Columns of `facts` in the order of 0001_facts.sql; `number` is the row's id and stored as NULL."""

_TABLE_LEAF: Final = 0x0D
_LOCAL_MOST: Final = PAGE_SIZE - 35
_LOCAL_LEAST: Final = (PAGE_SIZE - 12) * 32 // 255 - 23
_WAL_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_INTEGER_BYTES: Final = (0, 1, 2, 3, 4, 6, 8)
"""Bytes of serial types 0 (NULL) to 6; 8 and 9 are the constants 0 and 1."""

Row = dict[str, Any]


def carve_facts(path: Path) -> Iterator[Row]:
    """Every whole fact in the file and its WAL, in no order, some more than once."""
    file = _pages(path.read_bytes())
    wal = path.with_name(path.name + "-wal")
    frames = _committed_frames(wal.read_bytes()) if wal.exists() else []
    newest = file | dict(frames)
    for page in (*file.values(), *(page for _, page in frames)):
        for row in _rows(page, newest):
            if row["number"] and isinstance(row["body"], bytes) and zlib.crc32(row["body"]) == row["crc"]:
                yield row


def _pages(data: bytes) -> dict[int, bytes]:
    return {start // PAGE_SIZE + 1: data[start : start + PAGE_SIZE] for start in range(0, len(data), PAGE_SIZE)}


def _committed_frames(data: bytes) -> list[tuple[int, bytes]]:
    """(page number, page) of every frame up to the last commit, exactly those that SQLite itself would accept.

    A frame behind a torn one belongs to a commit that nobody was told of, or to an earlier run of the file.
    """
    frames: list[tuple[int, bytes]] = []
    committed = 0
    salts = data[16:24]
    order: Literal["little", "big"] = "big" if data[3:4] == b"\x83" else "little"
    running = _checksum(data[:24], order, (0, 0))
    for start in range(_WAL_HEADER, len(data) - _FRAME_HEADER - PAGE_SIZE + 1, _FRAME_HEADER + PAGE_SIZE):
        header = data[start : start + _FRAME_HEADER]
        page = data[start + _FRAME_HEADER : start + _FRAME_HEADER + PAGE_SIZE]
        running = _checksum(header[:8] + page, order, running)
        stored = int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")
        if header[8:16] != salts or stored != running:
            break
        frames.append((int.from_bytes(header[:4], "big"), page))
        if header[4:8] != b"\0\0\0\0":
            committed = len(frames)
    return frames[:committed]


def _checksum(data: bytes, order: Literal["little", "big"], running: tuple[int, int]) -> tuple[int, int]:
    first, second = running
    for at in range(0, len(data), 8):
        first = (first + int.from_bytes(data[at : at + 4], order) + second) & 0xFFFFFFFF
        second = (second + int.from_bytes(data[at + 4 : at + 8], order) + first) & 0xFFFFFFFF
    return first, second


def _rows(page: bytes, pages: Mapping[int, bytes]) -> Iterator[Row]:
    if len(page) < PAGE_SIZE or page[0] != _TABLE_LEAF:
        return
    for cell in range(int.from_bytes(page[3:5], "big")):
        start = int.from_bytes(page[8 + 2 * cell : 10 + 2 * cell], "big")
        try:
            size, start = _varint(page, start)
            number, start = _varint(page, start)
            row = _record(_payload(page, start, size, pages))
        except (IndexError, KeyError, ValueError):
            continue  # not a record of ours, or half of one
        yield {**row, "number": number}


def _payload(page: bytes, start: int, size: int, pages: Mapping[int, bytes]) -> bytes:
    """A record's bytes: those in the leaf and those in its chain of overflow pages."""
    if size <= _LOCAL_MOST:
        return page[start : start + size]
    if size > len(pages) * PAGE_SIZE:
        raise ValueError("larger than the file: its chain of pages may be a ring")
    local = _LOCAL_LEAST + (size - _LOCAL_LEAST) % (PAGE_SIZE - 4)
    if local > _LOCAL_MOST:
        local = _LOCAL_LEAST
    parts = [page[start : start + local]]
    following = int.from_bytes(page[start + local : start + local + 4], "big")
    for _ in range((size - local + PAGE_SIZE - 5) // (PAGE_SIZE - 4)):
        parts.append(pages[following][4:])
        following = int.from_bytes(pages[following][:4], "big")
    return b"".join(parts)[:size]


def _record(payload: bytes) -> Row:
    header_size, at = _varint(payload, 0)
    values: list[Any] = []
    start = header_size
    while at < header_size:
        serial, at = _varint(payload, at)
        value, start = _value(payload, start, serial)
        values.append(value)
    if len(values) < len(_COLUMNS):
        raise ValueError("fewer columns than a fact has")
    return dict(zip(_COLUMNS, values, strict=False))


def _value(payload: bytes, start: int, serial: int) -> tuple[Any, int]:
    if serial >= 12:
        end = start + (serial - 12) // 2
        content = payload[start:end]
        return (content if serial % 2 == 0 else content.decode()), end
    if serial in (8, 9):
        return serial - 8, start
    end = start + _INTEGER_BYTES[serial]
    return (int.from_bytes(payload[start:end], "big", signed=True) if serial else None), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A big-endian base-128 number of at most nine bytes, and where it ends."""
    value = 0
    for offset in range(8):
        byte = data[at + offset]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + offset + 1
    return value << 8 | data[at + 8], at + 9
