"""The gateway's composition root: builds everything from its folder, starts it under supervision, stops it cleanly.

Works from the first second without head office, with what the replica holds. Nothing here decides anything about sales.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from edge.checkout.act import Desk
from edge.checkout.fiscal_engine import FiscalEngine
from edge.checkout.housekeeping import forget_old
from edge.checkout.papers import Papers
from edge.checkout.questions import Questions
from edge.checkout.receipt_queue import ReceiptQueue
from edge.checkout.register_status import device_conditions
from edge.checkout.returning import OUTCOMES
from edge.checkout.scanning import Resolver
from edge.checkout.splitting import UNLIMITED
from edge.checkout.texts import Texts
from edge.checkout.till import Till
from edge.checkout.view import LinkView, ViewMaker
from edge.config import BranchConfig, DeviceConfig, NodeConfig, TillConfig, WrongConfig, read_branch, read_node
from edge.devices.fiscal_printer.datecs_isl import datecs_isl
from edge.devices.fiscal_printer.profiles import load_profile as load_register
from edge.devices.pos_printer.profiles import load_profile as load_printer
from edge.devices.scanner import build_scanner, read_profile
from edge.journal import KEEP_SETTLED, Journal, JournalDamaged, NodeIdentity, Transaction
from edge.receipts import Shop
from edge.replica import Replica, ReplicaSync
from edge.supervision import HealthRegistry, Supervisor, keep_device
from edge.terminal.app import Gateway, create_app
from edge.terminal.guards import own_names
from edge.terminal.head_office import HeadOfficeWatch
from edge.terminal.room import Room
from edge.terminal.serving import serving
from edge.terminal.sessions import Sessions
from edge.transports.addresses import from_address
from edge.uplink import BrokerSettings, LinkState, NodeNews, Uplink
from shared.clock import Clock, SystemClock, business_date
from shared.events import DeviceHealth, DeviceState
from shared.money import currency
from shared.topics import NodeAddress

if TYPE_CHECKING:
    from edge.devices.cash_drawer.escpos import EscPosCashDrawer
    from edge.devices.pos_printer.escpos import EscPosPrinter

__all__ = ["Agent", "run"]

log = logging.getLogger(__name__)

LINK_SHOWN_S: Final = 1.0
"""Every fact and every ack changes the number to send; a page needs it once a second."""
_NO_ANSWER: Final = ("NET-301", "NET-303")
"""Codes of a replica that could not be asked for; any other is an answer."""
PRUNE_EVERY_S: Final = timedelta(hours=6).total_seconds()


async def run(home: Path) -> None:
    """Until SIGTERM or Ctrl-C. Prints {"ready": URL} as one JSON line once the till's page is served.

    Raises WrongConfig SRV-412, and what Journal.open raises; JournalDamaged SRV-202 as soon as damage is met, since
    only a start salvages: whoever keeps the gateway running starts it again, and a till is away for seconds.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # A line for every look at head office, of which nothing follows, would fill the log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    agent = Agent(home, read_node(home), read_branch(home), SystemClock())
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    agent.on_damage(stop.set)
    async with agent.working() as url:
        # What stands now stays: the collector need not walk it again, which takes 35 ms in the middle of a scan.
        gc.collect()
        gc.freeze()
        sys.stdout.write(json.dumps({"ready": url}) + "\n")
        sys.stdout.flush()
        await stop.wait()
    if agent.damage is not None:
        raise agent.damage


class LinkWatch:
    """Tells a till of its way to head office: at once when it comes or goes, of the number to send once a second."""

    def __init__(self, link: Callable[[], LinkState], changed: Callable[[], None]) -> None:
        self._link = link
        self._changed = changed
        self._was_online: bool | None = None
        self._due: asyncio.TimerHandle | None = None

    def follow(self, uplink: Uplink) -> None:
        uplink.on_link(self._heard)

    def _heard(self) -> None:
        is_online = self._link().is_online
        if is_online != self._was_online:
            self._was_online = is_online
            self._changed()
        elif self._due is None:
            self._due = asyncio.get_running_loop().call_later(LINK_SHOWN_S, self._show)

    def _show(self) -> None:
        self._due = None
        self._changed()


@dataclass(frozen=True)
class _Station:
    """One till with its devices."""

    config: TillConfig
    till: Till
    room: Room
    engine: FiscalEngine | None
    queue: ReceiptQueue | None


