"""When the screens are rebuilt, and when not. Builds nothing: that takes Node, and installing does it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "web/build_screens.py"


@pytest.fixture
def screens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script over a small tree of its own, with its screens built."""
    spec = importlib.util.spec_from_file_location("build_screens", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "WEB", tmp_path / "web")
    monkeypatch.setattr(module, "OUTPUTS", (tmp_path / "till", tmp_path / "office"))
    for path in ("web/till/src/App.tsx", "web/package-lock.json", "shared/words/hy/codes.po"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("as built")
    for output in module.OUTPUTS:
        output.mkdir()
        (output / module.STAMP).write_text(module.sources_digest())
    return module


def test_what_was_built_from_these_sources_is_fresh(screens: ModuleType) -> None:
    assert screens.are_fresh()
    assert screens.build() is False


@pytest.mark.parametrize(
    "path", ["web/till/src/App.tsx", "web/package-lock.json", "shared/words/hy/codes.po", "web/till/src/New.tsx"]
)
def test_a_changed_or_new_source_makes_them_stale(screens: ModuleType, path: str) -> None:
    (screens.ROOT / path).write_text("changed")
    assert not screens.are_fresh()


def test_a_removed_source_makes_them_stale(screens: ModuleType) -> None:
    (screens.ROOT / "web/till/src/App.tsx").unlink()
    assert not screens.are_fresh()


def test_one_missing_output_makes_them_stale(screens: ModuleType) -> None:
    (screens.OUTPUTS[1] / screens.STAMP).unlink()
    assert not screens.are_fresh()


@pytest.mark.parametrize("path", ["web/node_modules/x/index.js", "web/till/src/scan.test.ts", "web/README.md"])
def test_what_is_not_built_from_does_not_count(screens: ModuleType, path: str) -> None:
    (screens.ROOT / path).parent.mkdir(parents=True, exist_ok=True)
    (screens.ROOT / path).write_text("changed")
    assert screens.are_fresh()


@pytest.mark.parametrize(("value", "skipped"), [("1", True), ("", False), ("0", False)])
def test_the_switch_skips(screens: ModuleType, monkeypatch: pytest.MonkeyPatch, value: str, *, skipped: bool) -> None:
    monkeypatch.setenv("TRADEPOST_SKIP_WEB", value)
    assert screens.is_skipped() is skipped


@pytest.mark.parametrize(
    ("answer", "usable"), [("v18.20.4", False), ("v20.18.3", False), ("v20.19.0", True), ("v24.1.0", True), ("", False)]
)
def test_a_node_counts_by_its_version(
    screens: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, *, usable: bool
) -> None:
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {answer}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (screens.system_node() is not None) is usable


@pytest.mark.parametrize(
    ("installed", "to_build", "to_check"),
    [
        ({"node_modules/vite": {"version": "8.3.8"}, "node_modules/vitest": {"version": "4.1.12"}}, True, True),
        ({"node_modules/vite": {"version": "8.3.8"}}, True, False),
        ({"node_modules/vite": {"version": "8.3.7"}}, False, False),
        ({}, False, False),
    ],
)
def test_packages_are_fetched_again_only_when_a_needed_one_differs(
    screens: ModuleType, installed: dict[str, object], *, to_build: bool, to_check: bool
) -> None:
    locked = {
        "": {"name": "tradepost-web"},
        "node_modules/vite": {"version": "8.3.8"},
        "node_modules/vitest": {"version": "4.1.12", "dev": True},
        "node_modules/binding-for-another-machine": {"version": "1.0.0", "optional": True},
        "node_modules/@tradepost/till": {"link": True},
        "node_modules/peer-that-nobody-needs": {"version": "1.0.0", "extraneous": True},
    }
    (screens.WEB / "package-lock.json").write_text(json.dumps({"packages": locked}))
    (screens.WEB / "node_modules").mkdir()
    (screens.WEB / "node_modules/.package-lock.json").write_text(json.dumps({"packages": installed}))
    assert screens.modules_match_lock() is to_build
    assert screens.modules_match_lock(screens.OPTIONAL) is to_check
