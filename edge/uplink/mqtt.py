"""One connection to the broker: paho's network thread on one side, this event loop on the other. No delivery rules.

A link is used once: after it is lost, a new one is made, so that nothing is remembered in paho's own queues.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.uplink.settings import BrokerSettings, Timings
from shared.errors import NeedsPerson, TransientError

__all__ = ["BrokerRefused", "LinkDown", "MqttLink", "Received", "Taken"]


class LinkDown(TransientError):
    """NET-301: no connection to head office's broker, or not any more."""


class BrokerRefused(NeedsPerson):
    """NET-402 what: the broker does not accept this node's id, secret or topics."""


@dataclass(frozen=True)
class Received:
    topic: str
    payload: bytes
    packet: int


@dataclass(frozen=True)
class Taken:
    """The broker has confirmed a packet that we published."""

    packet: int


class _SocketThatCloses(ssl.SSLSocket):
    """paho forgets a socket whose handshake failed; without this each try would leave one open."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _without_delay(client: paho.Client, userdata: Any, line: Any) -> None:
    # Small packets answer each other here: left to wait for company (Nagle), each second one goes out 40 ms late.
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class MqttLink:
    def __init__(self, settings: BrokerSettings, timings: Timings, client_id: str) -> None:
        self._settings = settings
        self._timings = timings
        self._loop = asyncio.get_running_loop()
        self._events: deque[Received | Taken] = deque()
        self._lost: str | None = None
        self.woken = asyncio.Event()
        """Set when there are events to take, the link is lost, or somebody else set it."""
        self._granted: asyncio.Future[None] = self._loop.create_future()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self._client.username_pw_set(settings.username, settings.password)
        self._client.connect_timeout = timings.connect_s
        if settings.tls:
            context = ssl.create_default_context(cafile=settings.ca_file)
            context.sslsocket_class = _SocketThatCloses
            self._client.tls_set_context(context)
        self._client.on_socket_open = _without_delay
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._client.on_disconnect = self._on_disconnect

    async def open(self, *, topics: Sequence[str], will_topic: str, will: bytes) -> None:
        """Connect and subscribe. Raises LinkDown NET-301 or BrokerRefused NET-402; then the link is closed."""
        self._topics = [(topic, 1) for topic in topics]
        self._client.will_set(will_topic, will, qos=1, retain=True)
        try:
            await asyncio.to_thread(
                self._client.connect, self._settings.host, self._settings.port, self._timings.keepalive_s
            )
            self._client.loop_start()
            async with asyncio.timeout(self._timings.connect_s):
                await self._granted
        except (OSError, TimeoutError) as error:
            await self.close()
            raise LinkDown("NET-301", what=str(error) or "no answer") from error
        except BaseException:
            await self.close()
            raise

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Hand over a message, QoS 1; answers its packet number, which comes back as Taken. Never blocks."""
        return self._client.publish(topic, payload, qos=1, retain=retain).mid

    def confirm(self, message: Received) -> None:
        """Tell the broker that this message need not be sent again."""
        self._client.ack(message.packet, 1)

    def take_events(self) -> list[Received | Taken]:
        """What has come in since. Raises LinkDown NET-301 once the link is lost and nothing is left."""
        self.woken.clear()
        events = list(self._events)
        self._events.clear()
        if not events and self._lost is not None:
            raise LinkDown("NET-301", what=self._lost)
        return events

    async def leave(self, last_words_in: int) -> None:
        """Wait until the broker has taken this packet, then say goodbye: the will is not published. Bounded in time."""
        try:
            async with asyncio.timeout(self._timings.goodbye_s):
                while Taken(last_words_in) not in self.take_events():
                    await self.woken.wait()
                self._client.disconnect()
                while self._lost is None:
                    self.woken.clear()
                    await self.woken.wait()
        except (TimeoutError, LinkDown):
            return  # the broker will publish the will

    async def close(self) -> None:
        """Cut the line, without a word. Bytes that a dead link cannot take must not keep anybody waiting."""
        line = self._client.socket()
        if line is not None:
            # By a second descriptor: paho's thread may be in the middle of using its own.
            with suppress(OSError), socket.socket(fileno=os.dup(line.fileno())) as twin:
                twin.shutdown(socket.SHUT_RDWR)
        if self._granted.done():
            self._granted.exception()
        await asyncio.to_thread(self._client.loop_stop)

    # -- in paho's thread ---------------------------------------------------------------------------------------------

    def _on_connect(self, client: paho.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self._in_loop(self._refuse, str(reason))
        else:
            client.subscribe(self._topics)

    def _on_subscribe(
        self, client: paho.Client, userdata: Any, packet: int, reasons: list[ReasonCode], properties: Any
    ) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            self._in_loop(self._refuse, refused[0])
        else:
            self._in_loop(self._grant)

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        self._in_loop(self._put, Received(message.topic, bytes(message.payload), message.mid))

    def _on_publish(self, client: paho.Client, userdata: Any, packet: int, reason: ReasonCode, properties: Any) -> None:
        self._in_loop(self._put, Taken(packet))

    def _on_disconnect(
        self, client: paho.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        self._in_loop(self._lose, str(reason))

    def _in_loop(self, function: Any, *arguments: Any) -> None:
        self._loop.call_soon_threadsafe(function, *arguments)

    # -- in the event loop --------------------------------------------------------------------------------------------

    def _put(self, event: Received | Taken) -> None:
        self._events.append(event)
        self.woken.set()

    def _grant(self) -> None:
        if not self._granted.done():
            self._granted.set_result(None)

    def _refuse(self, what: str) -> None:
        if not self._granted.done():
            self._granted.set_exception(BrokerRefused("NET-402", what=what))

    def _lose(self, what: str) -> None:
        self._lost = what
        self.woken.set()
        if not self._granted.done():
            self._granted.set_exception(LinkDown("NET-301", what=what))
