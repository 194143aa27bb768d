"""The replica follows head office over a real socket, through every kind of answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from starlette.responses import Response

from edge.replica import Replica, ReplicaSync, SyncTimings
from edge.uplink import PlainLinkRefused
from shared.clock import SystemClock
from tests.edge.replica.conftest import TODAY, product
from tests.edge.replica.office import Office, basic, serving
from tests.services import free_port

QUICK = SyncTimings(poll_s=0.02, retry_first_s=0.005, retry_most_s=0.02, answer_s=5.0)
SLOW = SyncTimings(poll_s=3600.0, retry_first_s=0.005)


def tea(number: int) -> dict[str, Any]:
    return product(uuid4(), f"T{number}", f"Tea {number}")


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with serving(Office(rows=[tea(number) for number in range(5)])) as office:
        yield office


class Following:
    """A sync at work, and what it told."""

    def __init__(self, replica: Replica, url: str, timings: SyncTimings = QUICK) -> None:
        self.versions: list[int] = []
        self._told = asyncio.Event()
        self.sync = ReplicaSync(
            replica,
            cloud_url=url,
            node="node-1",
            secret="s3cret",
            clock=SystemClock(),
            on_version=self._hear,
            timings=timings,
        )
        self.sync.on_tried = self._told.set

    def _hear(self, version: int) -> None:
        self.versions.append(version)
        self._told.set()

    async def __aenter__(self) -> Following:
        self._task = asyncio.create_task(self.sync.run())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._told.clear()
                await self._told.wait()


async def test_pages_are_followed_to_the_newest_version_and_each_is_confirmed(replica: Replica, office: Office) -> None:
    async with Following(replica, office.url, SLOW) as following:
        await following.until(lambda: replica.synced_at is not None)
    assert [since for since, _ in office.asked] == [0, 2, 4]
    assert {authorization for _, authorization in office.asked} == {basic("node-1", "s3cret")}
    assert following.versions == [2, 4, 5]
    assert len(replica.search("tea", TODAY)) == 5
    assert following.sync.code is None


async def test_nothing_new_is_one_small_answer_and_still_renews_rights(replica: Replica, office: Office) -> None:
    replica.confirm(datetime(2020, 1, 1, tzinfo=UTC))
    async with Following(replica, office.url) as following:
        await following.until(lambda: len(office.asked) >= 6)
        assert following.sync.code is None
    assert [since for since, _ in office.asked][3:6] == [5, 5, 5]
    assert replica.synced_at is not None
    assert replica.synced_at.year > 2020


async def test_an_announcement_is_followed_at_once_and_an_old_one_is_not(replica: Replica, office: Office) -> None:
    async with Following(replica, office.url, SLOW) as following:
        await following.until(lambda: replica.synced_at is not None)
        asked = len(office.asked)
        following.sync.announce(5)
        office.rows.append(tea(5))
        following.sync.announce(6)
        await following.until(lambda: replica.version == 6)
    assert len(office.asked) == asked + 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response(status_code=500), "NET-303"),
        (Response(status_code=503), "NET-303"),
        (Response(status_code=429), "NET-303"),
        (Response(status_code=401), "NET-402"),
        (Response(status_code=403), "NET-402"),
        (Response(status_code=404), "NET-403"),
        (Response(status_code=302, headers={"Location": "http://127.0.0.1:1/"}), "NET-403"),
        (Response(b"<html>hotel wifi</html>"), "NET-403"),
        (Response(b'{"since": 0}'), "NET-403"),
        (Response(json.dumps({"since": 3, "version": 5, "complete": True, "changes": {}})), "NET-403"),
        (Response(json.dumps({"since": 0, "version": 0, "complete": False, "changes": {}})), "NET-403"),
        (
            Response(
                json.dumps(
                    {"since": 0, "version": 1, "complete": True, "changes": {"prices": [{"unit_price": -1}]}},
                )
            ),
            "NET-403",
        ),
        (Response(b"not zstd at all", headers={"Content-Encoding": "zstd"}), "NET-301"),
    ],
)
async def test_a_wrong_answer_changes_nothing_and_is_asked_again(
    replica: Replica, office: Office, answer: Response, code: str
) -> None:
    office.instead = [answer]
    async with Following(replica, office.url) as following:
        await following.until(lambda: following.sync.code is not None)
        assert (following.sync.code, replica.version, following.versions) == (code, 0, [])
        await following.until(lambda: replica.version == 5 and following.sync.code is None)


async def test_trouble_is_logged_once_and_so_is_its_end(
    replica: Replica, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "edge.replica.sync")
    office.instead = [Response(status_code=503), Response(status_code=502), Response(status_code=401)]
    async with Following(replica, office.url) as following:
        await following.until(lambda: replica.synced_at is not None)
    assert [record.getMessage() for record in caplog.records if record.name == "edge.replica.sync"] == [
        "head office's data cannot be fetched: NET-303 status=503",
        "head office's data cannot be fetched: NET-402 status=401",
        "head office's data is fetched again",
    ]


async def test_no_head_office_is_waited_for(replica: Replica) -> None:
    async with Following(replica, f"http://127.0.0.1:{free_port()}") as following:
        await following.until(lambda: following.sync.code == "NET-301")
    assert (replica.version, following.versions) == (0, [])


async def test_a_replica_too_old_is_filled_beside_and_replaced_when_whole(replica: Replica, office: Office) -> None:
    async with Following(replica, office.url, SLOW) as following:
        await following.until(lambda: replica.synced_at is not None)
        office.rows = [tea(number) for number in range(100, 107)]
        office.generation = 1
        asked = len(office.asked)
        following.sync.announce(1_007)
        await following.until(lambda: replica.version == 1_007)
    assert [since for since, _ in office.asked[asked:]] == [5, 1_002, 1_004, 1_006]
    assert following.versions[-2:] == [5, 1_007]
    assert {item.code for item in replica.search("tea", TODAY)} == {f"T{number}" for number in range(100, 107)}


async def test_a_new_beginning_cut_short_leaves_the_old_replica_in_use(replica: Replica, office: Office) -> None:
    async with Following(replica, office.url, SLOW) as following:
        await following.until(lambda: replica.synced_at is not None)
        begin = {"since": 0, "version": 1_002, "complete": False, "changes": {"products": [tea(7)]}}
        office.instead = [Response(json.dumps(begin)), *[Response(status_code=503)] * 50]
        following.sync.announce(1_009)
        await following.until(lambda: following.sync.code == "NET-303")
        assert (replica.version, len(replica.search("tea", TODAY))) == (5, 5)


async def test_a_damaged_replica_is_filled_again(replica: Replica, office: Office) -> None:
    async with Following(replica, office.url, SLOW) as following:
        await following.until(lambda: replica.synced_at is not None)
        replica.damaged = True
        replica.on_damage()
        await following.until(lambda: not replica.damaged and replica.version == 5)
    assert following.versions == [2, 4, 5, 2, 4, 5]


def test_a_plain_address_of_another_machine_is_refused(replica: Replica) -> None:
    with pytest.raises(PlainLinkRefused, match=r"NET-401 host=office\.example"):
        ReplicaSync(
            replica,
            cloud_url="http://office.example",
            node="n",
            secret="s",
            clock=SystemClock(),
            on_version=print,
        )
