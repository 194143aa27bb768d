"""Head office as a process of its own: ready with all its parts, gone on SIGTERM also while screens listen."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import func, select

from cloud.access import service
from cloud.access.rights import Right
from cloud.audit.service import COMMAND_LINE
from cloud.database import Database
from cloud.ingest.models import ingest_leases
from tests.services import MosquittoServer, free_port

PROGRAM = """
import asyncio, os
from cloud.logs import configure
from cloud.serving import serve
from cloud.settings import Settings
configure()
asyncio.run(serve(Settings.from_environment(os.environ), on_ready=lambda url: print(url, flush=True)))
"""


@pytest.fixture
async def broker() -> AsyncIterator[MosquittoServer]:
    port = free_port()
    server = MosquittoServer(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n", port)
    yield server
    server.stop()


async def test_process_is_ready_with_all_parts_and_leaves_when_asked(
    database_url: str, database: Database, broker: MosquittoServer
) -> None:
    async with database.transaction() as tx:
        now = datetime.now(UTC)
        token = await service.add_token(tx, actor=COMMAND_LINE, at=now, name="test", rights=[Right.SEE_SALES])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        env={
            "TRADEPOST_DATABASE_URL": database_url,
            "TRADEPOST_LISTEN": "127.0.0.1:0",
            "TRADEPOST_MQTT_URL": f"mqtt://127.0.0.1:{broker.port}",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token.token}"}) as client:
            parts = {"ingest": "not ready"}
            while parts != {"broker": "ok", "ingest": "ok"}:
                parts = (await client.get("/readyz")).json()["parts"]
            async with client.stream("GET", "/api/v1/stream") as stream:
                lines = stream.aiter_lines()
                assert await anext(lines) == "retry: 2000"
                process.send_signal(signal.SIGTERM)
                async for _ in lines:
                    pass
        _, errors = await process.communicate()
    said = [json.loads(line) for line in errors.decode().splitlines()]
    assert [line for line in said if line["level"] not in ("info", "warning")] == []
    assert {line["endpoint"] for line in said if line["event"] == "request"} == {"/readyz", "/stream"}
    assert token.token not in errors.decode()
    assert process.returncode == 0
    async with database.transaction() as tx:
        held = await tx.scalar(select(func.count()).where(ingest_leases.c.owner.is_not(None)))
        assert held == 0
