"""Traces of the model made again by the real thing: journal file, uplink, applier and SQLite."""

from __future__ import annotations

import random
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cloud.database import Database
from edge.uplink import uplink as uplink_module
from shared.topics import NodeAddress
from tests.cloud.deliveries import open_branch, open_gateway
from tests.model.delivery import KINDS, step
from tests.model.replaying import Real, observable
from tests.model.states import Move, State
from tests.model.traces import covering, wandering
from tests.model.wires import Road

Replay = Callable[[State, list[Move]], Awaitable[None]]


@pytest.fixture(scope="module")
async def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NodeAddress]:
    path = tmp_path_factory.mktemp("model") / "cloud.db"
    shutil.copy(sqlite_template, path)
    database = Database.open(f"sqlite+aiosqlite:///{path}")
    await open_branch(database)
    gateway = await open_gateway(database)
    await database.close()
    return path, gateway.address


@pytest.fixture
async def replay(template: tuple[Path, NodeAddress], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Replay:
    async def run(state: State, trace: list[Move]) -> None:
        folder = tmp_path / str(random.getrandbits(64))
        folder.mkdir()
        road = Road()
        monkeypatch.setattr(uplink_module, "MqttLink", road.link)
        real = Real(folder, *template, road)
        await real.start()
        try:
            for number, move in enumerate(trace):
                state = step(state, move)
                await real.make(move)
                assert await real.seen() == observable(state), trace[: number + 1]
        finally:
            await real.stop()

    return run


TRACES = covering()


def test_the_traces_contain_every_kind_of_move() -> None:
    assert {str(move[0]) for _, trace in TRACES for move in trace} == KINDS


@pytest.mark.parametrize("number", range(len(TRACES)))
async def test_every_kind_of_move_does_what_the_model_says(replay: Replay, number: int) -> None:
    await replay(*TRACES[number])


@pytest.mark.parametrize("seed", range(5))
async def test_random_traces_do_what_the_model_says(replay: Replay, seed: int) -> None:
    await replay(*wandering(random.Random(seed)))
