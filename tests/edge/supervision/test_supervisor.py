"""Starting, restarting, backing off and stopping, on time that passes when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from edge.supervision import MemberReport, MemberState, Supervisor
from shared.errors import TransientError
from tests.edge.supervision.conftest import ManualTime, settle


@pytest.fixture
async def supervisor(time: ManualTime) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(time, sleep=time.sleep, stop_s=0.05)
    yield supervisor
    await supervisor.stop()


class Member:
    """Runs until it is told how to end."""

    def __init__(self, name: str, happenings: list[str]) -> None:
        self.name = name
        self.happenings = happenings
        self.starts = 0

    async def run(self) -> None:
        self.starts += 1
        self.happenings.append(f"{self.name} begins")
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            await self.end
        finally:
            self.happenings.append(f"{self.name} ends")

    async def fail(self, error: BaseException) -> None:
        self.end.set_exception(error)
        await settle()


async def test_members_start_in_order_and_stop_in_reverse(supervisor: Supervisor) -> None:
    happenings: list[str] = []
    for name in ("journal", "till", "uplink"):
        supervisor.add(name, Member(name, happenings).run)
    supervisor.start()
    await settle()
    await supervisor.stop()
    assert happenings == [
        *(f"{name} begins" for name in ("journal", "till", "uplink")),
        *(f"{name} ends" for name in ("uplink", "till", "journal")),
    ]
    assert {report.state for report in supervisor.reports()} == {MemberState.STOPPED}


async def test_a_member_that_fails_is_started_again_and_the_others_do_not_notice(
    supervisor: Supervisor, time: ManualTime
) -> None:
    failing, steady = Member("failing", []), Member("steady", [])
    supervisor.add("failing", failing.run)
    supervisor.add("steady", steady.run)
    told: list[MemberReport] = []
    supervisor.on_report(told.append)
    supervisor.start()
    await settle()
    await failing.fail(TransientError("DEV-301", port="COM1"))
    await time.advance(0.9)
    assert failing.starts == 1
    await time.advance(0.1)
    assert (failing.starts, steady.starts) == (2, 1)
    states = [report.state for report in told if report.name == "failing"]
    assert states == [MemberState.RUNNING, MemberState.RESTARTING, MemberState.RUNNING]
    assert told[-1] == MemberReport("failing", MemberState.RUNNING, 1, "DEV-301", "TransientError: DEV-301 port=COM1")


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("bug"), asyncio.CancelledError(), ExceptionGroup("g", [OSError()])]
)
async def test_any_failure_is_caught_counted_and_told(
    supervisor: Supervisor, time: ManualTime, error: BaseException
) -> None:
    member = Member("buggy", [])
    supervisor.add("buggy", member.run)
    supervisor.start()
    await settle()
    await member.fail(error)
    await time.advance(1)
    [report] = supervisor.reports()
    assert (report.restarts, report.code, member.starts) == (1, None, 2)
    assert report.failure == f"{type(error).__name__}: {error}"


async def test_five_quick_restarts_a_minute_then_longer_and_longer_waits(
    supervisor: Supervisor, time: ManualTime
) -> None:
    member = Member("broken", [])
    supervisor.add("broken", member.run)
    told: list[MemberState] = []
    supervisor.on_report(lambda report: told.append(report.state))
    supervisor.start()
    for _ in range(11):
        await settle()
        await member.fail(OSError())
        await time.advance(time.slept[-1])
    assert time.slept == [1, 1, 1, 1, 1, 60, 120, 240, 480, 600, 600]
    assert told.count(MemberState.BACKING_OFF) == 6
    assert told[-1] is MemberState.RUNNING


async def test_a_member_that_ran_for_a_minute_is_forgiven(supervisor: Supervisor, time: ManualTime) -> None:
    member = Member("broken", [])
    supervisor.add("broken", member.run)
    supervisor.start()
    for _ in range(7):
        await settle()
        await member.fail(OSError())
        await time.advance(time.slept[-1])
    await time.advance(60)
    await member.fail(OSError())
    assert time.slept == [1, 1, 1, 1, 1, 60, 120, 1]


async def test_rare_failures_are_never_backed_off(supervisor: Supervisor, time: ManualTime) -> None:
    member = Member("sometimes", [])
    supervisor.add("sometimes", member.run)
    supervisor.start()
    for _ in range(20):
        await time.advance(14)
        await member.fail(OSError())
        await time.advance(1)
    assert set(time.slept) == {1}


async def test_a_member_that_ends_is_finished_not_restarted(supervisor: Supervisor, time: ManualTime) -> None:
    member = Member("once", [])
    supervisor.add("once", member.run)
    supervisor.start()
    await settle()
    member.end.set_result(None)
    await time.advance(1_000)
    assert (member.starts, supervisor.reports()[0].state) == (1, MemberState.FINISHED)


async def test_a_member_that_will_not_stop_does_not_keep_the_others(supervisor: Supervisor) -> None:
    happenings: list[str] = []
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                happenings.append("stubborn stays")

    supervisor.add("till", Member("till", happenings).run)
    supervisor.add("stubborn", stubborn)
    supervisor.start()
    await settle()
    await supervisor.stop()
    assert happenings == ["till begins", "stubborn stays", "till ends"]
    release.set()
    await settle()


async def test_a_failure_while_stopping_is_counted_and_not_restarted(supervisor: Supervisor, time: ManualTime) -> None:
    async def fails_to_clean_up() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("port is gone")

    supervisor.add("device", fails_to_clean_up)
    supervisor.start()
    await settle()
    await supervisor.stop()
    assert supervisor.reports() == (MemberReport("device", MemberState.STOPPED, 1, None, "OSError: port is gone"),)
    assert time.slept == []


async def test_stopping_while_a_restart_is_waited_for(supervisor: Supervisor) -> None:
    member = Member("failing", [])
    supervisor.add("failing", member.run)
    supervisor.start()
    await settle()
    await member.fail(OSError())
    await supervisor.stop()
    assert (member.starts, supervisor.reports()[0].state) == (1, MemberState.STOPPED)


async def test_a_late_member_starts_at_once_and_a_name_is_used_once(supervisor: Supervisor) -> None:
    first, late = Member("first", []), Member("late", [])
    supervisor.add("first", first.run)
    supervisor.start()
    supervisor.add("late", late.run)
    await settle()
    assert late.starts == 1
    with pytest.raises(ValueError, match="late is supervised already"):
        supervisor.add("late", late.run)
