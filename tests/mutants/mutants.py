"""Tradepost with one rule broken, in each of several ways: what the tests must notice. Data only.

An edit is text that stands exactly once in its file, and what stands there instead. `tests` are a few of those whose
business the rule is, by name; each of them has to fail. `python -m tests.mutants` writes the table of docs/mutants.md.
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
        "no_journal_commit",
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
        ("tests/edge/journal/test_journal.py::test_a_commit_that_fails_fails_every_work_of_its_group",),
    ),
    Mutant(
        "journal_not_synced",
        "N1: committed means on the disk",
        (Edit("edge/journal/database.py", "synchronous=FULL", "synchronous=OFF"),),
        ("tests/edge/journal/test_journal.py::test_the_writer_waits_for_the_disk",),
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
        ("tests/cloud/ingest/test_applier.py::test_c2_a_repeat_changes_nothing_and_is_acked_again[sqlite]",),
    ),
    Mutant(
        "ack_before_commit",
        "C1: acks are sent after the commit",
        (
            Edit(
                "cloud/ingest/applier.py",
                '            reach("ingest.before_commit")\n',
                "            for tell in self.__dict__.get('early', ()):\n"
                "                await tell(outcome)\n"
                '            reach("ingest.before_commit")\n',
            ),
            Edit(
                "cloud/ingest/worker.py",
                "        while True:\n            batch = await inbox.take()\n",
                "        self._applier.__dict__['early'] = [lambda outcome: _send_acks(client, outcome)]\n"
                "        while True:\n            batch = await inbox.take()\n",
            ),
        ),
        ("tests/cloud/ingest/test_worker.py::test_what_the_database_did_not_commit_is_not_acked[sqlite]",),
    ),
    Mutant(
        "settled_without_being_read",
        "N4: the cursor moves only over what head office has read from this very journal",
        (
            Edit(
                "edge/uplink/window.py",
                "lane.read if lane.says_read else lane.taken",
                "lane.taken",
            ),
        ),
        (
            "tests/edge/uplink/test_window.py::test_the_cursor_waits_until_head_office_has_read_what_it_names",
            "tests/edge/uplink/test_uplink.py"
            "::test_a_restored_copy_believes_no_ack_before_head_office_has_read_its_own_facts",
        ),
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
        ("tests/cloud/ingest/test_applier.py::test_c1_facts_effects_and_cursor_are_one[sqlite]",),
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
        (
            "tests/edge/checkout/test_fiscal_settling.py::test_what_a_receipt_in_doubt_comes_to",
            "tests/edge/checkout/test_fiscal_engine.py::test_a_power_cut_at_a_named_point_prints_once[fiscal.register_did_it]",
        ),
    ),
    Mutant(
        "tax_rounded_per_line",
        "money: tax is rounded once per receipt and letter, then spread over the lines",
        (
            Edit(
                "shared/pricing.py",
                "        tax = divide_half_away(base * rate.rate, divisor)\n",
                "        tax = sum(divide_half_away(part * rate.rate, divisor) for part in sums)\n",
            ),
        ),
        ("tests/shared/test_pricing.py::test_tax_is_rounded_once_for_its_group_and_spread_over_the_lines",),
    ),
    Mutant(
        "price_rounded_per_line",
        "money: a line's sum is rounded once, from the exact unit price",
        (
            Edit(
                "shared/money.py",
                "    return divide_half_away(unit_price * quantity_milli, PRICE_SCALE * MILLI * step) * step\n",
                "    each = divide_half_away(unit_price, PRICE_SCALE)\n"
                "    return divide_half_away(each * quantity_milli, MILLI * step) * step\n",
            ),
        ),
        ("tests/shared/test_money.py::test_a_tenth_of_a_penny_a_thousand_times_is_a_pound",),
    ),
    Mutant(
        "price_rounded_per_receipt",
        "money: every line is rounded to the currency's step, and the receipt is their sum",
        (
            Edit(
                "shared/pricing.py",
                "line_amount(line.unit_price, line.quantity_milli, currency.line_step) for",
                "line_amount(line.unit_price, line.quantity_milli, 1) for",
            ),
            Edit(
                "shared/pricing.py",
                "        total_minor=sum(group.gross_minor for group in groups),\n",
                "        total_minor=round_to_step(sum(group.gross_minor for group in groups), currency.line_step),\n",
            ),
        ),
        ("tests/shared/test_pricing.py::test_the_basket_of_the_screen_drawing",),
    ),
    Mutant(
        "replica_applied_in_halves",
        "replica: a delta is applied in one transaction",
        (
            Edit(
                "edge/replica/applying.py",
                '    reach("replica.half_applied")\n',
                '    connection.execute("COMMIT")\n    connection.execute("BEGIN IMMEDIATE")\n'
                '    reach("replica.half_applied")\n',
            ),
        ),
        ("tests/edge/replica/test_kills.py::test_killed_half_way",),
    ),
)
