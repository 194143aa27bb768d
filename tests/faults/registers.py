"""Registers in trouble: the wire cut after every byte of a receipt, and a whole shop whose registers have moods.

The first is exact: for each family of registers a receipt's bytes are counted both ways, and then a receipt is printed
for each of them, with the wire cut there. One receipt each, whatever happens.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.checkout.fiscal_engine import FiscalEngine
from edge.checkout.fiscal_store import JobState, enqueue
from edge.devices.fiscal_printer.datecs_isl import Timing, datecs_isl
from edge.devices.fiscal_printer.profiles import load_profile
from edge.journal import Journal, NodeIdentity
from edge.transports import from_address
from shared.clock import SystemClock
from tests.edge.checkout.test_fiscal_engine import job_of, receipt
from tests.edge.devices.fiscal_printer.register_process import KINDS, RegisterProcess
from tests.faults.campaign import Outcome, Terms, say
from tests.faults.shop import Branch, Shop, open_shop
from tests.faults.wires import BACK, FORTH, Weather, Wire

__all__ = ["cut_after_every_byte", "moods"]

FAMILIES: Final = ("P", "C", "X")
_QUICK: Final = Timing(read_timeout_s=0.2, sends=3)
_LONGEST_S: Final = 60.0
_MARGIN: Final = 5
"""Bytes beyond those of an undisturbed receipt: then the next one's first are cut."""
MOODS: Final = (
    ("lost-answer", "38:1"),
    ("lost-answer", "31:1"),
    ("lost-answer", "35:1"),
    ("drop-reply", "38:1"),
    ("garble-reply", "31:2"),
    ("nak-storm", "35:3"),
    ("paper-out-mid-receipt", "31:1"),
    ("paper-out", ""),
    ("cover-open", ""),
    ("silent", ""),
    ("die-mid-receipt", "31:1"),
    ("die-before-close", "38:1"),
    ("die-after-close", "38:1"),
)
"""Faults of the simulated registers (docs/simulators.md), and where they strike."""
MOOD_S: Final = 0.7
BRANCHES: Final = 4


def cut_after_every_byte(terms: Terms, *, stride: int = 1) -> Outcome:
    """Receipts with the wire cut after 1, 2, 3 … bytes of them, either way, on a register of each family.

    stride: only every so many bytes. The seed says with which byte and which family to begin.
    """
    return asyncio.run(_cut_all(terms, stride))


async def _cut_all(terms: Terms, stride: int) -> Outcome:
    faults: Counter[str] = Counter()
    receipts = 0
    first = terms.seed % len(FAMILIES)
    for family in (*FAMILIES[first:], *FAMILIES[:first]):
        folder = terms.folder / family
        folder.mkdir(parents=True)
        line = _Line(family, folder)
        try:
            bytes_of = await line.measure()
            say(f"    {family}: a receipt takes {bytes_of[FORTH]} bytes forth and {bytes_of[BACK]} back")
            for way in (FORTH, BACK):
                for after in range(1 + terms.seed % stride, bytes_of[way] + _MARGIN, stride):
                    if not terms.left_s:
                        break
                    await line.print_cut(way, after)
                    faults[f"{family}: cut {way}"] += 1
            receipts += line.judge()
        finally:
            await line.close()
    return Outcome(faults, facts={"receipts": receipts})


class _Line:
    """One engine, one register, and the wire between them."""

    def __init__(self, family: str, folder: Path) -> None:
        self._family = family
        self._register = RegisterProcess(KINDS[family], folder, tcp=True).start()
        self._wire = Wire(int(self._register.address.rpartition(":")[2]))
        identity = NodeIdentity("main", "gw-1")
        self._journal = Journal.open(folder / "journal.db", node=identity, clock=SystemClock())
        driver = datecs_isl(
            from_address(f"127.0.0.1:{self._wire.port}"), load_profile(KINDS[family].profile), timing=_QUICK
        )
        self._engine = FiscalEngine(
            "register-1", driver, self._journal, clock=SystemClock(), retry_s=0.01, idle_check_s=_LONGEST_S
        )
        self._life = asyncio.create_task(self._engine.run())
        self._totals: list[int] = []

    async def measure(self) -> dict[str, int]:
        """Bytes that a receipt takes each way, looking for the register's condition included."""
        await self._print()
        before = dict(self._wire.passed)
        await self._print()
        return {way: count - before[way] for way, count in self._wire.passed.items()}

    async def print_cut(self, way: str, after: int) -> None:
        self._wire.turn(Weather(cuts_after=(way, after)))
        try:
            await self._print()
        except TimeoutError as error:
            raise AssertionError(f"{self._family}: cut after {after} bytes {way}: no end") from error
        self._wire.turn(Weather())
        printed = [paper["total_minor"] for paper in self._register.memory() if paper.get("kind") == "sale"]
        assert printed == self._totals, f"{self._family}: cut after {after} bytes {way}: {printed[-3:]}"

    async def _print(self) -> None:
        # Totals come in pairs: a receipt in doubt often has the total of the one before it.
        total = 600 + len(self._totals) // 2
        job = job_of(receipt(f"sale-{len(self._totals)}", total, (total,)))
        await self._journal.write(lambda tx: enqueue(tx, job))
        self._totals.append(total)
        self._engine.wake()
        done = await asyncio.wait_for(self._engine.finished(job.job_id), _LONGEST_S)
        assert done.state is JobState.DONE

    def judge(self) -> int:
        """Every receipt has the number that the register gave it. Answers how many there were."""
        papers = [paper for paper in self._register.memory() if paper.get("kind") == "sale"]
        rows = self._journal.read("SELECT result_no FROM fiscal_jobs ORDER BY place")
        assert [row["result_no"] for row in rows] == [paper["document"] for paper in papers]
        return len(papers)

    async def close(self) -> None:
        self._life.cancel()
        with suppress(asyncio.CancelledError):
            await self._life
        self._journal.close()
        self._wire.stop()
        self._register.stop()


def moods(terms: Terms) -> Outcome:
    """A whole shop whose registers lose answers, run out of paper, fall silent and die, at the seed's choice."""
    chance = random.Random(terms.seed)
    faults: Counter[str] = Counter()
    with open_shop(terms.folder, seed=terms.seed, branches=BRANCHES, has_postgres=terms.has_postgres) as shop:
        crowd = shop.admit()
        while terms.left_s and faults.total() < terms.hits * len(MOODS):
            fault, at = chance.choice(MOODS)
            branch = chance.choice(shop.branches)
            _set_mood(branch, fault, at)
            time.sleep(chance.random() * MOOD_S)
            _clear_mood(shop, branch)
            faults[fault] += 1
        shop.send_home(crowd)
        return Outcome(faults, shop.judge())


def _set_mood(branch: Branch, *mood: str) -> None:
    fault, at = mood
    new = branch.register.control.with_suffix(".new")
    new.write_text(json.dumps({"faults": [fault], "fault_at": at}))
    new.replace(branch.register.control)


def _clear_mood(shop: Shop, branch: Branch) -> None:
    """Paper is put in, the cable is plugged in; a register that has died is switched on."""
    branch.register.control.unlink()
    if branch.register.child.process.poll() is not None:
        shop.restart_register(branch.register)
