"""A journal broken in every way we can think of: what is readable is kept as it was, what is not is named."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from edge.journal import Journal, JournalDamaged, SalvageReport, Transaction
from edge.journal.database import PAGE_SIZE
from edge.journal.schema_pages import schema_copy_of
from shared.delivery import Span
from tests.edge.journal.conftest import NODE, StandingClock, drawer

FACTS = 240
SETTLED = set(range(1, 101))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of 400 facts, 100 of them settled, and rows of other tables, everything checkpointed."""
    path = tmp_path_factory.mktemp("original") / "journal.db"
    journal = Journal.open(path, node=NODE, clock=StandingClock())

    def work(tx: Transaction) -> None:
        for number in range(FACTS):
            drawer(f"{number} " + "x" * 150)(tx)
            tx.connection.execute(
                "INSERT INTO commands (command_id, name, received_at) VALUES (?, 'n', 't')", (f"{number:04d}",)
            )
        tx.connection.execute("UPDATE epochs SET acked_upto = 100")

    journal.submit(work).result()
    journal.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        # As if the program had died: only then is the file looked over.
        connection.execute("UPDATE journal SET closed_cleanly = 0")
    return path


def facts_of(journal: Journal, epoch: UUID) -> dict[int, bytes]:
    return {fact.sequence: fact.body for fact in journal.facts_after(epoch, 0, limit=10**6, max_bytes=10**10)}


@dataclass(frozen=True)
class Whole:
    """Epoch and facts as they were before the damage."""

    epoch: UUID
    facts: dict[int, bytes]


