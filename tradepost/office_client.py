"""Head office's public API as any program would use it: a token, JSON, pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

__all__ = ["OfficeClient"]

_PAGE: Final = 500
_TIMEOUT_S: Final = 120.0
"""A bulk import of a whole catalogue on a small machine takes seconds; this is for a busy one."""


class OfficeClient:
    """One token's view of head office. Raises urllib.error.HTTPError for a refusal."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._token = token

    def get(self, path: str, **query: str | int) -> Any:
        return self._call("GET", path + ("?" + urlencode(query) if query else ""), None)

    def post(self, path: str, body: Any) -> Any:
        return self._call("POST", path, json.dumps(body).encode())

    def every(self, path: str, **query: str | int) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, limit=_PAGE, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def _call(self, method: str, path: str, body: bytes | None) -> Any:
        request = Request(  # noqa: S310 - the address is configuration, not input
            self.url + path,
            data=body,
            method=method,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")
