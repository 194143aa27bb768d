"""What the fleet endpoints answer and hear."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

__all__ = [
    "BranchShown",
    "DeviceShown",
    "ExceptionShown",
    "ManySettled",
    "NodeShown",
    "SettledCount",
    "Settlement",
]

MOST_AT_ONCE = 500
"""One page of a list."""


class BranchShown(BaseModel):
    id: str
    name: str
    kind: str
    country: str
    currency: str
    zone: str
    language: str
    is_active: bool


class NodeShown(BaseModel):
    """A gateway: local health is in its devices, is_online is the link."""

    id: str
    branch: str
    partition: int
    created_at: AwareDatetime
    withdrawn_at: AwareDatetime | None
    flagged_at: AwareDatetime | None
    is_online: bool | None
    since: AwareDatetime | None
    version: str | None
    boot: int | None
    replica: int | None
    heard_at: AwareDatetime | None


class DeviceShown(BaseModel):
    """health is the device's own; is_online says whether its gateway can be heard. Two lights, and one word of both.

    state: stopped; unknown (its gateway was never heard); attention; offline (well when it was last heard); ok.
    """

    branch: str
    node: str
    id: str
    category: str
    health: str
    conditions: list[dict[str, Any]]
    model: str | None
    serial: str | None
    firmware: str | None
    last_event_at: AwareDatetime
    is_online: bool | None
    state: str


class ExceptionShown(BaseModel):
    """Something a person should look at. settled_by is null when later facts settled it."""

    id: UUID
    code: str
    branch: str
    node: str | None
    at: AwareDatetime
    raised_at: AwareDatetime
    subject: str
    parameters: dict[str, Any]
    settled_at: AwareDatetime | None
    settled_by: UUID | None
    reason: str | None


class Settlement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ManySettled(Settlement):
    ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)


class SettledCount(BaseModel):
    settled: int
