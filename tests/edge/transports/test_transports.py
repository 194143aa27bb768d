"""Both transports over a real pseudo-terminal and a real socket."""

from __future__ import annotations

import asyncio
import os
import socket
import termios
from pathlib import Path

import pytest

from edge.transports import LineSettings, SerialTransport, TcpTransport, Transport, from_address
from shared.errors import TransientError


async def test_bytes_travel_both_ways(wire) -> None:
    far, transport = wire
    await transport.open()
    await transport.write(b"\x01\x00\xff\n\r")
    assert far.receive(5) == b"\x01\x00\xff\n\r"
    far.send(b"\x11\x13\x03\x16")
    assert await transport.read() == b"\x11\x13\x03\x16"
    await transport.close()


async def test_read_takes_no_more_than_its_limit(wire) -> None:
    far, transport = wire
    await transport.open()
    far.send(b"abcdef")
    assert [await transport.read(4), await transport.read(4)] == [b"abcd", b"ef"]
    await transport.close()


async def test_cancelled_reads_lose_nothing(wire) -> None:
    far, transport = wire
    await transport.open()
    received = b""
    sent = bytes(range(256))
    for byte in sent:
        reading = asyncio.create_task(transport.read())
        await asyncio.sleep(0)
        far.send(bytes([byte]))
        await asyncio.sleep(0)
        reading.cancel()
        result = (await asyncio.gather(reading, return_exceptions=True))[0]
        received += result if isinstance(result, bytes) else b""
    while len(received) < len(sent):
        received += await transport.read()
    assert received == sent
    await transport.close()


async def test_read_that_times_out_loses_nothing(wire) -> None:
    far, transport = wire
    await transport.open()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await transport.read()
    far.send(b"late")
    assert await transport.read() == b"late"
    await transport.close()


async def test_discarded_input_is_gone_and_later_bytes_are_read(wire) -> None:
    far, transport = wire
    await transport.open()
    far.send(b"noise")
    assert await transport.read(1) == b"n"
    await transport.discard_input()
    far.send(b"news")
    assert await transport.read() == b"news"
    await transport.discard_input()
    await transport.close()


async def test_large_write_waits_for_a_slow_reader(wire) -> None:
    far, transport = wire
    await transport.open()
    data = bytes(range(256)) * 4096
    reading = asyncio.create_task(asyncio.to_thread(far.receive, len(data)))
    await transport.write(data)
    assert await reading == data
    await transport.close()


async def test_peer_gone_ends_a_waiting_read_with_dev_301(wire) -> None:
    far, transport = wire
    await transport.open()
    await transport.write(b"hello")
    far.receive(5)
    reading = asyncio.create_task(transport.read())
    await asyncio.sleep(0)
    far.hang_up()
    with pytest.raises(TransientError) as caught:
        await reading
    assert (caught.value.code, caught.value.parameters["address"]) == ("DEV-301", transport.address)
    await transport.close()


async def test_closed_transport_says_so(wire) -> None:
    _far, transport = wire
    await transport.open()
    await transport.close()
    with pytest.raises(TransientError) as caught:
        await transport.write(b"x")
    assert caught.value.parameters["reason"] == "not open"


async def test_serial_port_opens_again_after_closing(pty_end) -> None:
    transport = SerialTransport(pty_end.path)
    for _ in range(3):
        await transport.open()
        await transport.write(b"x")
        assert pty_end.receive(1) == b"x"
        await transport.close()


async def test_serial_line_gets_its_settings(pty_end) -> None:
    transport = SerialTransport(pty_end.path, LineSettings(baud=9600, stop_bits=2))
    await transport.open()
    attributes = termios.tcgetattr(pty_end.master)
    control = attributes[2]
    assert attributes[4:6] == [termios.B9600, termios.B9600]
    assert control & termios.CSTOPB == termios.CSTOPB
    assert attributes[3] & (termios.ICANON | termios.ECHO) == 0
    await transport.close()


async def test_serial_port_is_held_by_one_transport_only(pty_end) -> None:
    first, second = SerialTransport(pty_end.path), SerialTransport(pty_end.path)
    await first.open()
    with pytest.raises(TransientError) as caught:
        await second.open()
    assert caught.value.code == "DEV-301"
    await first.close()
    await second.open()
    await second.close()


async def test_missing_serial_port_is_dev_301(tmp_path: Path) -> None:
    with pytest.raises(TransientError) as caught:
        await SerialTransport(str(tmp_path / "ttyUSB9")).open()
    assert caught.value.code == "DEV-301"


async def test_refused_connection_is_dev_301() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(TransientError) as caught:
        await TcpTransport("127.0.0.1", port).open()
    assert caught.value.parameters == {"address": f"127.0.0.1:{port}", "reason": os.strerror(111)}


async def test_connection_that_nobody_accepts_times_out() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        # Linux queues one connection more than asked for; these fill the queue, the next SYN goes unanswered.
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        with pytest.raises(TransientError) as caught:
            await TcpTransport("127.0.0.1", port, connect_timeout_s=0.05).open()
        for filler in fillers:
            filler.close()
    assert caught.value.parameters["reason"] == "no answer to the connection"


@pytest.mark.parametrize(
    ("address", "kind", "shown"),
    [
        ("/dev/ttyUSB0", SerialTransport, "/dev/ttyUSB0"),
        ("/dev/serial/by-id/usb-Datecs_FP-800:1-if00", SerialTransport, "/dev/serial/by-id/usb-Datecs_FP-800:1-if00"),
        ("10.0.0.7:4999", TcpTransport, "10.0.0.7:4999"),
        ("register.branch:3999", TcpTransport, "register.branch:3999"),
        ("[fd00::7]:4999", TcpTransport, "[fd00::7]:4999"),
    ],
)
def test_address_chooses_the_transport(address: str, kind: type[Transport], shown: str) -> None:
    transport = from_address(address)
    assert (type(transport), transport.address) == (kind, shown)


async def test_address_carries_the_speed_to_the_line(pty_end) -> None:
    transport = from_address(pty_end.path, baud=38_400)
    await transport.open()
    assert termios.tcgetattr(pty_end.master)[4] == termios.B38400
    await transport.close()


@pytest.mark.parametrize("address", ["host:0", "host:65536"])
def test_impossible_port_number_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no such TCP port"):
        from_address(address)
