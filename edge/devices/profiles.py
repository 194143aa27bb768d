"""Every model that the program supports, each read by its category. A new category adds its profile here."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, TypeAdapter

from edge.devices.fiscal_printer.profiles import RegisterProfile
from edge.devices.pos_printer.profiles import POSPrinterProfile
from edge.devices.scanner.profile import ScannerProfile
from shared.profiles import profile_ids, read_profile

__all__ = ["ANY_PROFILE", "AnyProfile", "all_profiles"]

AnyProfile = Annotated[ScannerProfile | RegisterProfile | POSPrinterProfile, Field(discriminator="category")]

ANY_PROFILE: Final[TypeAdapter[AnyProfile]] = TypeAdapter(AnyProfile)


def all_profiles() -> tuple[AnyProfile, ...]:
    """In the order of their ids. Raises ProfileError DEV-404 when a file among them cannot be read."""
    return tuple(read_profile(profile_id, ANY_PROFILE) for profile_id in profile_ids())
