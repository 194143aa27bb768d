"""The committed description is the one that the code gives, and it describes everything."""

from __future__ import annotations

import json
from typing import Any

from cloud.openapi import COMMITTED, document


def _operations() -> list[dict[str, Any]]:
    paths = json.loads(document())["paths"]
    return [operation | {"path": path} for path, methods in paths.items() for operation in methods.values()]


def test_committed_description_is_true() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == document(), "run python -m cloud.openapi"


def test_every_operation_has_a_name_of_its_own_and_a_tag() -> None:
    names = [operation["operationId"] for operation in _operations()]
    assert len(set(names)) == len(names)
    assert [operation["path"] for operation in _operations() if not operation.get("tags")] == []


def test_lists_are_all_of_one_shape() -> None:
    document_ = json.loads(document())
    lists = [name for name in document_["components"]["schemas"] if name.startswith("Page_")]
    assert {tuple(document_["components"]["schemas"][name]["properties"]) for name in lists} == {
        ("items", "next", "total")
    }
