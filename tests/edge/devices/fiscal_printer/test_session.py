"""The session layer against a scripted wire: what is sent, how often, and when it gives up."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from edge.devices.fiscal_printer.datecs_isl.session import NoAnswer, Session, Timing
from edge.protocols.datecs_isl import LONG, NEED_DATA, SHORT, Connection, FrameFormat, Reply, Request
from shared.errors import TransientError

STATUS = bytes.fromhex("80 80 80 80 86 9A")
TIMING = Timing(read_timeout_s=0.02, sends=6, syns=20, slow_syns=50)


class ScriptedWire:
    """Answers each frame by the next item: bytes, a function of the request, or an error; then by silence."""

    address = "scripted"

    def __init__(self, *script: object, format: FrameFormat = SHORT) -> None:
        self._script = list(script)
        self._format = format
        self._arrived = asyncio.Queue[object]()
        self.sent: list[Request] = []

    async def write(self, data: bytes) -> None:
        connection = Connection(self._format)
        connection.feed(data)
        request = connection.next_event()
        assert isinstance(request, Request)
        assert connection.next_event() is NEED_DATA
        self.sent.append(request)
        answer = self._script.pop(0) if self._script else b""
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, WriteError):
            raise TransientError("DEV-301")
        self._arrived.put_nowait(answer)

    async def read(self, limit: int = 4096) -> bytes:
        answer = await self._arrived.get()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, bytes)
        return answer if answer else await self.read()


class WriteError:
    """The port fails while the frame is written."""


def good(request: Request) -> bytes:
    return Connection(request.format).send(
        Reply(request.seq, request.command, b"ok", STATUS + b"\x80\x80" * (request.format is LONG), request.format)
    )


def shifted(request: Request) -> bytes:
    """A reply to the request before this one."""
    return Connection(SHORT).send(Reply(_before(request.seq), request.command, b"old", STATUS))


def _before(seq: int) -> int:
    return 0x7F if seq == 0x20 else seq - 1


def other(request: Request) -> bytes:
    """What a register repeats when a new session happens on its last SEQ."""
    return Connection(SHORT).send(Reply(request.seq, 0x38, b"0001,0001", STATUS))


async def exchange(wire: ScriptedWire, *, slow: bool = False, format: FrameFormat = SHORT) -> Reply:
    return await Session(wire, format, TIMING).exchange(0x4A, b"x", slow=slow)


def good_after(prefix: bytes) -> object:
    return lambda request: prefix + good(request)


@pytest.mark.parametrize(
    ("script", "sends"),
    [
        pytest.param([good], 1, id="at once"),
        pytest.param([b"\x15", good], 2, id="after a NAK"),
        pytest.param([b"", good], 2, id="after silence"),
        pytest.param([b"", b"\x15", b"", b"\x15", b"", good], 6, id="at the last send"),
        pytest.param([good_after(b"\x16" * 19)], 1, id="after SYNs"),
        pytest.param([good_after(b"\x00\xff noise")], 1, id="after noise"),
        pytest.param([good_after(b"\x01\x24\x20\x4a")], 1, id="after a frame cut short"),
        pytest.param([lambda request: shifted(request) + good(request)], 1, id="after a stale reply"),
        pytest.param([lambda request: other(request) + good(request)], 1, id="after another command's reply"),
        pytest.param([lambda request: Connection(SHORT).send(request) + good(request)], 1, id="after our own echo"),
        pytest.param([lambda request: good(request)[:-3], good], 2, id="after half a reply"),
        pytest.param([lambda request: good(request).replace(b"ok", b"oj"), good], 2, id="after a damaged reply"),
    ],
)
async def test_answer_arrives(script: list[object], sends: int) -> None:
    wire = ScriptedWire(*script)
    assert (await exchange(wire)).data == b"ok"
    assert len(wire.sent) == sends
    assert set(wire.sent) == {wire.sent[0]}


@pytest.mark.parametrize(
    ("script", "sends", "may_have_executed"),
    [
        pytest.param([], 6, True, id="silence"),
        pytest.param([b"\x15"] * 6, 6, False, id="nothing but NAK"),
        pytest.param([b"\x15"] * 5, 6, True, id="NAK, then silence"),
        pytest.param([b"\x16" * 20] * 6, 6, True, id="nothing but SYN"),
        pytest.param([b"\x00\x00" * 100] * 6, 6, True, id="noise"),
        pytest.param([other] * 6, 6, True, id="another command's reply for ever"),
        pytest.param([TransientError("DEV-301")], 1, True, id="port gone while waiting"),
        pytest.param([WriteError()], 1, False, id="port gone at the first byte"),
        pytest.param([b"\x15", WriteError()], 2, False, id="port gone after a NAK"),
        pytest.param([b"", WriteError()], 2, True, id="port gone after silence"),
    ],
)
async def test_missing_answer_tells_whether_it_may_have_been_executed(
    script: list[object], sends: int, may_have_executed: bool
) -> None:
    wire = ScriptedWire(*script)
    with pytest.raises(NoAnswer) as caught:
        await exchange(wire)
    assert (len(wire.sent), caught.value.may_have_executed) == (sends, may_have_executed)


async def test_babbling_line_ends() -> None:
    wire = ScriptedWire(*[b"\x16\xff" * 15 + b"\xff\x15\xff" * 1000] * 6)
    with pytest.raises(NoAnswer):
        await exchange(wire)
    assert len(wire.sent) == 6


async def test_noise_is_kept_for_whoever_looks_for_the_speed() -> None:
    wire = ScriptedWire(*[b"\x00"] * 6)
    with pytest.raises(NoAnswer) as caught:
        await exchange(wire)
    assert caught.value.noise == b"\x00" * 6


async def test_slow_command_is_given_more_syns() -> None:
    with pytest.raises(NoAnswer):
        await exchange(ScriptedWire(*[b"\x16" * 45] * 6))
    assert (await exchange(ScriptedWire(good_after(b"\x16" * 45)), slow=True)).data == b"ok"


async def test_each_new_command_takes_the_next_seq_and_wraps() -> None:
    wire = ScriptedWire(*[good] * 100)
    session = Session(wire, SHORT, TIMING)
    for _ in range(100):
        await session.exchange(0x4A)
    seqs = [request.seq for request in wire.sent]
    assert {(after - before) % 96 for before, after in itertools.pairwise(seqs)} == {1}
    assert (min(seqs), max(seqs)) == (0x20, 0x7F)


async def test_sessions_begin_anywhere() -> None:
    firsts = set()
    for _ in range(60):
        wire = ScriptedWire(good)
        await exchange(wire)
        firsts.add(wire.sent[0].seq)
    assert len(firsts) > 10


async def test_long_frames_are_exchanged_alike() -> None:
    wire = ScriptedWire(b"", good, format=LONG)
    assert (await exchange(wire, format=LONG)).data == b"ok"
    assert len(wire.sent) == 2
