"""A raw TCP socket to a device or to a serial-port server: the same bytes as on the wire."""

from __future__ import annotations

import asyncio
import socket

from edge.transports._descriptor import DescriptorTransport, gone, reason_of

__all__ = ["TcpTransport"]

_CONNECT_TIMEOUT_S = 5.0
"""A device on the branch network answers in milliseconds; longer means that it is off."""


class TcpTransport(DescriptorTransport):
    def __init__(self, host: str, port: int, *, connect_timeout_s: float = _CONNECT_TIMEOUT_S) -> None:
        super().__init__(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        self._host = host
        self._port = port
        self._connect_timeout_s = connect_timeout_s
        self._socket: socket.socket | None = None

    async def open(self) -> None:
        await self.close()
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                self._socket = await self._connect()
        except TimeoutError as error:
            raise gone(self.address, "no answer to the connection") from error
        except OSError as error:
            raise gone(self.address, reason_of(error)) from error
        self._descriptor = self._socket.fileno()

    async def _connect(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.setblocking(False)
            # A frame is far smaller than a segment; Nagle would hold it back for the peer's acknowledgement.
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connecting.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            await loop.sock_connect(connecting, address)
        except BaseException:
            connecting.close()
            raise
        return connecting

    async def close(self) -> None:
        held, self._socket, self._descriptor = self._socket, None, None
        if held is not None:
            held.close()