@pytest.fixture(scope="module")
def whole(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    copy = tmp_path_factory.mktemp("whole") / "journal.db"
    copy.write_bytes(original.read_bytes())
    journal = Journal.open(copy, node=NODE, clock=StandingClock())
    whole = Whole(journal.epoch, facts_of(journal, journal.epoch))
    journal.close()
    return whole


def damage(path: Path, original: Path, change: Callable[[bytearray], None]) -> bytes:
    """Put a changed copy of the original at path; answers what was put there."""
    data = bytearray(original.read_bytes())
    change(data)
    path.write_bytes(data)
    return bytes(data)


def overwrite(page: int, seed: int) -> Callable[[bytearray], None]:
    def change(data: bytearray) -> None:
        data[(page - 1) * PAGE_SIZE : page * PAGE_SIZE] = random.Random(seed).randbytes(PAGE_SIZE)

    return change


def open_salvaged(path: Path) -> tuple[Journal, SalvageReport]:
    journal = Journal.open(path, node=NODE, clock=StandingClock())
    assert journal.salvaged is not None
    return journal, journal.salvaged


def sequences_of(report: SalvageReport) -> set[int]:
    return {sequence for lost in report.lost for sequence in range(lost.span.first, lost.span.last + 1)}


def test_whichever_page_is_destroyed_every_fact_is_kept_or_named(original: Path, whole: Whole, path: Path) -> None:
    pages = original.stat().st_size // PAGE_SIZE
    kept = []
    for page in range(1, pages + 1):
        damage(path, original, overwrite(page, seed=page))
        schema_copy_of(path).write_bytes(schema_copy_of(original).read_bytes())
        journal, report = open_salvaged(path)
        facts = facts_of(journal, whole.epoch)
        assert facts.items() <= whole.facts.items()
        # Settled facts missing at the very beginning look like pruned ones, and are as safe.
        assert set(whole.facts) - set(facts) - sequences_of(report) <= SETTLED
        assert len(facts) == report.facts
        assert set(facts).isdisjoint(sequences_of(report))
        assert [held.epoch for held in journal.held()] == [whole.epoch, journal.epoch]
        kept.append(len(facts))
        journal.close()
        path.unlink()
    # One leaf holds fewer than ten of these facts; every other page costs none.
    assert min(kept) > FACTS - 10
    assert kept.count(FACTS) > 0


def test_a_destroyed_first_page_loses_nothing(original: Path, whole: Whole, path: Path) -> None:
    damage(path, original, overwrite(1, seed=1))
    schema_copy_of(path).write_bytes(schema_copy_of(original).read_bytes())
    journal, report = open_salvaged(path)
    assert facts_of(journal, whole.epoch) == whole.facts
    assert (report.facts, report.lost, report.incomplete_tables) == (FACTS, (), ())
    assert journal.read("SELECT count(*) AS n FROM commands")[0]["n"] == FACTS
    assert (journal.cursor(whole.epoch), journal.boot) == (100, 2)
    journal.close()


def test_without_the_schemas_copy_facts_are_cut_out_of_the_pages(original: Path, whole: Whole, path: Path) -> None:
    damage(path, original, overwrite(1, seed=1))
    journal, report = open_salvaged(path)
    assert facts_of(journal, whole.epoch) == whole.facts
    assert (report.facts, report.lost) == (FACTS, ())
    assert set(report.incomplete_tables) >= {"facts", "commands", "epochs"}
    assert (journal.cursor(whole.epoch), journal.boot) == (0, 2)
    journal.close()


async def test_the_schemas_copy_is_renewed_with_the_file(original: Path, whole: Whole, path: Path) -> None:
    schema_copy_of(path).write_bytes(b"of another file")
    journal = Journal.open(path, node=NODE, clock=StandingClock())
    await journal.write(drawer())
    journal.close()
    kept = schema_copy_of(path).read_bytes()
    assert kept == schema_copy_of(original).read_bytes()[: len(kept)] != b"of another file"


def test_a_fact_in_the_write_ahead_log_outlives_the_first_page(original: Path, whole: Whole, path: Path) -> None:
    alive = path.with_name("alive.db")
    alive.write_bytes(original.read_bytes())
    journal = Journal.open(alive, node=NODE, clock=StandingClock())
    last = journal.submit(drawer()).result()
    damage(path, alive, overwrite(1, seed=1))
    path.with_name("journal.db-wal").write_bytes(alive.with_name("alive.db-wal").read_bytes())
    journal.close()
    salvaged, _ = open_salvaged(path)
    assert set(facts_of(salvaged, whole.epoch)) == {*whole.facts, last.sequence}
    salvaged.close()


def test_a_cut_file_keeps_its_readable_part(original: Path, whole: Whole, path: Path) -> None:
    schema_copy_of(path).write_bytes(schema_copy_of(original).read_bytes())

    def cut(data: bytearray) -> None:
        del data[len(data) * 4 // 5 :]

    damage(path, original, cut)
    journal, report = open_salvaged(path)
    facts = facts_of(journal, whole.epoch)
    assert facts.items() <= whole.facts.items()
    assert set(whole.facts) - set(facts) - sequences_of(report) <= SETTLED
    assert len(facts) > FACTS // 4
    journal.close()


async def test_a_file_of_noise_becomes_an_empty_journal_with_a_new_epoch(
    original: Path, whole: Whole, path: Path
) -> None:
    def noise(data: bytearray) -> None:
        data[:] = random.Random(7).randbytes(len(data))

    damage(path, original, noise)
    journal, report = open_salvaged(path)
    assert (report.facts, report.lost) == (0, ())
    assert [(held.first, held.last) for held in journal.held()] == [(1, 0)]
    assert journal.epoch != whole.epoch
    assert (await journal.write(drawer())).sequence == 1
    journal.close()


async def test_after_a_salvage_the_old_epoch_is_delivered_first_and_the_damaged_file_is_kept(
    original: Path, whole: Whole, path: Path
) -> None:
    data = damage(path, original, overwrite(1, seed=1))
    journal, report = open_salvaged(path)
    fact = await journal.write(drawer())
    assert (journal.epoch != whole.epoch, fact.sequence, journal.boot) == (True, 1, 2)
    assert [(held.epoch, held.last) for held in journal.held()] == [(whole.epoch, FACTS), (journal.epoch, 1)]
    assert report.kept_as.read_bytes() == data
    journal.close()
    again = Journal.open(path, node=NODE, clock=StandingClock())
    assert (again.salvaged, again.boot) == (None, 3)
    again.close()


def test_lost_facts_at_the_end_are_still_counted_as_written(original: Path, whole: Whole, path: Path) -> None:
    """Their numbers are named as gone, and never given again."""

    def drop_the_last(data: bytearray) -> None:
        body = whole.facts[FACTS]
        data[data.index(body) + 300] ^= 1

    damage(path, original, drop_the_last)
    journal = Journal.open(path, node=NODE, clock=StandingClock())
    assert journal.span_missing(whole.epoch, 1, FACTS) == [Span(first=FACTS, last=FACTS)]
    assert (journal.held()[0].last, journal.unsent_count()) == (FACTS, FACTS - 100)
    journal.close()


@pytest.mark.parametrize("leftover", ["salvaging", "salvaged"])
def test_a_salvage_cut_short_is_done_again(original: Path, whole: Whole, path: Path, leftover: str) -> None:
    damage(path, original, overwrite(1, seed=1))
    path.with_name(f"journal.db.{leftover}").write_bytes(b"half of something")
    journal, _ = open_salvaged(path)
    assert facts_of(journal, whole.epoch) == whole.facts
    journal.close()
    assert sorted(file.name for file in path.parent.glob("journal.db.salv*")) == []


def test_a_finished_salvage_is_put_in_place(original: Path, whole: Whole, path: Path) -> None:
    """The program died after it had moved the damaged file aside."""
    path.with_name("journal.db.salvaged").write_bytes(original.read_bytes())
    journal = Journal.open(path, node=NODE, clock=StandingClock())
    assert facts_of(journal, whole.epoch) == whole.facts
    journal.close()


def test_damage_met_while_running_is_told_and_the_next_start_salvages(original: Path, whole: Whole, path: Path) -> None:
    path.write_bytes(original.read_bytes())
    journal = Journal.open(path, node=NODE, clock=StandingClock())
    with path.open("r+b") as file:
        file.seek(PAGE_SIZE)
        file.write(random.Random(3).randbytes(path.stat().st_size - PAGE_SIZE))
    with pytest.raises(JournalDamaged, match="SRV-202"):
        journal.facts_after(whole.epoch, 0)
    with pytest.raises(JournalDamaged, match="SRV-202"):
        journal.submit(drawer()).result()
    journal.close()
    salvaged, _ = open_salvaged(path)
    assert salvaged.submit(drawer()).result().sequence == 1
    salvaged.close()


@pytest.fixture
def stumbling(original: Path, path: Path) -> Path:
    """Closed cleanly, and then a leaf of facts lost its rows: SQLite's quick check lets it pass, reading does not."""
    path.write_bytes(original.read_bytes())
    schema_copy_of(path).write_bytes(schema_copy_of(original).read_bytes())
    Journal.open(path, node=NODE, clock=StandingClock()).close()
    data = bytearray(path.read_bytes())
    interior = data[(_root(path, "facts") - 1) * PAGE_SIZE :]
    cell = int.from_bytes(interior[12:14], "big")
    leaf = int.from_bytes(interior[cell : cell + 4], "big")
    data[(leaf - 1) * PAGE_SIZE + 3 : (leaf - 1) * PAGE_SIZE + 5] = b"\0\0"
    path.write_bytes(data)
    return path


def _root(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        [root] = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
    return int(root)


def test_damage_that_only_reading_finds_is_salvaged_at_the_next_start(stumbling: Path, whole: Whole) -> None:
    journal = Journal.open(stumbling, node=NODE, clock=StandingClock())
    with pytest.raises(JournalDamaged, match="SRV-202"):
        facts_of(journal, whole.epoch)
    assert (journal.salvaged, journal.damage is None) == (None, False)
    journal.close()
    salvaged, report = open_salvaged(stumbling)
    facts = facts_of(salvaged, whole.epoch)
    assert set(whole.facts) - set(facts) - sequences_of(report) <= SETTLED
    assert 0 < FACTS - len(facts) < 10
    salvaged.close()
    again = Journal.open(stumbling, node=NODE, clock=StandingClock())
    assert again.salvaged is None
    again.close()


async def test_whoever_asked_hears_of_damage_once(stumbling: Path, whole: Whole) -> None:
    journal = Journal.open(stumbling, node=NODE, clock=StandingClock())
    heard = []
    journal.on_damage(lambda: heard.append(journal.damage))
    for _ in range(2):
        with pytest.raises(JournalDamaged, match="SRV-202"):
            facts_of(journal, whole.epoch)
    await asyncio.sleep(0)
    assert heard == [journal.damage]
    journal.close()


def test_a_file_that_cannot_be_opened_for_damage_is_salvaged_at_the_next_start(
    original: Path, whole: Whole, path: Path
) -> None:
    """Closed cleanly, so nobody looked it over; then the page by which epochs are found is gone."""
    path.write_bytes(original.read_bytes())
    schema_copy_of(path).write_bytes(schema_copy_of(original).read_bytes())
    Journal.open(path, node=NODE, clock=StandingClock()).close()
    damage(path, path, overwrite(_root(path, "sqlite_autoindex_epochs_1"), seed=5))
    with pytest.raises(JournalDamaged, match="SRV-202"):
        Journal.open(path, node=NODE, clock=StandingClock())
    salvaged, _ = open_salvaged(path)
    assert facts_of(salvaged, whole.epoch) == whole.facts
    salvaged.close()


@pytest.mark.parametrize("byte", [b"\x80", b"!"])
async def test_a_fact_whose_id_has_gone_bad_is_salvaged_under_its_own(
    original: Path, whole: Whole, path: Path, byte: bytes
) -> None:
    """The id's column has no checksum; the body, which has one, says it too. SQLite itself notices nothing."""
    schema_copy_of(path).write_bytes(schema_copy_of(original).read_bytes())
    mark = whole.facts[150].split(b'"id":"')[1][:36]

    def spoil(data: bytearray) -> None:
        at = data.index(mark + b"drawer.opened") + 20
        data[at : at + 1] = byte

    damage(path, original, spoil)
    journal = Journal.open(path, node=NODE, clock=StandingClock())
    with pytest.raises(JournalDamaged, match="SRV-202"):
        facts_of(journal, whole.epoch)
    journal.close()
    salvaged, report = open_salvaged(path)
    assert facts_of(salvaged, whole.epoch) == whole.facts
    assert report.lost == ()
    salvaged.close()


async def test_a_text_that_is_none_any_more_is_damage_and_salvaged(original: Path, whole: Whole, path: Path) -> None:
    """Whoever reads it would stumble at every start, and SQLite itself notices nothing: here pruning, for ever."""
    schema_copy_of(path).write_bytes(schema_copy_of(original).read_bytes())
    mark = whole.facts[50].split(b'"id":"')[1][:36] + b"drawer.opened"

    def spoil(data: bytearray) -> None:
        at = data.index(mark) + len(mark) + 3
        data[at : at + 1] = b"\xff"

    damage(path, original, spoil)
    journal = Journal.open(path, node=NODE, clock=StandingClock())
    later = StandingClock().now() + timedelta(days=100)
    with pytest.raises(JournalDamaged, match="SRV-202"):
        await journal.prune(timedelta(days=90), later)
    journal.close()
    salvaged, report = open_salvaged(path)
    assert (facts_of(salvaged, whole.epoch), report.lost) == (whole.facts, ())
    assert await salvaged.prune(timedelta(days=90), later) == len(SETTLED)
    salvaged.close()


def _children(data: bytes, page: int) -> list[int]:
    """Where the pointers of an interior page to its children stand in the file."""
    start = (page - 1) * PAGE_SIZE
    count = int.from_bytes(data[start + 3 : start + 5], "big")
    cells = range(start + 12, start + 12 + 2 * count, 2)
    return [start + int.from_bytes(data[cell : cell + 2], "big") for cell in cells]


@pytest.mark.parametrize(
    ("child", "leads_to"),
    [(3, "the root"), (3, "its neighbour")],
)
def test_a_tree_that_leads_astray_is_left_after_finitely_many_rows_and_its_facts_are_found(
    original: Path, whole: Whole, path: Path, child: int, leads_to: str
) -> None:
    """A pointer went bad: rows come round again for ever, or a leaf is simply passed by. No fact itself is damaged."""
    schema_copy_of(path).write_bytes(schema_copy_of(original).read_bytes())
    root = _root(original, "facts")

    def spoil(data: bytearray) -> None:
        pointers = _children(data, root)
        target = {"the root": root.to_bytes(4, "big"), "its neighbour": data[pointers[child + 1] :][:4]}[leads_to]
        data[pointers[child] : pointers[child] + 4] = target

    damage(path, original, spoil)
    path.with_name("journal.db.is-damaged").touch()
    journal, report = open_salvaged(path)
    assert facts_of(journal, whole.epoch) == whole.facts
    assert report.lost == ()
    journal.close()
