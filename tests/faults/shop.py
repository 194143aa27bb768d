"""A whole company for a campaign: head office, broker, database, and branches whose every wire can be troubled.

It stands as the demo's stage builds it, but leaner: no scanner and no paper printer, so that processor time goes into
sales and deaths. Nothing here knows a scenario.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError

from simulators.customers.retail import Article
from tests.faults.nursery import ForkingHousehold
from tests.faults.servers import MortalPostgres
from tests.faults.verdict import Verdict, judge
from tests.faults.wires import Wire
from tests.services import free_port
from tradepost.processes import Child
from tradepost.stage import MANAGER_PIN, Stage

__all__ = ["Branch", "Shop", "open_shop"]

ARTICLES: Final = tuple(Article(f"F{number:03d}", f"Article {number}", 10_000 * (number + 37)) for number in range(40))
TILL: Final = "till-1"
SETTLE_S: Final = 400.0
"""A gateway that met a silent head office again and again waits up to 160 s (docs/delivery.md, N6), twice at worst."""
CLOSE_S: Final = 120.0
_LOOK_S: Final = 0.1
_TRIES: Final = 100
_READY_S: Final = 60.0
_REGISTERS: Final = (("datecs-isl", "datecs/fp-800"), ("datecs-isl-x", "datecs/fp-700x"))


@dataclass
class Register:
    """A register of one branch: on a TCP port, which it has again after a restart."""

    name: str
    arguments: tuple[str, ...]
    memory: Path
    control: Path
    port: int
    child: Child


@dataclass
class Branch:
    """One branch as the outside sees it."""

    id: str
    home: Path
    node: str
    url: str
    register: Register
    gateway: Child
    memories: list[Path]
    """Of every register that has ever stood here."""


class Shop(Stage):
    """Build with `open_shop`."""

    def __init__(self, household: ForkingHousehold, *, seed: int, postgres: MortalPostgres | None) -> None:
        super().__init__(household, register_speed="fast", database_url=postgres.url_of_office if postgres else None)
        self.postgres = postgres
        self.seed = seed
        self.branches: list[Branch] = []
        self.log = household.folder / "customers.jsonl"
        self.wire: Wire | None = None
        """Between all gateways and the broker, where the scenario asked for one."""
        self._begun = time.monotonic()
        self._crowds = 0
        self._renamed = 0

    def open(self, branches: int, *, has_wire: bool, environment: Mapping[str, str]) -> None:
        ids = [f"branch-{number}" for number in range(1, branches + 1)]
        self.open_office([(id, id) for id in ids])
        self.stock_shelves(ARTICLES, ())
        if has_wire:
            self.wire = Wire(self._mqtt_port)
        for index, id in enumerate(ids):
            self.branches.append(self._open(index, id, environment))
        self._begun = time.monotonic()

    def _open(self, index: int, id: str, environment: Mapping[str, str]) -> Branch:
        home = self.household.folder / id
        home.mkdir()
        register = self.start_register(id, index, home, number=index + 1)
        port = self.wire.port if self.wire else self._mqtt_port
        node = self.home.add_node(id, home, cloud_url=self.office_url, mqtt=("127.0.0.1", port, False))
        self._reload_broker()
        listen = f"127.0.0.1:{free_port()}"
        settings = {
            "name": id,
            "currency": "GBP",
            "zone": "Europe/London",
            "listen": listen,
            "tills": [
                {
                    "id": TILL,
                    "number": 1,
                    "register": {
                        "id": "register-1",
                        "profile": _REGISTERS[index % 2][1],
                        "address": f"127.0.0.1:{register.port}",
                    },
                }
            ],
        }
        (home / "branch.json").write_text(json.dumps(settings, indent=1))
        gateway = self.start_gateway(id, home, environment)
        return Branch(id, home, node, f"http://{listen}", register, gateway, [register.memory])

    # -- registers ----------------------------------------------------------------------------------------------------

    def start_register(self, id: str, index: int, home: Path, *, number: int, port: int = 0) -> Register:
        """A new register of this number. port: of the one it takes the place of."""
        memory, control = home / f"fiscal-memory-{number}.jsonl", home / "register-control.json"
        arguments = (
            "simulate", _REGISTERS[index % 2][0], "--state", str(memory), "--set", "speed=fast",
            "--set", f"serial=DT{number:06d}", "--set", f"fm={number:08d}", "--set", f"control={control}", "--tcp",
        )  # fmt: skip
        child = self.household.tradepost(f"{id}-register-{number}", *arguments, str(port))
        port = int(child.ready["listening"].rpartition(":")[2])
        return Register(child.name, arguments, memory, control, port, child)

    def restart_register(self, register: Register) -> None:
        """The same register, after it has ended."""
        register.child = self.household.tradepost(register.name, *register.arguments, str(register.port))

    # -- head office ---------------------------------------------------------------------------------------------------

    def rename_an_article(self) -> None:
        """News for every branch's replica. Tried again while head office is away, not for ever."""
        self._renamed += 1
        article = ARTICLES[self._renamed % len(ARTICLES)]
        for _ in range(_TRIES):
            try:
                self.stock_shelves([replace(article, name=f"{article.name}, {self._renamed}")], ())
            except (URLError, OSError):
                time.sleep(_LOOK_S)
            else:
                return

    # -- broker and database ------------------------------------------------------------------------------------------

    def kill_broker(self) -> None:
        os.kill(self._broker.process.pid, 9)
        self._broker.process.wait()

    def start_broker(self, *, is_wiped: bool) -> None:
        """is_wiped: with nothing of what it had remembered."""
        if is_wiped:
            for memory in self.home.broker_folder.glob("mosquitto.db*"):
                memory.unlink()
        self._start_broker()

    # -- people -------------------------------------------------------------------------------------------------------

    def admit(self, *, sales: int | None = None, pause_s: float = 0.0) -> Child:
        """Let buyers in at every till; `stop` of the child ends it after the sales under way."""
        return self._crowd({"sales": sales, "pause_s": pause_s, "seed": self.seed + self._crowds})

    def close_shifts(self) -> None:
        """Count and close at every till; each register prints its Z. Raises AssertionError when they do not close."""
        self.wait_for(self._crowd({"close": True, "seed": self.seed}), CLOSE_S)

    def _crowd(self, what: dict[str, Any]) -> Child:
        self._crowds += 1
        name = f"buyers-{self._crowds}"
        plan = self.household.folder / f"{name}.json"
        tills = [
            {"branch": number, "url": branch.url, "till": TILL, "pin": MANAGER_PIN}
            for number, branch in enumerate(self.branches)
        ]
        articles = [[article.code, article.unit_price] for article in ARTICLES]
        plan.write_text(json.dumps({"log": str(self.log), "tills": tills, "articles": articles, **what}))
        return self.household.tradepost(name, "buyers", str(plan))

    @staticmethod
    def wait_for(crowd: Child, timeout_s: float) -> None:
        """Raises AssertionError with what they complained about."""
        try:
            crowd.process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{crowd.name} did not come to an end: {crowd.complaint()}") from error
        complaint = crowd.complaint()
        if complaint:
            raise AssertionError(f"{crowd.name} gave up: {complaint}")

    def send_home(self, crowd: Child, timeout_s: float = CLOSE_S) -> None:
        """Let those at the tills finish."""
        if crowd.process.poll() is None:
            crowd.process.send_signal(15)
        self.wait_for(crowd, timeout_s)

    # -- what can be seen ---------------------------------------------------------------------------------------------

    def count_documents(self) -> int:
        """Lines of the customers' log."""
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0

    def panel(self) -> list[dict[str, Any]]:
        """Head office's panel; empty while head office cannot answer."""
        try:
            found: list[dict[str, Any]] = self.office.get("/api/v1/panel")["branches"]
        except (HTTPError, URLError, TimeoutError, OSError):
            return []
        return found

    def unsynced(self) -> int:
        return sum(place["unsynced"] for place in self.panel())

    def settle(self, timeout_s: float = SETTLE_S) -> None:
        """Wait until every gateway has nothing more to send and head office every document; not longer than this."""
        deadline = time.monotonic() + timeout_s
        wanted = self.count_documents()
        while time.monotonic() < deadline:
            panel = self.panel()
            known = sum(sums["sales"] + sums["returns"] for place in panel for sums in place["money"])
            if panel and sum(place["unsynced"] for place in panel) == 0 and (known >= wanted or self._has(wanted)):
                return
            time.sleep(_LOOK_S)

    def _has(self, wanted: int) -> bool:
        """Whether head office has so many documents. The panel shows those of today, by clocks that may be wrong."""
        lists = (self.office.every(path) for path in ("/api/v1/sales", "/api/v1/returns"))
        return sum(1 for documents in lists for _ in documents) >= wanted

    def judge(self) -> Verdict:
        """Close the shifts, let everything arrive, ask the witnesses."""
        self.close_shifts()
        self.settle()
        memories = [memory for branch in self.branches for memory in branch.memories]
        return judge(
            self.log,
            self.office,
            {branch.id: TILL for branch in self.branches},
            memories,
            time.monotonic() - self._begun,
        )


@contextmanager
def open_shop(
    folder: Path,
    *,
    seed: int,
    branches: int,
    has_postgres: bool = False,
    has_wire: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Shop]:
    """A shop that is open: gateways ready to sell, nobody at the tills yet.

    environment: more of it for every gateway.
    """
    postgres = MortalPostgres() if has_postgres else None
    try:
        with ForkingHousehold(folder) as household:
            shop = Shop(household, seed=seed, postgres=postgres)
            try:
                shop.open(branches, has_wire=has_wire, environment=environment or {})
                yield shop
            finally:
                if shop.wire:
                    shop.wire.stop()
    finally:
        if postgres:
            postgres.stop()
