"""The durable outbox of a branch (SQLite): facts first, everything else follows. See docs/delivery.md."""

from edge.journal.errors import (
    JournalDamaged,
    JournalInUse,
    JournalNotWritable,
    JournalOfAnotherNode,
    NewerJournal,
)
from edge.journal.journal import KEEP_SETTLED, Journal
from edge.journal.outbox import StoredFact
from edge.journal.salvage import LostSpan, SalvageReport
from edge.journal.transaction import AppendedFact, NodeIdentity, Transaction

__all__ = [
    "KEEP_SETTLED",
    "AppendedFact",
    "Journal",
    "JournalDamaged",
    "JournalInUse",
    "JournalNotWritable",
    "JournalOfAnotherNode",
    "LostSpan",
    "NewerJournal",
    "NodeIdentity",
    "SalvageReport",
    "StoredFact",
    "Transaction",
]
