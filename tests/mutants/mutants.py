"""Tradepost with one rule broken, in each of several ways: what the tests must notice. Data only.

An edit is text that stands exactly once in its file, and what stands there instead. `tests` are those whose business
the rule is; one of them has to fail.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MUTANTS", "Edit", "Mutant"]


@dataclass(frozen=True)
class Edit:
    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    name: str
    breaks: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "told_before_the_journal_commits",
        "N1: only what is committed may be heard of",
        (
            Edit(
                "edge/journal/writer.py",
                '            reach("journal.before_commit")\n            self._connection.execute("COMMIT")\n',
                "            self._answer(done, failed)\n"
                '            reach("journal.before_commit")\n            self._connection.execute("COMMIT")\n',
            ),
            Edit(
                "edge/journal/writer.py",
                '        reach("journal.after_commit")\n        self._answer(done, failed)\n',
                '        reach("journal.after_commit")\n',
            ),
        ),
        ("tests/edge/journal/test_kills.py",),
    ),
    Mutant(
        "journal_not_synced",
        "N1: committed means on the disk",
        (Edit("edge/journal/database.py", "synchronous=FULL", "synchronous=OFF"),),
        ("tests/edge/journal/test_journal.py",),
    ),
    Mutant(
        "no_dedupe",
        "C2: a second arrival changes nothing",
        (
            Edit("cloud/ingest/ordering.py", "decided.seen.append(arrival)", "decided.taken.append(arrival)"),
            Edit(
                "cloud/ingest/ledgers.py",
                "        facts = [fact for fact in facts if _was_in(new, fact.envelope.id)]\n",
                "",
            ),
        ),
        ("tests/cloud/ingest/test_applier.py",),
    ),
    Mutant(
        "cursor_not_kept",
        "C1: the cursor moves with the effects",
        (
            Edit(
                "cloud/ingest/repository.py",
                '    await put(tx, node_epochs, rows, ["node", "epoch"], _EPOCH_NEWS, where=never_back)\n',
                "    rows and (put, never_back, _EPOCH_NEWS)\n",
            ),
        ),
        ("tests/cloud/ingest/test_applier.py", "tests/cloud/ingest/test_delivery_property.py"),
    ),
    Mutant(
        "no_document_query",
        "P3: a receipt is sent again only after the register has said that it did not print",
        (
            Edit(
                "edge/checkout/fiscal_settling.py",
                "    if now.register_serial != before.register_serial:\n        return Verdict.ASK_PERSON\n"
                "    ahead = ",
                "    if receipt:\n        return Verdict.REPEAT\n    ahead = ",
            ),
        ),
        ("tests/edge/checkout/test_fiscal_kills.py",),
    ),
    Mutant(
        "tax_rounded_on_every_line",
        "money is rounded once: per receipt and tax group, then spread",
        (
            Edit(
                "shared/pricing.py",
                "        tax = divide_half_away(base * rate.rate, divisor)\n",
                "        tax = sum(divide_half_away(part * rate.rate, divisor) for part in sums)\n",
            ),
        ),
        ("tests/shared/test_pricing.py",),
    ),
    Mutant(
        "line_rounded_before_its_quantity",
        "a line's sum is rounded once",
        (
            Edit(
                "shared/money.py",
                "    return divide_half_away(unit_price * quantity_milli, PRICE_SCALE * MILLI * step) * step\n",
                "    each = divide_half_away(unit_price, PRICE_SCALE)\n"
                "    return divide_half_away(each * quantity_milli, MILLI * step) * step\n",
            ),
        ),
        ("tests/shared/test_money.py",),
    ),
    Mutant(
        "replica_in_halves",
        "a delta is applied in one transaction",
        (
            Edit(
                "edge/replica/applying.py",
                '    reach("replica.half_applied")\n',
                '    connection.execute("COMMIT")\n    connection.execute("BEGIN IMMEDIATE")\n'
                '    reach("replica.half_applied")\n',
            ),
        ),
        ("tests/edge/replica/test_kills.py",),
    ),
)
