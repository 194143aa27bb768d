"""The road to head office: publishes the journal, obeys acks, takes commands, passes on news. Rules: docs/delivery.md.

Which facts and what an ack means is `edge.uplink.window`; the connection is `edge.uplink.mqtt`. The journal is never
held up from here: everything read is read beside the writer, and a link that is down costs a sale nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from edge.journal import Journal, JournalNotWritable
from edge.uplink.desk import CommandHandler, Desk
from edge.uplink.mqtt import BrokerRefused, LinkDown, MqttLink, Received, Taken
from edge.uplink.settings import BrokerSettings, Timings
from edge.uplink.window import Answer, Window
from shared.clock import Clock
from shared.delivery import (
    Ack,
    Birth,
    Command,
    Death,
    Gone,
    RefusedMessage,
    ReplicaVersion,
    Reply,
    Span,
    pack_batch,
    parse_message,
)
from shared.faults import reach
from shared.topics import Channel, NodeAddress

__all__ = ["LinkState", "NodeNews", "Uplink"]

log = logging.getLogger(__name__)

_REPLIES_KEPT: Final = 100
"""Replies that wait for a connection; head office asks again for any that was dropped."""


@dataclass(frozen=True)
class LinkState:
    """For the till's chip: works on without a link, so this is never an alarm."""

    is_online: bool
    since: datetime
    to_send: int
    """Facts not settled at head office."""
    code: str | None
    """NET-301 no connection, NET-402 refused by the broker; None while online."""


@dataclass(frozen=True)
class NodeNews:
    """What a birth tells beside the journal."""

    version: str
    """Of this program."""
    replica: int = 0
    devices: Mapping[str, str] = field(default_factory=dict)


