"""The API's description as a file: `python -m cloud.openapi [FILE]` writes it, always the same for the same code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cloud.app import create_app
from cloud.database import Database
from cloud.settings import Settings

__all__ = ["document"]

COMMITTED = Path(__file__).parent.parent / "openapi.json"


def document() -> str:
    """The OpenAPI document as it is committed: keys sorted, two spaces, one line feed at the end."""
    url = "sqlite+aiosqlite:///:memory:"  # never opened
    app = create_app(Settings(url), Database.open(url), screens=Path("no screens"))
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else COMMITTED).write_text(document(), encoding="utf-8")
