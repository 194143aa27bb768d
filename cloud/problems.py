"""What is wrong with one item of many. Pure, so that rules can speak of problems without knowing HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Problem"]


@dataclass(frozen=True)
class Problem:
    """Why item `index` of a request cannot be saved: a code of ours and its facts."""

    index: int
    code: str
    parameters: Mapping[str, str | int]
