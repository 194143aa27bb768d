"""A real far end for every transport: the master of a pseudo-terminal, or an accepted TCP connection."""

from __future__ import annotations

import contextlib
import os
import socket
import tty
from collections.abc import Iterator
from typing import Protocol

import pytest

from edge.transports import SerialTransport, TcpTransport, Transport


class FarEnd(Protocol):
    def send(self, data: bytes) -> None: ...
    def receive(self, size: int) -> bytes: ...
    def hang_up(self) -> None: ...


class PtyEnd:
    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)

    def send(self, data: bytes) -> None:
        os.write(self.master, data)

    def receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += os.read(self.master, size - len(data))
        return data

    def hang_up(self) -> None:
        os.close(self.master)
        os.close(self._slave)


class TcpEnd:
    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._peer: socket.socket | None = None

    @property
    def peer(self) -> socket.socket:
        if self._peer is None:
            self._peer = self._listening.accept()[0]
        return self._peer

    def send(self, data: bytes) -> None:
        self.peer.sendall(data)

    def receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self.peer.recv(size - len(data))
        return data

    def hang_up(self) -> None:
        self.peer.close()
        self._listening.close()


@pytest.fixture
def pty_end() -> Iterator[PtyEnd]:
    end = PtyEnd()
    yield end
    with contextlib.suppress(OSError):
        end.hang_up()


@pytest.fixture
def tcp_end() -> Iterator[TcpEnd]:
    end = TcpEnd()
    yield end
    if end._peer is not None:
        end._peer.close()
    end._listening.close()


@pytest.fixture(params=["pty", "tcp"])
def wire(request: pytest.FixtureRequest) -> tuple[FarEnd, Transport]:
    if request.param == "pty":
        pty: PtyEnd = request.getfixturevalue("pty_end")
        return pty, SerialTransport(pty.path)
    tcp: TcpEnd = request.getfixturevalue("tcp_end")
    return tcp, TcpTransport("127.0.0.1", tcp.port)
