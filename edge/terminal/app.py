"""The branch's web service: sign-in, search and the till's line, health, and the built page. Entry points only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from edge.checkout.scan_results import Choice
from edge.checkout.state import OperatorAtTill
from edge.checkout.texts import Texts
from edge.checkout.view import choice_shown
from edge.replica import Customer, Product, Replica
from edge.terminal.connection import SIGNED_OUT, Connection
from edge.terminal.errors import error_body
from edge.terminal.guards import BEHIND_TLS, HEADERS, is_own_page
from edge.terminal.room import Looker, Room
from edge.terminal.screens import Screens
from edge.terminal.sessions import SESSION_LASTS, Session, Sessions
from shared.errors import NeedsPerson, PermanentError, TradepostError, TransientError

__all__ = ["Gateway", "create_app"]

COOKIE: Final = "tradepost_till"
LARGEST_BODY: Final = 16 * 1024
"""Bytes of a request's body; a sign-in has fifty."""
MOST_FOUND: Final = 20
STATUS: Final[Mapping[str, int]] = {
    "USR-401": 401,
    "USR-402": 423,
    "USR-403": 403,
    "SAL-401": 400,
    "SAL-427": 404,
    "USR-420": 409,
}


@dataclass
class Gateway:
    """Everything the service shows."""

    rooms: Mapping[str, Room]
    sessions: Sessions
    replica: Replica
    texts: Callable[[str], Texts]
    today: Callable[[], date]
    names: frozenset[str]
    metrics: Callable[[], str]
    health: Callable[[], Mapping[str, Any]]
    screens: Screens = field(default_factory=Screens)

    def room(self, wanted: str | None) -> Room:
        """The till that was asked for, the branch's first when none was. Raises PermanentError SAL-427."""
        if wanted is None:
            return next(iter(self.rooms.values()))
        room = self.rooms.get(wanted or "")
        if room is None:
            raise PermanentError("SAL-427", till=(wanted or "-")[:64])
        return room


def create_app(gateway: Gateway) -> Starlette:
    service = _Service(gateway)
    return Starlette(
        routes=[
            Route("/api/till/login", service.guarded(service.log_in), methods=["POST"]),
            Route("/api/till/approve", service.guarded(service.approve), methods=["POST"]),
            Route("/api/till/session", service.guarded(service.session), methods=["GET"]),
            Route("/api/till/session", service.guarded(service.log_out), methods=["DELETE"]),
            Route("/api/till/search", service.guarded(service.search)),
            Route("/api/till/customers", service.guarded(service.customers)),
            WebSocketRoute("/api/till/ws", service.line),
            Route("/healthz", service.healthz),
            Route("/metrics", service.metrics),
            Route("/{path:path}", gateway.screens.serve),
        ],
        middleware=[Middleware(_Headers)],
    )


