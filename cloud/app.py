"""Head office's HTTP application: every part's endpoints under one roof, and what runs beside them.

The composition root of the web side: objects are made here and handed on through `app.state`, never at import.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiomqtt
import structlog
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware.gzip import GZipMiddleware

from cloud import errors, health
from cloud.access.endpoints import router as access
from cloud.access.views import router as views
from cloud.audit.endpoints import router as audit
from cloud.backup.endpoints import router as backups
from cloud.backup.nightly import Nightly
from cloud.catalogue.endpoints import router as catalogue
from cloud.customers.endpoints import router as customers
from cloud.customers.history import router as customer_history
from cloud.database import Database
from cloud.fleet.endpoints import router as fleet
from cloud.fleet.keeping import BrokerKeeper
from cloud.guards import BodyLimit, Measured, SecurityHeaders
from cloud.ingest.announcements import Announcements
from cloud.ingest.endpoints import router as quarantine
from cloud.live.endpoints import router as live
from cloud.live.hub import Hub
from cloud.panel.endpoints import router as panel
from cloud.panel.service import figures_as_events
from cloud.replication.announcing import Announcer
from cloud.replication.endpoints import router as replication
from cloud.sales.endpoints import router as sales
from cloud.screens import BUILT, Screens
from cloud.settings import Broker, Settings
from cloud.stock.endpoints import router as stock
from cloud.stock.matrix import router as matrix
from cloud.stopping import stop_if_cancelled
from shared.clock import Clock, SystemClock

__all__ = ["API", "ROUTERS", "create_app", "furnish"]

log = structlog.get_logger()

API: Final = "/api/v1"

ROUTERS: Final[tuple[APIRouter, ...]] = (
    access,
    views,
    panel,
    live,
    sales,
    stock,
    matrix,
    catalogue,
    customers,
    customer_history,
    fleet,
    quarantine,
    audit,
    replication,
    backups,
)

PACKED_FROM: Final = 1_000
"""Bytes: what fits into one packet gains nothing. Screens are packed already, the live stream is left as it is."""
PACKED_HOW: Final = 4
"""A list of fifty rows to a seventh in half a millisecond; 9 takes three times as long for a twentieth less."""
ANNOUNCE_EVERY_S: Final = 1.0
"""A change reaches branches that are connected within this and their own fetch."""
RECONNECT_S: Final = 2.0


def create_app(
    settings: Settings,
    database: Database,
    *,
    clock: Clock | None = None,
    announcements: Announcements | None = None,
    screens: Path = BUILT,
) -> FastAPI:
    """The application over an open, migrated database, which stays the caller's to close.

    announcements: those that ingest of this process speaks through. On SQLite the live stream hears at once only
    through them, otherwise within a second.
    """
    app = FastAPI(
        title="Tradepost head office",
        version="1",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        responses={code: {"model": errors.ErrorAnswer} for code in ("401", "403", "422", "default")},
    )
    registry = CollectorRegistry()
    app.state.registry, app.state.figures = registry, health.Figures(registry)
    furnish(app, settings, database, clock=clock, announcements=announcements)
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    app.include_router(health.router)
    app.router.default = Screens(screens)
    # The last one added is the outermost.
    app.add_middleware(GZipMiddleware, minimum_size=PACKED_FROM, compresslevel=PACKED_HOW)
    app.add_middleware(BodyLimit)
    app.add_middleware(Measured, registry=registry)
    app.add_middleware(SecurityHeaders, is_tls=settings.public_url.startswith("https:"))
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def furnish(
    app: FastAPI,
    settings: Settings,
    database: Database,
    *,
    clock: Clock | None = None,
    announcements: Announcements | None = None,
) -> None:
    """Give the application what its requests work with. Apart from its making, which takes longer than most tests."""
    clock = clock or SystemClock()
    announcements = announcements or Announcements(database)
    state = app.state
    state.settings, state.database, state.clock = settings, database, clock
    state.hub = Hub(database, clock, lambda tx: figures_as_events(tx, clock.now()), lambda: _heard(announcements))
    state.announcements, state.readiness = announcements, {}


async def _heard(announcements: Announcements) -> AsyncIterator[object]:
    async with announcements.listen() as summaries:
        async for summary in summaries:
            yield summary


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    hub: Hub = app.state.hub
    tasks = [asyncio.create_task(hub.run(), name="live hub")]
    if app.state.settings.broker is not None:
        tasks.append(asyncio.create_task(_announce(app, app.state.settings.broker), name="replica announcements"))
    nightly = _nightly(app)
    if nightly is not None:
        tasks.append(asyncio.create_task(nightly.run(), name="backups"))
    keeper = _keeper(app.state.settings)
    if keeper is not None:
        tasks.append(asyncio.create_task(_keep_broker(app, keeper), name="broker files"))
    try:
        yield
    finally:
        hub.close()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _announce(app: FastAPI, broker: Broker) -> None:
    """Keep the retained `config` message of every node true, for as long as the process lives."""
    is_connected = False
    app.state.readiness["broker"] = lambda: is_connected
    while True:
        try:
            async with _client(broker) as client:
                is_connected = True
                announcer = Announcer(client)
                while True:
                    async with app.state.database.reading() as tx:
                        news = await announcer.look(tx)
                    await announcer.tell(news)
                    stop_if_cancelled()
                    await asyncio.sleep(ANNOUNCE_EVERY_S)
        except (aiomqtt.MqttError, SQLAlchemyError, OSError) as error:
            log.warning("replica announcements interrupted", kind=type(error).__name__)
        finally:
            is_connected = False
        stop_if_cancelled()
        await asyncio.sleep(RECONNECT_S)


def _nightly(app: FastAPI) -> Nightly | None:
    settings: Settings = app.state.settings
    if not settings.backup_to:
        return None
    return Nightly(
        app.state.database,
        settings.backup_to,
        settings.backup_at,
        clock=app.state.clock,
        keep=settings.backup_keep,
        announcements=app.state.announcements,
    )


def _keeper(settings: Settings) -> BrokerKeeper | None:
    broker, folder = settings.broker, settings.broker_folder
    if folder is None or broker is None or broker.username is None or broker.password is None:
        return None
    return BrokerKeeper(folder, broker.username, broker.password)


async def _keep_broker(app: FastAPI, keeper: BrokerKeeper) -> None:
    """For as long as the process lives. What cannot be read or written now is tried again."""
    while True:
        try:
            async with app.state.database.reading() as tx:
                if await keeper.look(tx):
                    log.info("broker files written")
        except (SQLAlchemyError, OSError) as error:
            log.warning("broker files cannot be written", kind=type(error).__name__)
        await asyncio.sleep(ANNOUNCE_EVERY_S)


def _client(broker: Broker) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        identifier=None,
        tls_context=ssl.create_default_context() if broker.tls else None,
    )


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description="JSON. Money is minor units, unit prices 1/10,000 of them, quantities thousandths.",
            routes=app.routes,
            tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
        )
        document["components"]["securitySchemes"] = {
            "session": {"type": "apiKey", "in": "cookie", "name": "tradepost_session"},
            "token": {"type": "http", "scheme": "bearer"},
            "node": {"type": "http", "scheme": "basic"},
        }
        document["security"] = [{"session": []}, {"token": []}]
        for operation in (each for path in document["paths"].values() for each in path.values()):
            if any(parameter["name"] == "format" for parameter in operation.get("parameters", ())):
                operation["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}
        app.openapi_schema = document
    return app.openapi_schema


_TAGS: Final = {
    "session": "Signing in and out. Writes with the session's cookie come from our own pages, or carry X-Tradepost.",
    "users": "People, their roles by branch, passwords, PINs and badges.",
    "tokens": "Programs that may come in.",
    "views": "What people want their lists to show again.",
    "panel": "Today's figures of every branch.",
    "live": "What happens, as it happens.",
    "sales": "Sales, returns, receipts and shifts, as the tills told them.",
    "stock": "What lies where, and the moves that brought it there.",
    "fleet": "Branches, gateways, devices, and what somebody should look at.",
    "quarantine": "Facts that could not be applied.",
    "catalogue": "Products, bar codes, dated prices and taxes.",
    "customers": "One base of customers.",
    "audit": "Who changed what.",
    "backups": "When the whole database was last written to each place.",
    "replica": "What a branch needs to work alone; for gateways.",
    "health": "For machines that watch over this one.",
}
