"""Writing and verifying the audit chain. Each entry's hash covers the entry and the hash before it.

Secrets and personal data are never written here: callers name the fields that changed and leave such values out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.audit.models import GENESIS, audit_entries, audit_head
from cloud.database import timestamp_text

__all__ = ["COMMAND_LINE", "Actor", "Entry", "changes", "length", "record", "verify"]

_VERIFY_CHUNK: Final = 5_000


class Actor(Protocol):
    """Whoever does something: a caller, an identity, the command line."""

    @property
    def user_id(self) -> UUID | None: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class _CommandLine:
    user_id: UUID | None = None
    name: str = "command line"


COMMAND_LINE: Final[Actor] = _CommandLine()
"""Who runs `tradepost` on the server itself."""


@dataclass(frozen=True)
class Entry:
    """action: created, changed, deleted, imported, exported, read, signed_in ...; kind and record: of what."""

    action: str
    kind: str
    record: str
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    branch: str | None = None


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new values of the fields that differ."""
    names = [name for name in new if old.get(name) != new[name]]
    return {name: old.get(name) for name in names}, {name: new[name] for name in names}


async def record(tx: AsyncConnection, actor: Actor, at: datetime, entries: Sequence[Entry]) -> None:
    """Append entries in the caller's transaction: no change without its entry, no entry without its change.

    Takes the chain's lock until commit, so call it late, after every other lock.
    """
    if not entries:
        return
    head = (
        await tx.execute(
            update(audit_head)
            .values(sequence=audit_head.c.sequence + len(entries))
            .returning(audit_head.c.sequence, audit_head.c.hash)
        )
    ).one()
    sequence, chain = head.sequence - len(entries), head.hash
    rows = []
    for entry in entries:
        sequence += 1
        row = {
            "sequence": sequence,
            "at": at,
            "who_id": actor.user_id,
            "who": actor.name,
            "branch": entry.branch,
            "action": entry.action,
            "kind": entry.kind,
            "record": entry.record,
            "old": None if entry.old is None else dict(entry.old),
            "new": None if entry.new is None else dict(entry.new),
        }
        chain = _chained(chain, row)
        rows.append(row | {"hash": chain})
    await tx.execute(insert(audit_entries), rows)
    await tx.execute(update(audit_head).values(hash=chain))


async def length(tx: AsyncConnection) -> int:
    """Entries written so far."""
    written: int = (await tx.execute(select(audit_head.c.sequence))).scalar_one()
    return written


async def verify(tx: AsyncConnection) -> int | None:
    """Number of the first entry that is missing or not what was written; None when the chain is whole."""
    expected, chain = 1, GENESIS
    while True:
        rows = (
            await tx.execute(
                select(audit_entries)
                .where(audit_entries.c.sequence >= expected)
                .order_by(audit_entries.c.sequence)
                .limit(_VERIFY_CHUNK)
            )
        ).mappings()
        seen = 0
        for row in rows:
            seen += 1
            chain = _chained(chain, {name: row[name] for name in row if name != "hash"})
            if row["sequence"] != expected or row["hash"] != chain:
                return expected
            expected += 1
        if not seen:
            break
    head = (await tx.execute(select(audit_head))).one()
    return None if (head.sequence, head.hash) == (expected - 1, chain) else expected


def _chained(before: str, row: Mapping[str, Any]) -> str:
    stated = dict(row) | {"at": timestamp_text(row["at"]), "who_id": row["who_id"] and str(row["who_id"])}
    body = json.dumps(stated, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{body}".encode()).hexdigest()
