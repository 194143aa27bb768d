"""Storms: the whole shop sells while its processes are killed, at every named point or at any moment.

The rule that never breaks: whoever is killed starts again over what was on the disk, and nobody else is told.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Final

from tests.faults.campaign import Outcome, Terms, failures_of, say
from tests.faults.keepers import Keeper, Reaper
from tests.faults.shop import Branch, Shop, open_shop

__all__ = ["GATEWAY_POINTS", "OFFICE_POINTS", "at_any_moment", "at_named_points"]

GATEWAY_POINTS: Final[Mapping[str, int]] = {
    # point -> how often a sale passes it, roughly
    "journal.before_commit": 6,
    "journal.after_commit": 6,
    "fiscal.intent_committed": 1,
    "fiscal.register_did_it": 1,
    "fiscal.reply_read": 1,
    "fiscal.number_committed": 1,
    "uplink.before_publish": 2,
    "uplink.after_publish": 2,
    "uplink.before_cursor": 2,
    "replica.half_applied": 0,
}
OFFICE_POINTS: Final[Mapping[str, int]] = {"ingest.before_commit": 2, "ingest.after_commit": 2}
BRANCHES: Final = 4
"""Tills that sell while others come back; more cost more than they bring on two cores."""
_LOOK_S: Final = 0.2
_SAY_S: Final = 20.0
RANDOM_PAUSE_S: Final = 0.6


def at_named_points(terms: Terms, branches: int = BRANCHES) -> Outcome:
    """Every named point, terms.hits times in all, over at least terms.sales sales."""
    with open_shop(terms.folder, seed=terms.seed, branches=branches, has_postgres=terms.has_postgres) as shop:
        crowd = shop.admit()
        # A gateway dies branches times as often as head office per point; each life sells its part of the sales.
        deaths = max(terms.hits * len(GATEWAY_POINTS), 1)
        pace = max(terms.sales // deaths, 1)
        keepers = [
            _keep_gateway(shop, branch, wanted=-(-terms.hits // branches), pace=pace, seed=terms.seed + number)
            for number, branch in enumerate(shop.branches)
        ]
        keepers.append(_keep_office(shop, wanted=terms.hits, pace=pace, seed=terms.seed))
        for keeper in keepers:
            keeper.start()
        said = time.monotonic()
        while any(keeper.is_alive() for keeper in keepers) or (terms.left_s and shop.count_documents() < terms.sales):
            if not terms.left_s:
                for keeper in keepers:
                    keeper.give_up()
            if time.monotonic() - said > _SAY_S:
                said = time.monotonic()
                total = sum((keeper.hits for keeper in keepers), Counter()).total()
                say(f"    {terms.left_s:5.0f} s left, {shop.count_documents():,} documents, {total:,} deaths")
            failures_of(keepers)
            time.sleep(_LOOK_S)
        failures_of(keepers)
        shop.send_home(crowd)
        faults = sum((keeper.hits for keeper in keepers), Counter())
        outlived = sum(keeper.outlived for keeper in keepers)
        return Outcome(faults, shop.judge(), {"ended from outside": outlived})


def _keep_gateway(shop: Shop, branch: Branch, *, wanted: int, pace: int, seed: int) -> Keeper:
    """A keeper of this branch's gateway. News from head office makes its replica move."""

    def nudge(point: str) -> None:
        if point == "replica.half_applied":
            shop.rename_an_article()

    return Keeper(
        branch.gateway,
        lambda environment: shop.start_gateway(branch.id, branch.home, environment, ready_s=None),
        {point: 2 * passes * pace for point, passes in GATEWAY_POINTS.items()},
        wanted=wanted,
        folder=shop.household.folder / f"{branch.id}-keeper",
        seed=seed,
        nudge=nudge,
    )


def _keep_office(shop: Shop, *, wanted: int, pace: int, seed: int) -> Keeper:
    return Keeper(
        shop.office_process,
        lambda environment: shop.start_head_office(environment, ready_s=None),
        {point: 2 * passes * pace * len(shop.branches) for point, passes in OFFICE_POINTS.items()},
        wanted=wanted,
        folder=shop.household.folder / "office-keeper",
        seed=seed,
    )


def at_any_moment(terms: Terms, branches: int = 3) -> Outcome:
    """SIGKILL to gateways, head office, broker, PostgreSQL and registers, until each has died terms.hits times."""
    with open_shop(terms.folder, seed=terms.seed, branches=branches, has_postgres=True) as shop:
        crowd = shop.admit()
        victims = {
            "gateway": partial(_kill_a_gateway, shop, Counter()),
            "head office": partial(_kill_office, shop),
            "broker": partial(_kill_broker, shop, is_wiped=False),
            "broker, wiped": partial(_kill_broker, shop, is_wiped=True),
            "PostgreSQL": partial(_kill_postgres, shop),
            "register": partial(_kill_a_register, shop, Counter()),
        }
        reaper = Reaper(victims, pause_s=RANDOM_PAUSE_S, seed=terms.seed)
        reaper.start()
        said = time.monotonic()
        while terms.left_s and (min(map(reaper.hits.__getitem__, victims)) < terms.hits):
            failures_of([reaper])
            if time.monotonic() - said > _SAY_S:
                said = time.monotonic()
                say(f"    {terms.left_s:5.0f} s left, {shop.count_documents():,} documents, {dict(reaper.hits)}")
            time.sleep(_LOOK_S)
        reaper.give_up()
        reaper.join()
        failures_of([reaper])
        _have_office(shop)
        shop.send_home(crowd)
        return Outcome(reaper.hits, shop.judge())


def _kill_a_gateway(shop: Shop, turn: Counter[str]) -> None:
    branch = _next(shop, turn)
    _kill(branch.gateway.process.pid)
    branch.gateway.process.wait()
    branch.gateway = shop.start_gateway(branch.id, branch.home, ready_s=None)


def _kill_a_register(shop: Shop, turn: Counter[str]) -> None:
    register = _next(shop, turn).register
    _kill(register.child.process.pid)
    register.child.process.wait()
    shop.restart_register(register)


def _kill_office(shop: Shop) -> None:
    process = shop.office_process.process
    if process.poll() is None:
        _kill(process.pid)
        process.wait()
    _have_office(shop)


def _have_office(shop: Shop) -> None:
    """As its service does: one that found no database when it began has ended, and is started again."""
    if shop.office_process.process.poll() is not None:
        shop.office_process = shop.start_head_office(ready_s=None)


def _kill_broker(shop: Shop, *, is_wiped: bool) -> None:
    shop.kill_broker()
    shop.start_broker(is_wiped=is_wiped)


def _kill_postgres(shop: Shop) -> None:
    assert shop.postgres is not None
    shop.postgres.kill()
    shop.postgres.start()


def _next(shop: Shop, turn: Counter[str]) -> Branch:
    turn["next"] += 1
    return shop.branches[turn["next"] % len(shop.branches)]


def _kill(pid: int) -> None:
    """By SIGKILL, which is what a power cut leaves of a process."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        raise AssertionError(f"process {pid} had ended before anybody killed it") from None
