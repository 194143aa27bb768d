"""A journal with one damaged page, by seed: what is readable arrives, what is not is named, and it comes to an end.

Each seed is a journal of its own with unsent facts of many sizes, one page of which is spoilt: overwritten, zeroed,
torn, swapped for another or with bits flipped; after a crash, after a clean end, or while the gateway runs. The rest is
the program's own: opening, salvage, uplink, a real broker, and a head office that goes by the rules.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from edge.journal import Journal, JournalDamaged, NodeIdentity, Transaction
from edge.journal.database import PAGE_SIZE
from edge.journal.schema_pages import schema_copy_of
from edge.uplink import NodeNews, Timings, Uplink
from shared.clock import SystemClock
from shared.topics import NodeAddress
from tests.cloud.deliveries import sale
from tests.edge.uplink.cloud_end import CloudEnd
from tests.edge.uplink.conftest import broker_at
from tests.faults.campaign import Outcome, Terms
from tests.services import MosquittoServer, free_port

__all__ = ["damaged_pages"]

FACTS: Final = 160
SETTLED: Final = 40
LINES_MOST: Final = 40
"""Of a sale: its fact then takes several pages."""
_NAME_BYTES: Final = 40
_BEGINNING: Final = 100
"""Bytes of a fact's body, its id among them."""
KINDS: Final = ("random", "zeroed", "torn", "swapped", "bits")
MOMENTS: Final = ("crashed", "closed", "running")
_QUICK: Final = Timings(no_progress_s=0.5, connect_s=10.0, reconnect_first_s=0.02, reconnect_most_s=0.1, goodbye_s=1.0)
_LONGEST_S: Final = 60.0
_AT_ONCE: Final = 8


def damaged_pages(terms: Terms) -> Outcome:
    """terms.hits journals, each with a damage of its own seed: those from terms.seed on."""
    return asyncio.run(_damage_all(terms))


async def _damage_all(terms: Terms) -> Outcome:
    (terms.folder / "template").mkdir(parents=True)
    template = make_template(terms.folder / "template")
    faults: Counter[str] = Counter()
    arrived = named = 0
    with anonymous_broker() as broker:
        for first in range(terms.seed, terms.seed + terms.hits, _AT_ONCE):
            if not terms.left_s:
                break
            seeds = range(first, min(first + _AT_ONCE, terms.seed + terms.hits))
            works = (spoil_and_deliver(template, terms.folder, broker.port, seed) for seed in seeds)
            for spoilt in await asyncio.gather(*works):
                faults[f"{spoilt.kind}, {spoilt.moment}"] += 1
                arrived += spoilt.arrived
                named += spoilt.named
    return Outcome(faults, facts={"facts that arrived": arrived, "facts named as lost": named})


@dataclass(frozen=True)
class Template:
    """A journal to be spoilt. page_of: sequence of an unsent fact -> pages on which a byte of it stands."""

    path: Path
    epoch: UUID
    ids: dict[int, str]
    pages_of: dict[int, frozenset[int]]


@dataclass(frozen=True)
class Spoilt:
    """One seed's damage, and what came of it."""

    seed: int
    page: int
    kind: str
    moment: str
    """When the page went bad."""
    arrived: int
    named: int
    """Sequences that head office was told are gone."""


def make_template(folder: Path) -> Template:
    """Sales of 1 to 40 lines, the first of them settled, as a node left them that lost its power after a checkpoint."""
    path = folder / "journal.db"
    chance = random.Random(1)
    names: dict[int, list[str]] = {}
    journal = Journal.open(path, node=NodeIdentity("branch-1", "node-0"), clock=SystemClock())

    def write(tx: Transaction) -> None:
        for number in range(FACTS):
            sold = sale(number, lines=int(LINES_MOST ** chance.random()))
            names[number + 1] = [chance.randbytes(_NAME_BYTES).hex() for _ in sold.lines]
            lines = tuple(
                line.model_copy(update={"name": name}) for line, name in zip(sold.lines, names[number + 1], strict=True)
            )
            tx.append("sale.completed", str(number), sold.model_copy(update={"lines": lines}))
        tx.connection.execute("UPDATE epochs SET acked_upto = ?", (SETTLED,))

    journal.submit(write).result()
    epoch = journal.epoch
    facts = {fact.sequence: fact for fact in journal.facts_after(epoch, 0, limit=FACTS, max_bytes=10**9)}
    journal.close()
    data = path.read_bytes()
    return Template(
        path,
        epoch,
        {sequence: str(fact.event_id) for sequence, fact in facts.items()},
        {
            sequence: _pages_of(data, fact.body, names[sequence])
            for sequence, fact in facts.items()
            if sequence > SETTLED
        },
    )


