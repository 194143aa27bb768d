"""A bar-code scanner on a serial line: framing, AIM identifier, faults. The script is in `scanner_script`.

Options: prefix=TEXT (with escapes), suffix=cr|lf|crlf|tab|etx|none, aim=off|on, encoding=utf-8|iso-8859-1|cp1251,
gap_ms=N after each code, noread=TEXT, link=PATH. suffix=etx puts STX in front unless a prefix is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from simulators.scanner_script import (
    FAULTS,
    Chunk,
    Manner,
    ScriptedScanner,
    number,
    one_of,
    refuse_unknown,
    unescape,
)
from simulators.serving import Settings

__all__ = ["FAULTS", "build"]

_SUFFIXES: Final[Mapping[str, bytes]] = {
    "cr": b"\r",
    "lf": b"\n",
    "crlf": b"\r\n",
    "tab": b"\t",
    "etx": b"\x03",
    "none": b"",
}
_ENCODINGS: Final[Mapping[str, str]] = {name: name for name in ("utf-8", "iso-8859-1", "cp1251")}
_OPTIONS = {"prefix", "suffix", "aim", "encoding", "gap_ms", "noread", "link"}

_GAP_WITHOUT_SUFFIX_MS: Final = 120
"""Hosts tell such codes apart by silence only; nobody scans two codes faster than this by hand."""


class SerialScanner(ScriptedScanner):
    name = "scanner"

    def __init__(self, settings: Settings) -> None:
        refuse_unknown(settings, _OPTIONS)
        self._suffix = one_of(settings, "suffix", _SUFFIXES)
        self._prefix = unescape(settings.options.get("prefix", "")).encode("iso-8859-1")
        if self._suffix == b"\x03" and not self._prefix:
            self._prefix = b"\x02"
        self._encoding = one_of(settings, "encoding", _ENCODINGS)
        self._no_read = unescape(settings.options.get("noread", ""))
        gap_ms = number(settings, "gap_ms", 0 if self._suffix else _GAP_WITHOUT_SUFFIX_MS)
        super().__init__(settings, gap_s=gap_ms / 1000)

    def chunks(self, code: str, manner: Manner) -> Iterator[Chunk]:
        data = code.encode(self._encoding)
        if manner.is_garbled:
            middle = len(data) // 2
            data = data[:middle] + bytes([data[middle] ^ 0x01]) + data[middle + 1 :]
        wire = self._prefix + data + (self._suffix if manner.has_end else b"")
        if manner.split_at is not None:
            yield wire[: manner.split_at], manner.pause_s
            wire = wire[manner.split_at :]
        yield wire, 0.0

    def no_read(self) -> Iterator[Chunk]:
        return self.chunks(self._no_read, Manner()) if self._no_read else iter(())


def build(settings: Settings) -> SerialScanner:
    return SerialScanner(settings)
