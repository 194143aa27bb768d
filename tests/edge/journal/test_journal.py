"""Writing, numbering, reading and acknowledging, on a file."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from edge.journal import Journal, JournalInUse, JournalOfAnotherNode, NodeIdentity, Transaction, checkpoints
from shared.delivery import Span
from shared.envelope import Envelope
from shared.errors import PermanentError
from shared.events import DrawerOpened
from shared.facts import read_fact
from tests.edge.journal.conftest import NODE, StandingClock, drawer


def bodies(journal: Journal) -> list[bytes]:
    return [fact.body for fact in journal.facts_after(journal.epoch, 0, limit=10_000, max_bytes=10**9)]


def sequences(journal: Journal) -> list[int]:
    return [fact.sequence for fact in journal.facts_after(journal.epoch, 0, limit=10_000, max_bytes=10**9)]


async def test_a_fact_is_stored_with_the_next_number_and_everything_it_was_given(
    journal: Journal, clock: StandingClock
) -> None:
    shift = UUID("01936b2e-0000-7000-8000-000000000001")
    fact = await journal.write(
        lambda tx: tx.append(
            "drawer.opened",
            "drawer-1",
            DrawerOpened(reason="float check"),
            till="till-1",
            shift=shift,
            businessdate=clock.now().date(),
            operator=shift,
            device="drawer-1",
            devicetime=clock.now(),
        )
    )
    [stored] = journal.facts_after(journal.epoch, 0)
    envelope = Envelope.model_validate_json(stored.body)
    assert (stored.sequence, stored.event_id) == (fact.sequence, fact.event_id) == (1, envelope.id)
    assert envelope.epoch == journal.epoch
    assert (envelope.branch, envelope.node, envelope.boot, envelope.sequence) == ("branch-1", "node-1", 1, 1)
    assert (envelope.till, envelope.shift, envelope.operator, envelope.device) == ("till-1", shift, shift, "drawer-1")
    assert envelope.time == clock.now() == envelope.devicetime
    assert read_fact(envelope).payload == DrawerOpened(reason="float check")


async def test_a_work_that_fails_takes_back_only_itself_and_leaves_no_gap(journal: Journal) -> None:
    def fail(tx: Transaction) -> None:
        drawer()(tx)
        tx.connection.execute("INSERT INTO commands (command_id, name, received_at) VALUES ('a', 'b', 'c')")
        raise LookupError("mine")

    outcomes = await asyncio.gather(
        journal.write(drawer()), journal.write(fail), journal.write(drawer()), return_exceptions=True
    )
    assert isinstance(outcomes[1], LookupError)
    assert [outcome.sequence for outcome in (outcomes[0], outcomes[2])] == [1, 2]  # type: ignore[union-attr]
    assert sequences(journal) == [1, 2]
    assert journal.read("SELECT * FROM commands") == []


async def test_a_failed_statement_is_told_as_sqlite_said_it(journal: Journal) -> None:
    await journal.write(drawer())
    with pytest.raises(sqlite3.IntegrityError):
        await journal.write(lambda tx: tx.connection.execute("INSERT INTO facts SELECT * FROM facts"))
    assert sequences(journal) == [1]


async def test_works_that_wait_share_one_commit(journal: Journal, path: Path) -> None:
    def frames() -> int:
        return path.with_name("journal.db-wal").stat().st_size

    before = frames()
    await journal.write(drawer())
    alone = frames() - before
    before = frames()
    await asyncio.gather(*(journal.write(drawer()) for _ in range(10)))
    together = frames() - before
    assert sequences(journal) == list(range(1, 12))
    assert together < 4 * alone


async def test_a_commit_that_fails_fails_every_work_of_its_group(journal: Journal) -> None:
    def break_the_commit(tx: Transaction) -> None:
        tx.connection.execute(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED)"
        )
        tx.connection.execute("INSERT INTO a VALUES (1, 99)")  # checked by the COMMIT, and refused

    works = [drawer(), break_the_commit, drawer()]
    outcomes = await asyncio.gather(*(journal.write(work) for work in works), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [sqlite3.IntegrityError] * 3
    assert sequences(journal) == []
    assert (await journal.write(drawer())).sequence == 1


async def test_callbacks_run_before_the_writer_goes_on_and_only_for_what_committed(journal: Journal) -> None:
    heard: list[str] = []
    journal.on_facts(lambda: heard.append("facts"))

    def succeed(tx: Transaction) -> None:
        drawer()(tx)
        tx.after_commit(lambda: heard.append("committed"))

    def fail(tx: Transaction) -> None:
        tx.after_commit(lambda: heard.append("never"))
        raise LookupError

    with pytest.raises(LookupError):
        await journal.write(fail)
    await journal.write(succeed)
    assert heard[0] == "committed"
    await journal.write(lambda tx: None)  # what was told after the commit has been heard by now
    assert heard == ["committed", "facts"]


async def test_callbacks_run_in_the_event_loop(journal: Journal) -> None:
    loops: list[asyncio.AbstractEventLoop] = []
    await journal.write(lambda tx: tx.after_commit(lambda: loops.append(asyncio.get_running_loop())))
    assert loops == [asyncio.get_running_loop()]


async def test_submit_serves_threads_without_a_loop(journal: Journal) -> None:
    fact = await asyncio.to_thread(lambda: journal.submit(drawer()).result())
    assert fact.sequence == 1


async def test_reading_sees_what_write_has_answered_and_cannot_write(journal: Journal) -> None:
    await journal.write(drawer())
    assert journal.read("SELECT count(*) AS n FROM facts WHERE name = ?", ("drawer.opened",))[0]["n"] == 1
    with pytest.raises(Exception, match=r"SRV-201 reason=read_only"):
        journal.read("DELETE FROM facts")
    assert sequences(journal) == [1]


async def test_the_writer_waits_for_the_disk(journal: Journal) -> None:
    def settings(tx: Transaction) -> tuple[int, str]:
        full = tx.connection.execute("PRAGMA synchronous").fetchone()[0]
        return full, tx.connection.execute("PRAGMA journal_mode").fetchone()[0]

    assert await journal.write(settings) == (2, "wal")


async def test_a_pause_brings_what_was_committed_from_the_wal_into_the_file(journal: Journal, path: Path) -> None:
    def in_the_file() -> int:
        """Bodies in journal.db itself; its WAL is not looked at."""
        return path.read_bytes().count(b"to be seen in the file")

    for _ in range(checkpoints.AFTER):
        await journal.write(drawer("to be seen in the file"))
    async with asyncio.timeout(10):
        while in_the_file() < checkpoints.AFTER:  # noqa: ASYNC110 - a checkpoint tells nobody
            await asyncio.sleep(0.01)
    assert sequences(journal) == list(range(1, checkpoints.AFTER + 1))


async def test_without_a_pause_it_is_brought_into_the_file_all_the_same(journal: Journal, path: Path) -> None:
    def in_the_file() -> bool:
        return b"to be seen in the file" in path.read_bytes()

    async with asyncio.timeout(30):
        while not in_the_file():
            await journal.write(drawer("to be seen in the file"))


async def test_nobody_checkpoints_inside_of_a_commit(journal: Journal) -> None:
    of_writer = await journal.write(lambda tx: tx.connection.execute("PRAGMA wal_autocheckpoint").fetchone()[0])
    assert of_writer == 0


async def test_without_a_pause_the_wal_is_begun_anew_all_the_same(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.journal.checkpoints._WAL_MOST", 0)

    def begun_anew() -> int:
        """The WAL's own count of its beginnings (SQLite's file format, 4.1)."""
        return int.from_bytes(path.with_name(path.name + "-wal").read_bytes()[12:16], "big")

    await journal.write(drawer())
    first = begun_anew()
    async with asyncio.timeout(30):
        while begun_anew() < first + 3:
            await journal.write(drawer())
    facts = sequences(journal)
    assert facts == list(range(1, len(facts) + 1))


async def test_a_sale_does_not_wait_for_a_checkpoint(
    path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, may_go_on = threading.Event(), threading.Event()

    def held(statement: str) -> None:
        if "wal_checkpoint" in statement:
            has_begun.set()
            may_go_on.wait(20)

    class Held(checkpoints.Checkpoints):
        def __init__(self, connection: sqlite3.Connection) -> None:
            connection.set_trace_callback(held)
            super().__init__(connection)

    monkeypatch.setattr("edge.journal.journal.Checkpoints", Held)
    journal = Journal.open(path, node=NODE, clock=clock)
    for _ in range(checkpoints.AFTER):
        await journal.write(drawer())
    assert await asyncio.to_thread(has_begun.wait, 20)
    assert (await journal.write(drawer())).sequence == checkpoints.AFTER + 1
    may_go_on.set()
    journal.close()


async def test_a_work_that_fails_alone_leaves_nothing(journal: Journal) -> None:
    def half(tx: Transaction) -> None:
        tx.append("drawer.opened", "drawer-1", DrawerOpened(reason="never"))
        raise ValueError("changed its mind")

    with pytest.raises(ValueError, match="changed its mind"):
        await journal.write(half)
    assert sequences(journal) == []
    assert (await journal.write(drawer())).sequence == 1


async def test_epoch_and_numbers_go_on_over_a_restart_and_boots_are_counted(path: Path, clock: StandingClock) -> None:
    first = Journal.open(path, node=NODE, clock=clock)
    await first.write(drawer())
    epoch, boot = first.epoch, first.boot
    first.close()
    second = Journal.open(path, node=NODE, clock=clock)
    fact = await second.write(drawer())
    assert (second.epoch, second.boot, fact.sequence) == (epoch, boot + 1, 2)
    assert [json.loads(body)["boot"] for body in bodies(second)] == [1, 2]
    second.close()


async def test_after_close_nothing_is_taken(path: Path, clock: StandingClock) -> None:
    journal = Journal.open(path, node=NODE, clock=clock)
    waiting = [journal.submit(drawer()) for _ in range(20)]
    journal.close()
    assert [future.result().sequence for future in waiting] == list(range(1, 21))
    with pytest.raises(PermanentError, match="SRV-408"):
        journal.submit(drawer())


async def test_a_second_gateway_on_the_same_journal_is_refused(journal: Journal, path: Path) -> None:
    with pytest.raises(JournalInUse, match="SRV-402"):
        Journal.open(path, node=NODE, clock=StandingClock())
    assert (await journal.write(drawer())).sequence == 1


def test_another_nodes_journal_is_refused_untouched(path: Path, clock: StandingClock) -> None:
    Journal.open(path, node=NODE, clock=clock).close()
    before = path.read_bytes()
    with pytest.raises(JournalOfAnotherNode, match="SRV-407 found=branch-1/node-1, expected=branch-1/node-2"):
        Journal.open(path, node=NodeIdentity("branch-1", "node-2"), clock=clock)
    assert path.read_bytes() == before
    again = Journal.open(path, node=NODE, clock=clock)
    assert again.boot == 2
    again.close()


async def test_facts_come_in_batches_of_count_and_bytes_and_a_large_one_alone(journal: Journal) -> None:
    for size in (10, 10, 190, 10):
        await journal.write(drawer("x" * size))
    whole = [len(body) for body in bodies(journal)]

    def batch(after: int, limit: int, most: int) -> list[int]:
        return [fact.sequence for fact in journal.facts_after(journal.epoch, after, limit, most)]

    assert batch(0, 2, 10**6) == [1, 2]
    assert batch(0, 50, whole[0] + whole[1]) == [1, 2]
    assert batch(2, 50, 100) == [3]
    assert batch(4, 50, 10**6) == []


async def test_an_ack_moves_the_cursor_forward_only_and_never_past_what_was_written(journal: Journal) -> None:
    for _ in range(5):
        await journal.write(drawer())
    epoch = journal.epoch
    steps = []
    for upto in (3, 2, 4, 900):
        await journal.acknowledge(epoch, upto)
        steps.append((journal.cursor(epoch), journal.unsent_count()))
    assert steps == [(3, 2), (3, 2), (4, 1), (5, 0)]


async def test_quarantined_ids_are_remembered_once(journal: Journal) -> None:
    fact = await journal.write(drawer())
    for _ in range(2):
        await journal.acknowledge(journal.epoch, 1, (fact.event_id,))
    assert [row["event_id"] for row in journal.read("SELECT event_id FROM quarantined")] == [str(fact.event_id)]


async def test_a_new_epoch_starts_at_one_and_the_old_one_is_still_held(journal: Journal) -> None:
    old = journal.epoch
    await journal.write(drawer())
    new = await journal.begin_epoch("fork")
    fact = await journal.write(drawer())
    assert (fact.sequence, journal.epoch) == (1, new)
    assert [(held.epoch, held.first, held.last) for held in journal.held()] == [(old, 1, 1), (new, 1, 1)]
    await journal.acknowledge(new, 1)
    assert journal.unsent_count() == 1


async def test_a_new_journal_holds_one_empty_epoch(journal: Journal) -> None:
    assert [(held.epoch, held.first, held.last) for held in journal.held()] == [(journal.epoch, 1, 0)]


async def test_pruning_takes_settled_old_facts_from_the_beginning_only(journal: Journal, clock: StandingClock) -> None:
    days = [0, 10, 20, 30]
    start = clock.now()
    for day in days:
        clock.time = start + timedelta(days=day)
        await journal.write(drawer())
    await journal.acknowledge(journal.epoch, 3)
    now = start + timedelta(days=105)
    assert await journal.prune(timedelta(days=90), now) == 2
    assert sequences(journal) == [3, 4]
    assert await journal.prune(timedelta(days=1), now) == 1  # the fourth is old too, but not settled
    assert sequences(journal) == [4]
    assert (journal.held()[0].first, journal.held()[0].last) == (4, 4)


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
async def test_a_fact_of_a_wrong_clock_is_pruned_with_its_neighbours(
    journal: Journal, clock: StandingClock, wrong: datetime
) -> None:
    start = clock.now()
    for moment in (start, wrong, start + timedelta(days=50)):
        clock.time = moment
        await journal.write(drawer())
    await journal.acknowledge(journal.epoch, 3)
    assert await journal.prune(timedelta(days=90), start + timedelta(days=89)) == 0
    assert await journal.prune(timedelta(days=90), start + timedelta(days=91)) == 2
    assert sequences(journal) == [3]


async def test_missing_spans_are_named_exactly_and_only_for_what_was_written(journal: Journal) -> None:
    for _ in range(9):
        await journal.write(drawer())
    await journal.write(lambda tx: tx.connection.execute("DELETE FROM facts WHERE sequence IN (2, 3, 7, 9)") and None)
    epoch = journal.epoch
    assert journal.span_missing(epoch, 1, 12) == [
        Span(first=2, last=3),
        Span(first=7, last=7),
        Span(first=9, last=9),
    ]
    assert journal.span_missing(epoch, 4, 6) == []
    assert journal.span_missing(epoch, 10, 12) == []
    stranger = UUID("01936b2e-0000-7000-8000-00000000000f")
    assert journal.span_missing(stranger, 3, 5) == [Span(first=3, last=5)]


async def test_the_next_readable_fact_is_found_over_what_is_missing(journal: Journal) -> None:
    for _ in range(6):
        await journal.write(drawer())
    await journal.write(lambda tx: tx.connection.execute("DELETE FROM facts WHERE sequence IN (2, 3, 6)") and None)
    assert [journal.next_readable(journal.epoch, after) for after in range(8)] == [1, 4, 4, 4, 5, 7, 7, 7]
    assert journal.next_readable(UUID("01936b2e-0000-7000-8000-00000000000f"), 4) == 5


async def test_a_fact_is_known_by_its_number_and_its_id(journal: Journal) -> None:
    one, two = await journal.write(drawer()), await journal.write(drawer())
    asked = [(1, one.event_id), (1, two.event_id), (2, two.event_id), (3, two.event_id)]
    assert [journal.has(journal.epoch, *each) for each in asked] == [True, False, True, False]
    assert journal.has(UUID("01936b2e-0000-7000-8000-00000000000f"), 1, one.event_id) is False


async def test_a_body_with_a_flipped_bit_is_missing_not_sent(journal: Journal) -> None:
    for _ in range(3):
        await journal.write(drawer())
    flipped = bytearray(bodies(journal)[1])
    flipped[100] ^= 1
    await journal.write(
        lambda tx: tx.connection.execute("UPDATE facts SET body = ? WHERE sequence = 2", (bytes(flipped),)) and None
    )
    assert sequences(journal) == [1, 3]
    assert journal.span_missing(journal.epoch, 1, 3) == [Span(first=2, last=2)]
