"""What stands beside each backup and makes it one: data without its manifest is not a backup, nor is the reverse.

Pure: names, fields, and how they are read. A field is never renamed; a new meaning is a new format.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

__all__ = ["SUFFIX", "Contents", "Manifest", "data_name", "manifest_of"]

FORMAT: Final = 1
SUFFIX: Final = ".manifest.json"
_ENDINGS: Final = {"sqlite": "sqlite.zst", "postgresql": "pgdump"}
_NAME: Final = r"tradepost-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}\.(sqlite\.zst|pgdump)"


class Contents(BaseModel):
    """What is in the database at that moment. cursors: node -> epoch -> highest settled sequence (docs/delivery.md)."""

    migration: str
    facts: int = Field(ge=0)
    cursors: dict[str, dict[UUID, int]]


class Manifest(BaseModel):
    """name: the data's file. made_at: the moment whose data it holds. size, sha256: of the file as it lies there."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = FORMAT
    name: Annotated[str, Field(pattern=rf"^{_NAME}$")]
    dialect: Literal["sqlite", "postgresql"]
    made_at: AwareDatetime
    size: int = Field(ge=0)
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    contents: Contents

    @property
    def file_name(self) -> str:
        """Of the manifest itself."""
        return self.name + SUFFIX


def data_name(dialect: str, made_at: datetime, mark: str) -> str:
    """Sorts as time does. mark: four hexadecimal digits, so that two of one second do not meet."""
    return f"tradepost-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{mark}.{_ENDINGS[dialect]}"


def manifest_of(text: str | bytes, file_name: str) -> Manifest | None:
    """The manifest in a file of this name; None for what is none, or speaks of another file."""
    if re.fullmatch(_NAME + re.escape(SUFFIX), file_name) is None:
        return None
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError:
        return None
    return manifest if manifest.file_name == file_name else None
