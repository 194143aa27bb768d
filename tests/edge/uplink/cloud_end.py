"""Head office's end of the broker, scripted: it keeps a ledger by the rules and misbehaves on demand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from shared.delivery import Ack, Birth, Command, Death, Gone, ReplicaVersion, Reply, parse_message, unpack_batch
from shared.ids import uuid7
from shared.topics import Channel, NodeAddress
from tests.edge.uplink.ledger import Ledger

PATIENCE_S = 20.0
"""A test that waits longer has failed; nothing here takes a second."""


class CloudEnd:
    def __init__(self, port: int, address: NodeAddress) -> None:
        self.ledger = Ledger()
        self.births: list[Birth] = []
        self.deaths: list[Death] = []
        self.replies: list[Reply] = []
        self.gones: list[Gone] = []
        self.batches = 0
        self.drop_batches = 0
        """So many batches to come are lost before they are read."""
        self.drop_acks = 0
        self.is_older = False
        """It does not know yet how to say which batches it has read."""
        self.held: list[Ack] | None = None
        """A list: acks are kept back in it."""
        self._address = address
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._ready = asyncio.Event()

    async def connect(self) -> None:
        self._ready.clear()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="cloud", clean_session=True)
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(self._address.topic(channel), 1) for channel in (Channel.EVENTS, Channel.STATUS, Channel.REPLIES)]
        )
        self._client.on_subscribe = lambda *_: self._loop.call_soon_threadsafe(self._ready.set)
        self._began = uuid7()
        self._client.on_message = lambda client, data, message: self._loop.call_soon_threadsafe(
            self._read, message.topic, bytes(message.payload), message.retain
        )
        await asyncio.to_thread(self._client.connect, "127.0.0.1", self._port)
        self._client.loop_start()
        await asyncio.wait_for(self._ready.wait(), PATIENCE_S)

    async def close(self) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def tell(self, channel: Channel, message: bytes, *, retain: bool = False) -> None:
        self._client.publish(self._address.topic(channel), message, qos=1, retain=retain)

    def command(self, command: Command) -> None:
        self.tell(Channel.COMMANDS, command.model_dump_json().encode())

    def announce(self, version: int) -> None:
        self.tell(Channel.CONFIG, ReplicaVersion(version=version).model_dump_json().encode(), retain=True)

    def release(self) -> None:
        held, self.held = self.held or [], None
        for ack in held:
            self._ack(ack)

    def _read(self, topic: str, payload: bytes, is_retained: bool) -> None:
        _, channel = NodeAddress.parse(topic)
        if channel is Channel.EVENTS:
            self._read_batch(payload)
        elif channel is Channel.STATUS:
            self._read_status(payload, self._began if is_retained else None)
        elif json.loads(payload)["kind"] == "gone":
            self.gones.append(parse_message(Gone, payload))
            self._ack(self.ledger.missing(self.gones[-1]))
        else:
            self.replies.append(parse_message(Reply, payload))
        self._changed.set()

    def _read_batch(self, payload: bytes) -> None:
        self.batches += 1
        if self.drop_batches:
            self.drop_batches -= 1
        else:
            self._ack(self.ledger.batch(unpack_batch(payload)))

    def _read_status(self, payload: bytes, began: UUID | None) -> None:
        if json.loads(payload)["state"] == "offline":
            self.deaths.append(parse_message(Death, payload))
            return
        self.births.append(parse_message(Birth, payload))
        for ack in self.ledger.birth(self.births[-1]):
            self._ack(ack.model_copy(update={"began": began}))

    def _ack(self, ack: Ack) -> None:
        if self.held is not None:
            self.held.append(ack)
        elif self.drop_acks:
            self.drop_acks -= 1
        else:
            said = ack.model_copy(update={"read": None}) if self.is_older else ack
            self.tell(Channel.ACK, said.model_dump_json(exclude_none=True).encode())
