"""What access says and hears over HTTP. Password, PIN and badge are only ever heard; a token is said once."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from cloud.access.rights import Preset, Right
from cloud.fields import Code, PersonName, Words
from shared.envelope import Name

__all__ = [
    "BadgesChange",
    "Me",
    "NewTokenShown",
    "PasswordChange",
    "PinChange",
    "PresetShown",
    "RoleGiven",
    "SignIn",
    "TokenDraft",
    "TokenShown",
    "UserChange",
    "UserDraft",
    "UserShown",
]

Language = Literal["en", "hy", "az", "kk", "ru", "ka", "yo"]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
"""Length is bounded because hashing is not free."""
Pin = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignIn(_Request):
    login: Annotated[str, StringConstraints(max_length=200)]
    password: Password


class OwnPasswordChange(_Request):
    old: Password
    new: Password


class RoleGiven(_Request):
    role: Preset
    branch: Name | None = Field(description="null: in every branch, also those to come.")


class Me(BaseModel):
    """Who is signed in and what for: right -> branches, null for every branch."""

    id: UUID
    name: str
    language: str
    rights: dict[Right, list[str] | None]
    is_program: bool


class UserShown(BaseModel):
    id: UUID
    login: str
    name: str
    language: str
    is_active: bool
    roles: list[RoleGiven]
    has_password: bool
    has_pin: bool
    badges: int
    created_at: AwareDatetime
    version: int


class UserDraft(_Request):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "login": "anna",
                "name": "Anna Sargsyan",
                "language": "hy",
                "roles": [{"role": "cashier", "branch": "abovyan-12"}],
                "pin": "274915",
            }
        }
    )

    login: Annotated[str, StringConstraints(max_length=60)]
    name: PersonName
    language: Language = "en"
    roles: list[RoleGiven] = Field(default=[], max_length=1_000)
    password: Password | None = None
    pin: Pin | None = None
    badges: list[Code] = Field(default=[], max_length=20)


class UserChange(_Request):
    name: PersonName
    language: Language
    is_active: bool
    roles: list[RoleGiven] = Field(max_length=1_000)


class PasswordChange(_Request):
    password: Password


class PinChange(_Request):
    pin: Pin | None = Field(description="null takes the PIN away.")


class BadgesChange(_Request):
    badges: list[Code] = Field(max_length=20)


class PresetShown(BaseModel):
    role: Preset
    rights: list[Right]


class TokenShown(BaseModel):
    id: UUID
    name: str
    rights: list[Right]
    branches: list[str] | None
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    withdrawn_at: AwareDatetime | None


class TokenDraft(_Request):
    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Accounting", "rights": ["see_sales"], "branches": None}}
    )

    name: Words
    rights: list[Right] = Field(min_length=1)
    branches: list[Name] | None = Field(default=None, description="null: every branch.")
    expires_at: AwareDatetime | None = None


class NewTokenShown(BaseModel):
    id: UUID
    token: str = Field(description="Shown once; give it to the program now.")