class _Headers:
    """The same headers on every answer, whoever made it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = HEADERS | (BEHIND_TLS if scope["scheme"] == "https" else {})
                own = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class _Service:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def guarded(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Own pages and programs only; refusals as codes."""

        async def guarded(request: Request) -> Response:
            try:
                if not self._is_own_page(request):
                    raise PermanentError("USR-405")
                return await answer(request)
            except TradepostError as error:
                status = STATUS.get(error.code, 503 if isinstance(error, TransientError) else 403)
                return JSONResponse({"error": error_body(error, self._texts(request))}, status_code=status)

        return guarded

    def _is_own_page(self, connection: HTTPConnection) -> bool:
        headers = connection.headers
        return is_own_page(headers.get("host"), headers.get("origin"), self._gateway.names)

    def _texts(self, connection: HTTPConnection) -> Texts:
        accepted = connection.query_params.get("lang") or connection.headers.get("accept-language", "")
        return self._gateway.texts(accepted.partition(",")[0].partition(";")[0].partition("-")[0].strip().lower())

    # -- signing in ---------------------------------------------------------------------------------------------------

    async def log_in(self, request: Request) -> Response:
        given = await _body(request)
        # Where it was typed counts its wrong tries; a made-up place counts with the nameless one.
        place = next((till for till in self._gateway.rooms if till == given.get("till")), "-")
        token, operator = await self._gateway.sessions.log_in(place, **_credential(given))
        response = JSONResponse({"token": token, **_session_shown(operator)})
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION_LASTS.total_seconds()),
            path="/api/till",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    async def approve(self, request: Request) -> Response:
        """A second person's PIN or badge for the one act that was refused with USR-250; it signs nobody in."""
        self._operator(request)
        given = await _body(request)
        room = self._gateway.room(_text(given, "till"))
        try:
            request_id = UUID(_text(given, "request") or "")
        except ValueError as error:
            raise PermanentError("SAL-401", field="request", what="not a UUID") from error
        person = await self._gateway.sessions.identify(room.id, **_credential(given))
        room.approve(request_id, person)
        return JSONResponse({"approval": str(request_id), "approved_by": person.name})

    async def session(self, request: Request) -> Response:
        return JSONResponse(_session_shown(self._operator(request)))

    async def log_out(self, request: Request) -> Response:
        token = _token(request)
        if token is not None:
            await self._gateway.sessions.sign_out(token)
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, path="/api/till")
        return response

    def _session(self, connection: HTTPConnection) -> Session | None:
        token = _token(connection)
        return None if token is None else self._gateway.sessions.find(token)

    def _operator(self, request: Request) -> OperatorAtTill:
        """Raises NeedsPerson USR-401."""
        session = self._session(request)
        operator = session.operator if session is not None else None
        allowed = self._gateway.sessions.now_allowed(operator) if operator is not None else None
        if allowed is None:
            raise NeedsPerson("USR-401")
        return allowed

    # -- looking up ---------------------------------------------------------------------------------------------------

    async def search(self, request: Request) -> Response:
        self._operator(request)
        texts = self._texts(request)
        found = self._gateway.replica.search(_query(request), self._gateway.today(), MOST_FOUND)
        return JSONResponse({"items": [choice_shown(_choice(product), texts) for product in found]})

    async def customers(self, request: Request) -> Response:
        self._operator(request)
        found = self._gateway.replica.find_customers(_query(request), MOST_FOUND)
        return JSONResponse({"items": [_customer_shown(customer) for customer in found]})

    # -- the till's line ----------------------------------------------------------------------------------------------

    async def line(self, socket: WebSocket) -> None:
        if not self._is_own_page(socket):
            await socket.close(1008)
            return
        session = self._session(socket)
        try:
            room = self._gateway.room(socket.query_params.get("till"))
        except TradepostError:
            await socket.close(1008)
            return
        protocols = socket.scope.get("subprotocols") or [None]
        await socket.accept(subprotocol=protocols[0])
        if session is None:
            # Accepted first: a refused handshake looks like a dead line to a page.
            await socket.close(SIGNED_OUT)
            return
        await Connection(socket, room, _looker(socket, session), self._texts(socket)).run()

    # -- for whoever watches ------------------------------------------------------------------------------------------

    async def healthz(self, request: Request) -> Response:
        health = self._gateway.health()
        return JSONResponse(dict(health), status_code=200 if health.get("status") == "ok" else 503)

    async def metrics(self, request: Request) -> Response:
        return PlainTextResponse(self._gateway.metrics(), media_type="text/plain; version=0.0.4")


def _looker(socket: WebSocket, session: Session) -> Looker:
    tab = (socket.query_params.get("tab") or "-")[:60]
    host = socket.client.host if socket.client else "-"
    name = session.operator.name if session.operator else "-"
    return Looker(tab, f"{name}, {host}", lambda: None, session.token_hash, session.operator)


def _token(connection: HTTPConnection) -> str | None:
    scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return bearer
    for offered in connection.scope.get("subprotocols", ()):
        if offered.startswith("token."):
            return str(offered.removeprefix("token."))
    return connection.cookies.get(COOKIE) or connection.query_params.get("token")


async def _body(request: Request) -> dict[str, Any]:
    """A small JSON object. Raises PermanentError SAL-401."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise PermanentError("SAL-401", field="-", what="not application/json")
    received = b""
    async for part in request.stream():
        received += part
        if len(received) > LARGEST_BODY:
            raise PermanentError("SAL-401", field="-", what="too large")
    try:
        given = from_json(received)
    except ValueError as error:
        raise PermanentError("SAL-401", field="-", what="not JSON") from error
    if not isinstance(given, dict):
        raise PermanentError("SAL-401", field="-", what="not an object")
    return given


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= 200):
        raise PermanentError("SAL-401", field=name, what="not a short text")
    return value


def _credential(given: Mapping[str, Any]) -> dict[str, str | None]:
    pin, badge = _text(given, "pin"), _text(given, "badge")
    if (pin is None) == (badge is None):
        raise PermanentError("SAL-401", field="pin", what="exactly one of pin and badge")
    return {"pin": pin, "badge": badge}


def _query(request: Request) -> str:
    return request.query_params.get("q", "")[:100]


def _session_shown(operator: OperatorAtTill) -> dict[str, Any]:
    return {
        "operator": {"id": str(operator.operator_id), "name": operator.name},
        "rights": sorted(operator.rights),
    }


def _choice(product: Product) -> Choice:
    return Choice(product.id, product.name, product.code, product.barcodes, product.unit_price)


def _customer_shown(customer: Customer) -> dict[str, Any]:
    """The phone is masked until the customer is chosen."""
    phone = customer.phone or ""
    return {
        "customer_id": str(customer.id),
        "number": customer.number,
        "name": customer.name,
        "phone_text": f"••{phone[-3:]}" if len(phone) > 3 else "-",
        "level_text": None,
        "last_text": None,
    }
