"""The build hook of the wheel: screens are built before they are packed. The work is done by web/build_screens.py.

An editable install runs it too, so a clean clone has its screens after `pip install -e .`; fresh screens cost a hash.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "web"))

import build_screens


class ScreensBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs for wheel, editable wheel and sdist. The sdist carries outputs and stamp: building from it needs no Node."""

    def dependencies(self) -> list[str]:
        """Node as a build requirement, only where there is none and the screens are stale."""
        if build_screens.is_skipped() or build_screens.are_fresh() or build_screens.system_node() is not None:
            return []
        return [build_screens.NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if build_screens.is_skipped():
            self.app.display_warning(f"screens: skipped, {build_screens.SKIP_SWITCH} is set")
            return
        build_screens.build(self.app.display_info)
