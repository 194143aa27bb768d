"""Head office's screens: built files with their compressed twins, and one page for every address of the program.

Only files that were there at the start are served, so no address can leave the folder.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from cloud.errors import NotFound, answer_of

__all__ = ["BUILT", "Screens"]

BUILT: Final = Path(__file__).parent / "static"

_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
"""What the machine's own table may not know, or know wrongly."""
_FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Names under assets/ carry a hash of their contents."""


@dataclass(frozen=True)
class _File:
    path: Path
    brotli: Path | None
    media_type: str


class Screens:
    """ASGI application for everything that is not the API. Answers 404 when the screens are not built."""

    def __init__(self, folder: Path = BUILT) -> None:
        found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        self._files = {
            name: _File(path, found.get(f"{name}.br"), _media_type(path))
            for name, path in found.items()
            if not name.endswith(".br")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        path = scope["path"].lstrip("/")
        file = self._files.get(path)
        is_page = not path or ("text/html" in Headers(scope=scope).get("accept", "") and not path.startswith("api/"))
        if file is None and is_page:
            # The program reads the address itself.
            file, path = self._files.get("index.html"), "index.html"
        if file is None or scope["method"] not in ("GET", "HEAD"):
            return answer_of(NotFound("page", f"/{path}"))
        headers = {"Vary": "Accept-Encoding", "Cache-Control": _FOR_EVER if path.startswith("assets/") else "no-cache"}
        accepted = Headers(scope=scope).get("accept-encoding", "").replace(" ", "").split(",")
        if file.brotli is not None and any(part.split(";")[0] == "br" for part in accepted):
            headers["Content-Encoding"] = "br"
            return FileResponse(file.brotli, media_type=file.media_type, headers=headers)
        return FileResponse(file.path, media_type=file.media_type, headers=headers)


def _media_type(path: Path) -> str:
    return _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