def _pages_of(data: bytes, body: bytes, names: list[str]) -> frozenset[int]:
    """Pages with the beginning of this body or one of these names, which no other fact has. A name may stand on two."""
    halves = [half.encode() for name in names for half in (name[:_NAME_BYTES], name[_NAME_BYTES:])]
    return frozenset({data.find(mark) // PAGE_SIZE + 1 for mark in (body[:_BEGINNING], *halves)} - {0})


@contextmanager
def anonymous_broker() -> Iterator[MosquittoServer]:
    port = free_port()
    server = MosquittoServer(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n", port)
    try:
        yield server
    finally:
        server.stop()


async def spoil_and_deliver(template: Template, folder: Path, port: int, seed: int) -> Spoilt:
    """Raises AssertionError when a fact on an unspoilt page does not arrive, or a missing one is not named."""
    chance = random.Random(seed)
    page = chance.choice(sorted(frozenset[int]().union(*template.pages_of.values())))
    kind, moment = chance.choice(KINDS), chance.choice(MOMENTS)
    node = f"node-{seed}"
    path = _copy(template, folder / node, node, is_clean=moment == "closed")
    if moment != "running":
        _spoil(path, page, kind, chance)
    cloud = CloudEnd(port, NodeAddress(7, "branch-1", node))
    cloud.ledger.cursors[template.epoch] = SETTLED
    cloud.ledger.facts[template.epoch] = {number: template.ids[number] for number in range(1, SETTLED + 1)}
    await cloud.connect()
    try:
        journal = Journal.open(path, node=NodeIdentity("branch-1", node), clock=SystemClock())
        if moment == "running":
            _spoil(path, page, kind, chance)
        await asyncio.wait_for(_deliver(journal, path, node, port), _LONGEST_S)
        named = _named(cloud, template)
        _check(template, cloud, page, f"seed {seed}: page {page} {kind}, {moment}")
        return Spoilt(seed, page, kind, moment, len(cloud.ledger.facts[template.epoch]), len(named))
    finally:
        await cloud.close()
        shutil.rmtree(folder / node)


def _copy(template: Template, folder: Path, node: str, *, is_clean: bool) -> Path:
    folder.mkdir(parents=True)
    path = folder / "journal.db"
    shutil.copyfile(template.path, path)
    shutil.copyfile(schema_copy_of(template.path), schema_copy_of(path))
    with closing(sqlite3.connect(path)) as connection:
        with connection:
            connection.execute("UPDATE journal SET node = ?, closed_cleanly = ?", (node, int(is_clean)))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def _spoil(path: Path, page: int, kind: str, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at, end = (page - 1) * PAGE_SIZE, page * PAGE_SIZE
    match kind:
        case "random":
            data[at:end] = chance.randbytes(PAGE_SIZE)
        case "zeroed":
            data[at:end] = bytes(PAGE_SIZE)
        case "torn":
            data[at + PAGE_SIZE // 2 : end] = bytes(PAGE_SIZE // 2)
        case "swapped":
            other = chance.randrange(1, len(data) // PAGE_SIZE)
            data[at:end] = data[other * PAGE_SIZE : (other + 1) * PAGE_SIZE]
        case "bits":
            for _ in range(chance.randint(1, 8)):
                data[at + chance.randrange(PAGE_SIZE)] ^= 1 << chance.randrange(8)
    with path.open("r+b") as file:
        file.write(data)


async def _deliver(journal: Journal, path: Path, node: str, port: int) -> None:
    """Run until nothing is left to send; where damage is met on the way, start again as the service would."""
    while not await _has_sent_all(journal, node, port):
        journal = Journal.open(path, node=NodeIdentity("branch-1", node), clock=SystemClock())


async def _has_sent_all(journal: Journal, node: str, port: int) -> bool:
    """False when damage has stopped the uplink. The journal is closed in any case."""
    uplink = Uplink(
        journal=journal,
        address=NodeAddress(7, "branch-1", node),
        broker=broker_at(port),
        news=lambda: NodeNews(version="1"),
        clock=SystemClock(),
        timings=_QUICK,
    )
    changed = asyncio.Event()
    uplink.on_link(changed.set)
    life = asyncio.create_task(uplink.run())
    try:
        while journal.unsent_count():
            changed.clear()
            change = asyncio.create_task(changed.wait())
            await asyncio.wait({life, change}, return_when=asyncio.FIRST_COMPLETED)
            change.cancel()
            if life.done():
                return False
        return True
    except JournalDamaged:
        return False
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        journal.close()


def _named(cloud: CloudEnd, template: Template) -> set[int]:
    spans = cloud.ledger.gone[template.epoch]
    return {sequence for span in spans for sequence in range(span.first, span.last + 1)}


def _check(template: Template, cloud: CloudEnd, page: int, what: str) -> None:
    arrived = cloud.ledger.facts[template.epoch]
    wrong = {sequence for sequence, event in arrived.items() if template.ids[sequence] != event}
    assert not wrong, f"{what}: facts arrived under a number that is not theirs: {sorted(wrong)}"
    readable = {sequence for sequence, pages in template.pages_of.items() if page not in pages}
    assert readable <= set(arrived), f"{what}: lost though readable: {sorted(readable - set(arrived))}"
    silent = set(template.ids) - set(arrived) - _named(cloud, template)
    assert not silent, f"{what}: missing and not named: {sorted(silent)}"
    assert cloud.ledger.cursors[template.epoch] >= FACTS, f"{what}: the old epoch is not settled"
    repeated = Counter(arrived.values())
    assert max(repeated.values()) == 1, what
