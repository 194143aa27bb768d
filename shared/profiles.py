"""The firmware profile: what is known of one model of device, as data, in firmware_profiles/VENDOR/MODEL.json.

The facts of one category are in its subclass in edge/devices. What never breaks: a file's path is its id, and its
grade is the one that its rules justify.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator
from pydantic_core import from_json

from shared.errors import PermanentError

__all__ = [
    "Category",
    "DeviceProfile",
    "Facts",
    "Grade",
    "ProfileError",
    "Rule",
    "RuleName",
    "SerialLine",
    "justified_grade",
    "parse_profile",
    "profile_ids",
    "read_profile",
]

Profile = TypeVar("Profile")

Category = Literal[
    "Biometrics", "CashDrawer", "FiscalPrinter", "LineDisplay", "POSPrinter", "RFIDScanner", "Scale", "Scanner"
]
"""Names of UnifiedPOS's device categories. A box with two functions is two devices."""
Grade = Literal["bronze", "silver", "gold"]
"""Bronze works on its simulator, silver survives every fault of it, gold is proven on named hardware with captures."""
RuleName = Literal["works_on_simulator", "survives_faults", "survives_unplug", "proven_on_hardware"]
UsbId = Annotated[str, Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$")]
"""Vendor and product as lsusb writes them, such as 1a86:7523."""

RULES: Final[Mapping[Grade, tuple[RuleName, ...]]] = {
    "bronze": ("works_on_simulator",),
    "silver": ("survives_faults", "survives_unplug"),
    "gold": ("proven_on_hardware",),
}
"""What each grade asks for beyond the one before it."""
MAY_BE_EXEMPT: Final[frozenset[RuleName]] = frozenset(RULES["silver"])
"""A device may be unable to have a fault; nothing is exempt from working."""

_PACKAGE: Final = "firmware_profiles"
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}/[a-z0-9][a-z0-9-]{0,63}")


class ProfileError(PermanentError):
    """DEV-404 profile, reason: there is no such profile, or the named field of it cannot be."""

    def __init__(self, profile: str, reason: str) -> None:
        super().__init__("DEV-404", profile=profile[:120], reason=reason)


class Facts(BaseModel):
    """A part of a profile. An unknown fact is a misspelt one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(Facts):
    """One rule of the grade: done, still to do, or exempt; and why, unless it is done."""

    status: Literal["done", "todo", "exempt"]
    reason: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.status != "done" and not self.reason:
            raise ValueError(f"{self.status} needs a reason")
        return self


class SerialLine(Facts):
    """A serial line as the device is delivered."""

    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1


class DeviceProfile(Facts):
    """One model; facts, not settings of a branch."""

    id: Annotated[str, Field(pattern=f"^{_ID.pattern}$")]
    """VENDOR/MODEL. It is the path of the file, which does not repeat it."""
    maker: Annotated[str, Field(min_length=1, max_length=40)]
    model: Annotated[str, Field(min_length=1, max_length=80)]
    """As people call it."""
    category: Category
    protocol: Annotated[str, Field(min_length=1, max_length=40)]
    """The driver that speaks to it."""
    grade: Grade
    rules: Mapping[RuleName, Rule]
    source: Annotated[str, Field(min_length=1, max_length=200)]
    """Where the facts come from."""
    usb: tuple[UsbId, ...] = ()
    """Under which ids it shows itself on USB, where that is known."""
    line: SerialLine | None = None
    """None: it has no serial line."""

    @field_validator("rules")
    @classmethod
    def _all_rules_are_answered(cls, rules: Mapping[RuleName, Rule]) -> Mapping[RuleName, Rule]:
        if missing := sorted(set(get_args(RuleName)) - set(rules)):
            raise ValueError(f"nothing is said of {', '.join(missing)}")
        if wrong := sorted(name for name in rules if rules[name].status == "exempt" and name not in MAY_BE_EXEMPT):
            raise ValueError(f"nothing is exempt from {', '.join(wrong)}")
        return rules

    @model_validator(mode="after")
    def _grade_is_justified(self) -> Self:
        justified = justified_grade(self.rules)
        if self.grade != justified:
            raise ValueError(f"grade is {self.grade}, the rules justify {justified or 'none'}")
        return self


def justified_grade(rules: Mapping[RuleName, Rule]) -> Grade | None:
    """The best grade of which every rule, and every rule of the grades before it, is done or exempt."""
    reached: Grade | None = None
    for grade, names in RULES.items():
        if any(rules[name].status == "todo" for name in names):
            break
        reached = grade
    return reached


def profile_ids() -> tuple[str, ...]:
    """Ids of all profiles that come with the program, in order."""
    return tuple(
        sorted(
            f"{vendor.name}/{file.name.removesuffix('.json')}"
            for vendor in resources.files(_PACKAGE).iterdir()
            if vendor.is_dir()
            for file in vendor.iterdir()
            if file.name.endswith(".json")
        )
    )


def read_profile(profile_id: str, model: TypeAdapter[Profile]) -> Profile:
    """The profile that comes with the program under this id, read as one of the model's category.

    Raises ProfileError DEV-404: the reason is "unknown", or names the field that cannot be.
    """
    file = _file(profile_id)
    if not file.is_file():
        raise ProfileError(profile_id, "unknown")
    return parse_profile(profile_id, file.read_bytes(), model)


def parse_profile(profile_id: str, text: bytes | str, model: TypeAdapter[Profile]) -> Profile:
    """A profile from its JSON. Raises ProfileError DEV-404 naming the field that cannot be."""
    try:
        facts: Any = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise ProfileError(profile_id, f"no JSON: {error}") from error
    if not isinstance(facts, dict) or "id" in facts:
        raise ProfileError(profile_id, "id: is the path of the file" if isinstance(facts, dict) else "no JSON object")
    try:
        return model.validate_python({"id": profile_id, **facts})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProfileError(profile_id, f"{where}: {first['msg']}" if where else first["msg"]) from error


def _file(profile_id: str) -> Traversable:
    if not _ID.fullmatch(profile_id):
        raise ProfileError(profile_id, "unknown")
    vendor, _, model = profile_id.partition("/")
    return resources.files(_PACKAGE) / vendor / f"{model}.json"
