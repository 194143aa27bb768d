"""Addresses for machines that watch over this one: alive, ready, measured."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.registry import REGISTRY
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from cloud.access.dependencies import CurrentDatabase, identify
from cloud.access.rights import Right
from cloud.errors import Forbidden
from cloud.migrations.runner import is_current
from cloud.panel import repository

__all__ = ["Figures", "Readiness", "router"]

router = APIRouter(tags=["health"])

_LOOPBACK = ("127.0.0.1", "::1")


class Readiness(BaseModel):
    """What this process needs: ok, or what is wrong with it. parts: broker and ingest, where this process has them."""

    database: str
    migrations: str
    parts: dict[str, str]


@router.get("/healthz", operation_id="is_alive")
async def is_alive() -> dict[str, str]:
    """The process answers. Says nothing about what it depends on."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="is_ready", responses={503: {"model": Readiness}})
async def is_ready(request: Request, response: Response, database: CurrentDatabase) -> Readiness:
    """Requests can be served: the database answers and has the newest tables, the broker is connected."""
    answers, current = "ok", "ok"
    try:
        async with database.reading() as tx:
            current = "ok" if await is_current(tx) else "not applied"
    except (SQLAlchemyError, OSError):
        answers, current = "does not answer", "unknown"
    parts = {name: "ok" if is_ok() else "not ready" for name, is_ok in request.app.state.readiness.items()}
    readiness = Readiness(database=answers, migrations=current, parts=parts)
    if {answers, current, *parts.values()} != {"ok"}:
        response.status_code = 503
    return readiness


class Figures:
    """Gauges that are read from the database when somebody asks."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._gauges = {
            "unsynced": Gauge("tradepost_unsynced_facts", "Facts known to be in branches only", registry=registry),
            "online": Gauge("tradepost_nodes_online", "Gateways connected", registry=registry),
            "nodes": Gauge("tradepost_nodes", "Gateways not withdrawn", registry=registry),
            "exceptions": Gauge("tradepost_open_exceptions", "Exceptions nobody has settled", registry=registry),
            "listeners": Gauge("tradepost_live_listeners", "Screens that listen", registry=registry),
        }

    async def read(self, database: Any, listeners: int) -> None:
        async with database.reading() as tx:
            nodes = (await repository.node_counts(tx)).values()
            values = {
                "unsynced": sum((await repository.unsynced(tx)).values()),
                "online": sum(row["online"] for row in nodes),
                "nodes": sum(row["nodes"] for row in nodes),
                "exceptions": sum((await repository.exception_counts(tx)).values()),
                "listeners": listeners,
            }
        for name, value in values.items():
            self._gauges[name].set(value)


@router.get("/metrics", operation_id="get_metrics", response_class=Response)
async def get_metrics(request: Request, database: CurrentDatabase) -> Response:
    """For Prometheus: from this machine, or with a token that has see_devices."""
    if request.client is None or request.client.host not in _LOOPBACK:
        async with database.reading() as tx:
            identity = await identify(request, tx)
        if not identity.has(Right.SEE_DEVICES):
            raise Forbidden("USR-211", right=Right.SEE_DEVICES)
    state = request.app.state
    await state.figures.read(database, state.hub.listeners)
    body = generate_latest(state.registry) + generate_latest(REGISTRY)
    return Response(body, media_type=CONTENT_TYPE_LATEST)