class Agent:
    def __init__(self, home: Path, node: NodeConfig, branch: BranchConfig, clock: Clock) -> None:
        self._home = home
        self._node = node
        self._branch = branch
        self._clock = clock
        self._zone = ZoneInfo(branch.zone)
        self._journal = Journal.open(home / "journal.db", node=NodeIdentity(node.branch, node.node), clock=clock)
        if (saved := self._journal.salvaged) is not None:
            lost = ", ".join(f"{each.span.first}-{each.span.last}" for each in saved.lost) or "none"
            log.warning("journal was damaged: %d facts saved, lost: %s, kept as %s", saved.facts, lost, saved.kept_as)
        self._replica = Replica.open(home / "replica.db", secret=node.secret, currency=branch.currency)
        self._health = HealthRegistry()
        self._supervisor = Supervisor(clock)
        self._sessions = Sessions(self._journal, self._replica, clock)
        self._resolver = Resolver(self._replica)
        self._uplink = self._make_uplink()
        self._head_office = HeadOfficeWatch(clock)
        self._sync = ReplicaSync(
            self._replica,
            cloud_url=node.cloud_url,
            node=node.node,
            secret=node.secret,
            clock=clock,
            on_version=lambda _: self._uplink.announce(),
            ca_file=node.mqtt.ca_file,
        )
        self._sync.on_tried = lambda: self._head_office.synced(ok=self._sync.code not in _NO_ANSWER)
        self._stations = [self._make_station(till) for till in branch.tills]

    @asynccontextmanager
    async def working(self) -> AsyncIterator[str]:
        """Everything runs while the block does; yields the address of the till's page."""
        host, port = self._branch.host_and_port
        await self._start()
        try:
            async with serving(create_app(self._gateway()), host, port) as url:
                yield url
        finally:
            await self._stop()

    @property
    def damage(self) -> JournalDamaged | None:
        return self._journal.damage

    def on_damage(self, callback: Callable[[], None]) -> None:
        """Have this called, in the event loop, when the journal turns out to be damaged."""
        self._journal.on_damage(callback)

    # -- building -----------------------------------------------------------------------------------------------------

    def _make_uplink(self) -> Uplink:
        node = self._node
        return Uplink(
            journal=self._journal,
            address=NodeAddress(node.partition, node.branch, node.node),
            broker=BrokerSettings(
                node.mqtt.host, node.mqtt.port, node.node, node.secret, node.mqtt.tls, node.mqtt.ca_file
            ),
            news=lambda: NodeNews(version("tradepost"), self._replica.version, self._health.summary()),
            clock=self._clock,
            on_replica_version=lambda number: self._sync.announce(number),
        )

    def _make_station(self, config: TillConfig) -> _Station:
        engine = self._make_engine(config.register_) if config.register_ else None
        desk = Desk(
            till=config.id,
            number=config.number,
            branch=self._node.branch,
            shop=self._shop(config.printer),
            currency=currency(self._branch.currency),
            zone=self._zone,
            register=config.register_.id if config.register_ else None,
            limits=engine.limits if engine else UNLIMITED,
            printer=config.printer.id if config.printer else None,
        )
        papers = Papers(desk, self._journal.read, self._operator_name)
        printer = self._make_printer(config.printer) if config.printer else None
        queue = self._make_queue(config.printer, printer, config.id, papers) if config.printer and printer else None
        drawer = self._make_drawer(printer) if printer and printer.profile.drawer else None
        till = Till(desk, self._journal, self._resolver, clock=self._clock, engine=engine, drawer=drawer)
        room = Room(
            till=till,
            papers=papers,
            questions=Questions(till, self._journal.read, clock=self._clock, operator_name=self._operator_name),
            view_maker=ViewMaker(till, papers, self._journal.read),
            sessions=self._sessions,
            link=self._link_view,
            printer=lambda: queue.view if queue else None,
        )
        LinkWatch(lambda: self._uplink.link, till.changed).follow(self._uplink)
        if queue is not None:
            queue.on_change(till.changed)
            till.on_change(queue.wake)
        return _Station(config, till, room, engine, queue)

    def _shop(self, printer: DeviceConfig | None) -> Shop:
        """What stands on the papers of a till with this printer. Raises WrongConfig for a logo that is no picture."""
        paper, logo = self._branch.receipt, None
        if paper.logo is not None and printer is not None:
            from edge.devices.pos_printer.logos import read_logo

            file = self._home / paper.logo
            try:
                logo = read_logo(file, load_printer(printer.profile).width_dots)
            except OSError as error:
                raise WrongConfig("SRV-412", file=str(file), what=error.strerror or "no picture") from error
        return Shop(self._branch.name, paper.lines, logo, paper.footer)

    def _make_engine(self, config: DeviceConfig) -> FiscalEngine:
        profile = load_register(config.profile)
        printer = datecs_isl(from_address(config.address, profile.baud), profile)
        engine = FiscalEngine(config.id, printer, self._journal, clock=self._clock, outcomes=OUTCOMES)
        self._health.register(config.id, "FiscalPrinter")
        engine.on_change(lambda: self._report_register(engine))
        return engine

    def _make_printer(self, config: DeviceConfig) -> EscPosPrinter:
        # Not above: python-escpos and Pillow are a third of the start and 8 MB, for shops that have such a printer.
        from edge.devices.pos_printer.escpos import EscPosPrinter

        profile = load_printer(config.profile)
        self._health.register(config.id, "POSPrinter")
        return EscPosPrinter(from_address(config.address, profile.baud), profile)

    def _make_drawer(self, printer: EscPosPrinter) -> EscPosCashDrawer:
        from edge.devices.cash_drawer.escpos import EscPosCashDrawer

        return EscPosCashDrawer(printer)

    def _make_queue(self, config: DeviceConfig, printer: EscPosPrinter, till: str, papers: Papers) -> ReceiptQueue:
        return ReceiptQueue(
            config.id,
            printer,
            self._journal,
            papers={till: papers},
            texts=self._texts(self._branch.language),
            report=lambda health, conditions: self._health.report(config.id, "driver", health, conditions),
        )

    def _gateway(self) -> Gateway:
        return Gateway(
            rooms={station.config.id: station.room for station in self._stations},
            sessions=self._sessions,
            replica=self._replica,
            texts=self._texts,
            today=lambda: business_date(self._clock.now(), self._zone),
            names=own_names(self._branch.names),
            metrics=self._metrics,
            health=self._healthz,
        )

    # -- running ------------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        """Read the tills as they were left, then let everything run."""
        self._health.on_change(self._record_device)
        for station in self._stations:
            await station.till.start()
            for scanner in station.config.scanners:
                self._add_scanner(scanner, station.room)
            if station.engine is not None:
                self._supervisor.add(f"{station.config.id} register", station.engine.run)
            if station.queue is not None:
                self._supervisor.add(f"{station.config.id} printer", station.queue.run)
        self._supervisor.add("uplink", self._uplink.run)
        self._supervisor.add("replica", self._sync.run)
        self._supervisor.add("prune", self._prune)
        self._supervisor.add("head office", self._watch_head_office)
        self._supervisor.start()

    async def _stop(self) -> None:
        await self._supervisor.stop()
        self._replica.close()
        await asyncio.to_thread(self._journal.close)

    def _add_scanner(self, config: DeviceConfig, room: Room) -> None:
        scanner = build_scanner(config.id, config.address, read_profile(config.profile), clock=self._clock)
        self._health.register(config.id, "Scanner")

        async def keep() -> None:
            await keep_device(scanner, lambda: scanner.run(room.take_scan), health=self._health, clock=self._clock)

        self._supervisor.add(config.id, keep)

    async def _prune(self) -> None:
        while True:
            await self._journal.prune(KEEP_SETTLED, self._clock.now())
            while await self._journal.write(forget_old):
                pass
            await asyncio.sleep(PRUNE_EVERY_S)

    async def _watch_head_office(self) -> None:
        """LinkWatch hears of the link; that an office behind a living broker is silent, nobody tells."""
        shown = None
        while True:
            self._head_office.looked(self._uplink.link.to_send, self._journal.cursor(self._journal.epoch))
            if self._head_office.silent_since != shown:
                shown = self._head_office.silent_since
                for station in self._stations:
                    station.till.changed()
            await asyncio.sleep(LINK_SHOWN_S)

    # -- what others ask ----------------------------------------------------------------------------------------------

    def _report_register(self, engine: FiscalEngine) -> None:
        status = engine.status
        self._health.report(engine.register_id, "engine", status.health, device_conditions(status))
        if engine.identity is not None:
            identity = engine.identity
            self._health.identify(
                engine.register_id, model=identity.model, serial=identity.serial, firmware=identity.firmware
            )

    def _record_device(self, state: DeviceState) -> None:
        """A device's change is a fact; a journal that cannot take it has its own, louder trouble."""

        def work(tx: Transaction) -> None:
            tx.append("device.state", state.device_id, state, device=state.device_id)

        self._journal.submit(work)
        self._uplink.announce()

    def _operator_name(self, operator_id: UUID) -> str:
        operator = self._replica.operator(operator_id)
        return operator.name if operator else ""

    def _texts(self, language: str) -> Texts:
        return Texts.of(language or self._branch.language, self._branch.currency, self._zone)

    def _link_view(self) -> LinkView:
        link = self._uplink.link
        silent_since = self._head_office.silent_since
        is_online = link.is_online and silent_since is None
        return LinkView(is_online, silent_since if link.is_online and silent_since else link.since, link.to_send)

    def _healthz(self) -> Mapping[str, Any]:
        members = {report.name: report.state.value for report in self._supervisor.reports()}
        stopped = any(state.health is DeviceHealth.STOPPED for state in self._health.states())
        refused = self._journal.refused
        return {
            "status": "ok" if refused is None else refused.code,
            "members": members,
            "devices": self._health.summary(),
            "attention": stopped or refused is not None,
        }

    def _metrics(self) -> str:
        link = self._uplink.link
        lines = [
            f"tradepost_unsent_facts {link.to_send}",
            f"tradepost_link_online {int(link.is_online)}",
            f"tradepost_replica_version {self._replica.version}",
            f"tradepost_boot {self._journal.boot}",
        ]
        lines += [
            f'tradepost_restarts{{member="{report.name}"}} {report.restarts}' for report in self._supervisor.reports()
        ]
        return "\n".join(lines) + "\n"
