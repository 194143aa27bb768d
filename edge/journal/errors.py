"""What SQLite says, in our words. The rule: an error that reached the disk is never "log and continue"."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from shared.errors import NeedsPerson, PermanentError, TradepostError

__all__ = [
    "JournalDamaged",
    "JournalInUse",
    "JournalNotWritable",
    "JournalOfAnotherNode",
    "NewerJournal",
    "in_our_words",
    "is_damage",
]


class JournalNotWritable(NeedsPerson):
    """SRV-201 reason=disk_full|read_only|io_error: nothing was written; selling stops until a person has helped."""


class JournalDamaged(NeedsPerson):
    """SRV-202: the file is broken; the next start salvages it."""


class NewerJournal(PermanentError):
    """SRV-401 found, known: written by a newer version of this program; start that one."""


class JournalInUse(PermanentError):
    """SRV-402: another process works on this journal."""


class JournalOfAnotherNode(PermanentError):
    """SRV-407 found, expected: the file was born on another node, head office would refuse its facts."""


_PRIMARY: Final = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""

_REASONS: Final = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CANTOPEN: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_IOERR: "io_error",
}
_SYSTEM_REASONS: Final = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
    errno.EIO: "io_error",
}
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_TEXT: Final = "Could not decode to UTF-8"
"""Said by the Python layer, without a code, of a text column. We wrote none such: it could not have been bound."""


def _primary_code(error: sqlite3.Error) -> int:
    # Errors raised by the Python layer itself (misuse, wrong parameter count) carry no code.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & _PRIMARY


def is_damage(error: sqlite3.Error) -> bool:
    """True when the file itself was found broken."""
    return _primary_code(error) in _DAMAGE or str(error).startswith(_NO_TEXT)


def in_our_words(error: sqlite3.Error | OSError) -> TradepostError | sqlite3.Error | OSError:
    """The error to raise instead; a mistake in SQL or a wrong path stays what it is."""
    if isinstance(error, OSError):
        reason = _SYSTEM_REASONS.get(error.errno or 0)
        return JournalNotWritable("SRV-201", reason=reason) if reason else error
    if is_damage(error):
        return JournalDamaged("SRV-202", what=str(error))
    code = _primary_code(error)
    if code in _REASONS:
        return JournalNotWritable("SRV-201", reason=_REASONS[code])
    return error
