"""The gateway's machine in trouble: its disk is full or refuses, its clock jumps, its card is one of last week.

The rule that never breaks: what a till has shown as done is on the disk, whatever the machine is like.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from tests.faults.campaign import Outcome, Terms
from tests.faults.nursery import CLOCK_VARIABLE
from tests.faults.shop import Branch, Shop, open_shop

__all__ = ["clock_jumps", "disk_full", "restored_card"]

BRANCHES: Final = 3
_NO_LIMIT: Final = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
FULL_S: Final = 1.0
JUMPS_S: Final = (-400 * 86_400, -86_400, -3_600, -1, 1, 3_600, 86_400, 400 * 86_400, 0)
"""Seconds by which a gateway's clock is off after a jump: a year back, a year ahead, and what lies between."""
_CARD: Final = ("journal.db", "journal.db-wal", "journal.db.schema", "replica.db", "replica.db-wal")
OLD_SALES: Final = 20
NEW_SALES: Final = 30
FORK_S: Final = 10.0
"""After the last sale: not all will be in the ledgers, so there is nothing better to wait for."""


def disk_full(terms: Terms) -> Outcome:
    """No file of a gateway may grow (RLIMIT_FSIZE), for moments; sometimes it is killed while it is so."""
    chance = random.Random(terms.seed)
    faults: Counter[str] = Counter()
    with open_shop(terms.folder, seed=terms.seed, branches=BRANCHES, has_postgres=terms.has_postgres) as shop:
        crowd = shop.admit()
        while terms.left_s and faults.total() < terms.hits:
            branch = chance.choice(shop.branches)
            full = chance.choice((0, 4_096, (branch.home / "journal.db").stat().st_size))
            pid = branch.gateway.process.pid
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
            time.sleep(chance.random() * FULL_S)
            faults["disk full"] += 1
            if chance.random() < 0.3:
                _restart(shop, branch)
                faults["killed with a full disk"] += 1
            else:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, _NO_LIMIT)
            time.sleep(chance.random() * FULL_S)
        shop.send_home(crowd)
        return Outcome(faults, shop.judge())


def clock_jumps(terms: Terms) -> Outcome:
    """Gateways' wall clocks jump both ways, up to 400 days, while they sell and between two starts."""
    chance = random.Random(terms.seed)
    faults: Counter[str] = Counter()
    clock = terms.folder / "clock"
    clock.parent.mkdir(parents=True, exist_ok=True)
    clock.write_text("0")
    environment = {CLOCK_VARIABLE: str(clock)}
    with open_shop(
        terms.folder / "shop",
        seed=terms.seed,
        branches=BRANCHES,
        has_postgres=terms.has_postgres,
        environment=environment,
    ) as shop:
        crowd = shop.admit()
        while terms.left_s and faults.total() < terms.hits:
            _set(clock, chance.choice(JUMPS_S))
            faults["clock jumped"] += 1
            time.sleep(chance.random())
            if chance.random() < 0.3:
                _restart(shop, chance.choice(shop.branches), environment)
                faults["killed after a jump"] += 1
        _set(clock, 0)
        for branch in shop.branches:
            # What was fetched under a clock of last year is too old to manage by; a start fetches again.
            _restart(shop, branch, environment)
        shop.send_home(crowd)
        return Outcome(faults, shop.judge())


def restored_card(terms: Terms) -> Outcome:
    """A gateway's files are put back to an older copy of themselves, and it goes on selling under numbers used before.

    Head office must find the fork, and every sale must be there: in its ledgers, or on the list of a person.
    """
    with open_shop(terms.folder, seed=terms.seed, branches=1, has_postgres=terms.has_postgres) as shop:
        branch = shop.branches[0]
        shop.wait_for(shop.admit(sales=OLD_SALES), 60)
        card = terms.folder / "card"
        _stop(branch)
        _copy_card(branch.home, card)
        branch.gateway = shop.start_gateway(branch.id, branch.home)
        shop.wait_for(shop.admit(sales=OLD_SALES), 60)
        shop.settle()
        _stop(branch)
        for name in _CARD:
            (branch.home / name).unlink(missing_ok=True)
        _copy_card(card, branch.home)
        branch.gateway = shop.start_gateway(branch.id, branch.home)
        shop.wait_for(shop.admit(sales=NEW_SALES), 60)
        shop.settle(FORK_S)
        return Outcome(Counter({"card restored": 1}), facts=_where_sales_are(shop))


def _where_sales_are(shop: Shop) -> dict[str, Any]:
    """Raises AssertionError when a sale of the log is in no ledger and on no list, or is twice in the ledgers."""
    log = [json.loads(line) for line in shop.log.read_text().splitlines()]
    sold = [entry["sale_id"] for entry in log if entry["kind"] == "sale"]
    booked = [sale["id"] for sale in shop.office.every("/api/v1/sales")]
    aside = list(shop.office.every("/api/v1/quarantine"))
    waiting = [json.loads(shop.office.get(f"/api/v1/quarantine/{item['id']}")["body"]) for item in aside]
    listed = [fact["data"]["sale_id"] for fact in waiting if "sale.completed" in fact["type"]]
    assert len(booked) == len(set(booked)), "doubled"
    missing = set(sold) - set(booked) - set(listed)
    assert not missing, f"lost: {len(missing)} of {len(sold)}"
    codes = Counter(item["code"] for item in aside)
    return {"sold": len(sold), "booked": len(set(sold) & set(booked)), "on the list": dict(sorted(codes.items()))}


def _restart(shop: Shop, branch: Branch, environment: dict[str, str] | None = None) -> None:
    os.kill(branch.gateway.process.pid, signal.SIGKILL)
    branch.gateway.process.wait()
    branch.gateway = shop.start_gateway(branch.id, branch.home, environment)


def _stop(branch: Branch) -> None:
    os.kill(branch.gateway.process.pid, signal.SIGKILL)
    branch.gateway.process.wait()


def _copy_card(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for name in _CARD:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)


def _set(clock: Path, off_s: int) -> None:
    new = clock.with_suffix(".new")
    new.write_text(str(off_s))
    new.replace(clock)
