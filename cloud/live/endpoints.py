"""HTTP of the live stream: server-sent events, one stream a page, resumable by id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import StreamingResponse

from cloud.access.dependencies import Identity, SignedIn, identify
from cloud.access.rights import Right
from cloud.database import Database
from cloud.errors import Forbidden, NotSignedIn
from cloud.live.events import Event, for_identity, frames
from cloud.live.feed import Position
from cloud.live.hub import Hub
from cloud.panel.schemas import BranchFigures
from cloud.panel.service import limited

__all__ = ["router"]

router = APIRouter(tags=["live"])

HEARTBEAT_S: Final = 15.0
"""Quiet links are cut by many proxies after 30 to 60 s. The session and its rights are looked at again as often."""


@router.get(
    "/stream",
    operation_id="stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "See the description of each event."}},
)
async def stream(
    request: Request,
    identity: SignedIn,
    last_event_id: Annotated[str | None, Header(description="Sent by browsers when they come back.")] = None,
    after: Annotated[str | None, Query(description="The same, for whoever cannot send the header.")] = None,
) -> StreamingResponse:
    """What happens, as it happens, in the reader's branches and within the reader's rights.

    Events: `sale`, `return`, `receipt` (right see_sales); `exception` (see_exceptions); `device`, `node` (see_devices):
    each the changed record as lists show it. `panel`: one branch's figures as in GET /panel, for all branches at first.
    `reset`: too much was missed, read the lists again. `end`: the session is over. An event may come twice.
    """
    if not any(identity.has(right) for right in (Right.SEE_SALES, Right.SEE_DEVICES, Right.SEE_EXCEPTIONS)):
        raise Forbidden("USR-211", right=Right.SEE_SALES)
    hub: Hub = request.app.state.hub
    position = Position.parse(last_event_id or after or "")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_listen(request, hub, identity, position), media_type="text/event-stream", headers=headers)


async def _listen(request: Request, hub: Hub, identity: Identity, position: Position | None) -> AsyncIterator[bytes]:
    database: Database = request.app.state.database
    clock = request.app.state.clock
    with hub.listener():
        if position is not None and not await hub.is_known(position):
            yield b"event: reset\ndata: {}\n\n"
            position = None
        position = await hub.now() if position is None else position
        yield f"retry: 2000\nid: {position}\n\n".encode()
        panel, beat_due = 0, clock.monotonic() + HEARTBEAT_S
        while not hub.is_closing:
            upcoming = hub.upcoming()
            events, reached = await hub.after(position)
            figures, panel = hub.panel_after(panel)
            mine = [*for_identity(events, identity), *_panel_events(figures, identity)]
            if mine:
                yield frames(mine, reached)
            is_at_end, position = reached == position, reached
            if clock.monotonic() >= beat_due:
                beat_due = clock.monotonic() + HEARTBEAT_S
                try:
                    async with database.reading() as tx:
                        identity = await identify(request, tx)
                except NotSignedIn:
                    yield b"event: end\ndata: {}\n\n"
                    return
                yield f": {clock.now().isoformat()}\nid: {position}\n\n".encode()
            if is_at_end:
                await hub.wait(upcoming, HEARTBEAT_S)


def _panel_events(figures: list[Event], identity: Identity) -> list[Event]:
    cut = [limited(BranchFigures.model_validate_json(event.data), identity) for event in figures]
    return [
        Event("panel", row.branch, Right.SEE_SALES, row.model_dump_json().encode(), None)
        for row in cut
        if row is not None
    ]
