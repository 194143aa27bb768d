"""What the audit log says over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

__all__ = ["AuditShown", "ChainState"]


class AuditShown(BaseModel):
    sequence: int
    at: AwareDatetime
    who_id: UUID | None = Field(description="User or token; null for the server's command line.")
    who: str
    branch: str | None
    action: str
    kind: str
    record: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None


class ChainState(BaseModel):
    """broken_at: number of the first entry that is missing or not what was written; null when the chain is whole."""

    entries: int
    broken_at: int | None
