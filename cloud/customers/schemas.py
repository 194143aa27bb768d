"""What customers' endpoints say and hear."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from cloud.fields import Code, PersonName

__all__ = [
    "ConsentDraft",
    "ConsentShown",
    "CustomerDetail",
    "CustomerDraft",
    "CustomerImport",
    "CustomerShown",
    "ImportOutcome",
    "ImportedCustomer",
    "Purpose",
]

LARGEST_IMPORT = 5_000

Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=30)]


class Purpose(StrEnum):
    PROCESSING = "processing"
    SMS = "sms"
    EMAIL = "email"
    CALL = "call"
    BIOMETRICS = "biometrics"


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CustomerDraft(_Request):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "Lusine Mkrtchyan", "phones": ["077 12 34 56"], "cards": ["2000000010236"]}
        }
    )

    number: Code | None = Field(default=None, description="null: the next free one.")
    name: PersonName
    phones: list[Phone] = Field(default=[], max_length=10, description="The first is the one to call.")
    cards: list[Code] = Field(default=[], max_length=20)


class ImportedCustomer(_Request):
    number: Code
    name: PersonName
    phones: list[Phone] = Field(default=[], max_length=10)
    cards: list[Code] = Field(default=[], max_length=20)


class CustomerImport(_Request):
    customers: list[ImportedCustomer] = Field(min_length=1, max_length=LARGEST_IMPORT)


class ImportOutcome(BaseModel):
    created: int
    changed: int
    unchanged: int


class CustomerShown(BaseModel):
    id: UUID
    number: str
    name: str
    phones: list[str]
    cards: list[str]
    created_at: AwareDatetime
    changed_at: AwareDatetime
    version: int


class ConsentDraft(_Request):
    purpose: Purpose
    is_given: bool


class ConsentShown(BaseModel):
    purpose: Purpose
    is_given: bool
    at: AwareDatetime
    heard_by: str


class CustomerDetail(CustomerShown):
    consents: list[ConsentShown]
    """The newest statement of each purpose."""
