"""The envelope of every fact: CloudEvents 1.0 in JSON, with our extensions. What is inside is in `shared.events`.

Bodies are written once and kept byte for byte: nobody re-encodes a fact that already has its id.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

__all__ = ["MAX_SEQUENCE", "Envelope", "Name", "event_type", "schema_uri", "split_type"]

MAX_SEQUENCE: Final = 2**31 - 1
"""CloudEvents integers are 32 bits; at ten facts a second an epoch lasts six years."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
"""Id of a branch, node, till or device as configuration gives it."""


class Envelope(BaseModel):
    """One fact as it travels and is stored. Unknown attributes are kept."""

    model_config = ConfigDict(extra="allow", frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    """UUIDv7, born at the till with the fact."""
    source: str
    """/branches/{branch}/nodes/{node}"""
    type: str = Field(pattern=r"^tradepost\.[a-z_]+(\.[a-z_]+)+\.v[0-9]+$", max_length=80)
    time: AwareDatetime
    """Gateway time, UTC."""
    subject: str = Field(max_length=120)
    """Id of what the fact is about: sale, return, shift, receipt, device."""
    dataschema: str
    datacontenttype: Literal["application/json"] = "application/json"
    branch: Name
    node: Name
    epoch: UUID
    boot: int = Field(strict=True, ge=1, le=MAX_SEQUENCE)
    sequence: int = Field(strict=True, ge=1, le=MAX_SEQUENCE)
    till: Name | None = None
    shift: UUID | None = None
    businessdate: date | None = None
    device: Name | None = None
    devicetime: AwareDatetime | None = None
    operator: UUID | None = None
    traceparent: str | None = Field(default=None, max_length=55)
    data: dict[str, Any]


def event_type(name: str, major: int) -> str:
    """tradepost.sale.completed.v1 from ("sale.completed", 1)."""
    return f"tradepost.{name}.v{major}"


def split_type(full: str) -> tuple[str, int]:
    """("sale.completed", 1) from its full type. Raises ValueError when it is not one of ours."""
    head, _, version = full.rpartition(".v")
    if not head.startswith("tradepost.") or not version.isascii() or not version.isdigit():
        raise ValueError(f"not a type of ours: {full!r}")
    return head.removeprefix("tradepost."), int(version)


def schema_uri(name: str, major: int) -> str:
    """Identifies the payload's schema; a name, not an address to fetch."""
    return f"urn:tradepost:schema:{name}:{major}"
