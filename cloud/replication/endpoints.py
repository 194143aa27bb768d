"""HTTP of replication: one address, for nodes only."""

from __future__ import annotations

import base64
import gzip
from typing import Annotated, Any

import orjson
import zstandard
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel

from cloud.access.dependencies import Transaction
from cloud.errors import ErrorAnswer, NotSignedIn
from cloud.replication import service

__all__ = ["router"]

router = APIRouter(tags=["replica"])


class Delta(BaseModel):
    """Everything that changed in (since, version], for this node's branch. Not complete: ask again with version.

    `since` is 0 when the replica has to begin anew, whatever was asked.
    """

    since: int
    version: int
    complete: bool
    changes: dict[str, Any]


@router.get(
    "/replica",
    operation_id="get_replica_delta",
    response_class=Response,
    responses={
        200: {"model": Delta, "description": "The changes, zstd or gzip as Accept-Encoding asks."},
        304: {"description": "Nothing is newer than the version in If-None-Match."},
        401: {"model": ErrorAnswer},
    },
)
async def get_replica_delta(
    request: Request,
    tx: Transaction,
    since: Annotated[int, Query(ge=0, lt=2**53, description="The version that the branch has.")] = 0,
    rows: Annotated[int, Query(ge=1, le=service.PAGE_ROWS)] = service.PAGE_ROWS,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """What a branch needs to work alone, from the version it has. HTTP Basic with the node's id and secret."""
    node_id, secret = _basic(request.headers.get("authorization", ""))
    branch = await service.authenticate(tx, node_id, secret)
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if if_none_match is not None:
        newest = f'"{await service.newest_mark(tx, branch)}"'
        if if_none_match == newest:
            return Response(status_code=304, headers=headers | {"ETag": newest})
    changes = await service.delta(tx, branch, since, rows)
    headers["ETag"] = f'"{changes["version"]}"'
    body, encoding = _packed(orjson.dumps(changes), request.headers.get("accept-encoding", ""))
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(body, media_type="application/json", headers=headers)


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, credentials = authorization.partition(" ")
    try:
        user, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        colon = ""
    if scheme.lower() != "basic" or not colon or "\0" in user:
        raise NotSignedIn("SEC-410")
    return user, password


def _packed(body: bytes, accepted: str) -> tuple[bytes, str | None]:
    names = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    if "zstd" in names:
        return zstandard.ZstdCompressor(level=3).compress(body), "zstd"
    if "gzip" in names:
        return gzip.compress(body, 6), "gzip"
    return body, None
