"""A disk that is full, read-only or failing: SRV-201, nothing claimed, and on as soon as there is room."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.journal import Journal, JournalNotWritable, Transaction
from tests.edge.journal.conftest import NODE, StandingClock, drawer


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def limit_pages(tx: Transaction) -> None:
    pages = tx.connection.execute("PRAGMA page_count").fetchone()[0]
    tx.connection.execute(f"PRAGMA max_page_count={pages}")


def unlimit_pages(tx: Transaction) -> None:
    tx.connection.execute("PRAGMA max_page_count=1000000")


async def write_until_refused(journal: Journal, claimed: list[int]) -> JournalNotWritable:
    try:
        while True:
            claimed.append((await journal.write(drawer("x" * 190))).sequence)
    except JournalNotWritable as error:
        return error


def sequences(journal: Journal) -> list[int]:
    return [fact.sequence for fact in journal.facts_after(journal.epoch, 0, limit=10_000, max_bytes=10**9)]


async def test_a_full_disk_fails_the_whole_group_and_selling_goes_on_when_there_is_room(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "edge.journal.writer")
    await journal.write(drawer())
    await journal.write(limit_pages)
    outcomes = await asyncio.gather(
        *(journal.write(drawer("x" * 190)) for _ in range(100)),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {JournalNotWritable}
    assert {str(outcome) for outcome in outcomes} == {"SRV-201 reason=disk_full"}
    assert sequences(journal) == [1]
    assert str(journal.refused) == "SRV-201 reason=disk_full"
    await journal.write(unlimit_pages)
    assert (await journal.write(drawer())).sequence == 2
    assert journal.refused is None
    assert [record.getMessage() for record in caplog.records] == [
        "the journal cannot be written, nothing can be sold: SRV-201 reason=disk_full",
        "the journal can be written again",
    ]


async def test_a_write_that_the_system_refuses_is_never_claimed(journal: Journal, path: Path) -> None:
    await journal.write(drawer())
    claimed = [1]
    with files_no_larger_than(path.with_name("journal.db-wal").stat().st_size + 40_000):
        outcome = await write_until_refused(journal, claimed)
        with pytest.raises(JournalNotWritable):
            await journal.write(drawer())
    assert str(outcome) == "SRV-201 reason=io_error"
    assert sequences(journal) == claimed
    claimed.append((await journal.write(drawer())).sequence)
    assert sequences(journal) == claimed == list(range(1, len(claimed) + 1))


async def test_a_file_that_became_read_only_says_so(journal: Journal) -> None:
    await journal.write(lambda tx: tx.connection.execute("PRAGMA query_only=ON") and None)
    with pytest.raises(JournalNotWritable, match="SRV-201 reason=read_only"):
        await journal.write(drawer())
    assert sequences(journal) == []


def test_a_folder_that_cannot_be_written_is_told_at_the_start(clock: StandingClock) -> None:
    with pytest.raises(JournalNotWritable, match="SRV-201 reason=read_only"):
        Journal.open(Path("/sys/journal.db"), node=NODE, clock=clock)


def test_no_room_for_a_new_journal_is_told_at_the_start(path: Path, clock: StandingClock) -> None:
    with files_no_larger_than(20_000), pytest.raises(JournalNotWritable, match="SRV-201"):
        Journal.open(path, node=NODE, clock=clock)
    journal = Journal.open(path, node=NODE, clock=clock)
    assert sequences(journal) == []
    journal.close()
