"""The link to head office in every bad state: cut with thousands of sales waiting, half open, late, narrow, torn.

All gateways reach the broker over one wire of ours (`wires`). Head office and the registers have no trouble here.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Final

from tests.faults.campaign import Outcome, Terms, say
from tests.faults.shop import Shop, open_shop
from tests.faults.wires import BACK, FORTH, Weather

__all__ = ["bad_weather", "cut_with_a_queue"]

BRANCHES: Final = 3
QUEUED: Final = 5_000
"""Sales that wait in the branches before the link comes back, unless the terms ask for fewer."""
SILENT_S: Final = 12.0
"""Longer than the 10 s after which a gateway calls a silent link dead (docs/delivery.md, N6)."""
_LOOK_S: Final = 0.2
_SAY_S: Final = 20.0


def cut_with_a_queue(terms: Terms) -> Outcome:
    """No link while terms.sales sales wait; half way through, the broker dies and comes back with an empty memory."""
    wanted = min(terms.sales, QUEUED)
    with open_shop(
        terms.folder, seed=terms.seed, branches=BRANCHES, has_postgres=terms.has_postgres, has_wire=True
    ) as shop:
        assert shop.wire is not None
        crowd = shop.admit()
        _sell(shop, terms, upto=10 * BRANCHES)
        shop.wire.turn(Weather(is_cut=True))
        before = shop.count_documents()
        _sell(shop, terms, upto=before + wanted // 2)
        shop.kill_broker()
        shop.start_broker(is_wiped=True)
        _sell(shop, terms, upto=before + wanted)
        queued = shop.count_documents() - before
        begun = time.monotonic()
        shop.wire.turn(Weather())
        shop.send_home(crowd)
        shop.settle()
        facts = {"documents that waited": queued, "seconds until all had arrived": round(time.monotonic() - begun, 1)}
        return Outcome(Counter({"link cut": 1, "broker killed and wiped": 1}), shop.judge(), facts)


def _sell(shop: Shop, terms: Terms, *, upto: int) -> None:
    said = time.monotonic()
    while shop.count_documents() < upto and terms.left_s:
        if time.monotonic() - said > _SAY_S:
            said = time.monotonic()
            say(f"    {terms.left_s:5.0f} s left, {shop.count_documents():,} of {upto:,} documents")
        time.sleep(_LOOK_S)


def bad_weather(terms: Terms) -> Outcome:
    """Late, narrow, silent, cut, and torn after any number of bytes either way, in an order of the seed's choosing."""
    chance = random.Random(terms.seed)
    faults: Counter[str] = Counter()
    with open_shop(
        terms.folder, seed=terms.seed, branches=BRANCHES, has_postgres=terms.has_postgres, has_wire=True
    ) as shop:
        assert shop.wire is not None
        crowd = shop.admit()
        while terms.left_s and faults.total() < terms.hits:
            name, weather, lasts_s = _weather(chance)
            shop.wire.turn(weather)
            time.sleep(min(lasts_s, terms.left_s))
            faults[name] += 1
        shop.wire.turn(Weather())
        shop.send_home(crowd)
        return Outcome(faults, shop.judge(), {"connections": shop.wire.connections})


def _weather(chance: random.Random) -> tuple[str, Weather, float]:
    """What the next state is called, what it does, how long it lasts in seconds."""
    way = chance.choice((FORTH, BACK))
    states = (
        ("late", Weather(delay_s=chance.uniform(0.05, 0.5)), 3.0),
        ("narrow", Weather(bytes_per_s=chance.randint(2_000, 40_000)), 3.0),
        ("cut", Weather(is_cut=True), chance.uniform(0.1, 2.0)),
        ("half open", Weather(is_silent=True), chance.choice((0.5, 3.0, SILENT_S))),
        (f"torn {way}", Weather(cuts_after=(way, chance.randint(1, 4_000))), 1.0),
        ("fine", Weather(), 1.0),
    )
    return states[chance.choices(range(len(states)), weights=(1, 1, 2, 1, 4, 1))[0]]
