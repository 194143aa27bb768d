"""The till's page: files built into the package, brotli twins for browsers that take them, one entry for all paths."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

__all__ = ["STATIC", "Screens"]

STATIC: Final = Path(__file__).with_name("static")
_HASHED: Final = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
"""Built files carry a hash of their content: they may be kept for ever."""

_NOT_BUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Till</title>
<h1>The till's screen is not built</h1>
<p>The gateway works. In a source checkout run <code>npm ci</code> and <code>npm run build</code> in <code>web/</code>;
an installed package brings its screens along.</p></html>"""


class Screens:
    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder.resolve()

    async def serve(self, request: Request) -> Response:
        index = self._folder / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503)
        path = request.path_params.get("path", "")
        try:
            wanted = (self._folder / path).resolve()
            is_ours = wanted.is_relative_to(self._folder) and wanted.is_file() and wanted.suffix != ".br"
        except (OSError, ValueError):
            return Response(status_code=404)  # longer than any name, or with NUL in it
        if not is_ours and Path(path).suffix:
            return Response(status_code=404)
        return self._file(wanted if is_ours else index, request)

    def _file(self, path: Path, request: Request) -> Response:
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if _HASHED.search(path.name) else "no-cache",
            "Vary": "Accept-Encoding",
        }
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        packed = path.with_name(path.name + ".br")
        if packed.is_file() and _takes_brotli(request.headers.get("accept-encoding", "")):
            return FileResponse(packed, media_type=media_type, headers={**headers, "Content-Encoding": "br"})
        return FileResponse(path, media_type=media_type, headers=headers)


def _takes_brotli(accepted: str) -> bool:
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";")
        if name == "br":
            return weight.replace(" ", "") not in ("q=0", "q=0.0")
    return False
