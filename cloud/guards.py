"""What every request passes before any endpoint: an id, limits, security headers, a line in the log, a measurement.

Plain ASGI, so that streams pass through without being gathered.
"""

from __future__ import annotations

import re
import secrets
import time
import traceback
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud.errors import Malformed, TooLarge, Unexpected, answer_of, language_of

__all__ = ["BodyLimit", "Measured", "SecurityHeaders"]

log = structlog.get_logger()

USUAL_BODY: Final = 256 * 1024
"""Bytes: a record with all its lines, many times over."""
IMPORT_BODY: Final = 8 * 1024 * 1024
"""5,000 products with bar codes and prices are about 2 MB."""

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # The component library sets sizes and colours in style attributes; no script can come in that way.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_A_YEAR: Final = "max-age=31536000; includeSubDomains"
DEEPEST: Final = 12
"""Frames of a trace nearest to the error; above them is the web framework."""
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")


class SecurityHeaders:
    """Puts the headers on every answer; HSTS where the link is TLS."""

    def __init__(self, app: ASGIApp, *, is_tls: bool) -> None:
        self._app = app
        self._headers = _HEADERS | ({"Strict-Transport-Security": _A_YEAR} if is_tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_guarded)


class BodyLimit:
    """Refuses bodies that are too large, by their stated length or while they come, and addresses with NUL in them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            # No text column of PostgreSQL can hold it, so nothing that is asked for can exist.
            await answer_of(Malformed("address", "contains NUL"))(scope, receive, send)
            return
        limit = IMPORT_BODY if scope["path"].endswith("/import") else USUAL_BODY
        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isdigit() or int(stated) > limit:
            await answer_of(TooLarge("SRV-413", limit=limit), language_of(Request(scope)))(scope, receive, send)
            return
        came = 0

        async def receive_limited() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > limit:
                raise TooLarge("SRV-413", limit=limit)
            return message

        await self._app(scope, receive_limited, send)


class Measured:
    """The request's id (taken from X-Request-ID or made), its line in the log and its place in the metrics.

    The last resort for what nobody caught: it is logged with its trace and answered with SRV-501.
    """

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self._app = app
        self._seconds = Histogram(
            "tradepost_http_seconds",
            "Time to the last byte, by endpoint",
            ["method", "endpoint"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=registry,
        )
        self._answers = Counter(
            "tradepost_http_answers",
            "Answers by endpoint and status",
            ["method", "endpoint", "status"],
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        started, status = time.perf_counter(), 0

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        except Exception as error:
            log.error("request failed", trace=_trace(error))
            if status:
                raise  # half an answer is on the wire: only closing it tells the truth
            await answer_of(Unexpected(), language_of(Request(scope)))(scope, receive, send_counted)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's own pattern: ids would make a metric each, and an address may hold what was searched for.
        endpoint = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in ("GET", "POST", "PUT", "DELETE", "HEAD") else "OTHER"
        self._answers.labels(method, endpoint, str(status)).inc()
        self._seconds.labels(method, endpoint).observe(seconds)
        who = scope.get("state", {}).get("who")
        log.info("request", method=method, endpoint=endpoint, status=status, ms=round(seconds * 1000, 1), who=who)


def _trace(error: BaseException) -> list[str]:
    """Where it happened and what kinds of errors led there. What a database says is left out: it quotes its rows."""
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        says = "" if isinstance(cause, SQLAlchemyError) or hasattr(cause, "sqlstate") else f": {cause}"
        places = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(cause.__traceback__)
        ]
        lines += [f"{type(cause).__name__}{says}", *places[-DEEPEST:]]
        cause = cause.__cause__ or cause.__context__
    return lines
