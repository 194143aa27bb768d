from __future__ import annotations

from tests.cloud.office import office

__all__ = ["office"]
