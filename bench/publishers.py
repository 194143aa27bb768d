"""Many nodes at the broker in one process: they publish what was prepared, at most four batches unacked (rule N3).

`Publishers` starts it and gives it its orders; run as a program it is those nodes. It parses nothing but acks.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, cast

import aiomqtt

from shared.delivery import BATCHES_IN_FLIGHT

__all__ = ["Message", "Node", "Publishers", "Sent"]

_STILL_S: Final = 60.0
"""No ack for this long: something is broken, and the figure would be none."""


@dataclass(frozen=True)
class Message:
    payload: bytes
    settled_by: int
    """The cursor of an ack that covers it."""


@dataclass(frozen=True)
class Node:
    """One gateway as the broker knows it."""

    name: str
    secret: str
    events: str
    acks: str
    status: str
    birth: bytes


@dataclass(frozen=True)
class Sent:
    """One phase: from its first publication to the ack of its last message."""

    messages: int
    seconds: float


class Publishers:
    """As a context: connected, born and acked when entered. phases: messages of each node, by the phase's name."""

    def __init__(
        self, folder: Path, port: int, nodes: Sequence[Node], phases: Mapping[str, Sequence[Sequence[Message]]]
    ) -> None:
        self._plan = folder / "publishers.pickle"
        self._plan.write_bytes(pickle.dumps((port, list(nodes), dict(phases))))

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.publishers", str(self._plan)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._heard()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        cast(IO[bytes], self._process.stdin).close()
        self._process.wait(_STILL_S)
        cast(IO[bytes], self._process.stdout).close()
        self._plan.unlink()

    def send(self, phase: str, per_s: float | None = None) -> Sent:
        """Publish this phase's messages, so many a second, or as fast as they are acked; wait for the last ack."""
        self.begin(phase, per_s)
        return self.finish()

    def begin(self, phase: str, per_s: float | None = None) -> None:
        stream = cast(IO[bytes], self._process.stdin)
        stream.write(json.dumps({"phase": phase, "per_s": per_s}).encode() + b"\n")
        stream.flush()

    def finish(self) -> Sent:
        return Sent(**self._heard())

    def _heard(self) -> dict[str, Any]:
        line = cast(IO[bytes], self._process.stdout).readline()
        if not line:
            raise RuntimeError(f"the publishers have ended ({self._process.wait()})")
        said: dict[str, Any] = json.loads(line)
        return said


class _Publisher:
    """One node on its connection."""

    def __init__(self, client: aiomqtt.Client, node: Node) -> None:
        self._client = client
        self._node = node
        self._in_flight: deque[int] = deque()
        self._acked = asyncio.Event()

    async def be_born(self) -> None:
        """Returns when an ingest worker has answered, so that what follows is heard."""
        await self._client.subscribe(self._node.acks, qos=1)
        await self._client.publish(self._node.status, self._node.birth, qos=1, retain=True)
        async with asyncio.timeout(_STILL_S):
            await self._acked.wait()

    async def listen(self) -> None:
        async for message in self._client.messages:
            upto = json.loads(cast(bytes, message.payload))["upto"]
            while self._in_flight and self._in_flight[0] <= upto:
                self._in_flight.popleft()
            self._acked.set()

    async def send(self, messages: Sequence[Message], every_s: float, offset_s: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + offset_s
        for message in messages:
            if every_s:
                await asyncio.sleep(max(0.0, due - loop.time()))
                due += every_s
            await self._have_at_most(BATCHES_IN_FLIGHT - 1)
            self._in_flight.append(message.settled_by)
            await self._client.publish(self._node.events, message.payload, qos=1)
        await self._have_at_most(0)

    async def _have_at_most(self, count: int) -> None:
        async with asyncio.timeout(_STILL_S):
            while len(self._in_flight) > count:
                self._acked.clear()
                await self._acked.wait()


async def _serve(port: int, nodes: list[Node], phases: dict[str, list[list[Message]]]) -> None:
    async with AsyncExitStack() as stack:
        publishers = []
        for node in nodes:
            client = aiomqtt.Client(
                "127.0.0.1",
                port,
                identifier=node.name,
                username=node.name,
                password=node.secret,
                timeout=_STILL_S,
                socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],  # as a gateway's
            )
            publishers.append(_Publisher(await stack.enter_async_context(client), node))
        listening = [asyncio.create_task(publisher.listen()) for publisher in publishers]
        await asyncio.gather(*(publisher.be_born() for publisher in publishers))
        _say({})
        while line := await asyncio.to_thread(sys.stdin.readline):
            order = json.loads(line)
            messages = phases[order["phase"]]
            every_s = len(nodes) / order["per_s"] if order["per_s"] else 0.0
            begun = time.perf_counter()
            await asyncio.gather(
                *(
                    publisher.send(mine, every_s, every_s * place / len(nodes))
                    for place, (publisher, mine) in enumerate(zip(publishers, messages, strict=True))
                )
            )
            _say({"messages": sum(map(len, messages)), "seconds": time.perf_counter() - begun})
        for task in listening:
            task.cancel()


def _say(words: dict[str, Any]) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    # By its full name: what was pickled names bench.publishers, not the program that runs here.
    from bench.publishers import _serve as serve

    asyncio.run(serve(*pickle.loads(Path(sys.argv[1]).read_bytes())))