class Uplink:
    """Run `run` under supervision; it ends only by cancellation or by a failure of the journal."""

    def __init__(
        self,
        *,
        journal: Journal,
        address: NodeAddress,
        broker: BrokerSettings,
        news: Callable[[], NodeNews],
        clock: Clock,
        commands: Mapping[str, CommandHandler] | None = None,
        on_replica_version: Callable[[int], None] = lambda version: None,
        timings: Timings | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._journal = journal
        self._address = address
        self._broker = broker
        self._news = news
        self._clock = clock
        self._desk = Desk(journal, commands or {}, clock)
        self._on_replica_version = on_replica_version
        self._timings = timings or Timings()
        self._jitter = jitter
        self._window = Window(self._timings.no_progress_s)
        self._started_at = clock.now()
        self._changed_at = self._started_at
        self._code: str | None = "NET-301"
        self._logged: str | None = ""
        self._listeners: list[Callable[[], None]] = []
        self._link: MqttLink | None = None
        self._facts_in: dict[int, tuple[UUID, int]] = {}
        self._replies_in: dict[int, Reply] = {}
        self._replies: list[Reply] = []
        self._birth_due = False
        self.refused_messages = 0
        """Messages from head office's side that were not of the promised shape; they change nothing."""

    @property
    def link(self) -> LinkState:
        is_online = self._code is None
        return LinkState(is_online, self._changed_at, self._journal.unsent_count(), self._code)

    def on_link(self, callback: Callable[[], None]) -> None:
        """Have this called, in the event loop, when the link's state or the number to send may have changed."""
        self._listeners.append(callback)

    def announce(self) -> None:
        """Publish the birth again: what `news` answers has changed."""
        self._birth_due = True
        self._wake()

    async def run(self) -> None:
        forget = self._journal.on_facts(self._wake)
        try:
            self._replies += await self._desk.settle_cut_short()
            async with asyncio.TaskGroup() as tasks:
                await self._keep_connected(tasks)
        finally:
            forget()

    async def _keep_connected(self, tasks: asyncio.TaskGroup) -> None:
        wait_s = self._timings.reconnect_first_s
        while True:
            began = self._clock.monotonic()
            try:
                await self._connection(tasks)
            except (LinkDown, BrokerRefused) as error:
                self._say_state(error)
            if self._clock.monotonic() - began >= self._timings.steady_s:
                wait_s = self._timings.reconnect_first_s
            await asyncio.sleep(wait_s * (0.5 + self._jitter() / 2))
            wait_s = min(2 * wait_s, self._timings.reconnect_most_s)

    # -- one connection -----------------------------------------------------------------------------------------------

    async def _connection(self, tasks: asyncio.TaskGroup) -> None:
        """From connecting to the loss of the link. Raises LinkDown NET-301, BrokerRefused NET-402."""
        link = MqttLink(self._broker, self._timings, client_id=self._address.node)
        topics = [self._address.topic(channel) for channel in (Channel.ACK, Channel.COMMANDS, Channel.CONFIG)]
        await link.open(topics=topics, will_topic=self._address.topic(Channel.STATUS), will=self._death())
        self._link = link
        try:
            self._facts_in.clear()
            self._replies = [*self._replies_in.values(), *self._replies][-_REPLIES_KEPT:]
            self._replies_in.clear()
            self._birth_due = True
            self._refresh()
            self._window.connected(self._clock.monotonic())
            self._say_state(None)
            while True:
                await self._step(link, tasks)
                await self._wait(link)
        except asyncio.CancelledError:
            await self._say_goodbye(link)
            raise
        finally:
            self._link = None
            await link.close()

    async def _step(self, link: MqttLink, tasks: asyncio.TaskGroup) -> None:
        """Handle what has come in, send what may go out. Raises LinkDown when a new connection is to be made."""
        for event in link.take_events():
            if isinstance(event, Taken):
                await self._handle_taken(event)
            else:
                await self._handle_message(link, event, tasks)
        now, overdue_at = self._clock.monotonic(), self._window.overdue_at()
        if overdue_at is not None and now >= overdue_at and self._window.overdue(now):
            raise LinkDown("NET-301", what="nothing confirmed")
        self._send(link)

    async def _wait(self, link: MqttLink) -> None:
        overdue_at = self._window.overdue_at()
        left = None if overdue_at is None else max(overdue_at - self._clock.monotonic(), 0.0)
        try:
            async with asyncio.timeout(left):
                await link.woken.wait()
        except TimeoutError:
            return

    # -- sending ------------------------------------------------------------------------------------------------------

    def _send(self, link: MqttLink) -> None:
        if self._birth_due:
            self._birth_due = False
            link.publish(self._address.topic(Channel.STATUS), self._birth(), retain=True)
        for reply in self._replies:
            packet = link.publish(self._address.topic(Channel.REPLIES), reply.model_dump_json().encode())
            self._replies_in[packet] = reply
        self._replies.clear()
        self._refresh()
        while following := self._window.next():
            self._send_batch(link, *following)

    def _send_batch(self, link: MqttLink, epoch: UUID, after: int, last: int) -> None:
        facts = self._journal.facts_after(epoch, after)
        if facts:
            last = facts[-1].sequence
            reach("uplink.before_publish")
            packet = link.publish(self._address.topic(Channel.EVENTS), pack_batch([fact.body for fact in facts]))
        else:
            # Written, and unreadable up to the epoch's end: head office cannot see that anything is missing, and
            # believes no loss beyond what a birth has named (C7).
            link.publish(self._address.topic(Channel.STATUS), self._birth(), retain=True)
            packet = self._send_gone(link, epoch, Span(first=after + 1, last=last))
        self._facts_in[packet] = (epoch, last)
        self._window.published(epoch, last, self._clock.monotonic())

    def _send_gone(self, link: MqttLink, epoch: UUID, span: Span) -> int:
        gone = Gone(epoch=epoch, span=span)
        return link.publish(self._address.topic(Channel.REPLIES), gone.model_dump_json().encode())

    def _refresh(self) -> None:
        held = self._journal.held()
        self._window.refresh(held, [self._journal.cursor(epoch.epoch) for epoch in held])

    def _birth(self) -> bytes:
        news = self._news()
        birth = Birth(
            node=self._address.node,
            boot=self._journal.boot,
            epochs=self._journal.held(),
            version=news.version,
            started_at=self._started_at,
            replica=news.replica,
            devices=dict(news.devices),
        )
        return birth.model_dump_json().encode()

    def _death(self) -> bytes:
        death = Death(node=self._address.node, boot=self._journal.boot, epoch=self._journal.epoch)
        return death.model_dump_json().encode()

    async def _say_goodbye(self, link: MqttLink) -> None:
        await link.leave(link.publish(self._address.topic(Channel.STATUS), self._death(), retain=True))

    # -- what comes in ------------------------------------------------------------------------------------------------

    async def _handle_taken(self, event: Taken) -> None:
        self._replies_in.pop(event.packet, None)
        if event.packet not in self._facts_in:
            return
        epoch, last = self._facts_in.pop(event.packet)
        reach("uplink.after_publish")
        await self._store_cursor(epoch, self._window.taken(epoch, last))

    async def _handle_message(self, link: MqttLink, message: Received, tasks: asyncio.TaskGroup) -> None:
        _, channel = NodeAddress.parse(message.topic)
        try:
            if channel is Channel.ACK:
                await self._handle_ack(link, parse_message(Ack, message.payload))
            elif channel is Channel.COMMANDS:
                await self._handle_command(parse_message(Command, message.payload), tasks)
            else:
                self._on_replica_version(parse_message(ReplicaVersion, message.payload).version)
        except RefusedMessage:
            self.refused_messages += 1
        link.confirm(message)

    async def _handle_ack(self, link: MqttLink, ack: Ack) -> None:
        """Raises LinkDown NET-301 when a new epoch has begun."""
        self._refresh()
        answer = self._window.acked(ack, self._clock.monotonic(), self._read_of_ours(ack))
        await self._store_cursor(ack.epoch, answer, ack.quarantined)
        if answer.look_for_gone:
            span = answer.look_for_gone
            for missing in self._journal.span_missing(ack.epoch, span.first, span.last):
                self._send_gone(link, ack.epoch, missing)
        if answer.begin_epoch:
            await self._journal.begin_epoch("fork")
            # The will names the epoch that was written when we connected; head office would take the new one for alive.
            raise LinkDown("NET-301", what="a new epoch needs a new will")

    def _read_of_ours(self, ack: Ack) -> int | None:
        """How far head office has read facts of this very journal (N4); None when it does not say so."""
        if ack.read is None:
            return None
        unread = self._journal.next_readable(ack.epoch, self._window.read_upto(ack.epoch))
        for batch in sorted(ack.read, key=lambda batch: batch.first):
            if batch.first <= unread <= batch.last and self._journal.has(ack.epoch, batch.last, batch.last_id):
                unread = self._journal.next_readable(ack.epoch, batch.last)
        return unread - 1

    async def _store_cursor(self, epoch: UUID, answer: Answer, quarantined: tuple[UUID, ...] = ()) -> None:
        if answer.cursor is None and not quarantined:
            return
        reach("uplink.before_cursor")
        try:
            await self._journal.acknowledge(epoch, answer.cursor or 0, quarantined)
        except JournalNotWritable:
            # The facts are safe here and at head office; a cursor not stored only means repeats after a restart.
            # A full disk must not keep the facts behind from leaving, they are what frees it.
            return
        self._tell()

    async def _handle_command(self, command: Command, tasks: asyncio.TaskGroup) -> None:
        try:
            reply, is_new = await self._desk.take(command)
        except JournalNotWritable as error:
            reply, is_new = Reply(command_id=command.command_id, outcome="failed", code=error.code), False
        if reply:
            self._reply(reply)
        elif is_new:
            tasks.create_task(self._carry_out(command))

    async def _carry_out(self, command: Command) -> None:
        self._reply(await self._desk.carry_out(command))

    def _reply(self, reply: Reply) -> None:
        self._replies = [*self._replies, reply][-_REPLIES_KEPT:]
        self._wake()

    # -----------------------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if self._link is not None:
            self._link.woken.set()
        self._tell()

    def _say_state(self, error: LinkDown | BrokerRefused | None) -> None:
        code = None if error is None else error.code
        if code != self._logged:
            self._logged = code
            if error is None:
                log.info("connected with head office's broker")
            else:
                log.warning("no way to head office's broker: %s", error)
        if code != self._code:
            self._code = code
            self._changed_at = self._clock.now()
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
