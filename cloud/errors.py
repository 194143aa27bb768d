"""What head office answers when it cannot do what was asked: one JSON shape, a stable code, an HTTP status.

The shape is {"error": {"code", "parameters", "what", "kept", "do"}}; texts come from `shared.words` in the reader's
language. Nothing of our inside (SQL, paths, traces) ever reaches an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from cloud.problems import Problem
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TradepostError, TransientError
from shared.words import LANGUAGES, PARTS, text

__all__ = [
    "Conflict",
    "EditConflict",
    "ErrorAnswer",
    "Forbidden",
    "ImportRefused",
    "Malformed",
    "NotFound",
    "NotSignedIn",
    "TooLarge",
    "TooMany",
    "Unexpected",
    "answer_of",
    "install",
    "language_of",
]

log = structlog.get_logger()

TRY_AGAIN_S: Final = 5
"""Seconds a caller is asked to wait when the database does not answer."""


SHOWN_PROBLEMS: Final = 100
"""Of a request with many: more than anyone reads at once."""


class NotSignedIn(NeedsPerson):
    """USR-210 no session, token or node secret; USR-213 login or password is not right; SEC-410 node not known."""

    status = 401


class Forbidden(NeedsPerson):
    """USR-211 {right} is missing; USR-212 the request came from another site."""

    status = 403


class NotFound(PermanentError):
    """SRV-404 {kind} {id}: does not exist, or not for this reader."""

    status = 404

    def __init__(self, kind: str, id: object) -> None:
        super().__init__("SRV-404", kind=kind, id=str(id)[:60])


class Conflict(PermanentError):
    """The request is well formed and contradicts what is stored."""

    status = 409


class EditConflict(Conflict):
    """SRV-409: the record was changed since the reader loaded it. Names both values of each field that differs."""

    def __init__(self, kind: str, *, version: int, yours: dict[str, Any], theirs: dict[str, Any]) -> None:
        super().__init__("SRV-409", kind=kind, version=version)
        self.version = version
        self.differences = {
            field: {"yours": yours[field], "theirs": theirs[field]} for field in yours if yours[field] != theirs[field]
        }


class ImportRefused(Conflict):
    """IMP-410: {count} problems, so nothing was saved. The answer's `problems` names each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("IMP-410", count=len(problems))
        self.problems = problems[:SHOWN_PROBLEMS]


class TooLarge(PermanentError):
    """SRV-413: more than {limit} bytes."""

    status = 413


class Malformed(PermanentError):
    """SRV-422 {field}: {problem}."""

    status = 422

    def __init__(self, field: str, problem: str) -> None:
        super().__init__("SRV-422", field=field, problem=problem)


class TooMany(TransientError):
    """USR-310: wait {seconds}."""

    status = 429


class Unexpected(OutcomeUnknown):
    """SRV-501: we stumbled. All was rolled back, unless it was just being committed: look before repeating."""

    status = 500

    def __init__(self) -> None:
        super().__init__("SRV-501")


class ErrorBody(BaseModel):
    code: str
    parameters: dict[str, str | int]
    what: str
    kept: str
    do: str
    version: int | None = None
    """SRV-409: the version that is stored now."""
    differences: dict[str, Any] | None = None
    """SRV-409: field -> {"yours", "theirs"}."""
    problems: list[dict[str, Any]] | None = None
    """SRV-422 and IMP-410: every problem with its place, at most 100."""


class ErrorAnswer(BaseModel):
    """Every refusal looks like this."""

    error: ErrorBody


_BY_MEANING: Final = ((TransientError, 503), (NeedsPerson, 409), (PermanentError, 422), (OutcomeUnknown, 502))
"""For errors of the contract that carry no status of their own."""


def _status(error: TradepostError) -> int:
    own = getattr(error, "status", None)
    if own is not None:
        return int(own)
    return next((status for kind, status in _BY_MEANING if isinstance(error, kind)), 500)


def language_of(request: Request) -> str:
    """The first language of Accept-Language that we speak, else English."""
    wanted = re.findall(r"(?:^|,)\s*([A-Za-z]{2})\b", request.headers.get("accept-language", "")[:200])
    return next((code.lower() for code in wanted if code.lower() in LANGUAGES), "en")


def answer_of(error: TradepostError, language: str = "en", **more: Any) -> JSONResponse:
    """The answer for an error: status, body and, where it helps a program, a header."""
    what, kept, do = (_words(language, error, part) for part in PARTS)
    body: dict[str, Any] = {
        "code": error.code,
        "parameters": error.parameters,
        "what": what,
        "kept": kept,
        "do": do,
        **more,
    }
    if isinstance(error, EditConflict):
        body |= {"version": error.version, "differences": error.differences}
    status = _status(error)
    headers = {}
    if status == 401 and error.code.startswith("SEC"):
        headers["WWW-Authenticate"] = 'Basic realm="tradepost"'
    if status in (429, 503):
        headers["Retry-After"] = str(error.parameters.get("seconds", TRY_AGAIN_S))
    return JSONResponse({"error": body}, status_code=status, headers=headers)


def _words(language: str, error: TradepostError, part: str) -> str:
    # A code without an entry in the catalogues still shows what it is; `text` answers the id itself then.
    message_id = f"{error.code}.{part}"
    places = dict(error.parameters)
    if "right" in places:
        places["right"] = text(language, f"right.{places['right']}")
    message = text(language, message_id, **places)
    if message != message_id:
        return message
    return str(error) if part == "what" else ""


def install(app: FastAPI) -> None:
    """Give every refusal of this application the one shape."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, TradepostError)
        language = language_of(request)
        if isinstance(error, ImportRefused):
            return answer_of(error, language, problems=[_told(problem, language) for problem in error.problems])
        return answer_of(error, language)

    async def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problems = list(_problems(error.errors()))
        first = problems[0] if problems else {"field": "body", "problem": "malformed"}
        return answer_of(
            Malformed(str(first["field"]), str(first["problem"])),
            language_of(request),
            problems=problems[:SHOWN_PROBLEMS],
        )

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if isinstance(error.__cause__, TradepostError):  # FastAPI wraps what reading the body raised
            return await ours(request, error.__cause__)
        if error.status_code == 400:  # a body that could not even be read as JSON
            return answer_of(Malformed("body", "not JSON"), language_of(request))
        answer = answer_of(PermanentError("SRV-405", method=request.method), language_of(request))
        answer.status_code = error.status_code
        answer.headers.update(error.headers or {})
        return answer

    async def bad_data(request: Request, error: Exception) -> Response:
        # A value that no column can hold and no schema caught: the asker's mistake, refused whole by the database.
        log.warning("database refused a value", path=request.url.path, kind=type(error).__name__)
        return answer_of(Malformed("request", "a value out of range"), language_of(request))

    async def database_away(request: Request, error: Exception) -> Response:
        log.warning("database does not answer", path=request.url.path, kind=type(error).__name__)
        return answer_of(TransientError("SRV-301", seconds=TRY_AGAIN_S), language_of(request))

    app.add_exception_handler(TradepostError, ours)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(DataError, bad_data)
    for away in (OperationalError, InterfaceError, ConnectionError):
        app.add_exception_handler(away, database_away)


def _told(problem: Problem, language: str) -> dict[str, Any]:
    what = text(language, f"{problem.code}.what", **problem.parameters)
    return {"index": problem.index, "code": problem.code, "parameters": dict(problem.parameters), "what": what}


def _problems(errors: Iterable[Any]) -> Iterable[dict[str, Any]]:
    for error in errors:
        place = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
        yield {"field": ".".join(place) or str(error["loc"][0]), "problem": error["msg"]}
