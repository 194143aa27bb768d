"""Two people at one record: whoever saves second sees both values of every field and chooses.

A record is read with `ETag: "<version>"` and saved with `If-Match: "<version>"`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from cloud.errors import EditConflict, Malformed

__all__ = ["ExpectedVersion", "check_version", "show_version"]


def _expected_version(
    if_match: Annotated[str, Header(description='The version that was edited, as `ETag` gave it: `"12"`.')],
) -> int:
    version = re.fullmatch(r'"?([0-9]{1,18})"?', if_match)
    if version is None:
        raise Malformed("If-Match", "the version that was edited")
    return int(version[1])


ExpectedVersion = Annotated[int, Depends(_expected_version)]


def show_version(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'


def check_version(
    kind: str, *, stored: int, expected: int, yours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> None:
    """Raises EditConflict SRV-409 when the record has moved on; call it holding the record's lock."""
    if stored != expected:
        raise EditConflict(kind, version=stored, yours=dict(yours), theirs=dict(theirs))
